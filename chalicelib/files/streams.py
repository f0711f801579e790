"""Reads chunks of bytes as a stream of text or lines, and stops where a row or batch gets too large."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from chalicelib.files import limits
from chalicelib.files.encodings import decoding_errors
from chalicelib.model.batches import BATCH_ROWS
from chalicelib.model.errors import UnreadableInputError


class ChunkStream(io.RawIOBase):
    """Chunks as a readable stream. UnreadableInputError where a batch holds too many bytes."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")
        self._bytes_of_batch = 0

    def start_batch(self) -> None:
        """Count the bytes of the next batch of rows from here."""
        self._bytes_of_batch = 0

    def as_text(self, encoding: str) -> io.TextIOWrapper:
        """The stream as text, with line ends as they are."""
        buffered = io.BufferedReader(self, limits.PIECE)
        return io.TextIOWrapper(buffered, encoding, errors=decoding_errors(encoding), newline="")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        self._bytes_of_batch += size
        if self._bytes_of_batch > limits.MAX_BATCH_BYTES:
            raise UnreadableInputError(
                f"The list has up to {BATCH_ROWS} rows, one after another, that hold more than "
                f"{limits.MAX_BATCH_BYTES // 1024**2} MB: too much for contacts. Leave out pictures "
                "and documents."
            )
        return size


class BoundedLines:
    """The lines of a text. UnreadableInputError, with ``hint``, where a row gets too long.

    Neither a line nor a row of many lines is ever held whole beyond the limit. ``number``: lines read
    so far. ``at_end``: there are no more.
    """

    def __init__(self, text: io.TextIOWrapper, hint: str) -> None:
        self._text = text
        self._hint = hint
        self._characters_of_row = 0
        self.number = 0
        self.at_end = False

    def start_row(self) -> None:
        """Count the characters of the next row from here."""
        self._characters_of_row = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(limits.MAX_RECORD):
            self.number += 1
            self._characters_of_row += len(line)
            if self._characters_of_row >= limits.MAX_RECORD:
                raise UnreadableInputError(
                    f"The row in line {self.number:,} is longer than {limits.MAX_RECORD:,} "
                    f"characters. {self._hint}"
                )
            yield line
        self.at_end = True
