"""Cleans the text of a cell, and holds what was parsed from it: a value or a problem."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

#: What lists and exports write where they know nothing. Compared exactly: "null" and "NULL" are written
#: by programs, "Null" and "Na" are surnames.
_PLACEHOLDERS = frozenset(
    (
        "|#|*|-|--|---|.|..|...|/|0|?|??|???|NIL|NONE|NULL|NaN|None|S/D|TBA|TBC|TBD|XXX|\\N|_|k. A.|"
        "k.A.|nan|nil|none|null|o.A.|s/d|s/n|x|xx|xxx|¿?|нет|–|—|…|なし|无|無|無し|없음"
    ).split("|")
)
#: The same, in any case.
_PLACEHOLDER_PHRASES = frozenset(
    (
        "#error!|#n/a|#name?|#null!|#ref!|#value!|(blank)|(empty)|(none)|(null)|(unknown)|<null>|"
        "[none]|[null]|brak danych|desconhecido|desconocida|desconocido|inconnu|inconnue|"
        "keine angabe|keine angaben|n / a|n. a.|n.a.|n/a|n/d|n\\a|nicht bekannt|niet bekend|nieznany|"
        "no aplica|no data|no disponible|non communiqué|non disponibile|non disponible|non renseigné|"
        "none given|not applicable|not available|not known|not provided|not specified|não disponível|"
        "não informado|onbekend|sconosciuto|sem dados|sin datos|to be announced|to be determined|"
        "unbekannt|undefined|unknown|неизвестно|不明|未知"
    ).split("|")
)
_LONGEST_PLACEHOLDER = 20  # characters
#: The signs of ASCII that one of these may begin with, or something invisible before it.
_FIRST_SIGNS = frozenset(
    sign
    for placeholder in _PLACEHOLDERS | _PLACEHOLDER_PHRASES
    for sign in placeholder[:1].lower() + placeholder[:1].upper()
).union(map(chr, (*range(0x21), 0x7F)))

# Control characters, soft hyphens, zero-width spaces and direction marks: invisible, but copied along by
# phones and browsers ("U+202A +49 30 …"). Lone surrogates cannot be written as UTF-8. The zero-width
# joiners stay: Persian and Indian names are spelt with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2069\ufeff\ud800-\udfff]"
)

# A longer text is prose, whose spelling does not matter. Composing accents takes quadratic time where
# thousands of them are on one letter.
_LONGEST_COMPOSED = 1_000  # characters

_MOST_PARTS = 20  # values in one cell; a cell with more is not a list of addresses


class ParsedCell(NamedTuple):
    """A canonical ``value``, or the ``problem`` that makes the cell unusable; the other is ""."""

    value: str = ""
    problem: str = ""


def tidy(text: str) -> str:
    """The visible text on one line: single spaces, composed accents (NFC), nothing invisible.

    In texts of more than 1,000 characters accents stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text.strip() if "  " not in text else " ".join(text.split())
    text = _INVISIBLE.sub("", text)
    if len(text) <= _LONGEST_COMPOSED:
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def tidy_text(cell: str) -> str:
    """The same of a cell that may come from a web page: ``"Example &amp; Sons"``."""
    if "&" in cell:
        from html import unescape  # takes 2 ms, and few cells need it

        cell = unescape(cell)
    return tidy(cell)


def is_placeholder(cell: str) -> bool:
    """Whether a cell says that nothing is known: blank, "n/a", "-", "unbekannt"."""
    if len(cell) > _LONGEST_PLACEHOLDER:
        return not cell.isascii() and len(cell) <= _LONGEST_COMPOSED and not tidy(cell)
    if cell[:1] not in _FIRST_SIGNS and cell.isascii():
        return not cell
    text = cell.strip() if cell.isascii() and cell.isprintable() else tidy(cell)
    return text in _PLACEHOLDERS or text.lower() in _PLACEHOLDER_PHRASES


def first_usable(parts: Iterable[str], parse: Callable[[str], ParsedCell]) -> ParsedCell:
    """The first part with a value; if there is none, the problem of the first part, if any."""
    first = None
    for part in islice(parts, _MOST_PARTS):
        parsed = parse(part)
        if parsed.value:
            return parsed
        first = first or parsed
    return first or ParsedCell()
