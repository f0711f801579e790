"""Countries: what people write."""

from __future__ import annotations

import pytest
from iso3166 import countries

from chalicelib.identity.countries import country_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(
            (text, "US")
            for text in ("us", "USA", "U.S.A.", "United States", "united states of america")
        ),
        *((text, "GB") for text in ("UK", "U.K.", "Great Britain", "England", "United Kingdom")),
        *((text, "DE") for text in ("DE", "deu", "Germany", "Deutschland", " DEUTSCHLAND ")),
        *((text, "KR") for text in ("Korea, Republic of", "Republic of Korea", "South Korea")),
        *((text, "NL") for text in ("The Netherlands", "Nederland", "Holland")),
        *((text, "CI") for text in ("Côte d'Ivoire", "Cote d\u2019Ivoire", "Ivory Coast")),
        *((text, "LC") for text in ("St. Lucia", "Saint Lucia")),
        *((text, "BA") for text in ("Bosnia & Herzegovina", "Bosnia")),
        *((text, "TR") for text in ("Turkey", "Türkiye", "Turkiye")),
        *(("España", "ES"), ("Schweiz", "CH"), ("Bolivia", "BO"), ("日本", "JP"), ("Россия", "RU")),
        *(("Narnia", ""), ("", ""), ("-", ""), ("Berlin", ""), ("EU", "")),
    ],
)
def test_country_codes(text: str, code: str) -> None:
    assert country_code(text) == code


def test_our_names_hide_none_of_the_official_ones() -> None:
    for country in countries:
        for text in (country.alpha2, country.alpha3, country.name, country.apolitical_name):
            assert country_code(text) == country.alpha2
