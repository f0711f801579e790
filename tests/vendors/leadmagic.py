"""LeadMagic as the vendor server plays it: ``POST /v1/people/email-finder`` (leadmagic.io/docs), one a call.

A miss is a 200 without an e-mail, and free; ``credits_consumed`` says what each call cost.
"""

from __future__ import annotations

from typing import Any

from tests.vendors.finders import Finder
from tests.vendors.people import Asked, Person
from tests.vendors.vendor import Reply, Request


class LeadMagic(Finder):
    name = "leadmagic"
    quirks = frozenset(
        {
            "null_status",  # of a miss: null in place of "not_found"
            "valid_catch_all",
            "invalid",  # the address is there, and known to be wrong
            "validation",  # 400: it cannot search with this
            "other_company",  # it took the company's name for another's
        }
    )

    def key_of(self, request: Request) -> str:
        return request.headers.get("x-api-key", "")

    def answer(self, request: Request) -> Reply:
        told: dict[str, str] = request.json()
        asked = Asked(
            first=told.get("first_name", ""),
            last=told.get("last_name", ""),
            full=told.get("full_name", ""),
            company=told.get("company_name", ""),
            domain=told.get("domain", ""),
        )
        if (request.method, request.path) != ("POST", "/v1/people/email-finder"):
            return _problem(404, "not_found")
        if "validation" in request.faults or not (asked.company or asked.domain):
            return _problem(400, "validation_error")
        person = self.look_up(asked, price=1)
        return Reply(200, _found(person, request) if person else _miss(told, request))

    def throttled(self, request: Request, retry_after: float) -> Reply:
        reply = _problem(429, "rate_limit_exceeded")
        headers = {"Retry-After": f"{retry_after:g}", "RateLimit-Remaining": "0"}
        return Reply(429, reply.body, headers)

    def out_of_credits(self, request: Request) -> Reply:
        return _problem(402, "insufficient_credits")

    def bad_key(self, request: Request) -> Reply:
        return _problem(401, "unauthorized")


def _problem(status: int, code: str) -> Reply:
    error = {"type": f"https://api.leadmagic.io/errors/{code}", "status": status, "code": code}
    return Reply(status, {"success": False, "errors": [error], "meta": {"request_id": "r-1"}})


def _miss(told: dict[str, str], request: Request) -> dict[str, Any]:
    return {
        **told,
        "email": None,
        "status": None if "null_status" in request.faults else "not_found",
        "credits_consumed": 0,
        "message": "No email found",
    }


def _found(person: Person, request: Request) -> dict[str, Any]:
    words = [word for word in ("valid_catch_all", "invalid") if word in request.faults]
    return {
        "email": person.email,
        "status": words[0] if words else "valid",
        "credits_consumed": 1,
        "message": "Email found",
        "first_name": person.first,
        "last_name": person.last,
        "domain": person.domain,
        "employment_verified": True,
        "mx_provider": "Mimecast",
        "company_name": "Somebody Else" if "other_company" in request.faults else person.company,
        "company_location": {"country": "nowhere"},
    }
