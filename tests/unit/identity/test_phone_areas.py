"""The areas that are looked up module by module are those of the library's own geocoder."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from phonenumbers import geocoder

from chalicelib.identity.phones import phone_region

COUNTRY_CODES = [1, 49, 44, 33, 39, 34, 61, 86, 54, 52, 55, 91, 7, 81, 46, 353, 41, 43, 351, 90, 27]


def valid_numbers(country_code: int) -> list[str]:
    chance = random.Random(country_code)
    found: list[str] = []
    while len(found) < 25:
        digits = "".join(str(chance.randrange(10)) for _ in range(chance.choice([8, 9, 10, 11])))
        number = phonenumbers.PhoneNumber(country_code, int(digits))
        if phonenumbers.is_valid_number(number):
            found.append(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return found


@pytest.mark.parametrize("country_code", COUNTRY_CODES)
def test_areas_are_the_geocoders(country_code):
    for e164 in valid_numbers(country_code):
        number = phonenumbers.parse(e164)
        expected = geocoder.description_for_number(number, "en")
        # Where it knows no area the geocoder names the country, which is a field of its own.
        if expected == geocoder.country_name_for_number(number, "en"):
            expected = ""
        assert phone_region(e164) == expected, e164
