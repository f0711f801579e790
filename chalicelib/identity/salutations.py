"""Reads forms of address, such as "Frau Dr.", into words that are the same in all languages. Nothing is guessed: who is
addressed as what is only what a cell states.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from chalicelib.identity import name_words
from chalicelib.identity.cells import ParsedCell, tidy
from chalicelib.identity.name_cells import titles_before
from chalicelib.identity.name_fields import NAMES

#: The canonical words in the order in which they are written, and the words for them in small letters without dots.
#: "Mrs" and "Miss" say more than "Ms", so they stay what they are; "Frau", "Madame" and the like say no more. "Fr" is
#: "Frau", "Father" and "Fray", "先生" a man in China and a teacher in Japan: they are none. Nor are "様" and "さん",
#: which everybody is called, ranks and professions.
_WORDS = {
    "Mr": "mr mister herr herrn hr monsieur sr señor senhor sig signor signore dhr meneer heer pan herra г-н господин",
    "Ms": """ms frau mme madame sra señora senhora dª dña doña dona sigra signora mevr mevrouw mw pani fru rouva г-жа
        госпожа 女士""",
    "Mrs": "mrs",
    "Miss": "miss fräulein mlle mademoiselle srta señorita senhorita signorina",
    "Mx": "mx",
    "Sir": "sir",
    "Dame": "dame",
    "Lord": "lord",
    "Lady": "lady",
    "Rev": "rev revd reverend",
    "Prof": "prof professor professorin professeur profesor profesora professora univ-prof",
    "Dr": "dr drs dra doktor doctor docteur doctora doutor doutora dott dottssa dottor dottore dottoressa",
}
#: The same, where they stand in a column of their own; in a name they are an initial or a name.
_ALONE = {"m": "Mr", "don": "Mr"}
#: One of these is enough for one person.
_OF_ONE = frozenset({"Mr", "Ms", "Mrs", "Miss", "Mx"})
#: "Mr. Lord" is called Lord.
_SURNAMES_TOO = frozenset({"Sir", "Dame", "Lord", "Lady"})
#: What letters and forms of address begin with.
_GREETINGS = frozenset(
    """
    dear hello sehr geehrter geehrte geehrtes lieber liebe hallo guten tag cher chère bonjour estimado estimada
    distinguido distinguida prezado prezada caro cara exmo exma gentile egregio geachte beste de
    """.split()
)
_JOINING = frozenset("/ & + and und et y e en".split())
_LONGEST = 100  # characters
_WORD = re.compile(r"[/&+]|[^\s/&+]+")


def parse_salutation(cell: str) -> ParsedCell:
    """``"Frau Dr."`` → ``"Ms Dr"``, ``"Sehr geehrter Herr Müller"``, ``"M."`` → ``"Mr"``.

    The forms of address of two people ("Mr. & Mrs.", "Herr/Frau") are no value.
    """
    stated, joined = list[str](), False
    for word in _WORD.findall(tidy(cell[:_LONGEST])):
        plain = _plain(word)
        canonical = _canonical().get(plain) or _ALONE.get(plain)
        if canonical in _SURNAMES_TOO and stated:
            break
        if canonical:
            stated.append(canonical)
        elif plain in _JOINING:
            joined = True
        elif plain not in _GREETINGS and plain not in name_words.TITLES:
            break  # the name
    if joined or len(_OF_ONE.intersection(stated)) > 1:
        return ParsedCell(problem="not the form of address of one person")
    return ParsedCell(_joined(stated)) if stated else ParsedCell(problem="not a form of address")


def salutation_beside_name(cells: Mapping[str, str]) -> str:
    """The form of address that stands before the name in the cells of a row, by field; "" for none."""
    stated = [_canonical()[word] for word in _titles(cells) if word in _canonical()]
    return _joined(stated) if len(_OF_ONE.intersection(stated)) <= 1 else ""


def _titles(cells: Mapping[str, str]) -> Iterator[str]:
    for name in NAMES:
        if name in cells:
            yield from map(_plain, titles_before(cells[name]))


def _joined(stated: list[str]) -> str:
    return " ".join(word for word in _WORDS if word in stated)


def _plain(word: str) -> str:
    return word.casefold().replace(".", "").strip(",;:")


@cache
def _canonical() -> dict[str, str]:
    return {word.casefold(): name for name, words in _WORDS.items() for word in words.split()}
