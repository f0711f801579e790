"""Reads the name in a cell: without titles, degrees, pronouns and emoji, in the usual capitals, if it is one."""

from __future__ import annotations

import re
import unicodedata

from chalicelib.identity import name_words
from chalicelib.identity.cells import ParsedCell, tidy
from chalicelib.identity.name_case import LETTERS, PARTICLES, cased, is_lost

_TOO_LONG = 200  # characters; longer than any name on record
_ROUNDS = 4
_LONGEST_ACRONYM = 3  # letters: "SpA", "PhD"

# A name in its usual capitals and nothing else: letters with inner hyphens and apostrophes, single spaces.
_PLAIN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*(?: [^\W\d_]+(?:[-'’][^\W\d_]+)*)*")
_PLAIN_ASCII = re.compile(r"[A-Z][a-z]*(?:[ '-][A-Z][a-z]*)*")
#: The last letter of the alphabets whose capitals are known here; others have none, or an order of their own.
_LAST_PLAIN = "\u1eff"

# Nothing but letters of Europe, digits, dots, commas, and hyphens and apostrophes inside words.
_ORDINARY = re.compile(r"[\w.,]+(?:(?:[-'’](?=\w)| )[\w.,]+)*")
#: The last letter of the alphabets of Europe and its neighbours. (In the pattern it would take 4 ms to compile.)
_LAST_ORDINARY = "\u10ff"
_WEB = re.compile(r"https?:|www\.", re.IGNORECASE)
_NUMBER = re.compile(r"(?:\d\D{0,3}){7}")
_REMARK = re.compile(r"[(\[{（【][^()\[\]{}（）【】]*[)\]}）】]")
_NICKNAME = re.compile(r"(?<!\S)[\"“„«'‘][^\"“”„«»]*?[\"”“»'’](?!\S)")
_PRONOUNS = re.compile(
    r"[\s,]+(?:she|he|they|her|him|er|sie|elle|il|ella|él|ela|ele|lei|lui)\s?/\s?\w+(?:\s?/\s?\w+)?$",
    re.IGNORECASE,
)
_CUTS = re.compile(r"\s*[|•·]\s*|\s+[–—-]\s+")
_HONORIFIC_SIGNS = re.compile(r"\s*(?:様|さん|先生|女士|氏|님)$")
_ACRONYM = re.compile(
    r"(?:[A-Z][A-Z.-]{1,}[A-Za-z-]*|Ph\.? ?D\.?|M\.?Sc\.?|B\.?Sc\.?|Jr\.?|Sr\.?|Esq\.?)"
)


def parse_name(cell: str) -> ParsedCell:
    """The name on one line, if it can be a person's at all: ``"Dr. JANE DOE, PhD 🚀"`` → Jane Doe.

    ``"Doe, Jane"`` and ``"DOE Jane"`` become Jane Doe.
    """
    return ParsedCell(cell) if is_plain(cell) else parse_any_name(cell)


def is_plain(cell: str) -> bool:
    """Whether a cell is a name in its usual capitals, in which no word has another meaning."""
    if _PLAIN_ASCII.fullmatch(cell):
        return len(cell) <= _TOO_LONG and name_words.MARKED.isdisjoint(cell.lower().split(" "))
    if not _PLAIN.fullmatch(cell) or len(cell) > _TOO_LONG or max(cell) > _LAST_PLAIN:
        return False
    words = cell.split(" ")
    if not unicodedata.is_normalized("NFC", cell):
        return False
    if not all(map(_is_cased, words)) or words[0] in PARTICLES:
        return False
    return name_words.MARKED.isdisjoint(cell.lower().split(" "))


def _is_cased(word: str) -> bool:
    """Whether a word has its usual capitals: "Tavish", "McTavish", "van"; short ones in mixed case are no names."""
    if word.istitle() or word in PARTICLES:
        return True
    return word[0].isupper() and not word.isupper() and len(word) > _LONGEST_ACRONYM


def parse_any_name(cell: str) -> ParsedCell:
    """The same for any cell: most names are plain, which is seen in a tenth of the time."""
    name = tidy(cell)
    if len(name) > _TOO_LONG:
        return ParsedCell(
            problem="too long for a name" if LETTERS.search(name) else "no letters in it"
        )
    problem = why_no_name(name)
    if problem:
        return ParsedCell(problem=problem)
    for _ in range(_ROUNDS):
        before, name = name, _cleaned(name)
        if is_plain(name):
            return ParsedCell(name)
        if name == before:
            return (
                ParsedCell(problem=problem) if (problem := why_no_name(name)) else ParsedCell(name)
            )
    return ParsedCell(problem="not a name")


def why_no_name(name: str) -> str:
    """What a text is, if it is no name of a person; "" if it may be one."""
    if "@" in name and "<" not in name:
        return "an e-mail address, not a name"
    if not LETTERS.search(name):
        return "no letters in it"
    if ("www" in name or "http" in name.lower()) and _WEB.search(name):
        return "a web address, not a name"
    if _NUMBER.search(name):
        return "a number, not a name"
    return name_words.why_nobody(name, frozenset(re.split(r"[\s,.:;()/]+", name.casefold())))


def title_before(cell: str) -> bool:
    """Whether a cell is a form of address with one name, which is the family's: "Mr. Doe"."""
    words = tidy(cell).split(" ")
    return len(words) == 2 and _is_title(words[0], words[1:])


def titles_before(cell: str) -> list[str]:
    """The titles at the beginning of a name, also of what follows a comma: ``"Doe, Frau Dr. Jane"`` → Frau, Dr."""
    titles = []
    for part in tidy(cell).split(","):
        words = part.split()
        while len(words) > 1 and _is_title(words[0], words[1:]):
            titles.append(words.pop(0))
    return titles


def _cleaned(text: str) -> str:
    text = tidy(text.partition("<")[0]) if "@" in text else text
    if text[-1:] > _LAST_ORDINARY or not _ORDINARY.fullmatch(text):  # as few names are
        text = _without_remarks(text)
    text = _without_titles(text.strip(" ,;:*#~<>"))
    words = _without_titles(_in_order(text)).split(" ")
    while len(words) > 1 and _is_degree(words):
        words = words[:-1]
    return tidy(cased(" ".join(words).strip(" ,;")))


def _without_remarks(text: str) -> str:
    """The text without emoji, nicknames, pronouns and what follows a dash."""
    bare = tidy(_REMARK.sub(" ", _NICKNAME.sub(" ", _without_symbols(text))))
    text = bare if LETTERS.search(bare) else tidy(text.strip("()[]{}<>\"'“”„«»（）【】"))
    text = _HONORIFIC_SIGNS.sub("", _PRONOUNS.sub("", text))
    first, *others = _CUTS.split(text)
    return first if others and " " in first and LETTERS.search(first) else text


def _without_titles(text: str) -> str:
    words = text.split(" ")
    while len(words) > 1 and _is_title(words[0], words[1:]):
        words = words[1:]
    return " ".join(words)


def _without_symbols(text: str) -> str:
    """The text without emoji and other signs; a heart or a flag is no part of a name."""
    if text.isascii():
        return text
    return "".join(
        " " if unicodedata.category(c) in {"So", "Sk", "Cn", "Co"} or c in "\ufe0f\u20e3" else c
        for c in text
    )


def _in_order(text: str) -> str:
    """``"Doe, Jane, PhD"``, ``"DOE Jane"`` → Jane Doe."""
    first, *others = [part.strip() for part in text.split(",") if part.strip(" .")] or [""]
    given = [part for part in others if not _are_degrees(part, " " in first)]
    if given:
        return " ".join((given[0], first))
    words = first.split(" ")
    capitals = next((n for n, word in enumerate(words) if not is_lost(word)), len(words))
    rest = words[capitals:]
    if not capitals or not rest or rest[0] in PARTICLES or any(map(is_lost, rest)):
        return first
    return (
        " ".join((*rest, *words[:capitals]))
        if all(w[:1].isupper() and len(w) > 1 for w in rest)
        else first
    )


def _are_degrees(part: str, is_whole: bool) -> bool:
    """Whether a part after a comma holds degrees. ``is_whole``: there is a whole name before it."""
    words = part.split(" ")
    known = all(
        _plain(word) in name_words.DEGREES or _plain(word) in {"sr", "jr"} for word in words
    )
    return known or (is_whole and all(map(_ACRONYM.fullmatch, words)))


def _is_title(word: str, rest: list[str]) -> bool:
    plain = _plain(word)
    if plain not in name_words.TITLES:
        return False
    return plain not in name_words.ALSO_NAMES or word.endswith(".") or len(rest) > 1


def _is_degree(words: list[str]) -> bool:
    last, plain = words[-1], _plain(words[-1])
    if plain in name_words.DEGREES:
        return True
    return (
        last.replace(".", "") in name_words.SHORT_DEGREES
        and not " ".join(words).isupper()
        and len(words) > 2
    )


def _plain(word: str) -> str:
    return word.casefold().replace(".", "").strip(",;")
