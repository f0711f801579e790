"""Finds the ISO 3166 code of a country from what people write for it."""

from __future__ import annotations

import re
from functools import lru_cache

from chalicelib.identity.cells import ParsedCell, tidy
from chalicelib.identity.country_names import codes, name_key

_LONGEST = 100  # characters of a country's name
_CACHED_NAMES = 1024

_UNKNOWN = ParsedCell(problem="not the name or the code of a country")
_SEVERAL = ParsedCell(problem="more than one country")
_NUMBER = ParsedCell(problem="a number, not a country")
_SHARED = ParsedCell(problem="a calling code that several countries share")

_LABEL = re.compile(
    r"^(?:country|land|pays|pa[ií]s|paese|country of residence)\s*[:=]\s*", re.IGNORECASE
)
# A code stands alone, perhaps with dots between its letters. "N/A" is none.
_CODE = re.compile(r"[A-Za-z]{2,3}|[A-Za-z](?:\.? ?[A-Za-z]){1,3}\.?")
_DOTTED = frozenset({"us", "uk", "usa", "uae", "prc", "ksa", "rsa", "drc", "ddr", "brd", "eeuu"})
_LONGEST_CODE = 3
#: Codes that are also words for "no" and "not available": only "NO" and "NA" are countries.
_WORDS = frozenset({"no", "na"})

_REMARK = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_SEPARATORS = re.compile(
    r"\s*[/|;·_&]\s*|\s+[-–—]\s+|(?<=\b[A-Z]{2})-|-(?=[A-Z]{2}$)|\s(?:and|und|et|y|e)\s"
)
_COMMAS = re.compile(r"\s*,\s*")
#: Short names that follow a city: "Austin, TX, USA". Other short ones may be states: "Wilmington, DE".
_AFTER_CITIES = frozenset({"us", "usa", "uk", "uae"})
#: Also a state of the USA, so it gives way to another country beside it.
_GEORGIA = "GE"

_CALLING_CODE = re.compile(r"(?:\+|00)\s*([1-9]\d{0,2})")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_FLAG_LETTERS = 0x1F1E6 - ord("A")


def parse_country(cell: str) -> ParsedCell:
    """``"de"``, ``"Deutschland / Germany"``, ``"Germany (DE)"``, ``"Berlin, Germany"`` → ``"DE"``.

    Regions of the world, states, numbers and two countries are none.
    """
    return _read(tidy(cell)) if len(cell) <= _LONGEST else _UNKNOWN


def country_code(text: str) -> str:
    """The code alone; "" if it is not a country."""
    return parse_country(text).value


@lru_cache(_CACHED_NAMES)
def _read(text: str) -> ParsedCell:
    text = _LABEL.sub("", text)
    flags = "".join(chr(ord(sign) - _FLAG_LETTERS) for sign in "".join(_FLAG.findall(text)))
    if code := _whole(text) or _whole(flags):
        return ParsedCell(code)
    calling = _CALLING_CODE.fullmatch(text)
    if calling:
        return _of_calling_code(int(calling[1]))
    if text and not any(map(str.isalpha, text)):
        return _NUMBER if any(map(str.isdigit, text)) else _UNKNOWN
    found = _of_parts(text)
    if len(found) > 1:
        found -= {_GEORGIA}
    return ParsedCell(*found) if len(found) == 1 else _SEVERAL if found else _UNKNOWN


def _whole(text: str) -> str:
    """The code of a text that is one name or code and nothing else."""
    key = name_key(text)
    if key.isascii() and len(key) <= _LONGEST_CODE:
        bare = text.strip()
        spelt = bare.isalpha() or (key in _DOTTED and _CODE.fullmatch(bare))
        if not spelt or (key in _WORDS and not bare.isupper()):
            return ""
    return codes().get(key, "") if not any(map(str.isdigit, text)) else ""


def _of_parts(text: str) -> set[str]:
    """The countries that a text names in several parts; none where a part may be something else."""
    remarks = [code for remark in _REMARK.findall(text) if (code := _whole(remark))]
    outside = _REMARK.sub(" ", text).strip(" ,")
    if not outside:
        return set(remarks)
    named = _of_pieces(outside)
    return {*named, *remarks} if named else set()


def _of_pieces(text: str) -> set[str]:
    whole = _whole(text)
    if whole:
        return {whole}
    pieces = [piece for piece in _SEPARATORS.split(text) if piece]
    if len(pieces) > 1:
        found = [_of_pieces(piece) for piece in pieces]
        return set().union(*found) if all(found) else set()
    *before, last = _COMMAS.split(text)
    code = _whole(last) if before else ""
    if not code:
        return set()
    others = [_whole(piece) for piece in before]
    key = name_key(last)
    if all(others):
        return {code, *others}
    # What stands before the country is its city or state.
    return {code} if len(key) > _LONGEST_CODE or key in _AFTER_CITIES else set()


def _of_calling_code(number: int) -> ParsedCell:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE  # takes 30 to 60 ms

    regions = [r for r in COUNTRY_CODE_TO_REGION_CODE.get(number, ()) if r.isalpha()]
    if not regions:
        return _NUMBER
    return ParsedCell(regions[0]) if len(regions) == 1 else _SHARED
