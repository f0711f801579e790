"""Tells the level and the department from a job title, where its words leave no doubt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from chalicelib.identity import title_words

_CACHED_TITLES = 4096
_LONGEST = 150  # characters; a longer text is a description
_LONGEST_PHRASE = 4  # words
_SHORTEST_START = 3  # letters

_WORD = re.compile(r"[a-z0-9]+(?:['.][a-z0-9]+)*")
# "Leiter:in", "Leiter*in", "Leiter (m/w/d)": words for all genders.
_GENDERS = re.compile(
    r"(?<=[a-z])(?:[:*_]|/-?|\()in(?:nen)?\)?(?![a-z])|\(?\b[mwdfxi]/[mwdfxi](?:/[mwdfxi])?\b\)?"
)
_PARTNERS = frozenset(
    {"partner", "gesellschafter", "gesellschafterin", "associe", "associee", "socio", "socia"}
)
_SIGNS = str.maketrans({"ß": "ss", "’": "'", "-": " ", "ł": "l"})
_ADMINISTRATION = "administration"
_IT = "it"


class Role(NamedTuple):
    """A level and a department; "" for what the title does not tell."""

    seniority: str = ""
    department: str = ""


class _Phrases(NamedTuple):
    """Phrases → label: whole ones, and the starts and ends of single words."""

    whole: Mapping[str, str]
    starts: Mapping[str, str]
    ends: Mapping[str, str]


@lru_cache(_CACHED_TITLES)
def role_of(title: str) -> Role:
    """``"Leiterin Vertrieb"`` → head, sales. The words are those of title_words.py, in five languages.

    Nothing for former jobs, for those who look for one, and where two departments are named.
    """
    words = _words(title) if len(title) <= _LONGEST else []
    levels, departments, others, _ = _tables()
    remarks = set(_labels(words, others))
    if not words or "not now" in remarks:
        return Role()
    if "for another" in remarks:
        return Role(department=_ADMINISTRATION)
    if "beside" in remarks:
        return Role()
    found = list(_labels(_led(words), levels))
    if words[0] == "lead" and len(words) > 1:
        found.append("senior")  # behind a department it is its head: "Procurement Lead"
    seniority = next((level for level in title_words.LEVELS if level in found), "")
    if not seniority and len(words) == 1 and words[0] in _PARTNERS:
        seniority = "partner"
    if "chief" in words and "officer" in words[words.index("chief") :]:
        seniority = seniority if seniority in ("owner", "founder") else "c_suite"
    return Role(seniority, _department(set(_labels(words, departments)), title))


def _department(found: set[str], title: str) -> str:
    if _IT in found and not title.isupper() and re.search(r"\bit\b", title):
        found = found - {_IT}  # "Making it happen"
    strong = found - title_words.WEAK_DEPARTMENTS
    left = strong or found
    return next(iter(left)) if len(left) == 1 else ""


def _led(words: list[str]) -> list[str]:
    """The words without titles such as "account manager", which lead nobody."""
    phrases, kept, at = _tables()[3], list[str](), 0
    while at < len(words):
        length = _match(words, at, phrases)[1]
        if not length:
            kept.append(words[at])
        at += length or 1
    return kept


def _labels(words: list[str], phrases: _Phrases) -> Iterator[str]:
    """The labels of all phrases in a title; the longest phrase at a place counts."""
    at = 0
    while at < len(words):
        label, length = _match(words, at, phrases)
        if length:
            yield label
        at += length or 1


def _match(words: list[str], at: int, phrases: _Phrases) -> tuple[str, int]:
    """The label of the phrase that begins at a word, and its length in words, 0 for none."""
    for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
        label = phrases.whole.get(" ".join(words[at : at + length]))
        if label is not None:
            return label, length
    word = words[at]
    for end in range(len(word), _SHORTEST_START - 1, -1):
        label = phrases.starts.get(word[:end])
        if label is not None:
            return label, 1
    for label_end, label in phrases.ends.items():
        if word.endswith(label_end):
            return label, 1
    return "", 0


def _words(title: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", title.lower().translate(_SIGNS))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return _WORD.findall(_GENDERS.sub("", letters))


@cache
def _tables() -> tuple[_Phrases, _Phrases, _Phrases, _Phrases]:
    others = {
        "not now": title_words.NOT_NOW,
        "for another": title_words.FOR_ANOTHER,
        "beside": title_words.BESIDE,
        "": "working student, etudiant salarie",
    }
    no_managers = _parsed({"": title_words.NO_MANAGERS})
    return (
        _parsed(title_words.LEVELS),
        _parsed(title_words.DEPARTMENTS),
        _parsed(others),
        no_managers,
    )


def _parsed(table: Mapping[str, str]) -> _Phrases:
    entries = [
        (" ".join(p.replace("-", " ").split()), label)
        for label, text in table.items()
        for p in text.split(",")
    ]
    return _Phrases(
        {p: label for p, label in entries if "*" not in p},
        {p[:-1]: label for p, label in entries if p.endswith("*")},
        {p[1:]: label for p, label in entries if p.startswith("*")},
    )
