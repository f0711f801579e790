"""Columns of a list: which field each of them holds."""

from __future__ import annotations

from chalicelib.files.column_map import map_columns
from chalicelib.files.headers import canonical_header
from tests.unit.measuring import growth


def test_spelling_makes_no_difference():
    for name in ("E-mail 1 - Value", "\ufeffemail1value", "EMAIL_1\u00a0VALUE"):
        assert canonical_header(name) == "email1value"
    assert canonical_header("x" * 101) == ""


def test_only_some_fields_are_spread_over_columns():
    columns = ["Mobile Phone", "Business Phone", "Title", "Job Title"]
    assert map_columns(columns) == {"phone": (1, 0), "title": (3,)}


def test_the_users_mapping_comes_first():
    columns = ["email", "Mail 2", "phone", "x"]
    mapping = {"Mail 2": "email", "phone": "", "x": "city"}
    assert map_columns(columns, mapping) == {"email": (1,), "city": (3,)}


def test_names_of_columns_take_time_in_proportion():
    accents = "\u0316\u0301" * 200_000
    assert growth(lambda n: map_columns([accents[:n]]), 4_000) < 12

    def mapped(size: int) -> None:
        map_columns(["email"] * size, dict.fromkeys(map(str, range(size)), "phone"))

    assert growth(mapped, 1_000) < 9
