"""Inflates gzipped files piece by piece and passes other files on unchanged."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

from chalicelib.files import limits
from chalicelib.model.errors import UnreadableInputError

_GZIP_MAGIC = b"\x1f\x8b"
#: zlib copies the unread rest of its input in every call, so it gets the input in slices. Bytes.
_SLICE = 16 * 1024


def inflated(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The bytes of a file, inflated if it is gzipped; UnreadableInputError beyond ``limit`` bytes."""
    total = 0
    for piece in _gunzipped_if_needed(iter(chunks)):
        total += len(piece)
        if total > limit:
            raise UnreadableInputError(
                f"The list holds more than {limit // 1024**2:,} MB; split it into several."
            )
        yield piece


def read_head(start: bytes, whole: bool) -> tuple[bytes, bool]:
    """The first inflated bytes of a file, at most HEAD_BYTES, and whether they are all of it.

    ``start``: the first bytes of the file as it is stored. ``whole``: whether they are all of it.
    """
    head = bytearray()
    try:
        read_whole = add_head(head, inflated([start], limits.MAX_INFLATED_BYTES))
    except UnreadableInputError:
        # A part of a gzipped file ends early; that is no error if it gave any bytes.
        if whole or not head:
            raise
        read_whole = False
    return bytes(head), whole and read_whole


def add_head(head: bytearray, pieces: Iterable[bytes]) -> bool:
    """Add the first of some pieces to ``head``, up to HEAD_BYTES; whether they are all."""
    for piece in pieces:
        head += piece
        if len(head) > limits.HEAD_BYTES:
            del head[limits.HEAD_BYTES :]
            return False
    return True


def _gunzipped_if_needed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = b""
    while len(first) < len(_GZIP_MAGIC) and (chunk := next(chunks, None)) is not None:
        first += chunk
    chunks = chain([first], chunks)
    return _gunzipped(chunks) if first.startswith(_GZIP_MAGIC) else chunks


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits=31)
    try:
        for chunk in chunks:
            for start in range(0, len(chunk), _SLICE):
                data = chunk[start : start + _SLICE]
                while data:
                    if inflater.eof:  # a gzip file can have several members
                        inflater = zlib.decompressobj(wbits=31)
                    yield inflater.decompress(data, limits.PIECE)
                    data = inflater.unconsumed_tail or inflater.unused_data
    except zlib.error:
        raise UnreadableInputError("The gzip data is damaged; compress the file again.") from None
    if not inflater.eof:
        raise UnreadableInputError("The gzip data ends early; was the file sent completely?")
