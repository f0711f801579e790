"""Parses the cells of a row into a contact in canonical form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from chalicelib.identity.cells import ParsedCell, is_placeholder, tidy_text
from chalicelib.identity.companies import parse_company_domain
from chalicelib.identity.company_names import parse_company
from chalicelib.identity.countries import parse_country
from chalicelib.identity.emails import parse_email
from chalicelib.identity.linkedin import parse_linkedin_url
from chalicelib.identity.name_fields import NAMES, read_names
from chalicelib.identity.phones import parse_phone
from chalicelib.identity.salutations import parse_salutation
from chalicelib.model.contacts import Contact

#: Any one of these is enough to look a person up by.
IDENTITY_FIELDS = ("email", "phone", "linkedin_url", "full_name", "first_name", "last_name")
_IDENTITY = frozenset(IDENTITY_FIELDS)

_NO_IDENTITY = (
    "nothing to identify a person by: needs an e-mail, a phone number, a LinkedIn URL or a name"
)


def parse_contact(given: Mapping[str, str], default_country: str = "") -> Contact:
    """The contact that a row's cells (by field, trimmed) describe. Never raises.

    A cell that cannot be parsed is in ``problems``, in words that hold nothing of the cell. Placeholders such as
    "n/a" count as blank. ``default_country`` (ISO 3166 alpha-2): where a phone number without a country code is from
    in a row whose country is blank.
    """
    cells: dict[str, str] = {}
    parsed: dict[str, ParsedCell] = {}
    names: dict[str, str] = {}
    phone = ""
    for field, cell in given.items():
        if not cell or cell.isspace():
            continue
        cells[field] = cell
        if is_placeholder(cell):
            continue
        if field in _PARSERS:
            parsed[field] = _PARSERS[field](cell)
        elif field in NAMES:
            names[field] = cell
        elif field == "phone":
            phone = cell
    if names:
        parsed |= read_names(names)
    if phone:
        country = parsed["country"].value if "country" in parsed else default_country
        parsed["phone"] = parse_phone(phone, country)
    known: dict[str, str] = {}
    problems: dict[str, str] = {}
    for field, (value, problem) in parsed.items():
        if value:
            known[field] = value
        if problem:
            problems[field] = problem
    return Contact(MappingProxyType(cells), MappingProxyType(known), MappingProxyType(problems))


def has_identity(contact: Contact) -> bool:
    """Whether there is anything to look the contact up by."""
    return not _IDENTITY.isdisjoint(contact.known)


def explain_no_identity(contact: Contact) -> str:
    """The reason, for the result of the row, why nobody can be looked up; no personal data."""
    problems = [f"{f}: {contact.problems[f]}" for f in IDENTITY_FIELDS if f in contact.problems]
    return "no usable identity; " + "; ".join(problems) if problems else _NO_IDENTITY


def _parse_text(cell: str) -> ParsedCell:
    return ParsedCell(tidy_text(cell))


#: Fields that are read alone. A phone number depends on the country, and the names on each other.
_PARSERS: Mapping[str, Callable[[str], ParsedCell]] = {
    "email": parse_email,
    "title": _parse_text,
    "company": parse_company,
    "company_domain": parse_company_domain,
    "linkedin_url": parse_linkedin_url,
    "city": _parse_text,
    "region": _parse_text,
    "country": parse_country,
    "salutation": parse_salutation,
}
