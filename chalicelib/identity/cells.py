"""Ground floor, identity: how cells are read. Text goes in, a value or what is wrong comes out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

#: What lists and exports put where they know nothing. Compared exactly: "null" and "NULL" are
#: machines speaking, "Null" and "Na" are surnames.
PLACEHOLDERS = frozenset(
    {"", "n/a", "N/A", "#N/A", "null", "NULL", "none", "None", "NONE", "nan", "NaN", "undefined"}
    | {"unknown", "Unknown", "UNKNOWN", "-", "--", "---", "?", ".", "_", "/"}
)

# Control characters, soft hyphens, zero-width spaces and direction marks: phones and browsers copy
# them along ("U+202A +49 30 …"), nobody sees them. Lone surrogates cannot be written as UTF-8. The
# zero-width joiners stay: Persian and Indian names are spelt with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2069\ufeff\ud800-\udfff]"
)

# Beyond it is prose, of which no two spellings are compared. Composing accents takes time in the square of
# their number, where thousands stand on one letter.
_LONGEST_COMPOSED = 1_000  # characters

_MOST_PARTS = 20  # values in one cell; what has more is no list of addresses


class Reading(NamedTuple):
    """A canonical ``value``, or the ``problem`` that makes the cell unusable; the other is ""."""

    value: str = ""
    problem: str = ""


def tidy(text: str) -> str:
    """The visible text on one line: single spaces, composed accents (NFC), nothing invisible.

    In texts of more than 1,000 characters accents stay as they are.
    """
    if not text.isprintable() or not text.isascii():
        text = _INVISIBLE.sub("", text)
        if len(text) <= _LONGEST_COMPOSED:
            text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def first_usable(parts: Iterable[str], read: Callable[[str], Reading]) -> Reading:
    """The first part that can be read, else the reading of the first part, else an empty one."""
    first = None
    for part in islice(parts, _MOST_PARTS):
        reading = read(part)
        if reading.value:
            return reading
        first = first or reading
    return first or Reading()
