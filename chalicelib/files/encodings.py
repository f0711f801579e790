"""Finds the text encoding of a file and decodes text in it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.files.guessing import guess_encoding
from chalicelib.model.errors import UnreadableInputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TWO_ASCII_CHARACTERS = re.compile(rb"[\t\n\r -~]{2}")
#: A character of UTF-8 that is not ASCII.
_UTF_8_CHARACTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
#: So many valid characters for each stray byte, and a file is UTF-8 that something was pasted into.
_FOR_EACH_STRAY = 4


@dataclass(frozen=True)
class Encoding:
    """``name``: for Python's decoders. ``certain``: whether the bytes or the sender say so; else it is a guess."""

    name: str
    certain: bool = True


def detect_encoding(head: bytes, charset: str = "") -> Encoding | None:
    """The encoding of a file from its first bytes; None if they are not text.

    ``charset``: what the sender says, "" for nothing. UTF-8 and UTF-16 are known by their byte-order mark or by
    their byte pattern; anything else is a guess. Excel's "CSV" is in the encoding of the computer's language,
    its "Unicode Text" is UTF-16 (glific#5657).
    """
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Encoding(name)
    if charset and charset != "utf-8":  # which programs also say of what is none
        return Encoding(charset)
    sample = head[:1024]
    # In UTF-16 every other byte of Latin text is zero. In other encodings only NUL characters are.
    if not _TWO_ASCII_CHARACTERS.match(sample):
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        if min(even, odd) > len(sample) // 20:
            return None
        if max(even, odd) > len(sample) // 8:
            return Encoding("utf-16-le" if odd > even else "utf-16-be")
    return Encoding("utf-8") if _is_utf_8(head) else Encoding(_guess(head), certain=False)


def _guess(head: bytes) -> str:
    strays = sum(byte >= 0x80 for byte in _UTF_8_CHARACTER.sub(b"", head))
    characters = len(_UTF_8_CHARACTER.findall(head))
    return "utf-8" if characters >= _FOR_EACH_STRAY * strays else guess_encoding(head)


def decode_head(head: bytes, encoding: str) -> str:
    """The text in the first bytes of a file; a character cut at the end is left out.

    UnreadableInputError if the bytes are not text in this encoding.
    """
    try:
        decoder = codecs.getincrementaldecoder(encoding)(decoding_errors(encoding))
        return decoder.decode(head)
    except UnicodeDecodeError as error:
        raise undecodable(encoding, error.start) from None


def undecodable(encoding: str, position: int = -1) -> UnreadableInputError:
    """The error for bytes that are not text, with their position in the file where it is known."""
    where = f" at byte {position}" if position >= 0 else ""
    return UnreadableInputError(
        f"The file is not valid text{where}: it was read as {encoding.removesuffix('-sig')}. "
        "Say its encoding with the option charset, or save the file as UTF-8."
    )


def decoding_errors(encoding: str) -> str:
    """What to do with an invalid byte: the name of an error handler for Python's decoders.

    In a UTF-8 file a stray byte is read as Windows-1252, since lists are often pasted together.
    """
    return _STRAY_BYTES if encoding.startswith("utf-8") else "strict"


def noting_strays(pieces: Iterable[bytes], warnings: dict[str, None]) -> Iterator[bytes]:
    """The pieces of a UTF-8 file, as they are; a warning if there is a stray byte in them."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for piece in pieces:
        if _STRAYS not in warnings:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                warnings[_STRAYS] = None
        yield piece


def _is_utf_8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _decode_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252"), error.end


_STRAYS = (
    "Some bytes are not UTF-8 and were read as Windows-1252. If letters are wrong, say the encoding with the option "
    "charset."
)
_STRAY_BYTES = "windows-1252"
codecs.register_error(_STRAY_BYTES, _decode_as_windows_1252)
