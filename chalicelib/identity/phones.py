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

_SEPARATORS = re.compile(r":::|[;,|\r\n\t]|/\s*(?=\+)")
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_DECIMAL = re.compile(r"^(\+?\d{7,})\.0$")
_DIALLED_ABROAD = re.compile(r"^[^\d+]*00\s*(?=[1-9])")

_CACHED_NUMBERS = 1024
_NO_COUNTRY_CODE = "no country code, and no known country in the row"
_NO_COUNTRY = "001"  # libphonenumber's region of numbers such as "+800 …"
_NO_ZONE = "Etc/Unknown"
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
    if _SHORTENED.fullmatch(cell.strip()):
        return ParsedCell(problem="digits lost by a spreadsheet (scientific notation)")
    parts = (part for part in map(tidy, _SEPARATORS.split(cell[:_TOO_LONG])) if part)
    parsed = first_usable(parts, lambda part: _parse_one(part, country))
    return parsed if any(parsed) else ParsedCell(problem="not a phone number")


@lru_cache(_CACHED_NUMBERS)
def phone_facts(e164: str) -> PhoneFacts:
    """The facts of a number in E.164. A text that is not a number is not valid."""
    from phonenumbers import PhoneNumberType, number_type, region_code_for_number, timezone

    number = _parsed(e164)
    kind = number_type(number) if number else PhoneNumberType.UNKNOWN
    if number is None or kind == PhoneNumberType.UNKNOWN:  # the same test as in is_valid_number
        return PhoneFacts()
    name = PhoneNumberType.to_string(kind).lower()
    country = region_code_for_number(number) or ""
    if name in _PLACELESS or country == _NO_COUNTRY:
        return PhoneFacts(True, name, country.replace(_NO_COUNTRY, ""))
    zones = timezone.time_zones_for_number(number)
    joined = ";".join(zone for zone in zones if zone != _NO_ZONE)
    return PhoneFacts(True, name, country, joined, placed=True)


@lru_cache(_CACHED_NUMBERS)
def phone_region(e164: str) -> str:
    """The area that a number was issued for, in English: ``"Berlin"``; "" if it has none.

    Most mobile numbers have none: they are issued for a whole country.
    """
    from phonenumbers import is_number_geographical

    number = _parsed(e164)
    return (
        area_of(_without_mobile_token(number)) if number and is_number_geographical(number) else ""
    )


def _without_mobile_token(number: PhoneNumber) -> str:
    """The digits without the mark of a mobile number before its area code (Argentina's 9)."""
    from phonenumbers import country_mobile_token, national_significant_number

    national = national_significant_number(number)
    token = country_mobile_token(number.country_code or 0)
    return f"{number.country_code}{national.removeprefix(token)}"


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


@lru_cache(_CACHED_NUMBERS)
def _parsed(e164: str) -> PhoneNumber | None:
    import phonenumbers

    try:
        return phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None
