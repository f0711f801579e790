"""Says whether two names can be those of one person, however differently they are written."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from chalicelib.identity import name_case

#: Short forms that do not begin with the letter of the whole name; the others share their initial.
_NICKNAMES = (
    ("robert roberto roberta", "bob bobby bobbie bert"),
    ("william wilhelm", "bill billy liam"),
    ("richard ricardo", "dick dickie"),
    ("edward edmund edgar eduardo", "ted teddy ned"),
    ("theodore theodor", "ed"),
    ("margaret margarita margarete margarethe", "peg peggy daisy greta grete rita"),
    ("elizabeth elisabeth", "beth betty betsy bess libby liz lisa lizzy lily"),
    ("anthony antonio anton antonia", "tony toni"),
    ("henry heinrich", "hank harry"),
    ("harold", "hal"),
    ("charles carlos", "chuck"),
    ("john johannes", "ian hans hannes ivan"),
    ("james", "jim diego"),
    ("mary maria marie", "polly molly mimi"),
    ("martha matilda", "patty patsy tilda tilly"),
    ("sarah sara", "sally sadie"),
    ("dorothy dorothea", "dot dolly thea"),
    ("alexander alexandra alejandro aleksandr", "sandy sasha xander zander lex lexi sandra"),
    ("andrew andreas", "drew"),
    ("eugene evgeny yevgeny", "gene zhenya"),
    ("alfred frederick wilfred winifred frederica", "fred freddie winnie"),
    ("albert herbert hubert norbert gilbert", "bert bertie"),
    ("christina christine kristina", "tina"),
    ("christopher christian", "kit topher kris"),
    ("katherine kathryn catherine katarina", "kate kathy cathy kit kitty cat trina rina"),
    ("eleanor helen ellen", "nell nora nellie ellie lena"),
    ("patricia", "trish tricia"),
    ("charlotte", "lottie"),
    ("amanda", "mandy"),
    ("ann anne anna hannah", "nan nancy nina"),
    ("abigail", "gail"),
    ("rebecca", "becky becca"),
    ("virginia regina", "ginny gina"),
    ("isabella isabel", "bella bell"),
    ("sebastian", "bastian"),
    ("nicholas nikolaus nicolas", "claus klaus colin"),
    ("joseph josef jose giuseppe", "sepp pepe beppe"),
    ("francisco francesco", "paco pancho cesco"),
    ("ignacio", "nacho"),
    ("guadalupe", "lupe"),
    ("lawrence laurence lorenzo", "enzo renzo"),
    ("vincent vincenzo", "enzo"),
    ("alexei aleksei", "lyosha"),
    ("vladimir", "vova"),
    ("zachary", "zack"),
    ("timothy", "tim"),
)
_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "sir",
        "dame",
        "jr",
        "sr",
        "phd",
        "md",
        "mba",
        "esq",
        "ing",
        "dipl",
    ]
)
#: Letters that Unicode does not take apart, and what a keyboard without them makes of them.
_STROKES = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
_WORD = re.compile(r"[^\W\d_]+")


def may_be_same(one: str, other: str) -> bool:
    """Whether nothing shows that two full names belong to two people: they share a word, a nickname or an
    initial, or cannot be compared, such as a name in Greek letters with one in Latin letters.
    """
    words, others = _words(one), _words(other)
    if not words or not others or not _alphabets(words) & _alphabets(others):
        return True
    if not {word[0] for word in words}.isdisjoint(word[0] for word in others):
        return True
    return any(not _others_of(word).isdisjoint(others) for word in words)


def plain_words(name: str) -> list[str]:
    """The words of a name in small letters without accents: ``"Zoë O'Brien"`` → zoe, o, brien."""
    if name.isascii():
        return _WORD.findall(name.lower())
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", name).casefold())
    plain = plain.translate(_STROKES)
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return _WORD.findall(unicodedata.normalize("NFC", letters))


def _words(name: str) -> set[str]:
    """``"Dr. Zoë O'Brien"`` → zoe, o, brien."""
    words = set(plain_words(name)) - _TITLES
    # Each Chinese character, kana or Hangul counts as a word: names have no spaces.
    signs = {sign for word in words if not word.isascii() for sign in word if is_east_asian(sign)}
    return {word for word in words if signs.isdisjoint(word)} | signs


def is_east_asian(word: str) -> bool:
    """Whether a word is written in the letters of China, Japan or Korea."""
    return name_case.is_east_asian(word[:1])


def _alphabets(words: set[str]) -> set[str]:
    """The first letter's alphabet, as Unicode names it, of each word."""
    return {unicodedata.name(word[0], "").partition(" ")[0] for word in words}


def _others_of(word: str) -> frozenset[str]:
    return _forms().get(word, frozenset())


@cache
def _forms() -> dict[str, frozenset[str]]:
    """Every name that has other forms, with these."""
    forms: dict[str, frozenset[str]] = {}
    for group in _NICKNAMES:
        names = frozenset(" ".join(group).split())
        for name in names:
            forms[name] = forms.get(name, frozenset()) | names
    return forms
