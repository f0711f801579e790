"""Looks phone numbers up in the numbering plans of libphonenumber (the package phonenumbers).

Importing this module loads that package, which takes 30 to 60 ms.

The package's parser searches a text for extensions, letters and more, and that is most of its time. Digits
behind a country code mean the same without that search; so do those that people dial inside a country, if a number
in use is left without what they dial first ("020 …", "+44 (0)20 …"). What that is can depend on the rest of the
number, and then it is left to the parser.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import (
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberType,
    ValidationResult,
)
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from chalicelib.identity.phone_ranges import is_in_plan, place

_CACHED_NUMBERS = 1024
_CACHED_STARTS = 4096
_LONGEST_CODE = 3  # digits of a country code (ITU-T E.164)
_NATIONAL_DIGITS = range(1, 18)  # other counts are left to the parser, which refuses them
_NO_ZONE = "Etc/Unknown"

# Otherwise the hundreds of patterns that an international list needs push each other out of Python's own
# cache, and are compiled again and again.
phonenumbers.enable_pattern_cache()


class Listed(NamedTuple):
    """A number in a range in use.

    ``type``: as in PhoneFacts. ``region``: libphonenumber's. ``code``: of the country. ``has_area``: it is
    issued for an area, not for the whole country. ``is_plain``: it needed no parser.
    """

    type: str
    region: str
    code: int
    national: str
    has_area: bool
    is_plain: bool


class Plain(NamedTuple):
    """A number that needs no parser: the country's code, and the digits behind it."""

    code: int
    national: str


class _Plan(NamedTuple):
    """``code``: of the country. ``dialled_first``: what a number may have before it inside the country, and
    ``changes``: whether that changes the number. ``dialled_abroad``: what goes before a country code there.
    """

    code: int
    region: str
    dialled_first: re.Pattern[str] | None
    changes: bool
    dialled_abroad: re.Pattern[str] | None


@lru_cache(_CACHED_NUMBERS)
def listed(e164: str) -> Listed | None:
    """What the plans say about a number in E.164; None for one in no range, or another text."""
    plain = plain_number(e164[1:]) if _is_e164(e164) else None
    number = plain or _parsed(e164)
    if number is None:
        return None
    code, national = number
    region, kind = place(code, national)
    if kind == PhoneNumberType.UNKNOWN:  # the same test as in is_valid_number
        return None
    return Listed(
        PhoneNumberType.to_string(kind).lower(),
        region,
        code,
        national,
        phonenumbers.is_number_type_geographical(kind, code),
        plain is not None,
    )


def plain_number(digits: str) -> Plain | None:
    """The number with these ASCII digits, from the country code on; None where it has to be parsed."""
    plan = _plan(digits[:_LONGEST_CODE])
    if plan is None:
        return None
    national = digits[len(str(plan.code)) :]
    if len(national) not in _NATIONAL_DIGITS:
        return None
    if plan.dialled_first and plan.dialled_first.match(national):
        return None
    return Plain(plan.code, national)


def dialled_inside(digits: str, country: str) -> str:
    """The number in E.164 that is meant by the ASCII digits that people dial inside a country (ISO 3166 alpha-2);
    "" where that takes the parser.
    """
    plan = _plan_of(country)
    if plan is None or digits.startswith(str(plan.code)):
        return ""
    if plan.dialled_abroad and plan.dialled_abroad.match(digits):
        return ""
    return _without_first(plan, digits)


def without_zero(digits: str) -> str:
    """The number in E.164 of ASCII digits with a country code and then what is dialled first inside the country:
    "44020…"; "" where that takes the parser.
    """
    plan = _plan(digits[:_LONGEST_CODE])
    return _without_first(plan, digits[len(str(plan.code)) :]) if plan else ""


def _without_first(plan: _Plan, digits: str) -> str:
    first = plan.dialled_first.match(digits) if plan.dialled_first else None
    if first and plan.changes:
        return ""
    national = digits[first.end() :] if first else digits
    # The parser, too, takes nothing off and adds nothing where a number of the country is left.
    e164 = f"+{plan.code}{national}"
    return e164 if is_in_plan(plan.code, plan.region, national) and listed(e164) else ""


@lru_cache(_CACHED_STARTS)
def _plan(start: str) -> _Plan | None:
    """The plan of the country whose code these digits begin with."""
    for length in range(1, len(start) + 1):
        code = int(start[:length])
        if start[0] != "0" and code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            region = phonenumbers.region_code_for_country_code(code)
            return _described(
                region, code, PhoneMetadata.metadata_for_region_or_calling_code(code, region)
            )
    return None


@lru_cache(_CACHED_STARTS)
def _plan_of(country: str) -> _Plan | None:
    metadata = PhoneMetadata.metadata_for_region(country, None)
    return _described(country, metadata.country_code or 0, metadata) if metadata else None


def _described(region: str, code: int, metadata: PhoneMetadata | None) -> _Plan:
    first = metadata.national_prefix_for_parsing if metadata else None
    abroad = metadata.international_prefix if metadata else None
    return _Plan(
        code,
        region,
        re.compile(first) if first else None,
        bool(metadata and metadata.national_prefix_transform_rule),
        re.compile(abroad) if abroad else None,
    )


def is_possible(digits: str) -> bool:
    """Whether a country has numbers of as many digits; ``digits``: those of a plain number."""
    plan = _plan(digits[:_LONGEST_CODE])
    return plan is not None and _is_possible_length(plan.code, len(digits) - len(str(plan.code)))


@lru_cache(_CACHED_STARTS)
def _is_possible_length(code: int, length: int) -> bool:
    number = PhoneNumber(code, 10 ** (length - 1))
    return phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE


def code_of(digits: str) -> str:
    """The country code that ASCII digits begin with; "" for none."""
    plan = _plan(digits[:_LONGEST_CODE])
    return str(plan.code) if plan else ""


def time_zones(number: Listed) -> str:
    """The time zones of the number's area or else of its country, joined with ";"."""
    digits = f"{number.code}{number.national}" if number.has_area else str(number.code)
    return _time_zones(digits[:TIMEZONE_LONGEST_PREFIX])


@lru_cache(_CACHED_STARTS)
def _time_zones(start: str) -> str:
    for length in range(len(start), 0, -1):
        if zones := TIMEZONE_DATA.get(start[:length]):
            return ";".join(zone for zone in zones if zone != _NO_ZONE)
    return ""


def area_digits(number: Listed) -> str:
    """The digits that tell the area, without the mark of a mobile number before them (Argentina's 9)."""
    return f"{number.code}{number.national.removeprefix(phonenumbers.country_mobile_token(number.code))}"


def _is_e164(text: str) -> bool:
    return text.startswith("+") and text[1:].isdigit() and text.isascii()


def _parsed(e164: str) -> Plain | None:
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None
    return Plain(number.country_code or 0, phonenumbers.national_significant_number(number))
