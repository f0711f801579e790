"""First floor: files in. Chunks of bytes go in, rows come out one at a time, in constant memory.

A row is what the contact of one record was given as: a list of cells (CSV), an object (JSON), or the
text itself where it is not readable as one; the worker says so in the row, nothing of it is lost.
"""

from __future__ import annotations

import codecs
import csv
import io
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from chalicelib.files.detection import (
    BETWEEN_ELEMENTS,
    CONTACTS_PREFIX,
    HEAD_BYTES,
    check_names,
    names_bytes,
    undecodable,
)
from chalicelib.model.batches import BATCH_ROWS
from chalicelib.model.errors import UnreadableInputError
from chalicelib.model.layout import Layout
from chalicelib.model.strict_json import object_at, parse_object

Row = list[str] | dict[str, Any] | str

GZIP_MAGIC = b"\x1f\x8b"
#: The most that a file may inflate to: a million rows of 2 KB.
MAX_INFLATED_BYTES = 2 * 1024**3
#: A longer row is a quote that is never closed. Characters.
MAX_RECORD = 4 * 1024 * 1024
#: What the rows of a batch may come to: a worker holds them all, several times over, in 1 GB.
MAX_BATCH_BYTES = 16 * 1024**2
_PIECE = 256 * 1024
_SLICE = 16 * 1024


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
    first = b""
    while len(first) < len(GZIP_MAGIC) and (chunk := next(chunks, None)) is not None:
        first += chunk
    chunks = chain([first], chunks)
    return _gunzipped(chunks) if first.startswith(GZIP_MAGIC) else chunks


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits=31)
    try:
        for chunk in chunks:
            # What a call leaves over is copied, for each piece and each member: of a slice, not of all.
            for start in range(0, len(chunk), _SLICE):
                data = chunk[start : start + _SLICE]
                while data:
                    if inflater.eof:  # a gzip file may have several members
                        inflater = zlib.decompressobj(wbits=31)
                    yield inflater.decompress(data, _PIECE)
                    data = inflater.unconsumed_tail or inflater.unused_data
    except zlib.error:
        raise UnreadableInputError("The gzip data is damaged; compress the file again.") from None
    if not inflater.eof:
        raise UnreadableInputError("The gzip data ends early; was the file sent completely?")


def read_head(start: bytes, whole: bool) -> tuple[bytes, bool]:
    """The first inflated bytes of a file, from its first bytes, and whether they are all of it.

    ``whole``: whether ``start`` is the whole file.
    """
    head = bytearray()
    try:
        for piece in inflated([start]):
            head += piece
            if len(head) > HEAD_BYTES:
                return bytes(head[:HEAD_BYTES]), False
    except UnreadableInputError:  # of a part of a file: of course it ends early
        if whole or not head:
            raise
    return bytes(head), whole


def read_rows(chunks: Iterable[bytes], layout: Layout) -> Iterator[Row]:
    """The rows of a file, in order; blank lines are no rows."""
    stream = _Stream(inflated(chunks))
    errors = "windows-1252" if layout.encoding.startswith("utf-8") else "strict"
    text = io.TextIOWrapper(
        io.BufferedReader(stream, _PIECE), layout.encoding, errors=errors, newline=""
    )
    readers = {"csv": _csv_rows, "ndjson": _ndjson_rows, "json": _json_rows}
    try:
        for number, row in enumerate(readers[layout.kind](text, layout), 1):
            yield row
            if number % BATCH_ROWS == 0:
                stream.of_batch = 0
    except UnicodeError:
        raise undecodable(layout.encoding, -1) from None


class _Stream(io.RawIOBase):
    """Chunks as a readable stream. ``of_batch``: bytes read since the last batch of rows was full."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")
        self.of_batch = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = next(self._chunks, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        self.of_batch += size
        if self.of_batch > MAX_BATCH_BYTES:
            raise UnreadableInputError(
                f"The list has {BATCH_ROWS} rows or fewer, one after another, that hold more than "
                f"{MAX_BATCH_BYTES // 1024**2} MB: too much for contacts. Leave out pictures and "
                "documents."
            )
        return size


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    """A stray byte in a UTF-8 file is read as Windows-1252: lists are often pasted together."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252"), error.end


codecs.register_error("windows-1252", _windows_1252)


class _Lines:
    """The lines of a text. ``of_row``: characters since the last row, which who finds a row sets to 0.

    ``number``: lines so far; ``at_end``: there are no more. UnreadableInputError, with ``hint``, where a
    row goes on and on: neither a line nor a row of many lines is ever held whole beyond that.
    """

    def __init__(self, text: io.TextIOWrapper, hint: str) -> None:
        self._text = text
        self._hint = hint
        self.number = 0
        self.of_row = 0
        self.at_end = False

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(MAX_RECORD):
            self.number += 1
            self.of_row += len(line)
            if self.of_row >= MAX_RECORD:
                raise UnreadableInputError(
                    f"In line {self.number:,} a row gets longer than {MAX_RECORD:,} characters. "
                    f"{self._hint}"
                )
            yield line
        self.at_end = True


def _csv_rows(text: io.TextIOWrapper, layout: Layout) -> Iterator[Row]:
    csv.field_size_limit(MAX_RECORD)
    lines = _Lines(text, "Is a quote opened before it and never closed?")
    reader = csv.reader(lines, delimiter=layout.delimiter)
    try:
        for row in islice(reader, layout.header_at + 1, None):
            if lines.at_end:  # csv asks for one more line only where a quote is open
                _check_open_cell(row[-1], lines.number)
            if row:
                lines.of_row = 0
                yield row
    except csv.Error as error:
        raise UnreadableInputError(
            f"Line {lines.number:,} of the CSV file cannot be read ({error}). Is a quote opened "
            "before it and never closed?"
        ) from None


def _check_open_cell(cell: str, line: int) -> None:
    """An open quote at the end of the last line does no harm; before it, it swallows what follows."""
    if "\n" in cell or "\r" in cell:
        raise UnreadableInputError(
            f"A quote is opened and never closed in the record that ends in line {line:,}"
            ", the last one: everything after it would be one cell. Close it, or double it if it "
            "belongs to the text."
        )


def _ndjson_rows(text: io.TextIOWrapper, layout: Layout) -> Iterator[Row]:
    lines = _Lines(text, "NDJSON has one object on each line.")
    rows = map(parse_object, filter(None, map(str.strip, lines)))
    for row in _with_few_names(rows):
        lines.of_row = 0
        yield row


def _json_rows(text: io.TextIOWrapper, layout: Layout) -> Iterator[Row]:
    return _with_few_names(_elements(text))


def _elements(text: io.TextIOWrapper) -> Iterator[Row]:
    """The elements of an array, decoded one by one from a sliding window."""
    window = text.read(_PIECE)
    prefix = CONTACTS_PREFIX.match(window)
    position = window.index("[", prefix.end() if prefix else 0) + 1
    count = 0
    while True:
        start = BETWEEN_ELEMENTS.match(window, position).end()  # type: ignore[union-attr]
        if window.startswith("]", start):
            _check_end(window[start + 1 :], text, "}" if prefix else "")
            return
        if found := object_at(window, start):
            row, position = found
            count += 1
            yield row
            continue
        more = text.read(max(_PIECE, len(window) - start))
        if not more or len(window) - start > MAX_RECORD:
            raise UnreadableInputError(
                f"The JSON is not valid in contact number {count + 1:,}, or ends within it, or the "
                f"contact is longer than {MAX_RECORD:,} characters."
            )
        window, position = window[start:] + more, 0


def _check_end(rest: str, text: io.TextIOWrapper, expected: str) -> None:
    rest = rest.strip()
    while len(rest) <= len(expected) and (more := text.read(_PIECE)):
        rest += more.strip()
    if rest != expected:
        raise UnreadableInputError(
            "After the array of contacts the JSON goes on. In a file only the contacts are read; "
            "options go into POST /process."
        )


def _with_few_names(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows; UnreadableInputError when the keys of all objects together get too long to be columns."""
    names: set[str] = set()
    size = 0
    for row in rows:
        if isinstance(row, dict) and not row.keys() <= names:
            new = row.keys() - names
            names |= new
            size += names_bytes(new)
            check_names(size)
        yield row
