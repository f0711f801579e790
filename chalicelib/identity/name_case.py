"""Writes names in the usual capitals where a list has them in capitals or in small letters only."""

from __future__ import annotations

import re

LETTERS = re.compile(r"[^\W\d_]+")
_SCOTTISH = re.compile(r"\bMc([^\W\d_])(?=[^\W\d_]{2})")
#: Small words inside names.
PARTICLES = frozenset(
    {
        "al",
        "bin",
        "bint",
        "da",
        "das",
        "de",
        "del",
        "della",
        "den",
        "der",
        "di",
        "do",
        "dos",
        "du",
        "e",
        "el",
        "i",
        "ibn",
    }
    | {
        "la",
        "las",
        "le",
        "los",
        "ten",
        "ter",
        "van",
        "vom",
        "von",
        "y",
        "zu",
        "zum",
        "zur",
        "af",
        "av",
    }
)
_VOWEL = re.compile("[aeiouyäöüáéíóúàèìòùâêîôûåæøœãõ]", re.IGNORECASE)
_LATIN = "\u0250"
_SHORT = 2


def capitalised(name: str) -> str:
    """``"JANE O'BRIEN"``, ``"jane o'brien"`` → ``"Jane O'Brien"``; a name in mixed case stays."""
    if not (name.isupper() or name.islower()):
        return name
    first, *others = (LETTERS.sub(_capital, word) for word in name.split())
    # Not the last word: "J E" are initials.
    lower = [word.lower() if word.lower() in PARTICLES else word for word in others[:-1]] + others[
        -1:
    ]
    return _SCOTTISH.sub(lambda match: "Mc" + match[1].upper(), " ".join((first, *lower)))


def cased(name: str) -> str:
    """The same, and also for single words: ``"Jane DOE"``, ``"jane Doe"`` → Jane Doe. Initials stay: ``"JD Doe"``."""
    if name.isupper() or name.islower():
        new = capitalised(name) if len(name) > _SHORT else name
    else:
        words = name.split(" ")
        new = " ".join(_word(word) for word in words)
    return new if new == name or _is_final(new) else name


def is_east_asian(text: str) -> bool:
    """Whether a text is Chinese characters, kana and Hangul: names in them have the family name first, without a
    space. (As a pattern, these take 2 ms to compile.)
    """
    return bool(text) and all(
        "\uac00" <= sign <= "\ud7a3" or "\u3400" <= sign <= "\u9fff" or "\u3040" <= sign <= "\u30ff"
        for sign in text
    )


def is_lost(word: str) -> bool:
    """Whether a word is a name in capitals only, and no initials."""
    if not word.isupper() or "." in word:
        return False
    if max(map(len, LETTERS.findall(word)), default=0) <= _SHORT:
        return False
    return not word.isascii() or bool(_VOWEL.search(word))


def _word(word: str) -> str:
    if is_lost(word) or (
        word.islower() and word not in PARTICLES and len(word) > _SHORT and "'" not in word[:2]
    ):
        return capitalised(word)
    return word


def _is_final(name: str) -> bool:
    return all(word == _word(word) for word in name.split(" ")) and not (
        name.isupper() or name.islower()
    )


def _capital(match: re.Match[str]) -> str:
    return match[0].capitalize()
