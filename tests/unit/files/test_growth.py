"""What a list may grow to: no honest list of a million rows comes near, whatever its form."""

from __future__ import annotations

import pytest

from chalicelib.files import limits
from chalicelib.files.growth import check_batch, check_growth, check_rows
from chalicelib.model.errors import UnreadableInputError
from chalicelib.model.layout import MAX_COLUMNS, Layout
from chalicelib.model.options import Options

MILLION = 1_000_000


def grow(kind: str, output: str, columns: int, length: int, rows: int, row_bytes: int) -> None:
    """``length``: characters of each column's name. ``row_bytes``: of each row as a line of JSON."""
    names = tuple(f"{n:0{length}}" for n in range(columns))
    options = Options(output=output)
    check_growth(Layout(kind, "utf-8", names), options, names, rows, rows * row_bytes)


@pytest.mark.parametrize(
    ("kind", "output", "columns", "length", "row_bytes"),
    [
        ("csv", "csv", 1, 5, 8),
        ("csv", "csv", MAX_COLUMNS, 60, 4 * MAX_COLUMNS),
        ("csv", "jsonl", 8, 12, 60),
        ("csv", "jsonl", 100, 30, 400),
        ("csv", "jsonl", 300, 40, 1_200),
        ("csv", "jsonl", 600, 24, 2_400),
        ("csv", "jsonl", 20, 200, 100),
        ("ndjson", "csv", 300, 40, 40),
        ("json", "jsonl", MAX_COLUMNS, 60, 40),
    ],
)
def test_an_honest_list_of_a_million_rows_is_taken(kind, output, columns, length, row_bytes):
    grow(kind, output, columns, length, MILLION, row_bytes)


@pytest.mark.parametrize("rows", [1, 100, 1_000])
def test_any_short_list_is_taken(rows):
    grow("csv", "csv", MAX_COLUMNS, 50, rows, 6)
    grow("csv", "jsonl", 100, 100, rows, 6)


def test_what_grows_too_much_is_refused_with_a_way_out():
    with pytest.raises(UnreadableInputError, match="repeats the names of all 900 columns") as said:
        grow("csv", "jsonl", 900, 60, 10_000, 6)
    assert "split the list" in str(said.value)
    with pytest.raises(UnreadableInputError, match=r"more than 20,480 MB larger.* 1,000,000 rows"):
        grow("csv", "jsonl", MAX_COLUMNS, 60, MILLION, 4 * MAX_COLUMNS)
    with pytest.raises(UnreadableInputError, match="has cells for all 1,000 columns"):
        grow("ndjson", "csv", MAX_COLUMNS, 5, 50_000, 3)


def test_rows_are_bounded_by_their_number_and_by_the_size_of_the_file():
    check_rows(MILLION, 8 * MILLION, MILLION)
    check_rows(limits.FREE_ROWS, 100, MILLION)
    with pytest.raises(UnreadableInputError, match="more than 1,000,000 rows"):
        check_rows(MILLION + 1, 8 * MILLION, MILLION)
    with pytest.raises(UnreadableInputError, match="more than 50,200 rows in 100 bytes"):
        check_rows(limits.FREE_ROWS + 200, 100, MILLION)


def test_a_batch_of_lines_is_bounded():
    check_batch(limits.MAX_LINES_BYTES)
    with pytest.raises(UnreadableInputError, match="more than 32 MB as JSON"):
        check_batch(limits.MAX_LINES_BYTES + 1)
