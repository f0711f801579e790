"""Tells from the cells of a column what it holds, where its name does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from chalicelib.files import header_words
from chalicelib.files.headers import canonical_header, words_in

_EMAIL = re.compile(
    r"(?:[^<>\n]{0,100}<)?[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]{1,190}\.[^\s@<>.,;:\"]{2,24}>?\Z"
)
_LINKEDIN = re.compile(
    r"(?:https?://)?(?:[a-z]{2,3}\.)?linkedin\.com/(?:in|pub)/[^\s/]{1,100}", re.IGNORECASE
)
_URL = re.compile(r"(?:https?://|www\.)[^\s@]{3,}\Z", re.IGNORECASE)
#: With a sign of a phone: a country's or an area's code, or the groups of North America. Other digits may be ids.
_PHONE = re.compile(
    r"(?:(?:\+|00)[1-9][\d ()./-]{6,20}|\(\d{2,5}\)[\d ./-]{5,15}|0\d{1,4}[ /-][\d /-]{5,15}|\d{3}[-. ]\d{3}[-. ]\d{4})\Z"
)
_DECIMAL = re.compile(r"[+-]?\d+[.,]\d+\Z")
_NUMBER = re.compile(r"[\d\s.,:%()€$£¥+-]*\Z")
_HONORIFICS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "sir",
        "dr",
        "prof",
        "professor",
        "mdr",
        "herr",
        "frau",
        "hr",
        "fr",
        "m",
        "mme",
        "mlle",
        "monsieur",
        "madame",
        "dott",
        "dottssa",
        "sig",
        "sigra",
        "ing",
        "sr",
        "sra",
        "srta",
        "don",
        "dona",
        "dhr",
        "mevr",
        "mw",
        "pan",
        "pani",
        "herrn",
        "drmed",
        "profdr",
        "dipling",
        "様",
        "先生",
        "女士",
    ]
)
#: Characters of the first cell of a line of totals.
_LONGEST_TOTAL = 60
#: Cells of a column that are looked at, and how many of those that are not blank must be of a kind.
SAMPLE = 200
_MOST = 0.8
#: Columns in which so many cells are alike hold something of the company, or of the one who owns the list.
_DIFFERENT = 0.5


def is_email(cell: str) -> bool:
    """Whether a cell looks like an e-mail address."""
    return bool(_EMAIL.match(cell.strip()))


def is_linkedin(cell: str) -> bool:
    """Whether a cell is the address of a person's LinkedIn profile."""
    return bool(_LINKEDIN.match(cell.strip()))


def is_url(cell: str) -> bool:
    """Whether a cell is the address of a web page that is no LinkedIn profile."""
    return bool(_URL.match(cell.strip())) and not is_linkedin(cell)


def is_phone(cell: str) -> bool:
    """Whether a cell can hardly be anything but a phone number."""
    text = cell.strip()
    return (
        bool(_PHONE.match(text))
        and not _DECIMAL.match(text)
        and 7 <= sum(map(str.isdigit, text)) <= 15
    )


def is_honorific(cell: str) -> bool:
    """Whether a cell is a form of address, such as "Dr.": a title, but not a job."""
    return all(word in _HONORIFICS for word in map(canonical_header, cell.split())) and bool(
        cell.strip()
    )


_KINDS: Mapping[str, Callable[[str], bool]] = {
    "email": is_email,
    "linkedin_url": is_linkedin,
    "phone": is_phone,
}


def kind_of(cells: Sequence[str]) -> str:
    """The field that most cells of a column are of: email, linkedin_url or phone; "" for none."""
    return next((field for field, is_kind in _KINDS.items() if mostly(is_kind, cells)), "")


def mostly(is_kind: Callable[[str], bool], cells: Sequence[str]) -> bool:
    """Whether most of the cells that are not blank are of a kind, and there are any."""
    given = [cell for cell in cells[:SAMPLE] if cell and not cell.isspace()]
    return bool(given) and sum(map(is_kind, given)) >= _MOST * len(given)


def differ(cells: Sequence[str]) -> bool:
    """Whether the cells of a column differ from each other, as those about different people do."""
    given = [cell.strip() for cell in cells[:SAMPLE] if cell.strip()]
    return len(set(given)) >= _DIFFERENT * len(given) or len(given) == 1


def is_header(cells: Sequence[str], columns: Sequence[str]) -> bool:
    """Whether a row repeats the names of the columns, as lists do that were put together from several."""
    is_one = False
    for cell, name in zip(cells, columns, strict=False):
        if cell and not cell.isspace():
            if cell.strip().casefold() != name.strip().casefold():
                return False  # as of nearly all rows
            is_one = True
    return is_one


def is_total(cells: Sequence[str]) -> bool:
    """Whether a row is the line of totals below a list: a word for it, and nothing but numbers."""
    first = ""
    for cell in cells:
        if not cell or cell.isspace():
            continue
        if not first:
            first = cell
        elif not _NUMBER.match(cell) or is_phone(cell):
            return False  # as of nearly all rows
    if not first or len(first) > _LONGEST_TOTAL:
        return False
    word = canonical_header(re.sub(r"[\d.,:]+", " ", first))
    return word in words_in(header_words.TOTALS)
