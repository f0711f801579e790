"""Tells from which country a list as a whole is, by the countries that its rows state. Counts of countries alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from chalicelib.identity.cells import is_placeholder
from chalicelib.identity.countries import country_code

#: Rows that must state a country, at the least.
LEAST_ROWS = 20
#: How many of all rows must state one. Lists that name the country of foreigners alone are of another one.
LEAST_STATED = 0.5
#: How many of the rows that state one must agree.
LEAST_AGREE = 0.95
#: Different cells that are kept, and the characters of the longest: bounds for the memory of a long list.
MAX_CELLS, _LONGEST = 1_000, 100


class ListCountry:
    """The countries that have been read of a list so far."""

    #: The fields whose cells count.
    fields = ("country",)

    def __init__(self) -> None:
        self._rows = 0
        self._stated: Counter[str] = Counter()
        self._others = 0

    def add(self, cells: Mapping[str, str]) -> None:
        """Take in a row: its cells by field."""
        self._rows += 1
        cell = cells.get("country")
        if not cell:
            return
        if cell in self._stated or (len(self._stated) < MAX_CELLS and len(cell) <= _LONGEST):
            self._stated[cell] += 1  # the same few cells again and again: read once, at the end
        else:
            self._others += 1  # it agrees with nobody

    def country(self) -> str:
        """The country (ISO 3166 alpha-2) that is nearly everybody's; "" where the rows do not say so clearly."""
        least = max(LEAST_ROWS, LEAST_STATED * self._rows)
        if self._given() < least:
            return ""  # most lists: no cell needs to be read
        stated, codes = self._others, Counter[str]()
        for cell, rows in self._stated.items():
            if not is_placeholder(cell):
                stated += rows
                codes[country_code(cell)] += rows
        if stated < least:
            return ""
        country, agree = codes.most_common(1)[0] if codes else ("", 0)
        return country if agree >= LEAST_AGREE * stated else ""

    def is_blank_somewhere(self) -> bool:
        """Whether there is a row that states none."""
        return self._given() < self._rows

    def _given(self) -> int:
        return self._stated.total() + self._others
