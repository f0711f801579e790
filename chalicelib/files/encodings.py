"""Finds the text encoding of a file and decodes text in it."""

from __future__ import annotations

import codecs
import re

from chalicelib.model.errors import UnreadableInputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TWO_ASCII_CHARACTERS = re.compile(rb"[\t\n\r -~]{2}")


def detect_encoding(head: bytes) -> str:
    """The encoding of a file from its first bytes; "" if they are not text.

    UTF-8 and UTF-16 are known by their byte-order mark or by their byte pattern; anything else is
    taken for Windows-1252. Excel's "CSV" is Windows-1252, its "Unicode Text" UTF-16 (glific#5657).
    """
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    sample = head[:1024]
    # In UTF-16 every other byte of Latin text is zero. In other encodings only NUL characters are.
    if not _TWO_ASCII_CHARACTERS.match(sample):
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        if min(even, odd) > len(sample) // 20:
            return ""
        if max(even, odd) > len(sample) // 8:
            return "utf-16-le" if odd > even else "utf-16-be"
    try:
        _decode_start(head, "utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def decode_head(head: bytes, encoding: str) -> str:
    """The text in the first bytes of a file; a character cut at the end is left out.

    UnreadableInputError if the bytes are not text in this encoding.
    """
    try:
        return _decode_start(head, encoding)
    except UnicodeDecodeError as error:
        raise undecodable(encoding, error.start) from None


def undecodable(encoding: str, position: int = -1) -> UnreadableInputError:
    """The error for bytes that are not text, with their position in the file where it is known."""
    where = f" at byte {position}" if position >= 0 else ""
    return UnreadableInputError(
        f"The file is not valid text{where}: it was read as {encoding.removesuffix('-sig')}. "
        "The service reads UTF-8, UTF-16 and Windows-1252; save the file as UTF-8."
    )


def decoding_errors(encoding: str) -> str:
    """What to do with an invalid byte: the name of an error handler for Python's decoders.

    In a UTF-8 file a stray byte is read as Windows-1252, since lists are often pasted together.
    """
    return _STRAY_BYTES if encoding.startswith("utf-8") else "strict"


def _decode_start(head: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)().decode(head)


def _decode_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252"), error.end


_STRAY_BYTES = "windows-1252"
codecs.register_error(_STRAY_BYTES, _decode_as_windows_1252)
