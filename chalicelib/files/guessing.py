"""Guesses the encoding of text that is neither UTF-8 nor UTF-16."""

from __future__ import annotations

import re

#: What lists are in where a computer's language decides: Japanese, Chinese (two scripts), Korean, Cyrillic. Each is
#: the superset that Windows uses.
_OTHER_SCRIPTS = ("cp932", "gb18030", "cp950", "cp949", "cp1251")
#: How charset-normalizer calls them where it has another name.
_NAMES = {
    "big5": "cp950",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_WESTERN = "cp1252"
_CENTRAL = ("cp1250", "iso8859-2")
_HIGH = re.compile(rb"[\x80-\xff]+")
#: High bytes that stand beside another one: nearly all in other scripts, hardly any in a Latin one.
_IN_RUNS = 0.5
#: Signs that stand in a word only where an encoding is wrong; also C1 controls.
_NOT_IN_WORDS = r"[©®¹³¿£¥¢¤¦¶±¼½¾«»¡œžŸ˛ˇ´¨¸˘\x80-\x9f]"
_WRONG = re.compile(rf"(?<=[^\W\d_]){_NOT_IN_WORDS}|{_NOT_IN_WORDS}(?=[^\W\d_])")
#: Letters that no Western language has beside each other: they are Czech or Hungarian ones in the wrong encoding.
_MIXED = (("ø", "ìèùò"), ("õ", "û"))


def guess_encoding(head: bytes) -> str:
    """The likeliest encoding of the first bytes of a file, for Python's decoders."""
    text = head[: head.rfind(b"\n") + 1] or head  # a character may be cut at the end
    runs = _HIGH.findall(text)
    in_runs = sum(len(run) for run in runs if len(run) > 1)
    if in_runs >= _IN_RUNS * max(sum(map(len, runs)), 1):
        return _other_script(text) or _latin(text)
    return _latin(text)


def _other_script(text: bytes) -> str:
    from charset_normalizer import from_bytes  # 40 ms, for few lists

    best = from_bytes(text, cp_isolation=[*_OTHER_SCRIPTS, "big5", "cp1252"]).best()
    name = _NAMES.get(best.encoding, best.encoding) if best is not None else ""
    return name if name in _OTHER_SCRIPTS and _decodes(text, name) else ""


def _latin(text: bytes) -> str:
    """Western or central European: charset-normalizer takes each for the other, since they share most letters."""
    western = text.decode(_WESTERN, "replace")
    letters = set(western.lower())
    is_mixed = any(letters.issuperset(one) and letters.intersection(more) for one, more in _MIXED)
    if not is_mixed and not _faults(text, _WESTERN):
        return _WESTERN
    candidates = _CENTRAL if is_mixed else (_WESTERN, *_CENTRAL)
    return min(candidates, key=lambda name: _faults(text, name))


def _faults(text: bytes, name: str) -> int:
    """Characters that the encoding does not have, and signs within words."""
    decoded = text.decode(name, "replace")
    controls = sum("\x80" <= character <= "\x9f" for character in decoded)
    return decoded.count("\ufffd") + controls + len(_WRONG.findall(decoded))


def _decodes(text: bytes, name: str) -> bool:
    try:
        text.decode(name)
    except UnicodeDecodeError:
        return False
    return True
