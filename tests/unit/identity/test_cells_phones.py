"""Cells of phone columns as exports hold them, with the country of the row, and what is read from each.

Numbers are from the ranges kept for fiction, where a country has one; the others are examples of the issue.
"""

from __future__ import annotations

import pytest

from chalicelib.identity.phone_readings import UNKNOWN_COUNTRY
from chalicelib.identity.phones import parse_phone, possible_phone

NOT_IN_USE = "in no range of numbers that is in use"
PLACEHOLDER = "a placeholder, not a phone number"
BERLIN, WASHINGTON, LONDON = "+493023125123", "+12025550143", "+442079460958"

READ = [
    *(
        (cell, "DE", BERLIN)
        for cell in (
            "030 23125 123|030 23125123|(030) 23125-123|030/23125123|030 / 23125 / 123|49 30 23125 123|"
            "493023125123|+49 (0) 30 23125-123|+49 (30) 23125-123|0049 30 23125123|+49.30.23125.123|"
            "+49 +49 30 23125123|+49 0049 30 23125123|0049 49 30 23125123|049 30 23125123|+049 30 23125123|"
            "++49 30 23125123|Tel.: 030 23125 123|Tel 030 23125 123 Fax 030 23125 124|Büro: 030 23125 123|"
            "030 23125 123 (Büro)|030 23125 123 dienstlich|030 23125 123 Durchwahl 12|030 23125123 oder 0171|"
            "030 23125 123 / 030 23125 124|030 23125 123 & 030 23125 124|Fax 030 23125 124, Tel 030 23125 123|"
            '☎ 030 23125 123|030 23125 123 - Sekretariat|tel:+493023125123|\'+493023125123|="+493023125123"|'
            "+49 30 23125 123 (Germany)|+49 30 23125123;ext=5|493023125123.0|＋４９ ３０ ２３１２５ １２３|"
            '<a href="tel:+49-30-23125123">+49 30 ...</a>|+49 30 23125 123 und +49 30 23125 124|'
            "Zentrale 030 23125 123, Mobil folgt"
        ).split("|")
    ),
    *(
        (cell, "US", WASHINGTON)
        for cell in (
            "(202) 555-0143 (cell)|202-555-0143 or 202-555-0144|202.555.0143 mobile|cell: 202-555-0143|"
            "202-555-0143 x12|202-555-0143 ext. 12|202 555 0143 #12|1 202 555 0143|12025550143|+1+12025550143|"
            "+1 1 202 555 0143|+1 +1 (202) 555-0143|(+1) 202-555-0143|1-202-555-0143 (work)|C 202-555-0143|"
            "2025550143.0|202 555 0143 ::: 202 555 0144|W: 202-555-0143 / H: 202-555-0144|Mobile - 202-555-0143|"
            "(202)555-0143 call after 5|h. 202-555-0143|202-555-0143 (do not call)|001 202 555 0143"
        ).split("|")
    ),
    *(
        (cell, country, LONDON)
        for cell, country in (
            ("0011 44 20 7946 0958", "AU"),
            ("0011 44 20 7946 0958", ""),
            ("0011442079460958", "DE"),
            ("011 44 20 7946 0958", "US"),
            ("011 44 20 7946 0958", ""),
            ("442079460958", ""),
            ("44 20 7946 0958", "US"),
            ("020 7946 0958", "GB"),
            ("(0)20 7946 0958", "GB"),
            ("+44 (0)20 7946 0958", ""),
            ("+44 44 20 7946 0958", ""),
            ("044 20 7946 0958", "GB"),
            ("00 44 20 7946 0958", "FR"),
            ("Direct Line: +44 20 7946 0958", ""),
            ("+44 20 7946 0958 (m)", ""),
        )
    ),
    ("091 98450 00123", "IN", "+919845000123"),
    ("91 98450 00123", "IN", "+919845000123"),
    ("098450 00123", "IN", "+919845000123"),
    ("+91-098450-00123", "", "+919845000123"),
    ("919845000123", "", "+919845000123"),
    ("14155550143", "DE", "+14155550143"),
    ("01 99 00 12 34", "FR", "+33199001234"),
    ("01.99.00.12.34 poste 12", "FR", "+33199001234"),
    ("01 99 00 12 34 ou 01 99 00 12 35", "FR", "+33199001234"),
    ("+33 (0)1 99 00 12 34 (bureau)", "", "+33199001234"),
    ("33 1 99 00 12 34", "FR", "+33199001234"),
    ("02 5550 1234", "AU", "+61255501234"),
    ("0011 49 30 23125 123", "AU", BERLIN),
    ("1-800-FLOWERS", "US", "+18003569377"),
    ("1 800 GO FEDEX", "US", "+18004633339"),
]
BLANK = [
    *(
        (cell, "", UNKNOWN_COUNTRY)
        for cell in (
            "061 123 4567|030 23125 123|(202) 555-0143|2025550143|12025550143|15123456789|12345|0113 496 0123|"
            "98450 00123|051 98765 4321|06 39 98 12 34|15012345678|9999999999"
        ).split("|")
    ),
    ("12345", "US", "too few digits"),
    ("12345", "DE", NOT_IN_USE),
    ("9999999999", "US", NOT_IN_USE),
    ("9999999999", "IN", PLACEHOLDER),
    ("9876543210", "IN", PLACEHOLDER),
    ("+91 99999 99999", "", PLACEHOLDER),
    ("000-000-0000", "US", NOT_IN_USE),
    ("1234567890", "US", NOT_IN_USE),
    ("(555) 555-5555", "US", NOT_IN_USE),
    ("+44 7700 900123", "", NOT_IN_USE),
    ("+49 1 23", "", "no area code"),
    ("+1 000 000 0000", "", NOT_IN_USE),
    ("+1415", "", "too few digits"),
    ("+491415555014399", "", NOT_IN_USE),
    ("15012345678", "GB", "too many digits"),
    ("555-0143", "US", "no area code"),
    ("+999 1", "DE", "no such country code"),
    ("+0151 23456789", "", "no such country code"),
    ("Fax: 030 23125 123", "DE", "a fax number"),
    ("030 23125 123 (Fax)", "DE", "a fax number"),
    ("650-XXX-1234", "US", "too few digits"),
    ("4.93023E+11", "DE", "digits lost by a spreadsheet (scientific notation)"),
    *(
        (cell, "US", "not a phone number")
        for cell in ("call me|see notes|#ERROR!|no phone|()").split("|")
    ),
    ("0", "DE", "not a phone number"),
    ("1", "DE", "not a phone number"),
    ("12", "", "too few digits"),
]


@pytest.mark.parametrize(("cell", "country", "e164"), READ)
def test_reads(cell: str, country: str, e164: str) -> None:
    assert parse_phone(cell, country) == (e164, "")


@pytest.mark.parametrize(("cell", "country", "problem"), BLANK)
def test_leaves_blank(cell: str, country: str, problem: str) -> None:
    assert parse_phone(cell, country) == ("", problem)


@pytest.mark.parametrize(
    ("cell", "e164"), [("+44 7700 900123", "+447700900123"), ("+49 30 23125123", BERLIN), ("x", "")]
)
def test_erasing_also_knows_numbers_that_are_not_in_use(cell: str, e164: str) -> None:
    assert possible_phone(cell).value == e164
