"""Phone numbers, all of them from the ranges that regulators keep for fiction."""

from __future__ import annotations

import phonenumbers
import pytest

from chalicelib.identity.phone_readings import UNKNOWN_COUNTRY
from chalicelib.identity.phones import parse_phone, phone_facts, phone_region


@pytest.mark.parametrize(
    ("cell", "country", "e164"),
    [
        ("+1 202 555 0143", "", "+12025550143"),
        ("(202) 555-0143", "US", "+12025550143"),
        ("202.555.0143 ext. 12", "US", "+12025550143"),
        ("2025550143.0", "US", "+12025550143"),
        ("tel:+1-202-555-0143", "", "+12025550143"),
        ("'+49 30 23125 123", "", "+493023125123"),
        ("0049 30 23125 123", "", "+493023125123"),
        ("(0049) 30 23125 123", "", "+493023125123"),
        ("+49 (0)30 23125 123", "", "+493023125123"),
        ("030 / 23125-123", "DE", "+493023125123"),
        ("Office: 030 23125 123", "DE", "+493023125123"),
        ("\u202a+49 30 23125123\u202c", "", "+493023125123"),
        ("+49 30 23125 123", "US", "+493023125123"),
        ("011 44 20 7946 0958", "US", "+442079460958"),
        # several numbers: the first that can be dialled
        ("+1 202 555 0143 ::: +1 202 555 0144", "", "+12025550143"),
        ("+1 202 555 0143 / +1 202 555 0144", "", "+12025550143"),
        ("12; +1 202 555 0143", "", "+12025550143"),
    ],
)
def test_reads_numbers(cell: str, country: str, e164: str) -> None:
    assert parse_phone(cell, country) == (e164, "")


@pytest.mark.parametrize(
    ("cell", "country", "problem"),
    [
        ("030 23125 123", "", UNKNOWN_COUNTRY),
        ("030 23125 123", "XX", UNKNOWN_COUNTRY),
        ("+44 7700 900123", "", "in no range of numbers that is in use"),
        ("+999 123 4567", "", "no such country code"),
        ("555 0143", "US", "no area code"),
        ("12", "US", "too few digits"),
        ("+1 202 555 0143 0000 00", "", "too many digits"),
        ("call me", "US", "not a phone number"),
        (";", "US", "not a phone number"),
        ("4.93023E+11", "DE", "digits lost by a spreadsheet (scientific notation)"),
        ("4,93023E+11", "DE", "digits lost by a spreadsheet (scientific notation)"),
    ],
)
def test_says_what_is_wrong(cell: str, country: str, problem: str) -> None:
    assert parse_phone(cell, country) == ("", problem)


@pytest.mark.parametrize(
    ("e164", "kind", "country", "zones"),
    [
        ("+12025550143", "fixed_line_or_mobile", "US", "America/New_York"),
        ("+493023125123", "fixed_line", "DE", "Europe/Berlin"),
        ("+18005550199", "toll_free", "US", ""),
        ("+80012345678", "toll_free", "", ""),
    ],
)
def test_facts_of_valid_numbers(e164: str, kind: str, country: str, zones: str) -> None:
    facts = phone_facts(e164)
    assert facts.valid
    assert (facts.type, facts.country, facts.time_zones) == (kind, country, zones)
    assert facts.placed is bool(zones)


@pytest.mark.parametrize("e164", ["+447700900123", "+1555", "nonsense", ""])
def test_other_numbers_are_merely_not_valid(e164: str) -> None:
    assert not any(phone_facts(e164))


@pytest.mark.parametrize("country", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_valid_means_what_the_library_means(country: str) -> None:
    number = phonenumbers.example_number(country)
    assert number is not None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert phone_facts(e164).valid == phonenumbers.is_valid_number(number)


@pytest.mark.parametrize(
    ("e164", "region"),
    [("+493023125123", "Berlin"), ("+12025550143", "Washington D.C."), ("nonsense", "")],
)
def test_region(e164: str, region: str) -> None:
    assert phone_region(e164) == region
