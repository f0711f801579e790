"""Writes enriched rows as a CSV or JSONL file."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from chalicelib.files.rows import Filled, OutputRow
from chalicelib.model.options import Options

#: Text that begins with a sign but is no formula: phone numbers, negative numbers.
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9][0-9 ().-]*\Z")
_SIGNS = "+-"
#: First characters that begin a formula or hide one (OWASP, CSV injection; CWE-1236).
_FORMULA_STARTS = "=@\t\r"
#: Also the line feed, and full-width forms, which some spreadsheets read as the plain ones.
_STRICT_STARTS = _FORMULA_STARTS + _SIGNS + "\n＝＋－＠"


class Writer(Protocol):
    """Makes a file piece by piece: the header once, then the rows of each batch."""

    extension: str
    content_type: str

    def header(self) -> bytes:
        """The bytes before the first row."""

    def rows(self, rows: Iterable[OutputRow]) -> bytes:
        """The rows as bytes, line ends included."""


def create_writer(options: Options, columns: Sequence[str]) -> Writer:
    """The writer for the job's output format. ``columns``: the names of the input's columns."""
    if options.output == "jsonl":
        return JsonlWriter(columns, options.wanted)
    return CsvWriter(columns, options.wanted, options.csv_safety)


class CsvWriter:
    """RFC 4180, UTF-8: the input's columns, then the enriched ones."""

    extension = "csv"
    content_type = "text/csv; charset=utf-8"

    def __init__(self, columns: Sequence[str], fields: Sequence[str], safety: str) -> None:
        self._columns = columns
        self._fields = fields
        self._guard = _GUARDS[safety]

    def header(self) -> bytes:
        names = ["status", *self._fields, "sources", "error"]
        return self._encoded([[*self._columns, *(f"enriched_{name}" for name in names)]])

    def rows(self, rows: Iterable[OutputRow]) -> bytes:
        return self._encoded(map(self._cells, rows))

    def _cells(self, row: OutputRow) -> list[str]:
        values = (row.values.get(name) for name in self._fields)
        return [
            *row.row.cells,
            row.status.value,
            *(filled.value if filled else "" for filled in values),
            _sources(row.values),
            row.error,
        ]

    def _encoded(self, rows: Iterable[list[str]]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([self._guard(cell) for cell in row] for row in rows)
        # JSON can hold a lone surrogate, which UTF-8 cannot write; it becomes "?".
        return text.getvalue().encode("utf-8", "replace")


class JsonlWriter:
    """One object a line: ``{"input": {…}, "enriched": {…}}``."""

    extension = "jsonl"
    content_type = "application/x-ndjson"

    def __init__(self, columns: Sequence[str], fields: Sequence[str]) -> None:
        self._keys = unique_names(columns)
        self._fields = fields

    def header(self) -> bytes:
        return b""

    def rows(self, rows: Iterable[OutputRow]) -> bytes:
        return "".join(map(self._line, rows)).encode()

    def _line(self, row: OutputRow) -> str:
        given = row.row.record
        enriched: dict[str, Any] = {"status": row.status.value}
        enriched.update((name, None) for name in self._fields)
        enriched.update((name, filled.value) for name, filled in row.values.items())
        enriched.update(sources=_source_table(row.values), error=row.error or None)
        document = {
            "input": dict(zip(self._keys, row.row.cells, strict=True)) if given is None else given,
            "enriched": enriched,
        }
        line = json.dumps(document, ensure_ascii=False)
        try:
            line.encode()
        except UnicodeEncodeError:  # UTF-8 cannot write a lone surrogate, but an escape can
            line = json.dumps(document)
        return line + "\n"


def _source_table(values: Mapping[str, Filled]) -> dict[str, dict[str, Any]]:
    return {
        name: {"provider": filled.provider, "confidence": round(filled.confidence, 3)}
        for name, filled in values.items()
    }


def _sources(values: Mapping[str, Filled]) -> str:
    return json.dumps(_source_table(values), separators=(",", ":")) if values else ""


def guarded(cell: str) -> str:
    """The cell, with an apostrophe in front if a spreadsheet would run it as a formula.

    Phone numbers ("+49 30 …") and negative numbers stay as they are (iris-connect#443,
    tableExport#230).
    """
    if not cell or (cell[0] not in _FORMULA_STARTS and cell[0] not in _SIGNS):
        return cell
    if cell[0] in _SIGNS and _PLAIN_NUMBER.match(cell):
        return cell
    return "'" + cell


def strictly_guarded(cell: str) -> str:
    """The cell, with an apostrophe in front if it begins like a formula, even if it is a number."""
    return "'" + cell if cell and cell[0] in _STRICT_STARTS else cell


_GUARDS: Mapping[str, Callable[[str], str]] = {
    "safe": guarded,
    "strict": strictly_guarded,
    "raw": str,
}


def unique_names(columns: Sequence[str]) -> list[str]:
    """Column names as object keys: the second of two equal names becomes ``"name (2)"``."""
    taken: set[str] = set()
    names = []
    for column in columns:
        name, copy = column, 1
        while name in taken:
            copy += 1
            name = f"{column} ({copy})"
        taken.add(name)
        names.append(name)
    return names
