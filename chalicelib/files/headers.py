"""Understands the names of columns: which field each of them means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from chalicelib.files import header_words

#: Characters; no known name is longer. Unicode's normal forms can take quadratic time.
_LONGEST_NAME = 100
#: Letters that Unicode does not take apart into a letter and its accent.
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i"})
#: Words that are written in several ways → the one by which they are known.
_SPELLINGS = (
    (re.compile(r"\be[-_. ]?mail", re.IGNORECASE), "email"),
    (re.compile(r"linked[-_ ]?in", re.IGNORECASE), "linkedin"),
    (re.compile("#|№"), " number "),
)
#: Between the words of a name: "MailingCity" has two.
_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_IN_BRACKETS = re.compile(r"[(\[（].*?[)\]）]")
#: Names whose meaning is kept in memory.
_KEPT = 4_096
#: Added to the rank of a name that is known only in parts; names that are known as they are come before.
_IN_PARTS = 1_000
#: Fields whose column may be called a contact's, but not a work name or a home name.
_NAMES = frozenset({"first_name", "last_name", "full_name"})


class Meaning(NamedTuple):
    """What a column's name means. ``field``: "" for nothing known. ``rank``: the lower, the better."""

    field: str
    rank: int


_NOTHING = Meaning("", 0)


def canonical_header(name: str) -> str:
    """The letters and digits of a header name in lower case: ``"E-mail 1 - Value"`` → ``"email1value"``.

    Case, accents, spaces, underscores, hyphens, no-break spaces and byte-order marks make no difference.
    "" for a text that is too long to be a name.
    """
    if len(name) > _LONGEST_NAME:
        return ""
    # Some accents hide in compatibility forms, and some letters only in lower case.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return "".join(c for c in folded.translate(_LETTERS) if c.isalnum())


@lru_cache(_KEPT)
def meaning_of(name: str) -> Meaning:
    """The field that a column of this name holds."""
    if len(name) > _LONGEST_NAME:
        return _NOTHING
    known = _meanings()
    words = _words(name)
    for rank, form in enumerate(
        (canonical_header(_spelled(name)), _joined(words), _singular(words))
    ):
        if form in known:
            return known[form]._replace(rank=known[form].rank + rank)
    return _meaning_in_parts(name)


def words_of(name: str) -> frozenset[str]:
    """The words of a name in canonical form; none for a text that is too long to be a name."""
    return frozenset(_words(name)) if len(name) <= _LONGEST_NAME else frozenset()


@cache
def words_in(text: str) -> frozenset[str]:
    """The words of a list of header_words.py, in canonical form."""
    return frozenset(map(canonical_header, text.split()))


def _meaning_in_parts(name: str) -> Meaning:
    """The meaning of a name without the words around it: "Person - Email - Work", "Job Title (Account)"."""
    outside = _IN_BRACKETS.sub(" ", name)
    brackets = [word for part in _IN_BRACKETS.findall(name) for word in _words(part)]
    beside = words_in(header_words.OF_PERSON) | words_in(header_words.OF_KIND)
    if brackets and all(word in beside or word == "account" for word in brackets):
        return _penalised(meaning_of(outside), 1)
    words = _words(name)
    if "linkedin" in words:
        return _meaning_of_linkedin(words)
    for aside in (words_in(header_words.OF_PERSON), beside):
        core = [word for word in words if word not in aside and not word.isdigit()]
        for form in (_joined(core), _singular(core)):
            meaning = _meanings().get(form, _NOTHING)
            if meaning.field and not _means_another(meaning.field, words):
                return _penalised(meaning, 2)
    return _NOTHING


def _means_another(field: str, words: Sequence[str]) -> bool:
    """ "Business Name" is a company's; "Company Address" is no company, "Default Address Company" is one."""
    if field == "company":
        return not words_in(header_words.ADDRESSES).isdisjoint((words[0], words[-1]))
    return field in _NAMES and not words_in(header_words.OF_KIND).isdisjoint(words)


def _meaning_of_linkedin(words: Iterable[str]) -> Meaning:
    """A person's profile, but not a company's page."""
    around = {
        "linkedin",
        "url",
        "profile",
        "link",
        "public",
        "profil",
        "perfil",
        "profilo",
        "profiel",
        "person",
    }
    is_profile = around.union({"contact", "member", "lead"}).issuperset(words)
    return Meaning("linkedin_url", _IN_PARTS) if is_profile else _NOTHING


def _penalised(meaning: Meaning, times: int) -> Meaning:
    return meaning._replace(rank=meaning.rank + times * _IN_PARTS) if meaning.field else meaning


def _words(name: str) -> list[str]:
    text = _CAMEL_CASE.sub(" ", _spelled(unicodedata.normalize("NFKC", name)))
    small = words_in(header_words.SMALL)
    words = (canonical_header(word) for word in _WORD.findall(text))
    return [word for word in words if word and word not in small]


def _spelled(text: str) -> str:
    for spelling, word in _SPELLINGS:
        text = spelling.sub(word, text)
    return text


def _joined(words: Iterable[str]) -> str:
    return "".join(words)


def _singular(words: Iterable[str]) -> str:
    """The words without the plural of most languages here: "Phone Numbers", "adresses e-mail", "correos"."""
    return "".join(word[:-1] if len(word) > 3 and word[-1] in "sx" else word for word in words)


@cache
def _meanings() -> dict[str, Meaning]:
    """Canonical name → what it means. Names are known with and without their small words."""
    known: dict[str, Meaning] = {}
    for field, text in header_words.NAMES.items():
        names = [*(" ".join(name.split()) for name in text.split(",")), field]
        for rank, name in enumerate(names):
            words = _words(name)
            for form in (canonical_header(name), _joined(words), _singular(words)):
                known.setdefault(form, Meaning(field, 3 * rank))
    return known
