"""Prospeo as the vendor server plays it: ``POST /bulk-enrich-person`` (prospeo.io/api-docs), fifty a call.

Matches come with the identifier that was sent, misses and unusable questions as lists of identifiers. Most
errors are 400s. Whom it found before it finds again for nothing.
"""

from __future__ import annotations

import math
from typing import Any

from tests.vendors import people
from tests.vendors.account import OutOfCreditsError
from tests.vendors.people import Asked, Person
from tests.vendors.vendor import Reply, Request, Vendor

MOST = 50


class Prospeo(Vendor):
    name = "prospeo"
    quirks = frozenset(
        {
            "masked",  # the e-mail is there, but not shown
            "unverified",
            "no_match",  # 400 NO_MATCH for the whole call
            "bad_request",  # 400 INVALID_REQUEST
            "internal",  # 400 INTERNAL_ERROR
            "numbers",  # identifiers come back as numbers
        }
    )

    def reset(self) -> None:
        super().reset()
        self._found_before: set[str] = set()

    def key_of(self, request: Request) -> str:
        return request.headers.get("x-key", "")

    def answer(self, request: Request) -> Reply:
        if (request.method, request.path) != ("POST", "/bulk-enrich-person"):
            return Reply(404, {"error": True})
        codes = {"no_match": "NO_MATCH", "bad_request": "INVALID_REQUEST"}
        for fault, code in {**codes, "internal": "INTERNAL_ERROR"}.items():
            if fault in request.faults:
                return _refusal(400, code)
        data = request.json()["data"]
        if not 1 <= len(data) <= MOST or not all(each.get("identifier") for each in data):
            return _refusal(400, "INVALID_REQUEST")
        return Reply(200, self._looked_up(data, request))

    def _looked_up(self, data: list[dict[str, str]], request: Request) -> dict[str, Any]:
        """Nobody is looked up unless the credits suffice for all."""
        prices = {each["identifier"]: self._price(_asked(each)) for each in data}
        left = self.account.credits_left
        if left is not None and left < sum(prices.values()):
            raise OutOfCreditsError
        matched, not_matched = [], []
        for each in data:
            identifier, asked = each["identifier"], _asked(each)
            person = self.look_up(asked, prices[identifier]) if asked.identity else None
            if person is None:
                not_matched.append(identifier)
            else:
                self._found_before.add(asked.identity)
                matched.append({"identifier": identifier, **_record(person, request)})
        return {
            "error": False,
            "total_cost": sum(prices.values()),
            "matched": _renamed(request.arranged(matched), request),
            "not_matched": not_matched,
            "invalid_datapoints": [],
        }

    def _price(self, asked: Asked) -> int:
        is_known = people.knows(self.name, asked.identity, self.coverage)
        return int(is_known and asked.identity not in self._found_before)

    def throttled(self, request: Request, retry_after: float) -> Reply:
        headers = {"x-minute-request-left": "0", "x-minute-rate-limit": "300"}
        reset = {"x-minute-reset-seconds": str(math.ceil(retry_after))}
        return Reply(429, {"error": True, "error_code": "RATE_LIMITED"}, {**headers, **reset})

    def out_of_credits(self, request: Request) -> Reply:
        return _refusal(400, "INSUFFICIENT_CREDITS")

    def bad_key(self, request: Request) -> Reply:
        return _refusal(401, "INVALID_API_KEY")


def _refusal(status: int, code: str) -> Reply:
    return Reply(status, {"error": True, "error_code": code})


def _renamed(matched: list[dict[str, Any]], request: Request) -> list[dict[str, Any]]:
    if "numbers" not in request.faults:
        return matched
    return [{**match, "identifier": int(match["identifier"])} for match in matched]


def _asked(data: dict[str, str]) -> Asked:
    return Asked(
        email=data.get("email", ""),
        linkedin=data.get("linkedin_url", ""),
        first=data.get("first_name", ""),
        last=data.get("last_name", ""),
        full=data.get("full_name", ""),
        company=data.get("company_name", ""),
        domain=data.get("company_website", ""),
    )


def _record(person: Person, request: Request) -> dict[str, Any]:
    masked = "masked" in request.faults
    email = {
        "status": "UNVERIFIED" if "unverified" in request.faults else "VERIFIED",
        "revealed": not masked,
        "email": "a***@example.com" if masked else person.email,
    }
    return {
        "person": {
            "person_id": f"prospeo-{person.number}",
            "first_name": person.first,
            "last_name": person.last,
            "full_name": person.full,
            "linkedin_url": f"https://www.linkedin.com/in/{person.linkedin}",
            "current_job_title": person.title,
            "email": email,
            "mobile": {"status": "VERIFIED", "revealed": False, "mobile": "+1 202-***-****"},
            "location": {
                "city": person.city,
                "state": person.region,
                "country": person.country_name,
                "country_code": person.country,
            },
        },
        "company": {
            "name": person.company,
            "website": f"https://{person.domain}",
            "domain": person.domain,
        },
    }
