"""Parses phone numbers into E.164 and tells what the numbering plan says about them.

Source of all facts: Google's libphonenumber (the package phonenumbers).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from chalicelib.identity.cells import ParsedCell, first_usable, tidy
from chalicelib.identity.phone_areas import area_of

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

# A number with its country code and nothing else. The other rules below change nothing in such a cell.
_PLAIN = re.compile(r"(?:\+|00)([1-9][0-9 ().-]{3,40})(?<=[0-9])(?<!\.0)")
_PUNCTUATION = str.maketrans("", "", " ().-")

_SEPARATORS = re.compile(r":::|[;,|\r\n\t]|/\s*(?=\+)")
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_DECIMAL = re.compile(r"^(\+?\d{7,})\.0$")
_DIALLED_ABROAD = re.compile(r"^[^\d+]*00\s*(?=[1-9])")

_CACHED_NUMBERS = 1024
_NO_COUNTRY_CODE = "no country code, and no known country in the row"
_NO_COUNTRY = "001"  # libphonenumber's region of numbers such as "+800 …"
_TOO_LONG = 100  # characters; a longer text is prose, and phonenumbers would search all of it

#: Types that belong to no place: their country and time zones would mislead ("+1 800 …" is in 50 time
#: zones).
_PLACELESS = frozenset({"toll_free", "premium_rate", "shared_cost", "uan", "voicemail", "pager"})


@dataclass(frozen=True)
class PhoneFacts:
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
    guessed. Extensions are dropped, since E.164 has none. The length must be possible, but the number
    may be outside every range in use (see ``PhoneFacts.valid``).
    """
    plain = _PLAIN.fullmatch(cell)
    return (plain and _parse_plain(plain[1])) or parse_any_phone(cell, country)


def _parse_plain(number: str) -> ParsedCell | None:
    """The number that follows "+", unless it takes a parser or has a problem."""
    from chalicelib.identity import numbering

    digits = number.translate(_PUNCTUATION)
    plain = numbering.plain_number(digits)
    return ParsedCell(f"+{digits}") if plain and numbering.has_possible_length(plain) else None


def parse_any_phone(cell: str, country: str = "") -> ParsedCell:
    """The same for any cell: most numbers with a country code are read in a tenth of the time."""
    if _SHORTENED.fullmatch(cell.strip()):
        return ParsedCell(problem="digits lost by a spreadsheet (scientific notation)")
    parts = (part for part in map(tidy, _SEPARATORS.split(cell[:_TOO_LONG])) if part)
    parsed = first_usable(parts, lambda part: _parse_one(part, country))
    return parsed if any(parsed) else ParsedCell(problem="not a phone number")


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
    from chalicelib.identity import numbering

    number = numbering.listed(e164)
    return area_of(numbering.area_digits(number)) if number and number.has_area else ""


def _parse_one(text: str, country: str) -> ParsedCell:
    import phonenumbers  # takes 30 to 60 ms

    text = _DIALLED_ABROAD.sub("+", _DECIMAL.sub(r"\1", text))
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException as error:
        return ParsedCell(problem=_parse_problem(error.error_type, text))
    problem = _length_problem(number)
    if problem:
        return ParsedCell(problem=problem)
    return ParsedCell(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _parse_problem(error_type: int, text: str) -> str:
    from phonenumbers import NumberParseException as Unreadable

    if error_type == Unreadable.INVALID_COUNTRY_CODE:
        return "no such country code" if text.startswith("+") else _NO_COUNTRY_CODE
    if error_type == Unreadable.NOT_A_NUMBER:
        return "not a phone number"
    return "too many digits" if error_type == Unreadable.TOO_LONG else "too few digits"


def _length_problem(number: PhoneNumber) -> str:
    from phonenumbers import ValidationResult, is_possible_number_with_reason

    return {
        ValidationResult.IS_POSSIBLE: "",
        ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "no area code",
        ValidationResult.TOO_SHORT: "too few digits",
        ValidationResult.TOO_LONG: "too many digits",
    }.get(is_possible_number_with_reason(number), "not a possible number of digits")
