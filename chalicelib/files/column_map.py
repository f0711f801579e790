"""Decides which field each column of a list is read as: by the user, by its name, by what its cells hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalicelib.files import header_words
from chalicelib.files.contents import (
    differ,
    is_honorific,
    is_linkedin,
    is_url,
    kind_of,
    mostly,
)
from chalicelib.files.headers import Meaning, canonical_header, meaning_of, words_in, words_of

#: Field → positions of its columns, best first.
ColumnMap = dict[str, tuple[int, ...]]

#: Fields that lists spread over several columns ("Business Phone", "Mobile Phone"): the first cell that is
#: not blank counts. For every other field only the best column counts: Outlook's "Title" is "Dr.", not a
#: job, and must not be used where "Job Title" is blank.
SPREAD_FIELDS = frozenset({"email", "phone"})
#: Names that mean a page of the company or the person's LinkedIn profile; the cells tell.
_URLS = frozenset({"url", "link", "urls", "links"})
#: What a column called "Title" means that holds "Mr" and "Dr.": after any column that is called "Salutation".
_HONORIFICS = Meaning("salutation", 10_000)
#: Fields for which the cells of a column alone are enough.
_BY_CONTENT = ("email", "phone", "linkedin_url")

Ranked = dict[str, list[tuple[int, int]]]


def map_columns(
    columns: Sequence[str],
    mapping: Mapping[str, str] | None = None,
    rows: Sequence[Sequence[str]] = (),
) -> ColumnMap:
    """The columns that hold each field.

    ``mapping`` (column name → field, or "" for none) comes from the user and takes precedence: a field named there
    is taken from those columns only. ``rows``: some rows of the list, as many cells each as there are columns.
    """
    mapping = mapping or {}
    mapped = set(mapping.values())
    ranked: Ranked = {}
    for position, column in enumerate(columns):
        if column in mapping:
            meaning = Meaning(mapping[column], -1)
        else:
            meaning = meaning_of(column)
            if canonical_header(column) in _URLS or meaning.field in ("title", "linkedin_url"):
                meaning = _checked(column, meaning, [row[position] for row in rows])
            if meaning.field in mapped:
                continue
        if meaning.field:
            ranked.setdefault(meaning.field, []).append((meaning.rank, position))
    _place_bare_name(ranked, columns, mapping, rows)
    _add_by_content(ranked, columns, mapping, rows)
    return {
        field: tuple(position for _, position in sorted(found))[
            : None if field in SPREAD_FIELDS else 1
        ]
        for field, found in ranked.items()
    }


def _checked(column: str, meaning: Meaning, cells: Sequence[str]) -> Meaning:
    """The meaning of a name that can mean several things, once its cells are looked at."""
    if meaning.field == "title":
        return _HONORIFICS if mostly(is_honorific, cells) else meaning
    if mostly(is_linkedin, cells):
        return Meaning("linkedin_url", max(meaning.rank, 1))
    if mostly(is_url, cells) and canonical_header(column) in _URLS:  # vCard's URL is a website
        return Meaning("company_domain", 10_000)
    return meaning


def _place_bare_name(
    ranked: Ranked,
    columns: Sequence[str],
    mapping: Mapping[str, str],
    rows: Sequence[Sequence[str]],
) -> None:
    """Take "Name" for the last name where there is a first name only ("Name", "Vorname"), and the other way round
    ("Nombre", "Apellidos"), unless its cells hold the whole name.
    """
    found = [place for place in ranked.get("full_name", []) if columns[place[1]] not in mapping]
    missing = [field for field in ("first_name", "last_name") if field not in ranked]
    if not found or len(missing) != 1 or missing[0] in mapping.values():
        return
    place = min(found)
    (other,) = {"first_name", "last_name"}.difference(missing)
    half = min(ranked[other])[1]
    if len(words_of(columns[place[1]])) > 1 or _holds(rows, place[1], half):
        return
    ranked["full_name"].remove(place)
    if not ranked["full_name"]:
        del ranked["full_name"]
    ranked[missing[0]] = [place]


def _holds(rows: Sequence[Sequence[str]], whole: int, half: int) -> bool:
    """Whether most cells of one column hold those of another one."""
    pairs = [(row[whole].casefold(), row[half].strip().casefold()) for row in rows]
    given = [name in text for text, name in pairs if name and text.strip()]
    return bool(given) and sum(given) * 2 > len(given)


def _add_by_content(
    ranked: Ranked,
    columns: Sequence[str],
    mapping: Mapping[str, str],
    rows: Sequence[Sequence[str]],
) -> None:
    """For fields that no name gave, take the only column whose cells are of that kind; none where two are."""
    missing = {f for f in _BY_CONTENT if f not in ranked and f not in mapping.values()}
    if not missing or not rows:
        return
    named = {position for found in ranked.values() for _, position in found}
    candidates: dict[str, list[int]] = {}
    others = words_in(header_words.OF_OTHERS)
    for position, column in enumerate(columns):
        if position in named or column in mapping or not others.isdisjoint(words_of(column)):
            continue
        cells = [row[position] for row in rows]
        field = kind_of(cells)
        if field in missing and differ(cells):
            candidates.setdefault(field, []).append(position)
    for field, positions in candidates.items():
        if len(positions) == 1:
            ranked[field] = [(0, positions[0])]
