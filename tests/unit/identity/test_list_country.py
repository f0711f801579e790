"""A list is of one country only where its rows say so clearly."""

from __future__ import annotations

import pytest

from chalicelib.identity.list_country import MAX_CELLS, ListCountry


def country_of(*cells: tuple[str, int]) -> str:
    """The country of a list with so many rows of each cell; "" is a blank one."""
    seen = ListCountry()
    for cell, rows in cells:
        for _ in range(rows):
            seen.add({"country": cell} if cell else {})
    return seen.country()


@pytest.mark.parametrize(
    ("cells", "country"),
    [
        ([("Germany", 20)], "DE"),
        ([("Germany", 19)], ""),
        ([("Deutschland", 8), ("DE", 6), ("Germany (DE)", 6)], "DE"),
        ([("Germany", 19), ("France", 1)], "DE"),
        ([("Germany", 18), ("France", 2)], ""),
        ([("Germany", 95), ("France", 5)], "DE"),
        ([("Germany", 94), ("France", 6)], ""),
        ([("Germany", 19), ("EMEA", 1)], "DE"),
        ([("Germany", 18), ("EMEA", 2)], ""),
        ([("Germany", 25), ("", 25)], "DE"),
        ([("Germany", 25), ("", 26)], ""),
        ([("Germany", 20), ("n/a", 20)], "DE"),
        ([("Germany", 19), ("n/a", 1)], ""),
        ([("Germany", 25), ("n/a", 26)], ""),
        ([("EMEA", 100)], ""),
        ([("EMEA", 99), ("Germany", 1)], ""),
        ([("n/a", 100)], ""),
        ([("", 100)], ""),
        ([("x" * 101, 6), ("Germany", 94)], ""),
        ([("x" * 101, 5), ("Germany", 95)], "DE"),
        ([], ""),
    ],
)
def test_the_country_of_a_list(cells, country):
    assert country_of(*cells) == country


def test_more_different_cells_than_are_kept_count_as_others():
    many = [(f"no country {n}", 1) for n in range(MAX_CELLS)]
    assert country_of(*many, ("Germany", 100_000)) == ""
    assert country_of(("Germany", 100_000), *many) == "DE"


def test_whether_a_row_states_none():
    seen = ListCountry()
    seen.add({"country": "Germany"})
    assert not seen.is_blank_somewhere()
    seen.add({})
    assert seen.is_blank_somewhere()
