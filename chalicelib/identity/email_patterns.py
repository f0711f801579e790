"""Tells by which pattern an address is made of a name, and makes addresses of names by a pattern.

Only names of two plain words are used: "van der Berg" and "Müller" are written in more than one way, and a wrong
address is worse than none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

#: The patterns of local parts, of a first name and a last name in small letters. These fourteen made 70 % of 6,453
#: addresses in the histories of public projects, and dominate at 94 % of 278 companies there.
PATTERNS: Mapping[str, Callable[[str, str], str]] = {
    "first.last": lambda first, last: f"{first}.{last}",
    "flast": lambda first, last: f"{first[0]}{last}",
    "first": lambda first, last: first,
    "firstl": lambda first, last: f"{first}{last[0]}",
    "last": lambda first, last: last,
    "firstlast": lambda first, last: f"{first}{last}",
    "f.last": lambda first, last: f"{first[0]}.{last}",
    "last.first": lambda first, last: f"{last}.{first}",
    "first_last": lambda first, last: f"{first}_{last}",
    "lastfirst": lambda first, last: f"{last}{first}",
    "lastf": lambda first, last: f"{last}{first[0]}",
    "last.f": lambda first, last: f"{last}.{first[0]}",
    "first-last": lambda first, last: f"{first}-{last}",
    "first.l": lambda first, last: f"{first}.{last[0]}",
}
_SIGNS = ".", "_", "-"
#: The same by the sign between the words, if any: names have none of these signs.
_PATTERNS_WITH = {
    sign: [
        (name, make) for name, make in PATTERNS.items() if sign in (set(name) & set(_SIGNS) or {""})
    ]
    for sign in ("", *_SIGNS)
}
#: An address that no pattern explains, as it is counted beside them.
OTHER = ""

#: Letters that are written in two ways in addresses: "ü" as "u" or "ue".
_TWO_WAYS = frozenset("äöüåøæœ")
_LETTERS_OF = {"ß": "ss", "ł": "l", "đ": "d", "ı": "i"}
_PLAIN = re.compile("[a-z]{2,}")
_UNSURE = re.compile(f"[0-9{''.join(sorted(_TWO_WAYS))}]", re.IGNORECASE)


def may_tell(name: str) -> bool:
    """Whether a pattern may be told of a name as it is written: seen in a hundredth of the time that it takes to
    read the name.
    """
    return not _UNSURE.search(name)


def pattern_of(first: str, last: str, local: str) -> str | None:
    """The pattern that makes the local part of the name; OTHER if none does, None if that cannot be told.

    It cannot where the name is not two plain words, or where two patterns make the same of it.
    """
    names = _letters(first), _letters(last)
    if not all(names):
        return None
    local, (first, last) = local.lower(), names
    sign = next((sign for sign in _SIGNS if sign in local), "")
    fitting = [name for name, make in _PATTERNS_WITH[sign] if make(first, last) == local]
    if len(fitting) > 1:
        return None
    return fitting[0] if fitting else OTHER


def local_part(pattern: str, first: str, last: str) -> str:
    """The local part that the pattern makes of a name; "" where the name has no plain form."""
    names = _letters(first), _letters(last)
    return PATTERNS[pattern](*names) if all(names) else ""


def _letters(name: str) -> str:
    """A name of one word in the letters of addresses: "José" → "jose"; "" if there is no sure way."""
    lower = name.lower()
    if lower.isascii():
        return lower if _PLAIN.fullmatch(lower) else ""
    lower = unicodedata.normalize("NFC", lower)
    if not _TWO_WAYS.isdisjoint(lower):
        return ""
    plain = "".join(_LETTERS_OF.get(letter, letter) for letter in lower)
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", plain)
        if not unicodedata.combining(letter)
    )
    return plain if _PLAIN.fullmatch(plain) else ""
