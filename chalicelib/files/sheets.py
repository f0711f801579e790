"""Reads a sheet of a workbook as a CSV file, row by row, so that everything else is as for any list."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import BinaryIO

from chalicelib.files import limits
from chalicelib.files.sheet_cells import SharedTexts, number_text, unescaped
from chalicelib.files.workbook_parts import XmlPart, damaged, part
from chalicelib.files.workbooks import PLAIN, Workbook, open_workbook
from chalicelib.model.errors import UnreadableInputError
from chalicelib.model.layout import MAX_COLUMNS

#: With it, nobody has to guess the encoding.
_BYTE_ORDER_MARK = "\ufeff"
#: Characters of rows that are handed on at a time.
_CHUNK = 64 * 1024
_DIGITS = "0123456789"
#: Values of truth as Excel writes them into CSV.
_TRUTHS = {"0": "FALSE", "1": "TRUE"}
#: The text of a cell, or the number of its shared text.
_Cell = str | int


class Sheet:
    """A sheet with a list. ``name``: as it is called in the workbook."""

    def __init__(self, workbook: Workbook, name: str) -> None:
        self.name = name
        self._workbook = workbook
        self._part = workbook.sheets[name]
        self._read = self._given = 0

    @property
    def expected_bytes(self) -> float:
        """The bytes that all chunks have together, as far as those that were given tell."""
        whole = self._workbook.archive.getinfo(self._part).file_size
        return self._given * whole / max(self._read, 1)

    def chunks(self) -> Iterator[bytes]:
        """The rows that are not blank, as CSV in UTF-8 with a byte-order mark. Some chunks are empty.

        A row has as many cells as the longest of the first rows, or more. UnreadableInputError says why the
        sheet cannot be read on.
        """
        lines, length = [_BYTE_ORDER_MARK], 0
        for row in _filled(self._rows()):
            if row is not None:
                lines.append(_line(row))
                length += len(lines[-1])
            if row is None or length > _CHUNK:
                # XML has no lone surrogates, but what a workbook escapes may be one.
                chunk = "".join(lines).encode("utf-8", "replace")
                self._given += len(chunk)
                lines, length = [], 0
                yield chunk

    def _rows(self) -> Iterator[list[str] | None]:
        """The rows that are not blank, up to their last cell; None in between and at the end."""
        archive, texts = self._workbook.archive, SharedTexts(self._workbook)
        parser = _RowParser(self._workbook)
        for piece in chain(part(archive, self._part, limits.MAX_INFLATED_BYTES), [b""]):
            self._read += len(piece)
            parser.feed(piece)
            for cells in parser.take_rows():
                for _ in texts.read_to(max((c for c in cells if isinstance(c, int)), default=-1)):
                    yield None
                if cells:
                    yield _resolved(cells, texts)
            yield None


def open_sheet(file: BinaryIO, size: int, wanted: str) -> Sheet:
    """The sheet of this name or number, "" for the first, of a workbook of so many bytes.

    Errors are those of open_workbook, and InvalidRequestError if there is no such sheet.
    """
    workbook = open_workbook(file, size)
    return Sheet(workbook, workbook.find(wanted))


def _resolved(cells: list[_Cell], texts: SharedTexts) -> list[str]:
    row, length = [], 0
    for cell in cells:
        row.append(texts.get(cell) if isinstance(cell, int) else cell)
        length += len(row[-1])
        if length > limits.MAX_RECORD:  # many cells may refer to the same long text
            raise UnreadableInputError(
                f"A row of the sheet has more than {limits.MAX_RECORD:,} characters: too much for a contact."
            )
    return row


def _filled(rows: Iterator[list[str] | None]) -> Iterator[list[str] | None]:
    """The rows, with blank cells up to the width that the first of them have."""
    first: list[list[str]] = []
    for row in rows:
        if row is None:
            yield None
        else:
            first.append(row)
            if len(first) == limits.WIDTH_ROWS:
                break
    width = max(map(len, first), default=0)
    for row in chain(first, rows):
        yield None if row is None else row + [""] * (width - len(row))
    yield None


def _line(row: list[str]) -> str:
    """A row as CSV. All cells have quotes, so that no text in them looks like a delimiter, or like JSON."""
    joined = '","'.join(row)
    if joined.count('"') > 2 * (len(row) - 1):
        joined = '","'.join([cell.replace('"', '""') for cell in row])
    return f'"{joined}"\r\n'


@lru_cache(MAX_COLUMNS)
def _column(letters: str) -> int:
    """The number of a column from 0: "A" → 0, "AA" → 26. UnreadableInputError for one that no list has."""
    number = 0
    for letter in letters[:4]:
        number = number * 26 + ord(letter) - ord("A") + 1
    if not letters or not 0 < number <= MAX_COLUMNS:
        raise UnreadableInputError(
            f'The sheet has a cell in column "{letters[:4]}"; at most {MAX_COLUMNS:,} columns are read.'
        )
    return number - 1


class _RowParser:
    """Parses the rows of a sheet (ECMA-376-1, 18.3.1)."""

    def __init__(self, workbook: Workbook) -> None:
        self._formats, self._from_1904 = workbook.formats, workbook.from_1904
        self._parser = XmlPart(self._start, self._end, self._text)
        self.feed = self._parser.feed
        self._rows: list[list[_Cell]] = []
        self._cells: list[_Cell] = []
        self._column = -1
        self._attributes: dict[str, str] = {}
        self._texts: list[str] = []
        self._taken = self._hidden = False
        self._length = 0

    def take_rows(self) -> list[list[_Cell]]:
        """The rows that were parsed since the last time."""
        rows, self._rows = self._rows, []
        return rows

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._attributes = attributes
            self._column += 1
            self._texts = []
        elif name in ("v", "t"):
            self._taken = not self._hidden
        elif name == "row":
            self._cells, self._column, self._length = [], -1, 0
        elif name == "rPh":  # how a text in Japanese is pronounced
            self._hidden = True

    def _text(self, text: str) -> None:
        if self._taken:
            self._length += len(text)
            if self._length > limits.MAX_RECORD:
                raise damaged()
            self._texts.append(text)

    def _end(self, name: str) -> None:
        if name in ("v", "t"):
            self._taken = False
        elif name == "c":
            self._end_cell()
        elif name == "row":
            if self._cells:
                self._rows.append(self._cells)
        elif name == "rPh":
            self._hidden = False

    def _end_cell(self) -> None:
        place = self._attributes.get("r")
        text = "".join(self._texts)
        if not text:
            if place:
                self._column = max(self._column, len(self._cells) - 1)
            return
        if place:
            self._column = _column(place.rstrip(_DIGITS))
        elif self._column >= MAX_COLUMNS:
            _column("ZZZ")
        missing = self._column - len(self._cells)
        if missing < 0:
            raise damaged()  # two cells in one place
        if missing:
            self._cells += [""] * missing
        self._cells.append(self._value(text))

    def _value(self, text: str) -> _Cell:
        kind = self._attributes.get("t", "n")
        if kind == "s":
            if not text.isdecimal() or len(text) > 9:
                raise damaged()
            return int(text)
        if kind == "n":
            style = self._attributes.get("s", "0")
            number = int(style) if style.isdecimal() else 0
            known = self._formats[number] if number < len(self._formats) else PLAIN
            return number_text(text, known, self._from_1904)
        if kind == "b":
            return _TRUTHS.get(text, text)
        return unescaped(text)
