"""Defines a contact and its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: The fields of a job that names none, in the order of the output columns.
DEFAULT_FIELDS = (
    "first_name",
    "last_name",
    "full_name",
    "email",
    "email_status",
    "email_valid",
    "email_problem",
    "email_suggestion",
    "email_domain",
    "email_free",
    "email_disposable",
    "email_role",
    "email_host",
    "phone",
    "phone_valid",
    "phone_type",
    "phone_country",
    "phone_region",
    "phone_timezone",
    "title",
    "seniority",
    "department",
    "company",
    "company_clean",
    "company_domain",
    "linkedin_url",
    "city",
    "region",
    "country",
)
#: Every field the service knows. Those at the end are there on request alone: a form of address is in the list
#: already, and finding duplicates takes time while a list is split.
FIELDS = (*DEFAULT_FIELDS, "salutation", "duplicate_of")

#: The fields that most lists lack. A row is "matched" when it has all of these, unless the job names
#: others.
HEADLINE_FIELDS = ("email", "phone", "title", "company", "linkedin_url")

#: Fields that say something about others, and are blank where there is nothing to say. No row needs them to be
#: "matched".
REMARKS = frozenset(
    {"email_problem", "email_suggestion", "seniority", "department", "company_clean"}
    | {"salutation", "duplicate_of"}
)

#: Fields that a column of a list can hold; the others follow from them.
COLUMN_FIELDS = (
    *(
        "first_name",
        "last_name",
        "full_name",
        "email",
        "phone",
        "title",
        "company",
        "company_domain",
    ),
    *("linkedin_url", "city", "region", "country", "salutation"),
)


@dataclass(frozen=True)
class Earlier:
    """An earlier row about the same person. ``row``: its number; the first contact of the list is 1.

    ``confidence``: from 0 to 1.
    """

    row: int
    confidence: float


@dataclass(frozen=True)
class Contact:
    """What is known about one person of the list.

    ``given``: the cells of the row by field, trimmed, never blank.
    ``known``: canonical values by field: those of ``given`` that can be used, and those that providers
    found so far.
    ``problems``: why a given value cannot be used, by field: ``{"email": "no @ sign"}``.
    ``earlier``: an earlier row of the list about the same person, if the job looks for one.
    """

    given: Mapping[str, str]
    known: Mapping[str, str]
    problems: Mapping[str, str]
    earlier: Earlier | None = None
