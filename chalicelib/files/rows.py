"""Turns rows of a list into cells and a contact, and carries them to the workers as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from chalicelib.aws import keys
from chalicelib.aws.bucket import Bucket
from chalicelib.files import limits
from chalicelib.files.contents import is_header, is_total
from chalicelib.identity.contact import explain_no_identity, has_identity, parse_contact
from chalicelib.identity.duplicates import ROW_BYTES, earlier_rows
from chalicelib.model.batches import BATCH_ROWS, Batch
from chalicelib.model.contacts import Contact
from chalicelib.model.jobs import Job
from chalicelib.model.layout import Columns

#: What a file gives for one contact: a list of cells (CSV), an object (JSON), or the text itself where
#: it holds no object. The text comes back in the result, with the reason.
Row = list[str] | dict[str, Any] | str

_TOTAL = "a line of totals, not a contact"
_HEADER = "the header again, not a contact"
#: Digits of a phone number.
_LEAST_DIGITS = 7
#: Field → positions of its columns, best first.
ColumnMap = Mapping[str, Sequence[int]]


class GivenRow(NamedTuple):
    """A row as it was given: ``cells`` in the order of the columns and, for a JSON row, the object.

    ``problem`` says what is wrong with the row as such, whoever it is about.
    """

    cells: Sequence[str]
    record: Mapping[str, Any] | None
    problem: str


@dataclass(frozen=True)
class InputRow:
    """Whom a row is about. ``contact`` is None where nobody can be looked up for it.

    ``problem`` says why, but is "" where the row as such is wrong: that stands in the row itself.
    """

    contact: Contact | None
    problem: str


def encode_row(row: Row) -> str:
    """One line of the normalised contacts, ASCII, without its line end."""
    return json.dumps(row)


def read_batch(bucket: Bucket, job: Job, columns: Columns, batch: Batch) -> list[InputRow]:
    """Whom the rows of a batch are about, of a job whose list is normalised."""
    lines = bucket.read(keys.contacts_file(job.id), batch.start, batch.end)
    country = job.options.default_country or columns.country
    rows = list(decode_rows(lines, columns.names, columns.fields, country))
    if not job.options.finds_duplicates:
        return rows
    first = batch.number * BATCH_ROWS
    start, end = first * ROW_BYTES, (first + batch.rows) * ROW_BYTES
    earlier = earlier_rows(bucket.read(keys.duplicates_file(job.id), start, end))
    return [
        row if row.contact is None else replace(row, contact=replace(row.contact, earlier=found))
        for row, found in zip(rows, earlier, strict=True)
    ]


def decode_rows(
    lines: bytes, columns: Sequence[str], column_map: ColumnMap, default_country: str = ""
) -> Iterator[InputRow]:
    """Whom some lines of the normalised contacts are about, one at a time: cells can be large."""
    for line in lines.splitlines():
        yield parse_row(json.loads(line), columns, column_map, default_country)


def parse_row(
    row: Row, columns: Sequence[str], column_map: ColumnMap, default_country: str = ""
) -> InputRow:
    """The contact of a row, or what is wrong with it. Never raises. ``default_country``: as in parse_contact."""
    cells, problem = _cells(row, columns)
    if problem:
        return InputRow(None, "")
    if isinstance(row, list) and is_total(row) and not _has_number(row, column_map):
        return InputRow(None, _TOTAL)
    if isinstance(row, list) and is_header(row, columns):
        return InputRow(None, _HEADER)
    contact = parse_contact(_used_cells(cells, column_map), default_country)
    if not has_identity(contact):
        return InputRow(None, explain_no_identity(contact))
    return InputRow(contact, "")


def cells_of(row: Row, columns: Sequence[str], column_map: ColumnMap) -> Mapping[str, str]:
    """The cells of some fields, trimmed, as they were given; none of a row that is broken."""
    cells, problem = _cells(row, columns)
    return {} if problem else _used_cells(cells, column_map)


def given_row(row: Row, columns: Sequence[str]) -> GivenRow:
    """The row as it comes back: all of its cells, and what is wrong with them. Never raises."""
    cells, problem = _cells(row, columns)
    record = {"": row} if isinstance(row, str) else row if isinstance(row, dict) else None
    return GivenRow(cells, record, problem)


def _cells(row: Row, columns: Sequence[str]) -> tuple[Sequence[str], str]:
    """The cells in the order of the columns, and what is wrong with the row."""
    if isinstance(row, str):
        problem = f"not a JSON object that can be kept; the line was: {row}"
        return [""] * len(columns), problem
    if isinstance(row, dict):
        cells = [cell_text(row[name]) if name in row else "" for name in columns]
        return cells, _too_long(cells, columns)
    cells, problem = _fit(row, len(columns))
    return cells, problem or _too_long(cells, columns)


def cell_text(value: Any) -> str:
    """A JSON value as the text of a cell: strings as they are, null as blank, the rest as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _used_cells(cells: Sequence[str], column_map: ColumnMap) -> dict[str, str]:
    """The first cell that is not blank, by field."""
    given = {}
    for name, positions in column_map.items():
        for position in positions:
            if text := cells[position].strip():
                given[name] = text
                break
    return given


def _has_number(cells: Sequence[str], column_map: ColumnMap) -> bool:
    """Whether a row has a phone number: then it is a contact, whatever it is called."""
    phones = (cells[position] for position in column_map.get("phone", ()))
    return any(sum(map(str.isdigit, cell)) >= _LEAST_DIGITS for cell in phones)


def _fit(cells: list[str], width: int) -> tuple[list[str], str]:
    """The cells, cut or filled to the width of the header, and what was wrong with their number."""
    if len(cells) < width:
        problem = f"too few cells: {len(cells)} where the header has {width}"
        return cells + [""] * (width - len(cells)), problem
    if len(cells) > width:
        surplus = json.dumps(cells[width:], ensure_ascii=False)
        problem = f"too many cells: {len(cells)} where the header has {width}; left over: {surplus}"
        return cells[:width], problem
    return cells, ""


def _too_long(cells: Sequence[str], columns: Sequence[str]) -> str:
    """The problem of the first cell that is too long to be parsed; "" if there is none."""
    if max(map(len, cells), default=0) <= limits.MAX_CELL:
        return ""
    name = next(
        column for column, cell in zip(columns, cells, strict=True) if len(cell) > limits.MAX_CELL
    )
    return f'the cell in column "{name[:40]}" is longer than {limits.MAX_CELL:,} characters'
