"""Knows the encodings that somebody can declare for a list, by all their names."""

from __future__ import annotations

import codecs
import re

from chalicelib.model.errors import InvalidRequestError

#: Python's name of an encoding → the one that is used for it: what Windows and browsers mean by the name, which is
#: a superset (encoding.spec.whatwg.org, 4.2 Names and labels).
_USED = {
    **{"ascii": "utf-8", "utf-8": "utf-8", "utf-8-sig": "utf-8"},
    **{"utf-16": "utf-16", "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be"},
    **{"iso8859-1": "cp1252", "cp1252": "cp1252", "iso8859-15": "iso8859-15"},
    **{"cp1250": "cp1250", "iso8859-2": "iso8859-2", "cp1251": "cp1251", "koi8-r": "koi8-r"},
    **{"iso8859-9": "cp1254", "cp1254": "cp1254", "cp1253": "cp1253", "cp1257": "cp1257"},
    **{"shift_jis": "cp932", "cp932": "cp932", "euc_jp": "euc_jp", "iso2022_jp": "iso2022_jp"},
    **{"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030"},
    **{"big5": "cp950", "cp950": "cp950", "euc_kr": "cp949", "cp949": "cp949"},
    **{"mac-roman": "mac-roman", "cp437": "cp437", "cp850": "cp850", "cp852": "cp852"},
}
#: Names that browsers know and Python does not.
_OTHER_LABELS = {"windows-31j": "cp932", "x-sjis": "cp932"}
_LABEL = re.compile(r"[A-Za-z0-9_.:-]{1,40}")


def parse_charset(label: str) -> str:
    """The encoding of a label such as "Shift_JIS", by its name for Python's decoders.

    InvalidRequestError for one that is not read.
    """
    try:
        known = _OTHER_LABELS.get(label.lower(), label)
        name = codecs.lookup(known).name if _LABEL.fullmatch(known) else ""
    except LookupError:
        name = ""
    if name not in _USED:
        raise InvalidRequestError(
            f'charset: "{label[:40]}" is not an encoding that the service reads. It reads, among others, UTF-8, '
            "UTF-16, Windows-1250, Windows-1251, Windows-1252, ISO-8859-2, Shift_JIS, GBK, Big5 and EUC-KR."
        )
    return _USED[name]
