"""Reads the three names of a row together: each tells what the others mean."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.identity import name_words
from chalicelib.identity.cells import ParsedCell, tidy
from chalicelib.identity.emails import ROLES
from chalicelib.identity.name_case import PARTICLES, capitalised
from chalicelib.identity.name_cells import parse_name, title_before

NAMES = ("first_name", "last_name", "full_name")
_BLANK = ParsedCell()

#: What is said of the whole row, whichever of its names shows it.
_OF_ALL = frozenset({name_words.COMPANY, name_words.TEAM, name_words.TOTAL, name_words.SEVERAL})
#: Given names that follow another one: "Mary Jane" is no first and last name.
_SECOND_NAMES = frozenset(
    """
    ann anne anna jane jean jo joy kay lee lou louise lynn mae marie maria may rose ruth sue beth belle grace ellen
    elizabeth elaine claire josé jose luis luís antonio antónio carlos manuel miguel pedro pablo paulo paul pierre michel
    luc louis claude jacques françois philippe yves marc noël sophie laure christine france carmen isabel teresa luisa
    luiza fernanda eduarda clara victoria beatriz josef peter heinz georg hans joachim dieter otto wilhelm friedrich karl
    ángel angel maría jesús alberto enrique eduardo fernando francisco javier andrés david
    """.split()
)


def read_names(cells: Mapping[str, str]) -> dict[str, ParsedCell]:
    """What the cells of the name fields hold, by field; a field may be known that has no cell.

    A first name that holds both names counts as a full name; "Mr. Doe" is a last name.
    """
    parsed, is_usual = {}, True
    for name, cell in cells.items():
        parsed[name] = parse_name(cell)
        if parsed[name].value != cell or (name != "full_name" and " " in cell):
            is_usual = False
    if is_usual:
        return _unless_nobody(parsed)  # as of most rows
    for of_all in (name.problem for name in parsed.values() if name.problem in _OF_ALL):
        return dict.fromkeys(parsed, ParsedCell(problem=of_all))
    known = {name: parsed[name].value for name in NAMES if name in parsed and parsed[name].value}
    _read_full(known, cells.get("full_name", ""))
    _read_halves(known, cells)
    problems = {name: p for name, p in parsed.items() if p.problem}
    return _unless_nobody(
        {**problems, **{name: ParsedCell(value) for name, value in known.items()}}
    )


def _read_full(known: dict[str, str], cell: str) -> None:
    """Take what the cell of the full name says of its halves."""
    if "full_name" not in known:
        return
    if " " not in known["full_name"] and title_before(cell):
        known.setdefault("last_name", known.pop("full_name"))
        return
    family, comma, given = tidy(cell).partition(",")
    last = parse_name(family).value if comma and " " in family and given.strip() else ""
    if " " in last and known["full_name"].endswith(f" {last}"):
        known.setdefault("last_name", last)
        known.setdefault("first_name", known["full_name"].removesuffix(f" {last}"))


def _read_halves(known: dict[str, str], cells: Mapping[str, str]) -> None:
    """Take out of each half what belongs to the other."""
    first, last = known.get("first_name", ""), known.get("last_name", "")
    if first and last:
        last = _as_in_full_name(last, cells.get("last_name", last))
        if " " in first and first.casefold() == last.casefold():
            known.setdefault("full_name", first)
            del known["first_name"], known["last_name"]
            return
        known["first_name"] = _without(first, last, at_end=True)
        known["last_name"] = _without(last, first, at_end=False)
    elif " " in first and _holds_both(first):
        known.setdefault("full_name", known.pop("first_name"))
    elif last and "," in cells.get("last_name", ""):
        known.setdefault("full_name", known.pop("last_name"))


def _holds_both(first: str) -> bool:
    words = first.lower().split(" ")
    return words[-1] not in _SECOND_NAMES and not all(
        len(word.strip(".")) <= 1 for word in words[1:]
    )


def _without(name: str, other: str, *, at_end: bool) -> str:
    """``"Jane Doe"`` beside Doe → Jane."""
    low, other = name.casefold(), other.casefold()
    if at_end and low.endswith(f" {other}"):
        return name[: -len(other) - 1].strip()
    if not at_end and low.startswith(f"{other} "):
        return name[len(other) + 1 :].strip()
    return name


def _as_in_full_name(last: str, cell: str) -> str:
    """``"VAN DER BERG"`` → van der Berg, as behind a first name; capitals that somebody chose stay."""
    has_lost = cell.isupper() or cell.islower()
    if not has_lost or last.partition(" ")[0].lower() not in PARTICLES or " " not in last:
        return last
    return capitalised(f"x {last}".lower()).partition(" ")[2]


def _unless_nobody(names: dict[str, ParsedCell]) -> dict[str, ParsedCell]:
    """The names, unless they are a function's together: "Customer Service", "Info"."""
    full = names.get("full_name")
    first, last = names.get("first_name", _BLANK).value, names.get("last_name", _BLANK).value
    whole = full.value if full else f"{first} {last}".strip() if first else ""
    words = whole.lower().replace("-", " ").split(" ")
    is_role = "".join(words) in ROLES or (
        not last and words[0] in ROLES and ROLES.issuperset(words)
    )
    return dict.fromkeys(names, ParsedCell(problem=name_words.TEAM)) if is_role else names
