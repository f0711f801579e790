"""Writes enriched rows as a CSV or JSONL file; xlsx_files.py writes workbooks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, Protocol

from chalicelib.files.enriched import Origins, StoredRow
from chalicelib.files.formulas import FormulaGuard
from chalicelib.files.rows import GivenRow
from chalicelib.model.contacts import FIELDS
from chalicelib.model.options import Options
from chalicelib.model.tallies import ERROR

#: The columns that a result has beside the input's; those of an earlier one are replaced.
_ENRICHED = frozenset(f"enriched_{name}" for name in ("status", *FIELDS, "sources", ERROR))
#: Fields that are true or false; packed rows hold texts alone.
_FLAGS = frozenset({"email_valid", "email_free", "email_disposable", "email_role", "phone_valid"})
_FLAG_OF = {"true": True, "false": False}


class Writer(Protocol):
    """Makes a file piece by piece: the header once, then the rows, one at a time."""

    content_type: str

    def header(self) -> bytes:
        """The bytes before the first row."""

    def row(self, given: GivenRow, stored: StoredRow) -> bytes:
        """A row as bytes, line end included; a workbook is compressed, and gives them later."""

    def end(self) -> Iterator[bytes]:
        """The bytes after the last row."""


def create_writer(
    options: Options,
    columns: Sequence[str],
    delimiter: str = ",",
    filled: Collection[str] = (*FIELDS, ERROR),
) -> Writer:
    """The writer for the job's output format. ``columns``: the names of the input's columns.

    ``delimiter``: the input's. ``filled``: the fields that at least one row has, and ERROR if one has a reason; a
    CSV file has columns for these alone.
    """
    if options.output == "jsonl":
        return JsonlWriter(columns, options.wanted)
    shown = [name for name in (*options.wanted, ERROR) if name in filled]
    if options.output == "xlsx":
        from chalicelib.files.xlsx_files import XlsxWriter

        return XlsxWriter(columns, kept_columns(columns), [n for n in shown if n != ERROR])
    return CsvWriter(columns, shown, options, delimiter)


def kept_columns(columns: Sequence[str]) -> list[int] | None:
    """The positions of the columns that are not of an earlier result; None if all are."""
    kept = [at for at, name in enumerate(columns) if name not in _ENRICHED]
    return kept if len(kept) < len(columns) else None


class CsvWriter:
    """RFC 4180 with the input's delimiter, UTF-8 with a byte-order mark, as spreadsheets want it: the input's
    columns, then the enriched ones.
    """

    content_type = "text/csv; charset=utf-8"

    def __init__(
        self, columns: Sequence[str], shown: Sequence[str], options: Options, delimiter: str
    ) -> None:
        self._columns = columns
        self._kept = kept_columns(columns)
        self._fields = [name for name in shown if name != ERROR]
        self._has_error = ERROR in shown
        self._has_sources = options.sources
        self._delimiter = delimiter
        self._guard = FormulaGuard(options.csv_safety)
        self._form_of = lru_cache(_FORMS)(self._new_form)
        self._origins: Origins = ()
        self._form = self._new_form(())

    def header(self) -> bytes:
        last = ["sources"] * self._has_sources + [ERROR] * self._has_error
        names = (f"enriched_{name}" for name in ("status", *self._fields, *last))
        cells = self._cells([*self._own(self._columns), *names])
        return f"\ufeff{cells}\r\n".encode("utf-8", "replace")

    def row(self, given: GivenRow, stored: StoredRow) -> bytes:
        if stored.origins is not self._origins:  # to look it up takes a tenth of a row's time
            self._origins, self._form = stored.origins, self._form_of(stored.origins)
        places, sources = self._form
        values = ["", *stored.values]
        filled = [values[place] for place in places]
        line = self._cells([*self._own(given.cells), stored.status, *filled])
        if self._has_sources:
            line += self._delimiter + sources
        if self._has_error:
            line += self._delimiter + self._cells([stored.error or given.problem])
        # JSON can hold a lone surrogate, which UTF-8 cannot write; it becomes "?".
        return f"{line}\r\n".encode("utf-8", "replace")

    def _own(self, cells: Sequence[str]) -> Sequence[str]:
        """The cells without those of an earlier result."""
        return cells if self._kept is None else [cells[at] for at in self._kept]

    def end(self) -> Iterator[bytes]:
        return iter(())

    def _new_form(self, origins: Origins) -> tuple[list[int], str]:
        """The place of each field among the values, counted from 1, 0 for none; the sources' cell."""
        places = {name: place for place, (name, _, _) in enumerate(origins, 1)}
        sources = json.dumps(_source_table(origins), separators=(",", ":")) if origins else ""
        sources = sources if self._has_sources else ""
        return [places.get(name, 0) for name in self._fields], self._cells([sources])

    def _cells(self, cells: Sequence[str]) -> str:
        return quoted(self._guard.cells(cells), self._delimiter)


class JsonlWriter:
    """One object a line: ``{"input": {…}, "enriched": {…}}``."""

    content_type = "application/x-ndjson"

    def __init__(self, columns: Sequence[str], fields: Sequence[str]) -> None:
        kept = kept_columns(columns)
        self._kept = range(len(columns)) if kept is None else kept
        self._keys = unique_names([columns[at] for at in self._kept])
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
        row = record
        if row is None:
            row = dict(zip(self._keys, (given.cells[at] for at in self._kept), strict=True))
        names, flags, sources = self._sources(stored.origins, encode)
        enriched: dict[str, Any] = {**self._blank, "status": stored.status}
        enriched.update(zip(names, stored.values, strict=True))
        enriched.update({name: _FLAG_OF.get(enriched[name], enriched[name]) for name in flags})
        # The text of the sources is that of many rows before: it is put in between, not made anew.
        error = encode(stored.error or given.problem or None)
        line = (
            f'{{"input": {encode(row)}, "enriched": {encode(enriched)[:-1]}, '
            f'"sources": {sources}, "error": {error}}}}}\n'
        )
        return line if line.isascii() else _on_one_line(line)

    def _new_sources(
        self, origins: Origins, encode: Callable[[Any], str]
    ) -> tuple[list[str], list[str], str]:
        names = [name for name, _, _ in origins]
        return names, [n for n in names if n in _FLAGS], encode(_source_table(origins))


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


@cache
def _special(delimiter: str) -> re.Pattern[str]:
    """What needs quotes."""
    return re.compile(f'["\\r\\n{re.escape(delimiter)}]')


def quoted(cells: Sequence[str], delimiter: str = ",") -> str:
    """Cells with the delimiter between them, in quotes where RFC 4180 needs them.

    It gives what Python's csv gives, which looks at each character by itself and so takes most of the
    time of writing a file.
    """
    plain = delimiter.join(cells)
    if '"' in plain or "\n" in plain or "\r" in plain:
        special = _special(delimiter)
        return delimiter.join([f'"{_doubled(c)}"' if special.search(c) else c for c in cells])
    if plain.count(delimiter) < len(cells):
        return plain
    return delimiter.join([f'"{cell}"' if delimiter in cell else cell for cell in cells])


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
