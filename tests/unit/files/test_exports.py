"""Lists as programs export them and people type them: each column is read as what it is, or ignored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalicelib.files.inflating import read_head
from chalicelib.files.readers import read_rows
from tests.layouts import detect_layout
from tests.unit.files.lists import cut

EXPORTS = Path(__file__).parent / "exports"
EXPECTED = json.loads((EXPORTS / "expected.json").read_text("utf-8"))


def test_all_lists_are_described():
    assert sorted(EXPECTED) == sorted(
        p.name for p in EXPORTS.iterdir() if p.name != "expected.json"
    )
    assert len(EXPECTED) >= 40


def in_utf_8(name: str) -> bytes:
    return (EXPORTS / name).read_bytes().decode(EXPECTED[name]["encoding"]).encode()


@pytest.mark.parametrize("name", EXPECTED)
def test_every_column_is_read_as_what_it_is_or_ignored(name):
    data, expected = in_utf_8(name), EXPECTED[name]
    columns = detect_layout(*read_head(data, True)).read_as
    field_of = columns.field_of
    found = [[column, field_of.get(at, "")] for at, column in enumerate(columns.names)]
    assert found == expected["columns"]


@pytest.mark.parametrize("name", EXPECTED)
def test_every_row_comes_back_and_no_title(name):
    data, expected = in_utf_8(name), EXPECTED[name]
    layout = detect_layout(*read_head(data, True))
    assert len(list(read_rows(cut(data, [7]), layout))) == expected["rows"]
