"""First floor: Hunter's records. The data of its answers go in, values by field come out.

Source: https://hunter.io/api-documentation/v2.
"""

from __future__ import annotations

from chalicelib.providers.base import Found
from chalicelib.providers.values import Json, canonical, confidence_of, email_status, value_at

PROFILE = "https://www.linkedin.com/in/"
#: Hunter gives none for what it has on record; a "fuzzy" record is not surely the person's.
ON_RECORD, FUZZY = 0.9, 0.6


def read_combined(data: Json) -> dict[str, Found]:
    company, person = value_at(data, "company"), read_person(value_at(data, "person"))
    if "company" in person or "company_domain" in person:
        return person
    told = {"company": value_at(company, "name"), "company_domain": value_at(company, "domain")}
    return {**canonical(told, ON_RECORD), **person}


def read_person(data: Json) -> dict[str, Found]:
    handle = value_at(data, "linkedin", "handle")  # "x" or "in/x"
    told = {
        "full_name": value_at(data, "name", "fullName"),
        "first_name": value_at(data, "name", "givenName"),
        "last_name": value_at(data, "name", "familyName"),
        "email": value_at(data, "email"),
        "phone": value_at(data, "phone"),
        "title": value_at(data, "employment", "title"),
        "company": value_at(data, "employment", "name"),
        "company_domain": value_at(data, "employment", "domain"),
        "linkedin_url": PROFILE + handle.removeprefix("in/") if isinstance(handle, str) else None,
        "city": value_at(data, "geo", "city"),
        "region": value_at(data, "geo", "state"),
        "country": value_at(data, "geo", "countryCode") or value_at(data, "geo", "country"),
    }
    return canonical(told, FUZZY if value_at(data, "fuzzy") is True else ON_RECORD)


def read_finder(data: Json) -> dict[str, Found]:
    told = {
        "email": value_at(data, "email"),
        "first_name": value_at(data, "first_name"),
        "last_name": value_at(data, "last_name"),
        "title": value_at(data, "position"),
        "company": value_at(data, "company"),
        "linkedin_url": value_at(data, "linkedin_url"),
        "phone": value_at(data, "phone_number"),
    }
    values = canonical(told, confidence_of(value_at(data, "score"), 100, 0.0))
    # A miss may be a 200 whose e-mail is null: the names in it are only those that were asked with.
    status = email_status(value_at(data, "verification", "status"))
    return {**values, **status} if "email" in values else {}
