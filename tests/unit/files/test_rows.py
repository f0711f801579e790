"""Rows of a list: cells and a contact, or the reason why the row cannot be used; nothing is lost."""

from __future__ import annotations

import json

import pytest

from chalicelib.files.rows import GivenRow, InputRow, Row, cell_text
from tests.unit.files.lists import given_rows, input_rows

COLUMNS = ["email", "note"]


def row_of(row: Row, columns: list[str] = COLUMNS) -> tuple[GivenRow, InputRow]:
    """The row as it comes back, and as a worker gets it."""
    (given,), (looked_up,) = given_rows([row], columns), input_rows([row], columns)
    return given, looked_up


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
    ],
)
def test_a_broken_row_keeps_its_cells_and_says_itself_why(row, cells, problem):
    given, looked_up = row_of(row)
    assert (given.record, list(given.cells)) == (None, cells)
    assert given.problem.startswith(problem)
    assert looked_up == InputRow(None, "")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (["n/a", "only a note"], "nothing to identify a person by"),
        (["jane@", ""], "no usable identity; email: nothing after the @ sign"),
    ],
)
def test_a_row_that_nobody_can_be_looked_up_for_keeps_its_cells(row, problem):
    given, looked_up = row_of(row)
    assert (list(given.cells), given.problem) == (row, "")
    assert looked_up.contact is None
    assert looked_up.problem.startswith(problem)


def test_text_that_is_no_object_comes_back_in_the_problem():
    given, looked_up = row_of("[1, 2]")
    assert (given.record, given.cells) == ({"": "[1, 2]"}, ["", ""])
    assert given.problem.startswith("not a JSON object")
    assert "[1, 2]" in given.problem
    assert looked_up == InputRow(None, "")


def test_a_cell_of_the_largest_size_is_looked_at():
    given, looked_up = row_of(["a@example.org", "x" * 32_767])
    assert given.problem == looked_up.problem == ""
    assert looked_up.contact is not None


def test_an_object_gives_the_cells_of_the_columns_and_stays_as_it_is():
    record = {"email": "A@Example.org", "other": [1, {"x": None}]}
    given, looked_up = row_of(record)
    assert given.record == record
    assert list(given.cells) == ["A@Example.org", ""]
    assert looked_up.contact is not None
    assert looked_up.contact.known == {"email": "a@example.org"}


def test_the_first_column_of_a_field_that_is_not_blank_counts():
    columns = ["E-mail", "Work Email", "note"]
    _, found = row_of(["a@example.org", " ", "x"], columns)
    assert found.contact is not None
    assert found.contact.known == {"email": "a@example.org"}


@pytest.mark.parametrize(
    ("value", "text"),
    [("x", "x"), (None, ""), (1.5, "1.5"), (True, "true"), ({"a": "ü"}, '{"a": "ü"}'), ("", "")],
)
def test_values_as_text(value, text):
    assert cell_text(value) == text
    assert not value or value == "x" or json.loads(cell_text(value)) == value


@pytest.mark.parametrize(
    ("row", "columns", "is_header"),
    [
        (["Name", "Phone"], ["Name", "Phone"], True),
        ([" name ", "PHONE"], ["Name", "Phone"], True),
        (["Name", ""], ["Name", "Phone"], True),
        (["Name", "+12025550143"], ["Name", "Phone"], False),
        (["Ada Example", "Phone"], ["Name", "Phone"], False),
    ],
)
def test_a_header_in_the_middle_is_no_contact(row, columns, is_header):
    looked_up = row_of(row, columns)[1]
    assert (looked_up.problem == "the header again, not a contact") is is_header
    assert not is_header or looked_up.contact is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Total: 2 contacts", "a line of totals, not a person"),
        ("Acme Example GmbH", "a company, not a person"),
        ("Marketing Team", "a team or department, not a person"),
    ],
)
def test_who_is_no_person_is_not_looked_up(name, why):
    assert row_of([name, ""], ["name", "note"])[1] == InputRow(
        None, f"no usable identity; full_name: {why}"
    )
    assert row_of([name, "+12025550143"], ["name", "phone"])[1].contact is not None
