"""Finds the ISO 3166 code of a country from what people write for it."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

#: Names that ISO's English list lacks: everyday, native and former ones. Code → names.
_ALIASES = {
    "AE": "UAE|Emirates|الإمارات|الإمارات العربية المتحدة",
    "AR": "República Argentina",
    "AT": "Österreich|Oesterreich",
    "BA": "Bosnia|Bosnien",
    "BE": "België|Belgique|Belgien",
    "BG": "България",
    "BN": "Brunei",
    "BO": "Bolivia",
    "BR": "Brasil",
    "CA": "Kanada",
    "CD": "DR Congo|DRC|Congo Kinshasa|Democratic Republic of the Congo|Zaire",
    "CG": "Congo Brazzaville|Republic of the Congo",
    "CH": "Schweiz|Suisse|Svizzera|Svizra|Swiss Confederation",
    "CI": "Ivory Coast|Cote d'Ivoire",
    "CN": "PRC|PR China|People's Republic of China|Mainland China|中国|中國|中华人民共和国",
    "CV": "Cape Verde",
    "CY": "Κύπρος",
    "CZ": "Czech Republic|Česko|Česká republika|Tschechien",
    "DE": "Deutschland|BRD|Federal Republic of Germany|Allemagne|Alemania|Germania|Duitsland",
    "DK": "Danmark|Dänemark",
    "EE": "Eesti",
    "EG": "مصر",
    "ES": "España|Espana|Espanya|Spanien|Espagne",
    "FI": "Suomi|Finnland",
    "FK": "Falkland Islands",
    "FM": "Micronesia",
    "FR": "La France|Frankreich|Francia|République française",
    "GB": "UK|U.K.|Great Britain|United Kingdom|England|Scotland|Wales"
    "|Northern Ireland|Britain|Großbritannien|Vereinigtes Königreich|Royaume-Uni|Reino Unido",
    "GR": "Ελλάδα|Ellada|Hellas|EL|Griechenland",
    "HK": "Hong Kong SAR|Hongkong|香港",
    "HR": "Hrvatska|Kroatien",
    "HU": "Magyarország|Ungarn",
    "IE": "Éire|Republic of Ireland|Irland",
    "IL": "ישראל",
    "IN": "Bharat|भारत|Indien",
    "IR": "Iran|ایران",
    "IS": "Ísland",
    "IT": "Italia|Italien|Italie",
    "JP": "日本|日本国|Nippon|Nihon",
    "KP": "North Korea|DPRK",
    "KR": "South Korea|Korea|Korea South|Republic of Korea|대한민국|한국",
    "LA": "Laos",
    "LT": "Lietuva|Litauen",
    "LU": "Lëtzebuerg|Luxemburg",
    "LV": "Latvija|Lettland",
    "MA": "المغرب|Maroc",
    "MD": "Moldova|Republic of Moldova",
    "MK": "Macedonia",
    "MM": "Burma",
    "MO": "Macau|澳門",
    "MX": "México",
    "NL": "Nederland|Holland|The Netherlands|Niederlande|Pays-Bas|Países Bajos",
    "NO": "Norge|Noreg|Norwegen",
    "NZ": "Aotearoa",
    "PE": "Perú",
    "PH": "Pilipinas",
    "PL": "Polska|Polen",
    "PS": "Palestine",
    "RO": "România|Rumänien",
    "RS": "Srbija|Србија",
    "RU": "Russia|Россия|Российская Федерация|Russland",
    "SA": "KSA|المملكة العربية السعودية|السعودية",
    "SE": "Sverige|Schweden",
    "SI": "Slovenija|Slowenien",
    "SK": "Slovensko|Slovak Republic|Slowakei",
    "SY": "Syria",
    "SZ": "Swaziland",
    "TH": "ประเทศไทย|ไทย",
    "TL": "East Timor",
    "TR": "Turkey|Türkiye|Türkei",
    "TW": "Taiwan|Republic of China|台灣|台湾|臺灣",
    "TZ": "Tanzania",
    "UA": "Україна|Украина",
    "US": "USA|U.S.|U.S.A.|United States|United States of America|US of A|America|Estados Unidos"
    "|Vereinigte Staaten|États-Unis|美国",
    "VA": "Vatican|Vatican City",
    "VE": "Venezuela",
    "VG": "British Virgin Islands",
    "VI": "US Virgin Islands",
    "VN": "Vietnam|Việt Nam",
    "ZA": "RSA|Suid-Afrika",
}


_LONGEST = 100  # characters of a country's name
_CACHED_NAMES = 1024


def country_code(text: str) -> str:
    """``"de"``, ``"DEU"``, ``"Germany"``, ``"Deutschland"`` → ``"DE"``; "" if it is not a country."""
    return _code_of(text) if len(text) <= _LONGEST else ""


@lru_cache(_CACHED_NAMES)
def _code_of(text: str) -> str:
    return _codes().get(_key(text), "")


def _key(text: str) -> str:
    """The letters alone, without case, accents and article: "The Netherlands" = "NETHERLANDS"."""
    letters = unicodedata.normalize("NFKD", text).casefold().replace("&", " and ")
    words = "".join(c if c.isalpha() else " " for c in letters if not unicodedata.combining(c))
    return "".join({"the": "", "st": "saint"}.get(word, word) for word in words.split())


@cache
def _codes() -> dict[str, str]:
    # Built at first use, since it takes 1.5 ms and the import as much again.
    from iso3166 import countries

    codes: dict[str, str] = {}
    for country in countries:
        for name in (country.name, country.apolitical_name):
            front, comma, back = name.partition(", ")
            turned = f"{back} {front}" if comma else name  # "Korea, Republic of"
            codes |= {_key(name): country.alpha2, _key(turned): country.alpha2}
        codes |= {_key(country.alpha2): country.alpha2, _key(country.alpha3): country.alpha2}
    for code, names in _ALIASES.items():
        codes |= {_key(name): code for name in names.split("|")}
    return codes
