"""Apollo as the vendor server plays it: ``POST /people/bulk_match`` below ``/api/v1`` (docs.apollo.io).

Ten people a call. A miss is null in the list of matches, or is left out of it: public clients have
seen both. Each match carries, as the official example does, a contact of somebody else.
"""

from __future__ import annotations

import math
from typing import Any

from tests.vendors.people import Asked, Person, invent
from tests.vendors.vendor import Reply, Request, Vendor

MOST = 10
SENTINEL = "email_not_unlocked@domain.com"
#: Somebody else, in the customer's own CRM.
STRANGER = invent(Asked(email="someone.else@stranger.example.net"))


class Apollo(Vendor):
    name = "apollo"
    quirks = frozenset(
        {
            "drop_misses",  # misses are left out: the rest moves up
            "masked",  # e-mails are locked
            "no_scope",  # 403: the key is not for this endpoint
            "unprocessable",  # 422
            "credits_422",  # 422 that speaks of credits
            "fraction",  # half a credit for each match
            "uncounted",  # with waterfall: no counters, no e-mails
        }
    )

    def key_of(self, request: Request) -> str:
        return request.headers.get("x-api-key", "")

    def answer(self, request: Request) -> Reply:
        if (request.method, request.path) != ("POST", "/people/bulk_match"):
            return Reply(404, {"error": "not found"})
        if "no_scope" in request.faults:
            error = "api/v1/people/bulk_match is not accessible with this api_key"
            return Reply(403, {"error": error, "error_code": "API_INACCESSIBLE"})
        if "unprocessable" in request.faults:
            return _failed(422, "UNKNOWN_ERROR", "something went wrong")
        if "credits_422" in request.faults:
            return _failed(422, "UNKNOWN_ERROR", "insufficient credits")
        details = request.json()["details"]
        if len(details) > MOST:
            message = f"cannot enrich more than {MOST} in a single request"
            return _failed(400, "RECORD_LIMIT_EXCEEDED", message)
        return Reply(200, self._matches(details, request))

    def _matches(self, details: list[dict[str, str]], request: Request) -> dict[str, Any]:
        price = 0.5 if "fraction" in request.faults else 1
        people = [self.look_up(_asked(each), price) for each in details]
        matches = [_person(person, request) if person else None for person in people]
        known = [match for match in matches if match]
        kept = known if "drop_misses" in request.faults else matches
        counters = {
            "total_requested_enrichments": len(details),
            "unique_enriched_records": len(known),
            "missing_records": len(details) - len(known),
            "credits_consumed": price * len(known),
        }
        return {
            **{"status": "success", "error_code": None, "error_message": None},
            **({"waterfall": {"status": "accepted"}} if _uncounted(request) else counters),
            "matches": request.arranged(kept),
            "request_id": -7_321_985_712_345_678_901,
        }

    def throttled(self, request: Request, retry_after: float) -> Reply:
        message = (
            "The maximum number of api calls allowed for api/v1/people/bulk_match is 600 times "
            "per hour. Please upgrade your plan."
        )
        headers = {"retry-after": str(math.ceil(retry_after)), **self.headers(request)}
        return Reply(429, {"message": message}, headers)

    def out_of_credits(self, request: Request) -> Reply:
        return _failed(402, "PAYMENT_REQUIRED", "insufficient credits")

    def bad_key(self, request: Request) -> Reply:
        return Reply(401, "Invalid API key. See https://docs.apollo.io for details.")

    def headers(self, request: Request) -> dict[str, str]:
        """A paid plan: 1,000 a minute; windows without a limit have empty headers."""
        unlimited = ("x-rate-limit-hourly", "x-rate-limit-24-hour", "x-hourly-requests-left")
        return {"x-rate-limit-minute": "1000", **dict.fromkeys(unlimited, "")}


def _failed(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"status": "failed", "error_code": code, "error_message": message})


def _uncounted(request: Request) -> bool:
    return "uncounted" in request.faults


def _asked(detail: dict[str, str]) -> Asked:
    return Asked(
        email=detail.get("email", ""),
        linkedin=detail.get("linkedin_url", ""),
        first=detail.get("first_name", ""),
        last=detail.get("last_name", ""),
        full=detail.get("name", ""),
        company=detail.get("organization_name", ""),
        domain=detail.get("domain", ""),
    )


def _person(person: Person, request: Request) -> dict[str, Any]:
    masked = "masked" in request.faults
    mail = {
        "email": SENTINEL if masked else person.email,
        "email_status": "unavailable" if masked else "verified",
    }
    return {
        "id": f"apollo-{person.number}",
        "first_name": person.first,
        "last_name": person.last,
        "name": person.full,
        "linkedin_url": f"http://www.linkedin.com/in/{person.linkedin}",
        "title": person.title,
        **({} if _uncounted(request) else mail),
        "extrapolated_email_confidence": None,
        "city": person.city,
        "state": person.region,
        "country": person.country_name,
        "contact_id": "crm-1",
        "contact": {
            "id": "crm-1",
            "first_name": STRANGER.first,
            "name": STRANGER.full,
            "email": STRANGER.email,
            "linkedin_url": f"http://www.linkedin.com/in/{STRANGER.linkedin}",
            "phone_numbers": [{"sanitized_number": STRANGER.phone, "type_cd": "mobile"}],
        },
        "organization": {
            "name": person.company,
            "website_url": f"http://www.{person.domain}",
            "primary_domain": person.domain,
            "founded_year": 1999,
        },
    }
