"""Writes enriched rows as a CSV or JSONL file; xlsx_files.py writes workbooks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Protocol

from chalicelib.files.enriched import Origins, StoredRow
from chalicelib.files.formulas import FormulaGuard
from chalicelib.files.rows import GivenRow
from chalicelib.model.options import Options

#: What needs quotes.
_QUOTED = re.compile(r'[",\r\n]')


class Writer(Protocol):
    """Makes a file piece by piece: the header once, then the rows, one at a time."""

    content_type: str

    def header(self) -> bytes:
        """The bytes before the first row."""

    def row(self, given: GivenRow, stored: StoredRow) -> bytes:
        """A row as bytes, line end included; a workbook is compressed, and gives them later."""

    def end(self) -> Iterator[bytes]:
        """The bytes after the last row."""


def create_writer(options: Options, columns: Sequence[str]) -> Writer:
    """The writer for the job's output format. ``columns``: the names of the input's columns."""
    if options.output == "jsonl":
        return JsonlWriter(columns, options.wanted)
    if options.output == "xlsx":
        from chalicelib.files.xlsx_files import XlsxWriter

        return XlsxWriter(columns, options.wanted)
    return CsvWriter(columns, options.wanted, options.csv_safety)


class CsvWriter:
    """RFC 4180, UTF-8: the input's columns, then the enriched ones."""

    content_type = "text/csv; charset=utf-8"

    def __init__(self, columns: Sequence[str], fields: Sequence[str], safety: str) -> None:
        self._columns = columns
        self._fields = fields
        self._guard = FormulaGuard(safety)
        self._form = lru_cache(_FORMS)(self._new_form)

    def header(self) -> bytes:
        names = ["status", *self._fields, "sources", "error"]
        cells = self._cells([*self._columns, *(f"enriched_{name}" for name in names)])
        return f"{cells}\r\n".encode("utf-8", "replace")

    def row(self, given: GivenRow, stored: StoredRow) -> bytes:
        places, sources = self._form(stored.origins)
        values = ["", *stored.values]
        filled = [values[place] for place in places]
        cells = self._cells([*given.cells, stored.status, *filled])
        error = self._cells([stored.error or given.problem])
        # JSON can hold a lone surrogate, which UTF-8 cannot write; it becomes "?".
        return f"{cells},{sources},{error}\r\n".encode("utf-8", "replace")

    def end(self) -> Iterator[bytes]:
        return iter(())

    def _new_form(self, origins: Origins) -> tuple[list[int], str]:
        """The place of each field among the values, counted from 1, 0 for none; the sources' cell."""
        places = {name: place for place, (name, _, _) in enumerate(origins, 1)}
        sources = json.dumps(_source_table(origins), separators=(",", ":")) if origins else ""
        return [places.get(name, 0) for name in self._fields], self._cells([sources])

    def _cells(self, cells: Sequence[str]) -> str:
        return quoted(self._guard.cells(cells))


class JsonlWriter:
    """One object a line: ``{"input": {…}, "enriched": {…}}``."""

    content_type = "application/x-ndjson"

    def __init__(self, columns: Sequence[str], fields: Sequence[str]) -> None:
        self._keys = unique_names(columns)
        self._blank = dict.fromkeys(("status", *fields))
        self._sources = lru_cache(_FORMS)(self._new_sources)

    def header(self) -> bytes:
        return b""

    def row(self, given: GivenRow, stored: StoredRow) -> bytes:
        try:
            return self._line(given, stored, _UNICODE).encode()
        except UnicodeEncodeError:  # UTF-8 cannot write a lone surrogate, but an escape can
            return self._line(given, stored, _ASCII).encode()

    def end(self) -> Iterator[bytes]:
        return iter(())

    def _line(self, given: GivenRow, stored: StoredRow, encode: Callable[[Any], str]) -> str:
        record = given.record
        row = dict(zip(self._keys, given.cells, strict=True)) if record is None else record
        names, sources = self._sources(stored.origins, encode)
        enriched = {**self._blank, "status": stored.status}
        enriched.update(zip(names, stored.values, strict=True))
        # The text of the sources is that of many rows before: it is put in between, not made anew.
        error = encode(stored.error or given.problem or None)
        line = (
            f'{{"input": {encode(row)}, "enriched": {encode(enriched)[:-1]}, '
            f'"sources": {sources}, "error": {error}}}}}\n'
        )
        return line if line.isascii() else _on_one_line(line)

    def _new_sources(self, origins: Origins, encode: Callable[[Any], str]) -> tuple[list[str], str]:
        return [name for name, _, _ in origins], encode(_source_table(origins))


#: Combinations of origins whose text a writer keeps; most lists have a few dozen.
_FORMS = 1_000
_UNICODE = json.JSONEncoder(ensure_ascii=False).encode
_ASCII = json.JSONEncoder().encode


#: Characters outside ASCII that end a line for some readers, such as str.splitlines; JSON allows them in
#: texts as they are, and as escapes.
_LINE_ENDS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def _on_one_line(line: str) -> str:
    for character, escape in _LINE_ENDS.items():
        line = line.replace(character, escape)
    return line


def _source_table(origins: Origins) -> dict[str, dict[str, Any]]:
    return {
        name: {"provider": provider, "confidence": round(confidence, 3)}
        for name, provider, confidence in origins
    }


def quoted(cells: Sequence[str]) -> str:
    """Cells with commas between them, in quotes where RFC 4180 needs them.

    It gives what Python's csv gives, which looks at each character by itself and so takes most of the
    time of writing a file.
    """
    plain = ",".join(cells)
    if '"' in plain or "\n" in plain or "\r" in plain:
        return ",".join([f'"{_doubled(c)}"' if _QUOTED.search(c) else c for c in cells])
    if plain.count(",") < len(cells):
        return plain
    return ",".join([f'"{cell}"' if "," in cell else cell for cell in cells])


def _doubled(cell: str) -> str:
    return cell.replace('"', '""')


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
