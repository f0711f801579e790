"""Parses phone numbers into E.164 and tells what the numbering plan says about them.

Source of all facts: Google's libphonenumber (the package phonenumbers).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from chalicelib.identity.cells import ParsedCell, first_usable
from chalicelib.identity.phone_areas import area_of
from chalicelib.identity.phone_cells import has_fax_only, numbers_in
from chalicelib.identity.phone_readings import (
    NOT_IN_USE,
    UNKNOWN_COUNTRY,
    is_run,
    read_number,
    read_possible,
    said_twice,
)

# A number with its country code and nothing else. The other rules below change nothing in such a cell.
_PLAIN = re.compile(r"(?:\+|00)([1-9][0-9 ().-]{3,40})(?<=[0-9])(?<!\.0)")
# The same without a country code, as it is dialled inside the country.
_INSIDE = re.compile(r"\(?[0-9][0-9 ().-]{5,30}(?<=[0-9])(?<!\.0)")
#: Digits of a number that surely says nothing of its country.
_NO_CODE = range(7, 11)
_PUNCTUATION = str.maketrans("", "", " ().-")

_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_CACHED_NUMBERS = 1024
_FAX = "a fax number"
_NO_COUNTRY = "001"  # libphonenumber's region of numbers such as "+800 …"
_TOO_LONG = 100  # characters; a longer text is prose, and phonenumbers would search all of it

#: Types that belong to no place: their country and time zones would mislead ("+1 800 …" is in 50 time
#: zones).
_PLACELESS = frozenset({"toll_free", "premium_rate", "shared_cost", "uan", "voicemail", "pager"})


class PhoneFacts(NamedTuple):
    """What the numbering plan says about a number; "" where it says nothing.

    ``valid``: the number is in a range in use. ``type``: ``mobile``, ``fixed_line``,
    ``fixed_line_or_mobile`` (all of North America), ``voip``, ``toll_free``, … ``country``: ISO
    3166 alpha-2. ``time_zones``: tz names joined with ";". ``placed``: it belongs to a place.
    """

    valid: bool = False
    type: str = ""
    country: str = ""
    time_zones: str = ""
    placed: bool = False


def parse_phone(cell: str, country: str = "") -> ParsedCell:
    """The first number in the cell that can be dialled, in E.164: ``"+12025550143"``.

    ``country`` (ISO 3166 alpha-2): where numbers without a country code are from; without it nothing is
    guessed. Extensions are dropped, since E.164 has none. Numbers in no range in use are no values.
    """
    plain = _PLAIN.fullmatch(cell)
    if plain:
        read = _parse_plain(plain[1], is_after_plus=cell[0] == "+")
    else:
        read = _parse_inside(cell, country) if _INSIDE.fullmatch(cell) else None
    return read or parse_any_phone(cell, country)


def _parse_plain(number: str, *, is_after_plus: bool) -> ParsedCell | None:
    """The number that follows "+" or "00", unless it takes a parser or has a problem."""
    # Not the module as a part of its package: that takes three times as long, at each number.
    from chalicelib.identity.numbering import is_possible, listed, plain_number, without_zero

    digits = number.translate(_PUNCTUATION)
    is_plain = plain_number(digits) is not None
    e164 = f"+{digits}" if is_plain else without_zero(digits) if is_after_plus else ""
    known = listed(e164) if e164 else None
    if known:
        return None if is_run(known.national) else ParsedCell(e164)
    is_clear = is_plain and is_possible(digits) and not said_twice(digits)
    return ParsedCell(problem=NOT_IN_USE) if is_clear else None


def _parse_inside(number: str, country: str) -> ParsedCell | None:
    """The number that people dial inside a country, on the same terms."""
    digits = number.translate(_PUNCTUATION)
    if digits.startswith("00"):
        return None
    if not country:
        return ParsedCell(problem=UNKNOWN_COUNTRY) if len(digits) in _NO_CODE else None
    from chalicelib.identity.numbering import dialled_inside, listed

    e164 = dialled_inside(digits, country)
    known = listed(e164) if e164 else None
    return ParsedCell(e164) if known and not is_run(known.national) else None


def parse_any_phone(cell: str, country: str = "") -> ParsedCell:
    """The same for any cell: most numbers with a country code are read in a tenth of the time."""
    return _first_number(cell, lambda number: read_number(number, country))


def possible_phone(cell: str, country: str = "") -> ParsedCell:
    """The same, but the number may be in no range in use. For erasing: there it must be found anyway."""
    parsed = parse_phone(cell, country)
    return (
        parsed if parsed.value else _first_number(cell, lambda text: read_possible(text, country))
    )


def _first_number(cell: str, parse: Callable[[str], ParsedCell]) -> ParsedCell:
    cell = cell[:_TOO_LONG]
    if _SHORTENED.fullmatch(cell.strip()):
        return ParsedCell(problem="digits lost by a spreadsheet (scientific notation)")
    parsed = first_usable(numbers_in(cell), parse)
    if any(parsed):
        return parsed
    return ParsedCell(problem=_FAX if has_fax_only(cell) else "not a phone number")


@lru_cache(_CACHED_NUMBERS)
def phone_facts(e164: str) -> PhoneFacts:
    """The facts of a number in E.164. A text that is not a number is not valid."""
    from chalicelib.identity import numbering

    number = numbering.listed(e164)
    if number is None:
        return PhoneFacts()
    if number.type in _PLACELESS or number.region == _NO_COUNTRY:
        return PhoneFacts(True, number.type, number.region.replace(_NO_COUNTRY, ""))
    zones = numbering.time_zones(number)
    return PhoneFacts(True, number.type, number.region, zones, placed=True)


def phone_region(e164: str) -> str:
    """The area that a number was issued for, in English: ``"Berlin"``; "" if it has none.

    Most mobile numbers have none: they are issued for a whole country.
    """
    from chalicelib.identity.numbering import area_digits, listed

    number = listed(e164)
    return area_of(area_digits(number)) if number and number.has_area else ""
