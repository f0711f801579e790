"""Hunter as the vendor server plays it, below ``/v2`` (hunter.io/api-documentation/v2): one lookup a call.

Its use of HTTP is its own: 403 is too fast, 429 is used up, 451 is a person who objected. Quirks are
answers that its documentation leaves open, or gives to some people only.
"""

from __future__ import annotations

from typing import Any

from tests.vendors.people import Asked, Person
from tests.vendors.vendor import Reply, Request, Vendor

#: Path → credits for a match.
PRICES = {"/combined/find": 2.0, "/people/find": 1.0, "/email-finder": 1.0}
#: What its test key and its examples say of nobody in particular.
MASK = "j***@example.com"


class Hunter(Vendor):
    name = "hunter"
    quirks = frozenset(
        {
            "claimed",  # 451: the person asked not to be processed
            "running",  # 202: still verifying, ask again
            "whim",  # 222: the mail server is odd, ask later
            "wrong_params",  # 400
            "unprocessable",  # 422
            "null_email",  # the finder's miss is a 200 whose e-mail is null
            "in_handle",  # the LinkedIn handle is "in/x", not "x"
            "somebody_else",  # the record of another person
            "masked",
            "fuzzy",  # found by likeness
            "accept_all",  # the domain takes every address
            "other_company",  # it took the company's name for another's
        }
    )

    def key_of(self, request: Request) -> str:
        """Hunter takes the key in the URL as well, where it ends up in logs: here that is wrong."""
        return "" if "api_key" in request.query else request.headers.get("x-api-key", "")

    def answer(self, request: Request) -> Reply:
        if request.method != "GET" or request.path not in PRICES:
            return _error(404, "not_found")
        special = {
            **{"claimed": (451, "claimed_email"), "wrong_params": (400, "wrong_params")},
            "unprocessable": (422, "invalid_full_name"),
        }
        for fault, (status, code) in special.items():
            if fault in request.faults:
                return _error(status, code)
        for fault, status in (("running", 202), ("whim", 222)):
            if fault in request.faults:
                return Reply(status, {"data": {"status": None}})
        person = self.look_up(_asked(request), PRICES[request.path])
        if person is None:
            return self._miss(request)
        record = _found if request.path == "/email-finder" else _record
        data = record(person, request)
        if request.path == "/combined/find":
            data = {"person": data, "company": _company(person)}
        return Reply(200, {"data": data, "meta": {}})

    def _miss(self, request: Request) -> Reply:
        if request.path == "/email-finder" and "null_email" in request.faults:
            asked = {"first_name": request.query.get("first_name"), "domain": "example.com"}
            return Reply(200, {"data": {**asked, "email": None, "score": None}, "meta": {}})
        return _error(404, "not_found")

    def throttled(self, request: Request, retry_after: float) -> Reply:
        return _error(403, "too_many_requests")

    def out_of_credits(self, request: Request) -> Reply:
        return _error(429, "usage_limit")

    def bad_key(self, request: Request) -> Reply:
        return _error(401, "authentication_failed")


def _error(status: int, code: str) -> Reply:
    return Reply(status, {"errors": [{"id": code, "code": status, "details": "See the docs."}]})


def _asked(request: Request) -> Asked:
    asked = request.query
    return Asked(
        email=asked.get("email", ""),
        linkedin=asked.get("linkedin_handle", ""),
        first=asked.get("first_name", ""),
        last=asked.get("last_name", ""),
        full=asked.get("full_name", ""),
        company=asked.get("company", ""),
        domain=asked.get("domain", ""),
    )


def _record(person: Person, request: Request) -> dict[str, Any]:
    masked, other = "masked" in request.faults, "somebody_else" in request.faults
    handle = f"in/{person.linkedin}" if "in_handle" in request.faults else person.linkedin
    return {
        "id": f"hunter-{person.number}",
        "name": {"fullName": person.full, "givenName": person.first, "familyName": person.last},
        "email": "somebody.else@example.net" if other else person.email,
        "location": f"{person.city}, {person.country_name}",
        "geo": {
            "city": person.city,
            "state": person.region,
            "country": person.country_name,
            "countryCode": person.country,
        },
        "employment": {"domain": person.domain, "name": person.company, "title": person.title},
        "linkedin": {"handle": None if masked else handle},
        "twitter": {"handle": None},
        "fuzzy": "fuzzy" in request.faults,
        "phone": True if masked else person.phone,
    }


def _company(person: Person) -> dict[str, Any]:
    return {
        "name": person.company,
        "domain": person.domain,
        "metrics": {"employees": "11-50"},
        "linkedin": {"handle": "company/larkspur"},
    }


def _found(person: Person, request: Request) -> dict[str, Any]:
    status = "accept_all" if "accept_all" in request.faults else "valid"
    return {
        "first_name": person.first,
        "last_name": person.last,
        "email": MASK if "masked" in request.faults else person.email,
        "score": 60 + person.number % 40,
        "domain": person.domain,
        "accept_all": status == "accept_all",
        "position": person.title,
        "linkedin_url": f"https://www.linkedin.com/in/{person.linkedin}",
        "phone_number": person.phone,
        "company": "Somebody Else Ltd" if "other_company" in request.faults else person.company,
        "sources": [],
        "verification": {"date": "2026-01-01", "status": status},
    }
