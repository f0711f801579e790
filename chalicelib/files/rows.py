"""First floor: one row of the list as the workers see it. A line of the normalised contacts goes in,
the row's cells, its contact and what is wrong with it come out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.bucket import Bucket
from chalicelib.files.readers import Row
from chalicelib.identity import has_identity, read_contact, why_not
from chalicelib.model.batches import Batch
from chalicelib.model.contacts import Contact, map_columns
from chalicelib.model.jobs import Job
from chalicelib.model.tallies import RowStatus

#: Excel's own limit for a cell. A longer one comes back as it is, but is not looked at.
MAX_CELL = 32_767

ColumnMap = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class InputRow:
    """A row as it was given: ``cells`` in the order of the columns, and of a JSON row the object.

    ``contact`` is None where ``problem`` says why nobody can be looked up for this row.
    """

    cells: Sequence[str]
    record: Mapping[str, Any] | None
    contact: Contact | None
    problem: str


@dataclass(frozen=True)
class Filled:
    """A value of the result, which provider it is from ("input" for the row itself), how sure."""

    value: str
    provider: str
    confidence: float


@dataclass(frozen=True)
class OutputRow:
    """A row with what became of it."""

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
    """The rows of a batch from its lines of the normalised contacts."""
    for line in lines.splitlines():
        yield read_row(json.loads(line), columns, column_map)


def read_row(row: Row, columns: Sequence[str], column_map: ColumnMap) -> InputRow:
    """A row of the list as the workers see it."""
    if isinstance(row, str):
        reason = f"not a JSON object that can be kept; the line was: {row}"
        return InputRow([""] * len(columns), {"": row}, None, reason)
    if isinstance(row, dict):
        cells = [cell_text(row[name]) if name in row else "" for name in columns]
        return _checked(cells, row, _too_long(cells, columns), column_map)
    cells, problem = _fitted(row, len(columns))
    return _checked(cells, None, problem or _too_long(cells, columns), column_map)


def _checked(
    cells: Sequence[str], record: Mapping[str, Any] | None, problem: str, column_map: ColumnMap
) -> InputRow:
    if problem:
        return InputRow(cells, record, None, problem)
    contact = read_contact(_given(cells, column_map))
    if not has_identity(contact):
        return InputRow(cells, record, None, why_not(contact))
    return InputRow(cells, record, contact, "")


def _given(cells: Sequence[str], column_map: ColumnMap) -> dict[str, str]:
    given = {}
    for name, positions in column_map.items():
        for position in positions:
            if text := cells[position].strip():
                given[name] = text
                break
    return given


def _fitted(cells: list[str], width: int) -> tuple[list[str], str]:
    """The cells cut or filled up to the header's width, and what was wrong with their number."""
    if len(cells) < width:
        problem = f"too few cells: {len(cells)} where the header has {width}"
        return cells + [""] * (width - len(cells)), problem
    if len(cells) > width:
        surplus = json.dumps(cells[width:], ensure_ascii=False)
        problem = f"too many cells: {len(cells)} where the header has {width}; left over: {surplus}"
        return cells[:width], problem
    return cells, ""


def _too_long(cells: Sequence[str], columns: Sequence[str]) -> str:
    if max(map(len, cells), default=0) <= MAX_CELL:
        return ""
    name = next(column for column, cell in zip(columns, cells, strict=True) if len(cell) > MAX_CELL)
    return f'the cell in column "{name[:40]}" is longer than {MAX_CELL:,} characters'


def cell_text(value: Any) -> str:
    """A JSON value as the text of a cell: strings as they are, null as blank, the rest as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
