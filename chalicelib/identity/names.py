"""Splits and joins people's names, and guesses them from e-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from chalicelib.identity.emails import ROLE_WORDS, is_role, name_words
from chalicelib.identity.name_case import LETTERS, capitalised, is_east_asian
from chalicelib.identity.name_orders import FAMILY_NAMES, split_by_language

_TOO_LONG = 200  # characters; longer than any name on record

# Words of letters or digits, with hyphens and apostrophes inside, and initials with a dot; there may be a
# comma after the family name.
_LETTER = r"[^\W_]"
# The number of a monarch, which nameparser knows without a list.
_SPECIAL = "(?i:[ivx]+)(?:[ ,]|$)"
_WORD = rf"(?!{_SPECIAL})(?:{_LETTER}+(?:[-'’]{_LETTER}+)*|{_LETTER}\.)"
_PLAIN = re.compile(rf"{_WORD}(?:,? {_WORD})*")


# From here on come signs that nameparser takes out as emoji though some count as digits, and the letters of
# China, Japan and Korea, where names have an order of their own. (In the pattern it would take 25 ms to compile.)
_FIRST_OTHER_SIGN = "\u2600"


class Name(NamedTuple):
    """A person's name; a half that is not known is ""."""

    first: str = ""
    last: str = ""


def split_name(full: str) -> Name:
    """First and last name without titles, middle names and suffixes.

    ``"Doe, Jane"``, ``"Dr. JANE DOE, PhD"`` → Jane, Doe. Empty for a name that cannot be split, such as
    a Chinese name without a space.
    """
    if len(full) > _TOO_LONG:
        return Name()
    return _split_two(full) or _split_plain(capitalised(full)) or split_any_name(full)


def _split_two(full: str) -> Name | None:
    """The halves of a name of two words in ASCII letters that mean nothing else, as most names are."""
    if not (full.isascii() and full.istitle()):
        return None
    first, _, last = full.partition(" ")
    words = (first.lower(), last.lower())
    if not (first.isalpha() and last.isalpha() and _read_with_care().isdisjoint(words)):
        return None
    return Name(first, last) if words[0].strip("ivx") and words[1].strip("ivx") else None


def _split_plain(full: str) -> Name | None:
    """The halves of a name in which no word has a meaning of its own, such as "Dr", "van" or "III"."""
    if not _PLAIN.fullmatch(full) or full.count(",") > 1 or max(full) >= _FIRST_OTHER_SIGN:
        return None
    by_language = split_by_language(full)
    if by_language:
        return Name(*by_language)
    words = full.lower().replace(",", "").replace(".", "").split(" ")
    if not _special_words().isdisjoint(words):
        return _split_at_particle(full, words)
    last, comma, first = full.partition(", ")
    if not comma:
        first, _, last = full.partition(" ")
        last = last.rpartition(" ")[2]
    return Name(_part(first.partition(" ")[0]), _part(last))


def _split_at_particle(full: str, words: list[str]) -> Name | None:
    """The halves of a name such as "Jane van der Berg", in which nothing else has a meaning of its own."""
    special = [n for n, word in enumerate(words) if word in _special_words()]
    if "," in full or special[0] == 0 or special[-1] == len(words) - 1:
        return None
    if special[-1] - special[0] >= len(special):
        return None  # two of them: "Jane van Example del Sample"
    if not _particles().issuperset(words[n] for n in special):
        return None
    given = full.split(" ")
    return Name(_part(given[0]), _part(" ".join(given[special[0] :])))


@cache
def _read_with_care() -> frozenset[str]:
    return _special_words() | FAMILY_NAMES


@cache
def _particles() -> frozenset[str]:
    """The words that begin a family name, and are nothing else."""
    from nameparser.config import CONSTANTS  # takes 60 ms

    other = frozenset().union(
        CONSTANTS.titles,
        CONSTANTS.suffix_acronyms,
        CONSTANTS.suffix_not_acronyms,
        CONSTANTS.conjunctions,
        CONSTANTS.bound_first_names,
    )
    return frozenset(CONSTANTS.prefixes) - other


@cache
def _special_words() -> frozenset[str]:
    from nameparser.config import CONSTANTS  # takes 60 ms

    return frozenset().union(
        CONSTANTS.suffixes_prefixes_titles, CONSTANTS.conjunctions, CONSTANTS.bound_first_names
    )


def split_any_name(full: str) -> Name:
    """The same for any name: a plain one is split at its spaces, in a tenth of the time."""
    if len(full) > _TOO_LONG:
        return Name()
    full = capitalised(full)
    words = full.split()
    by_language = split_by_language(" ".join(words))
    if by_language:
        return Name(*by_language)
    if all(map(is_east_asian, words)):
        return Name(words[1], words[0]) if len(words) == 2 else Name()
    from nameparser import HumanName  # takes 70 ms

    name = HumanName(full)
    return Name(_part(name.first), _part(name.last))


def first_and_last(known: Mapping[str, str]) -> tuple[str, str]:
    """The first and the last name of a contact, by its fields; "" where one is not known."""
    first, last = known.get("first_name", ""), known.get("last_name", "")
    if not (first and last) and (full := known.get("full_name", "")):
        name = split_name(full)
        return name.first, name.last
    return first, last


def join_name(first: str, last: str) -> str:
    """The full name in the order of its language: ``"Jane Doe"``, ``"王小明"``."""
    if is_east_asian(first) and is_east_asian(last):
        return last + first
    return capitalised(f"{first} {last}".strip())


def name_from_email(email: str) -> Name:
    """A guess from a canonical address: ``jane.doe@``, ``jane_doe@``, ``jane.m.doe@``.

    Empty for mailboxes of a function, initials, numbers and single words.
    """
    local = email.partition("@")[0].partition("+")[0]
    # A hyphen divides names only if there is no dot or underscore: jean-luc.picard@.
    words = re.split(r"[._]+", local) if re.search(r"[._]", local) else local.split("-")
    if is_role(local) or not ROLE_WORDS.isdisjoint(name_words(local)):
        return Name()
    if len(words) == 3 and len(words[1]) == 1:
        words = [words[0], words[2]]
    if len(words) != 2 or not all(map(_is_name_like, words)):
        return Name()
    return Name(*(capitalised(_without_number(word)) for word in words))


def _part(text: str) -> str:
    """One half of a split name. Two capitals ("JD") may be initials, so they stay."""
    if not LETTERS.search(text):
        return ""
    return capitalised(text) if len(text) > 2 else text


def _is_name_like(word: str) -> bool:
    bare = _without_number(word).replace("-", "").replace("'", "")
    return 2 <= len(bare) <= 20 and bare.isalpha()


def _without_number(word: str) -> str:
    """``"doe2"`` → ``"doe"``: the second Jane Doe of a company."""
    return word.rstrip("0123456789").strip("-'")
