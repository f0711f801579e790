"""Ground floor, identity: who a row means. Its cells go in, a contact in canonical form comes out.

Everything here follows from the text of the cells alone: no clock, no network, no randomness. So
the same person gets the same identity each time, which is what keeps the ledger from paying twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from chalicelib.identity.cells import PLACEHOLDERS, Reading, tidy
from chalicelib.identity.companies import read_company_domain
from chalicelib.identity.countries import country_code
from chalicelib.identity.emails import read_email
from chalicelib.identity.linkedin import read_linkedin_url
from chalicelib.identity.names import read_name
from chalicelib.identity.phones import read_phone
from chalicelib.model.contacts import Contact

#: Any one of these is enough to look a person up by.
IDENTITY_FIELDS = ("email", "phone", "linkedin_url", "full_name", "first_name", "last_name")

_NO_IDENTITY = (
    "nothing to identify a person by: needs an e-mail, a phone number, a LinkedIn URL or a name"
)


def read_contact(given: Mapping[str, str]) -> Contact:
    """The contact that a row's cells (by field, trimmed) describe. Never raises.

    What cannot be read is in ``problems``, in words that hold nothing of the cell. A country
    that is not recognised stays as it is written. Placeholders such as "n/a" count as blank.
    """
    cells = {field: cell for field, cell in given.items() if cell and not cell.isspace()}
    readings = {
        field: _read(field, cell, cells)
        for field, cell in cells.items()
        if field in _READERS and tidy(cell) not in PLACEHOLDERS
    }
    return Contact(
        given=MappingProxyType(cells),
        known=MappingProxyType({f: r.value for f, r in readings.items() if r.value}),
        problems=MappingProxyType({f: r.problem for f, r in readings.items() if r.problem}),
    )


def has_identity(contact: Contact) -> bool:
    """Whether the contact can be looked up at all."""
    return any(field in contact.known for field in IDENTITY_FIELDS)


def why_not(contact: Contact) -> str:
    """Why a contact has no usable identity, for the row that comes back; no personal data."""
    problems = [f"{f}: {contact.problems[f]}" for f in IDENTITY_FIELDS if f in contact.problems]
    return "no usable identity; " + "; ".join(problems) if problems else _NO_IDENTITY


def _read(field: str, cell: str, cells: Mapping[str, str]) -> Reading:
    if field == "phone":
        return read_phone(cell, country_code(cells.get("country", "")))
    return _READERS[field](cell)


def _read_text(cell: str) -> Reading:
    return Reading(tidy(cell))


def _read_country(cell: str) -> Reading:
    return Reading(country_code(cell) or tidy(cell))


_READERS: Mapping[str, Callable[[str], Reading]] = {
    "first_name": read_name,
    "last_name": read_name,
    "full_name": read_name,
    "email": read_email,
    "phone": read_phone,
    "title": _read_text,
    "company": _read_text,
    "company_domain": read_company_domain,
    "linkedin_url": read_linkedin_url,
    "city": _read_text,
    "region": _read_text,
    "country": _read_country,
}
