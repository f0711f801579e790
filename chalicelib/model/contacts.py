"""Defines a contact and its fields, and finds the columns of a list that hold them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Every field the service knows, in the order of the output columns.
FIELDS = (
    "first_name",
    "last_name",
    "full_name",
    "email",
    "email_status",
    "email_valid",
    "email_problem",
    "email_domain",
    "email_free",
    "email_disposable",
    "email_role",
    "phone",
    "phone_valid",
    "phone_type",
    "phone_country",
    "phone_region",
    "phone_timezone",
    "title",
    "company",
    "company_domain",
    "linkedin_url",
    "city",
    "region",
    "country",
)

#: The fields that most lists lack. A row is "matched" when it has all of these, unless the job names
#: others.
HEADLINE_FIELDS = ("email", "phone", "title", "company", "linkedin_url")

#: Fields that a list can give, each with the header names for it, best first, in the form of
#: ``canonical_header``. Gathered from the exports of LinkedIn, Google Contacts, Outlook,
#: HubSpot, Salesforce and Apollo.
HEADER_ALIASES: Mapping[str, tuple[str, ...]] = {
    "first_name": ("firstname", "givenname", "forename", "fname", "first", "vorname", "prénom"),
    "last_name": (
        ("lastname", "familyname", "surname", "lname", "last", "nachname", "nomdefamille")
    ),
    "full_name": ("fullname", "name", "contactname", "displayname", "personname", "contact"),
    "email": (
        *("email", "emailaddress", "workemail", "businessemail", "primaryemail", "email1value"),
        *("emailid", "contactemail", "mail", "emailadresse", "personalemail", "email2value"),
        *("email2address", "email3value", "email3address"),
    ),
    "phone": (
        *("phone", "phonenumber", "workphone", "businessphone", "workdirectphone", "directphone"),
        *("mobilephone", "mobilephonenumber", "mobile", "mobilenumber", "cellphone", "cell"),
        *("primaryphone", "contactphone", "phone1value", "telephone", "telephonenumber", "tel"),
        *("telefon", "phone2value", "homephone", "phone3value", "otherphone"),
    ),
    "title": (
        *("jobtitle", "position", "organization1title", "organizationtitle", "jobrole"),
        *("designation", "occupation", "title", "role"),
    ),
    "company": (
        *("company", "companyname", "organization1name", "organizationname", "organization"),
        *("organisation", "accountname", "employer", "currentcompany", "firma"),
        *("companynameforemails",),
    ),
    "company_domain": (
        *("companydomain", "companydomainname", "domain", "websiteurl", "companywebsite"),
        *("website", "webpage", "companyurl"),
    ),
    "linkedin_url": (
        *("linkedinurl", "linkedin", "personlinkedinurl", "linkedinprofile"),
        *("linkedinprofileurl", "contactlinkedinurl", "profileurl", "url"),
    ),
    "city": ("city", "mailingcity", "businesscity", "town", "locality", "address1city"),
    "region": (
        *("region", "state", "stateregion", "province", "mailingstate", "businessstate"),
        *("mailingstateprovince", "address1region"),
    ),
    "country": (
        *("country", "countryregion", "businesscountryregion", "mailingcountry", "countrycode"),
        *("countryorregion", "address1country"),
    ),
}

#: Fields that lists spread over several columns ("Business Phone", "Mobile Phone"): the first cell that is
#: not blank counts. For every other field only the best column counts: Outlook's "Title" is "Dr.", not a
#: job, and must not be used where "Job Title" is blank.
SPREAD_FIELDS = frozenset({"email", "phone"})

#: Characters; no known name is longer. Unicode's normal forms can take quadratic time.
_LONGEST_NAME = 100


def canonical_header(name: str) -> str:
    """The letters and digits of a header name in lower case: ``"E-mail 1 - Value"`` → ``"email1value"``.

    Case, spaces, underscores, hyphens, no-break spaces and byte-order marks make no difference. "" for a
    text that is too long to be a name.
    """
    if len(name) > _LONGEST_NAME:
        return ""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


_FIELD_OF_HEADER = {
    canonical_header(alias): (field, rank)
    for field, aliases in HEADER_ALIASES.items()
    for rank, alias in enumerate((field, *aliases))
}


def map_columns(
    columns: Sequence[str], mapping: Mapping[str, str] | None = None
) -> dict[str, tuple[int, ...]]:
    """The columns that hold each field: field → column positions, best first.

    ``mapping`` (column name → field, or "" for none) comes from the user and takes precedence over the
    known header names: a field named there is taken from those columns only.
    """
    mapping = mapping or {}
    mapped = set(mapping.values())
    ranked: dict[str, list[tuple[int, int]]] = {}
    for position, column in enumerate(columns):
        if column in mapping:
            field, rank = mapping[column], -1
        else:
            field, rank = _FIELD_OF_HEADER.get(canonical_header(column), ("", 0))
            if field in mapped:
                continue
        if field:
            ranked.setdefault(field, []).append((rank, position))
    return {
        field: tuple(position for _, position in sorted(found))[
            : None if field in SPREAD_FIELDS else 1
        ]
        for field, found in ranked.items()
    }


@dataclass(frozen=True)
class Contact:
    """What is known about one person of the list.

    ``given``: the cells of the row by field, trimmed, never blank.
    ``known``: canonical values by field: those of ``given`` that can be used, and those that providers
    found so far.
    ``problems``: why a given value cannot be used, by field: ``{"email": "no @ sign"}``.
    """

    given: Mapping[str, str]
    known: Mapping[str, str]
    problems: Mapping[str, str]
