"""Lists the names of countries, in many languages, with their ISO 3166 codes."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from pathlib import Path

#: Names that the lists below lack: everyday, native and former ones. Code → names.
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
    "BY": "Weißrussland|Biélorussie|Bielorrusia|Bielorrússia",
    "CA": "Kanada",
    "CD": "DR Congo|DRC|Congo Kinshasa|Democratic Republic of the Congo|Zaire",
    "CG": "Congo Brazzaville|Republic of the Congo",
    "CH": "SUI|Schweiz|Suisse|Svizzera|Svizra|Swiss Confederation",
    "CI": "Elfenbeinküste|Costa de Marfil|Costa do Marfim|Costa d'Avorio|Ivory Coast|Cote d'Ivoire",
    "CN": "PRC|PR China|People's Republic of China|Mainland China|中国|中國|中华人民共和国",
    "CV": "Cape Verde",
    "CY": "Κύπρος",
    "CZ": "República Checa|République tchèque|Repubblica Ceca|Tschechische Republik|Czech Republic|Česko|Česká republika|Tschechien",
    "DE": "GER|Deutschland|Bundesrepublik Deutschland|BRD|Federal Republic of Germany|Allemagne|Alemania|Germania|Duitsland",
    "DK": "Danmark|Dänemark",
    "EE": "Eesti",
    "EG": "مصر",
    "ES": "España|Espana|Espanya|Spanien|Espagne",
    "FI": "Suomi|Finnland",
    "FK": "Falkland Islands",
    "FM": "Micronesia",
    "FR": "La France|France métropolitaine|Frankreich|Francia|République française",
    "GB": "Inglaterra|Angleterre|Inghilterra|Schottland|Écosse|Escocia|UK|U.K.|England and Wales|Great Britain|United Kingdom|England|Scotland|Wales"
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
    "KR": "Corea|Corée|South Korea|Korea|Korea South|Republic of Korea|대한민국|한국",
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
    "NL": "Holanda|Olanda|Hollande|NED|Nederland|Holland|The Netherlands|Niederlande|Pays-Bas|Países Bajos",
    "NO": "Norge|Noreg|Norwegen",
    "NZ": "Aotearoa",
    "PE": "Perú",
    "PH": "Pilipinas",
    "PL": "Polska|Polen",
    "PS": "Palestine",
    "RO": "România|Rumänien",
    "RS": "Srbija|Србија",
    "RU": "Russische Föderation|Fédération de Russie|Russia|Россия|Российская Федерация|Russland",
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
    "US": "Vereinigte Staaten von Amerika|アメリカ|Estados Unidos de América|Estados Unidos da América|USA|EE. UU.|EEUU|U.S.|U.S.A.|United States|United States of America|US of A|America|Estados Unidos"
    "|Vereinigte Staaten|États-Unis|美国",
    "VA": "Vatican|Vatican City",
    "VE": "Venezuela",
    "VG": "British Virgin Islands",
    "VI": "US Virgin Islands",
    "VN": "Vietnam|Việt Nam",
    "XK": "Kosovo|Kosova|XK|XKX",
    "ZA": "RSA|Suid-Afrika",
}


_NAMES_FILE = Path(__file__).with_name("country_names.json")


def name_key(text: str) -> str:
    """The letters alone, without case, accents and article: "The Netherlands" = "NETHERLANDS"."""
    letters = unicodedata.normalize("NFKD", text).casefold().replace("&", " and ")
    words = "".join(c if c.isalpha() else " " for c in letters if not unicodedata.combining(c))
    return "".join({"the": "", "st": "saint"}.get(word, word) for word in words.split())


@cache
def codes() -> dict[str, str]:
    """``name_key`` of a name or a code → ISO 3166 alpha-2 code.

    English names: the package iso3166. Names in 28 more languages, in country_names.json: Unicode CLDR 47, from
    the package Babel 2.17. Names that mean two countries in two languages are left out.
    """
    # Built at first use, since it takes 4 ms and the import as much again.
    from iso3166 import countries

    found: dict[str, str] = {}
    for code, keys in json.loads(_NAMES_FILE.read_text("utf-8")).items():
        found |= dict.fromkeys(keys.split(), code)
    for country in countries:
        for name in (country.name, country.apolitical_name):
            front, comma, back = name.partition(", ")
            turned = f"{back} {front}" if comma else name  # "Korea, Republic of"
            found |= {name_key(name): country.alpha2, name_key(turned): country.alpha2}
        found |= {
            name_key(country.alpha2): country.alpha2,
            name_key(country.alpha3): country.alpha2,
        }
    for code, names in _ALIASES.items():
        found |= {name_key(name): code for name in names.split("|")}
    return found
