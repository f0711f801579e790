"""Rows of a list: cells and a contact, or the reason why the row cannot be used; nothing is lost."""

from __future__ import annotations

import json

import pytest

from chalicelib.files.rows import InputRow, cell_text, decode_rows, encode_row
from chalicelib.model.contacts import map_columns

COLUMNS = ["email", "note"]


def row_of(row: list[str] | dict[str, object] | str, columns: list[str] = COLUMNS) -> InputRow:
    """The row as a worker gets it."""
    (decoded,) = decode_rows(encode_row(row).encode("ascii"), columns, map_columns(columns))
    return decoded


@pytest.mark.parametrize(
    ("row", "cells", "problem"),
    [
        (["a@example.org"], ["a@example.org", ""], "too few cells: 1 where the header has 2"),
        (
            ["a@example.org", "x", "y", "z"],
            ["a@example.org", "x"],
            'too many cells: 4 where the header has 2; left over: ["y", "z"]',
        ),
        (
            ["a@example.org", "x" * 32_768],
            ["a@example.org", "x" * 32_768],
            'the cell in column "note" is longer than 32,767 characters',
        ),
        (["n/a", "only a note"], ["n/a", "only a note"], "nothing to identify a person by"),
        (["jane@", ""], ["jane@", ""], "no usable identity; email: nothing after the @ sign"),
    ],
)
def test_a_row_that_cannot_be_used_keeps_its_cells_and_says_why(row, cells, problem):
    found = row_of(row)
    assert (found.contact, found.record, list(found.cells)) == (None, None, cells)
    assert found.problem.startswith(problem)


def test_text_that_is_no_object_comes_back_in_the_problem():
    found = row_of("[1, 2]")
    assert (found.contact, found.record, found.cells) == (None, {"": "[1, 2]"}, ["", ""])
    assert found.problem.startswith("not a JSON object")
    assert "[1, 2]" in found.problem


def test_a_cell_of_the_largest_size_is_looked_at():
    assert row_of(["a@example.org", "x" * 32_767]).problem == ""


def test_an_object_gives_the_cells_of_the_columns_and_stays_as_it_is():
    record = {"email": "A@Example.org", "other": [1, {"x": None}]}
    found = row_of(record)
    assert found.record == record
    assert list(found.cells) == ["A@Example.org", ""]
    assert found.contact is not None
    assert found.contact.known == {"email": "a@example.org"}


def test_the_first_column_of_a_field_that_is_not_blank_counts():
    columns = ["E-mail", "Work Email", "note"]
    found = row_of(["a@example.org", " ", "x"], columns)
    assert found.contact is not None
    assert found.contact.known == {"email": "a@example.org"}


@pytest.mark.parametrize(
    ("value", "text"),
    [("x", "x"), (None, ""), (1.5, "1.5"), (True, "true"), ({"a": "ü"}, '{"a": "ü"}'), ("", "")],
)
def test_values_as_text(value, text):
    assert cell_text(value) == text
    assert not value or value == "x" or json.loads(cell_text(value)) == value
