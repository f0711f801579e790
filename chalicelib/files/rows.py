"""Turns rows of a list into cells and a contact, and carries them to the workers as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.bucket import Bucket
from chalicelib.files import limits
from chalicelib.identity.contact import explain_no_identity, has_identity, parse_contact
from chalicelib.model.batches import Batch
from chalicelib.model.contacts import Contact, map_columns
from chalicelib.model.jobs import Job
from chalicelib.model.tallies import RowStatus

#: What a file gives for one contact: a list of cells (CSV), an object (JSON), or the text itself where
#: it holds no object. The text comes back in the result, with the reason.
Row = list[str] | dict[str, Any] | str

#: Field → positions of its columns, best first.
ColumnMap = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class InputRow:
    """A row as it was given: ``cells`` in the order of the columns and, for a JSON row, the object.

    ``contact`` is None where ``problem`` says why nobody can be looked up for this row.
    """

    cells: Sequence[str]
    record: Mapping[str, Any] | None
    contact: Contact | None
    problem: str


@dataclass(frozen=True)
class Filled:
    """A value of the result. ``provider``: where it is from, "input" for the row itself.

    ``confidence``: from 0 to 1.
    """

    value: str
    provider: str
    confidence: float


@dataclass(frozen=True)
class OutputRow:
    """A row with its result."""

    row: InputRow
    status: RowStatus
    values: Mapping[str, Filled] = field(default_factory=dict)
    error: str = ""


def encode_row(row: Row) -> str:
    """One line of the normalised contacts, ASCII, without its line end."""
    return json.dumps(row)


def read_batch(bucket: Bucket, job: Job, batch: Batch) -> list[InputRow]:
    """The rows of a batch of a job whose list is normalised."""
    lines = bucket.read(keys.contacts_file(job.id), batch.start, batch.end)
    return list(decode_rows(lines, job.columns, map_columns(job.columns, job.options.mapping)))


def decode_rows(lines: bytes, columns: Sequence[str], column_map: ColumnMap) -> Iterator[InputRow]:
    """The rows in some lines of the normalised contacts."""
    for line in lines.splitlines():
        yield parse_row(json.loads(line), columns, column_map)


def parse_row(row: Row, columns: Sequence[str], column_map: ColumnMap) -> InputRow:
    """The cells and the contact of a row, or what is wrong with it. Never raises."""
    if isinstance(row, str):
        problem = f"not a JSON object that can be kept; the line was: {row}"
        return InputRow([""] * len(columns), {"": row}, None, problem)
    if isinstance(row, dict):
        cells = [cell_text(row[name]) if name in row else "" for name in columns]
        return _with_contact(cells, row, _too_long(cells, columns), column_map)
    cells, problem = _fit(row, len(columns))
    return _with_contact(cells, None, problem or _too_long(cells, columns), column_map)


def cell_text(value: Any) -> str:
    """A JSON value as the text of a cell: strings as they are, null as blank, the rest as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _with_contact(
    cells: Sequence[str], record: Mapping[str, Any] | None, problem: str, column_map: ColumnMap
) -> InputRow:
    if problem:
        return InputRow(cells, record, None, problem)
    contact = parse_contact(_given(cells, column_map))
    if not has_identity(contact):
        return InputRow(cells, record, None, explain_no_identity(contact))
    return InputRow(cells, record, contact, "")


def _given(cells: Sequence[str], column_map: ColumnMap) -> dict[str, str]:
    """The first cell that is not blank, by field."""
    given = {}
    for name, positions in column_map.items():
        for position in positions:
            if text := cells[position].strip():
                given[name] = text
                break
    return given


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
