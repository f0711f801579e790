"""Finds the region and the type of a phone number by the ranges in libphonenumber's metadata (the package phonenumbers).

Importing this module loads that package, which takes 30 to 60 ms. Its own functions compare a number with each
range two times and more; here a range is compared once, and only with numbers of its length.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberDesc, PhoneNumberType

_CACHED_LENGTHS = 4096


class _Ranges(NamedTuple):
    """The ranges of a country for numbers of one length: all of them, and by type, those that count first at first.
    ``same``: there is one range for fixed lines and mobile phones.
    """

    all: re.Pattern[str] | None
    types: tuple[tuple[int, re.Pattern[str]], ...]
    same: bool


def place(code: int, national: str) -> tuple[str, int]:
    """The region and the type of a number. The package looks for both again and again; a test compares."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code, ())
    for region in regions:
        leading = _leading_digits(region) if len(regions) > 1 else None
        kind = PhoneNumberType.UNKNOWN
        if leading is None or leading.match(national):
            kind = _type_of(code, region, national)
        if kind != PhoneNumberType.UNKNOWN or (leading and leading.match(national)):
            return region, kind
    return "", PhoneNumberType.UNKNOWN


def _type_of(code: int, region: str, national: str) -> int:
    """The type of a number in a region, as the package's _number_type_helper finds it."""
    if not is_in_plan(code, region, national):
        return PhoneNumberType.UNKNOWN
    ranges = _ranges(code, region, len(national))
    kind = next((kind for kind, pattern in ranges.types if pattern.fullmatch(national)), None)
    if kind is None:
        return PhoneNumberType.UNKNOWN
    if kind == PhoneNumberType.FIXED_LINE:
        last, mobile = ranges.types[-1]
        if ranges.same or (last == PhoneNumberType.MOBILE and mobile.fullmatch(national)):
            return PhoneNumberType.FIXED_LINE_OR_MOBILE
    return kind


def is_in_plan(code: int, region: str, national: str) -> bool:
    """Whether a region's numbers can be like this, in use or not."""
    everything = _ranges(code, region, len(national)).all
    return everything is not None and everything.fullmatch(national) is not None


@lru_cache(_CACHED_LENGTHS)
def _ranges(code: int, region: str, length: int) -> _Ranges:
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    if metadata is None:
        return _Ranges(None, (), same=False)
    same = bool(metadata.same_mobile_and_fixed_line_pattern)
    named = {
        PhoneNumberType.PREMIUM_RATE: metadata.premium_rate,
        PhoneNumberType.TOLL_FREE: metadata.toll_free,
        PhoneNumberType.SHARED_COST: metadata.shared_cost,
        PhoneNumberType.VOIP: metadata.voip,
        PhoneNumberType.PERSONAL_NUMBER: metadata.personal_number,
        PhoneNumberType.PAGER: metadata.pager,
        PhoneNumberType.UAN: metadata.uan,
        PhoneNumberType.VOICEMAIL: metadata.voicemail,
        PhoneNumberType.FIXED_LINE: metadata.fixed_line,
        PhoneNumberType.MOBILE: None if same else metadata.mobile,
    }
    types = ((kind, _pattern(described, length)) for kind, described in named.items())
    known = tuple((kind, pattern) for kind, pattern in types if pattern)
    return _Ranges(_pattern(metadata.general_desc, length), known, same)


def _pattern(described: PhoneNumberDesc | None, length: int) -> re.Pattern[str] | None:
    """The pattern of the numbers of this length; None if there are none."""
    if described is None or not described.national_number_pattern:
        return None
    lengths = described.possible_length
    return (
        re.compile(described.national_number_pattern) if length in lengths or not lengths else None
    )


@lru_cache(_CACHED_LENGTHS)
def _leading_digits(region: str) -> re.Pattern[str] | None:
    metadata = PhoneMetadata.metadata_for_region(region, None)
    return re.compile(metadata.leading_digits) if metadata and metadata.leading_digits else None
