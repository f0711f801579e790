"""First floor: files in. Chunks of bytes go in, rows come out one at a time, in constant memory.

A row is what the contact of one record was given as: a list of cells (CSV), an object (JSON), or the
text itself where it is not readable as one; the worker says so in the row, nothing of it is lost.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import math
import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from chalicelib.errors import UnreadableInputError
from chalicelib.layout import CONTACTS_PREFIX, HEAD_BYTES, Layout, undecodable

Row = list[str] | dict[str, Any] | str

GZIP_MAGIC = b"\x1f\x8b"
#: The most that a file may inflate to: a million rows of 2 KB.
MAX_INFLATED_BYTES = 2 * 1024**3
#: A longer cell is a quote that is never closed. Characters.
MAX_RECORD = 4 * 1024 * 1024
_PIECE = 256 * 1024
_BETWEEN_ELEMENTS = re.compile(r"[\s,]*")


def inflated(chunks: Iterable[bytes], limit: int = MAX_INFLATED_BYTES) -> Iterator[bytes]:
    """The bytes of a file, inflated when it is gzipped; UnreadableInputError beyond ``limit``."""
    total = 0
    for piece in _gunzipped_if_needed(iter(chunks)):
        total += len(piece)
        if total > limit:
            raise UnreadableInputError(
                f"The list holds more than {limit // 1024**2:,} MB; split it into several."
            )
        yield piece


def _gunzipped_if_needed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(chunks, b"")
    if not first.startswith(GZIP_MAGIC):
        yield first
        yield from chunks
        return
    inflater = zlib.decompressobj(wbits=31)
    data: bytes | None = first
    try:
        while data is not None:
            while data:
                if inflater.eof:  # a gzip file may have several members
                    inflater = zlib.decompressobj(wbits=31)
                yield inflater.decompress(data, _PIECE)
                data = inflater.unconsumed_tail or inflater.unused_data
            data = next(chunks, None)
    except zlib.error:
        raise UnreadableInputError("The gzip data is damaged; compress the file again.") from None
    if not inflater.eof:
        raise UnreadableInputError("The gzip data ends early; was the file sent completely?")


def read_head(start: bytes, whole: bool) -> tuple[bytes, bool]:
    """The first inflated bytes of a file, from its first bytes, and whether they are all of it.

    ``whole``: whether ``start`` is the whole file.
    """
    head = b""
    try:
        for piece in inflated([start]):
            head += piece
            if len(head) > HEAD_BYTES:
                return head[:HEAD_BYTES], False
    except UnreadableInputError:  # of a part of a file: of course it ends early
        if whole:
            raise
    return head, whole


def read_rows(chunks: Iterable[bytes], layout: Layout) -> Iterator[Row]:
    """The rows of a file, in order; blank lines are no rows."""
    stream = _Stream(inflated(chunks))
    errors = "windows-1252" if layout.encoding.startswith("utf-8") else "strict"
    text = io.TextIOWrapper(
        io.BufferedReader(stream, _PIECE), layout.encoding, errors=errors, newline=""
    )
    readers = {"csv": _csv_rows, "ndjson": _ndjson_rows, "json": _json_rows}
    try:
        yield from readers[layout.kind](text, layout, stream)
    except UnicodeError:
        raise undecodable(layout.encoding, -1) from None


class _Stream(io.RawIOBase):
    """Chunks as a readable stream, which also counts the quotes that pass."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""
        self.quotes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = next(self._chunks, None)
            if piece is None:
                return 0
            self.quotes += piece.count(b'"')
            self._rest = piece
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    """A stray byte in a UTF-8 file is read as Windows-1252: lists are often pasted together."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252"), error.end


codecs.register_error("windows-1252", _windows_1252)


def _csv_rows(text: io.TextIOWrapper, layout: Layout, stream: _Stream) -> Iterator[Row]:
    csv.field_size_limit(MAX_RECORD)
    reader = csv.reader(text, delimiter=layout.delimiter)
    row: list[str] = []
    try:
        for row in islice(reader, layout.header_at + 1, None):
            if row:
                yield row
    except csv.Error as error:
        raise UnreadableInputError(
            f"Line {reader.line_num:,} of the CSV file cannot be read ({error}). Is a quote opened "
            "before it and never closed?"
        ) from None
    one_byte_quotes = not layout.encoding.startswith("utf-16")
    if one_byte_quotes and stream.quotes % 2 and any("\n" in cell for cell in row):
        raise UnreadableInputError(
            f"A quote is opened and never closed in the record that ends in line {reader.line_num:,}"
            ", the last one: everything after it would be one cell. Close it, or double it if it "
            "belongs to the text."
        )


def _ndjson_rows(text: io.TextIOWrapper, layout: Layout, stream: _Stream) -> Iterator[Row]:
    number = 0
    while line := text.readline(MAX_RECORD):
        number += 1
        if len(line) == MAX_RECORD:
            raise UnreadableInputError(
                f"Line {number:,} is longer than {MAX_RECORD:,} characters. NDJSON has one object "
                "on each line."
            )
        if line.strip():
            yield parse_object(line.strip())


def _json_rows(text: io.TextIOWrapper, layout: Layout, stream: _Stream) -> Iterator[Row]:
    """The elements of an array, decoded one by one from a sliding window."""
    window = text.read(_PIECE)
    prefix = CONTACTS_PREFIX.match(window)
    position = window.index("[", prefix.end() if prefix else 0) + 1
    count = 0
    while True:
        start = _BETWEEN_ELEMENTS.match(window, position).end()  # type: ignore[union-attr]
        if window.startswith("]", start):
            _check_end(window[start + 1 :] + text.read(_PIECE), "}" if prefix else "")
            return
        try:
            element, end = _DECODER.raw_decode(window, start)
        except (ValueError, RecursionError):
            element, end = None, len(window)
        if end < len(window):  # a number at the very end of the window may go on
            yield element if isinstance(element, dict) else json.dumps(element)
            position, count = end, count + 1
            continue
        more = text.read(max(_PIECE, len(window) - start))
        if not more or len(window) - start > MAX_RECORD:
            raise UnreadableInputError(
                f"The JSON is not valid in contact number {count + 1:,}, or ends within it."
            )
        window, position = window[start:] + more, 0


def _check_end(rest: str, expected: str) -> None:
    if rest.strip() != expected:
        raise UnreadableInputError(
            "After the array of contacts the JSON goes on. In a file only the contacts are read; "
            "options go into POST /process."
        )


def parse_json(text: str) -> Any:
    """Any JSON value; ValueError for what is none, NaN and numbers without end included."""
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def parse_object(line: str) -> dict[str, Any] | str:
    """The object that a line of JSON holds, or the line as it is where it holds none."""
    try:
        value = parse_json(line)
    except ValueError:
        return line
    return value if isinstance(value, dict) else line


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError("a number too large")
    return value


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
