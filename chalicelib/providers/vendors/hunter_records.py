"""First floor: Hunter's records. The data of its answers go in, values by field come out.

Source: https://hunter.io/api-documentation/v2.
"""

from __future__ import annotations

from chalicelib.providers.base import Found
from chalicelib.providers.values import Json, at, canonical, email_status, share

PROFILE = "https://www.linkedin.com/in/"
#: Hunter gives none for what it has on record; a "fuzzy" record is not surely the person's.
ON_RECORD, FUZZY = 0.9, 0.6


def read_combined(data: Json) -> dict[str, Found]:
    company, person = at(data, "company"), read_person(at(data, "person"))
    if "company" in person or "company_domain" in person:
        return person
    told = {"company": at(company, "name"), "company_domain": at(company, "domain")}
    return {**canonical(told, ON_RECORD), **person}


def read_person(data: Json) -> dict[str, Found]:
    handle = at(data, "linkedin", "handle")  # "x" or "in/x"
    told = {
        "full_name": at(data, "name", "fullName"),
        "first_name": at(data, "name", "givenName"),
        "last_name": at(data, "name", "familyName"),
        "email": at(data, "email"),
        "phone": at(data, "phone"),
        "title": at(data, "employment", "title"),
        "company": at(data, "employment", "name"),
        "company_domain": at(data, "employment", "domain"),
        "linkedin_url": PROFILE + handle.removeprefix("in/") if isinstance(handle, str) else None,
        "city": at(data, "geo", "city"),
        "region": at(data, "geo", "state"),
        "country": at(data, "geo", "countryCode") or at(data, "geo", "country"),
    }
    return canonical(told, FUZZY if at(data, "fuzzy") is True else ON_RECORD)


def read_finder(data: Json) -> dict[str, Found]:
    told = {
        "email": at(data, "email"),
        "first_name": at(data, "first_name"),
        "last_name": at(data, "last_name"),
        "title": at(data, "position"),
        "company": at(data, "company"),
        "linkedin_url": at(data, "linkedin_url"),
        "phone": at(data, "phone_number"),
    }
    values = canonical(told, share(at(data, "score"), 100, 0.0))
    # A miss may be a 200 whose e-mail is null: the names in it are only those that were asked with.
    status = email_status(at(data, "verification", "status"))
    return {**values, **status} if "email" in values else {}
