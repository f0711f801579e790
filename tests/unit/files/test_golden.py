"""A result is byte for byte what it has been: varied rows, packed and unpacked, in each format."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.files.column_map import map_columns
from chalicelib.files.enriched import Filled, OutputRow, pack, unpack
from chalicelib.files.rows import given_row, parse_row
from chalicelib.files.writers import create_writer
from chalicelib.model.options import Options
from tests.unit.files.golden_rows import FORMATS, LISTS, Case
from tests.unit.files.lists import as_stored

GOLDEN = Path(__file__).parent / "golden"


def output_row(case: Case, options: Options) -> OutputRow:
    values = {name: Filled(*case.values[name]) for name in options.wanted if name in case.values}
    return OutputRow(case.status, values, case.error or "")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kind", LISTS)
def test_a_result_is_byte_for_byte_what_it_has_been(kind, name):
    (columns, cases), options = LISTS[kind], FORMATS[name]
    stored = unpack(pack(output_row(case, options) for case in cases))
    writer = create_writer(options, columns)
    lines = [
        writer.row(given_row(as_stored(case.row), columns), row)
        for case, row in zip(cases, stored, strict=True)
    ]
    expected = (GOLDEN / f"{kind}-{name}").read_bytes()
    assert writer.header() + b"".join(lines) == expected


@pytest.mark.parametrize("kind", LISTS)
def test_the_reason_of_a_broken_row_is_not_stored_twice(kind):
    columns, cases = LISTS[kind]
    broken = [case.row for case in cases if case.error is None]
    assert broken
    for row in broken:
        assert given_row(row, columns).problem
        assert parse_row(row, columns, map_columns(columns)).problem == ""
