"""Reads a file in the bucket from any place, as if it lay on a disk: what a workbook has begins at its end."""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO

from chalicelib.aws.bucket import Bucket, StoredFile

#: Bytes that are read in one call, and how many such blocks are kept: two parts are read side by side.
_BLOCK = 512 * 1024
_KEPT = 6


def open_stored(bucket: Bucket, file: StoredFile) -> BinaryIO:
    """A file in the bucket as an open one. Reading raises UnreadableInputError once it is gone or another."""
    return io.BufferedReader(_Ranges(bucket, file))


class _Ranges(io.RawIOBase):
    """A file that is read in blocks; the last ones are kept."""

    def __init__(self, bucket: Bucket, file: StoredFile) -> None:
        self._bucket, self._file = bucket, file
        self._place = 0
        self._blocks: dict[int, bytes] = {}

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._file.bytes}[whence]
        if start + offset < 0:
            raise ValueError("There is nothing before the start of the file.")
        self._place = start + offset
        return self._place

    def readinto(self, buffer: Any) -> int:
        if self._place >= self._file.bytes:
            return 0
        number, start = divmod(self._place, _BLOCK)
        data = self._block(number)[start : start + len(buffer)]
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def _block(self, number: int) -> bytes:
        block = self._blocks.pop(number, b"") or self._bucket.part(
            self._file, number * _BLOCK, (number + 1) * _BLOCK
        )
        self._blocks[number] = (
            block  # at the end: the first is the one that was not used for the longest
        )
        if len(self._blocks) > _KEPT:
            del self._blocks[next(iter(self._blocks))]
        return block
