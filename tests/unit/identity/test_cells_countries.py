"""Cells of country columns as exports hold them, and what is read from each: a code, or nothing and why."""

from __future__ import annotations

import pytest

from chalicelib.identity.countries import parse_country

UNKNOWN = "not the name or the code of a country"
SEVERAL = "more than one country"
NUMBER = "a number, not a country"
SHARED = "a calling code that several countries share"

READ = {
    "US": (
        "United States (US)|U.S.|U. S. A.|u.s.a.|USA|us|UNITED STATES OF AMERICA|The United States|"
        "Estados Unidos (USA)|États-Unis|Stati Uniti|Vereinigte Staaten von Amerika|EE. UU.|アメリカ|"
        "New York, USA|Austin, TX, USA|Georgia, USA|US - United States|Соединенные Штаты|🇺🇸"
    ),
    "DE": (
        "Germany (DE)|Deutschland / Germany|DE|de|DEU|GER|GERMANY|germany |Germany.|Germany/DE|DE - Germany|"
        "Germany - DE|de_DE|Bundesrepublik Deutschland|Alemania|Alemanha|Allemagne|Germania|Niemcy|Tyskland|"
        "Německo|Duitsland|ドイツ|德国|독일|Германия|ألمانيا|Deutschland (Germany)|Berlin, Germany|🇩🇪|🇩🇪 Germany|"
        "Country: Germany|Land: Deutschland|+49|0049|Germany (Remote)"
    ),
    "GB": (
        "England & Wales|England and Wales|England/Scotland|UK|U.K.|United Kingdom (UK)|"
        "United Kingdom of Great Britain and Northern Ireland|London, UK|London, England|"
        "Großbritannien|Royaume Uni|Reino Unido|Regno Unito|Wielka Brytania|イギリス|英国"
    ),
    "ES": "España|ESPAÑA|Espagne|Spanien|Spagna|Spain (España)|Madrid, España|スペイン",
    "FR": "FRANCE|France métropolitaine|Frankreich|Francia|Paris, France|フランス|+33",
    "NL": "The Netherlands|Nederland (NL)|Holland|Pays-Bas|Países Bajos|Holandia|NED",
    "BR": "Brasil|BRASIL|Brazil - BR|Brésil|Brasilien|São Paulo, Brasil",
    "CH": "Schweiz / Suisse / Svizzera|Schweiz|Suisse|Switzerland (CH)|SUI",
    "BA": "Bosnia & Herzegovina|Bosnia and Herzegovina (BA)|Bosnien und Herzegowina",
    "TT": "Trinidad & Tobago|Trinidad and Tobago (TT)",
    "GW": "Guinea-Bissau|Guinea-Bissau (GW)",
    "CI": "Côte d'Ivoire|Ivory Coast|Elfenbeinküste",
    "KR": "South Korea|Korea, Republic of|Republic of Korea (KR)|Corea del Sur|Südkorea",
    "GE": "Georgia|Georgien|GE",
    "NA": "NA|Namibia",
    "NO": "NO|Norway|Norge (NO)",
    "IN": "IN|India|Bharat|Bengaluru, India|+91",
    "XK": "Kosovo|Kosova|XK",
    "VN": "Việt Nam|Vietnam (VN)|Viet Nam",
    "CZ": "Česká republika|Czechia / Czech Republic|República Checa",
    "AE": "UAE|United Arab Emirates (UAE)|Dubai, UAE",
    "TR": "Türkiye|Turkey / Türkiye|Turquía",
}
REFUSED = {
    UNKNOWN: (
        "EMEA|APAC|DACH|LATAM|EU|Europe|Worldwide|Global|Remote|California|Texas|Bayern|Ontario|Berlin|"
        "CA, Ontario|Lebanon, Ohio|Mexico, Missouri|Wilmington, DE|Munich, DE|N.A.|No|na|Yes|N / A|"
        "Narnia|D|D-80331|DE123|x|Home|jane@example.org|New Jersey|en-US"
    ),
    SEVERAL: "Germany & Austria|Germany/Austria/Switzerland|US, Canada|France (DE)|USA / UK|de_AT|US-CA",
    NUMBER: "276|49|1|12345|0",
    SHARED: "+1|+7|+44|001 ",
}


def each(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(cell, outcome) for outcome, cells in table.items() for cell in cells.split("|")]


@pytest.mark.parametrize(("cell", "code"), each(READ))
def test_reads(cell: str, code: str) -> None:
    assert parse_country(cell) == (code, "")


@pytest.mark.parametrize(("cell", "problem"), each(REFUSED))
def test_leaves_blank(cell: str, problem: str) -> None:
    assert parse_country(cell) == ("", problem)
