"""FullContact V3 as the vendor server plays it: ``POST /person.enrich`` below ``/v3``.

One person a call; a miss costs as much as a match (its MCP notes: "not-found calls count").
"""

from __future__ import annotations

from typing import Any

from tests.vendors.people import Asked, Person
from tests.vendors.vendor import Reply, Request, Vendor


class FullContact(Vendor):
    name = "fullcontact"
    quirks = frozenset(
        {
            "pending",  # 202: queued for search
            "bad_request",  # 400, with "code" in place of "status"
            "forbidden",  # 403 that means the key
            "busy",  # 503 with a Retry-After of its seconds
            "delayed",  # over the limit, but only slowed down
            "masked",  # booleans in place of values
        }
    )

    def key_of(self, request: Request) -> str:
        return request.headers.get("authorization", "").removeprefix("Bearer ")

    def answer(self, request: Request) -> Reply:
        special = self._special(request)
        if special:
            return special
        person = self.look_up(_asked(request.json()), price=1, price_of_miss=1)
        if person is None:
            return Reply(404, {"status": 404, "message": "Profile not found"})
        return Reply(200, _profile(person, masked="masked" in request.faults))

    def _special(self, request: Request) -> Reply | None:
        if (request.method, request.path) != ("POST", "/person.enrich"):
            return Reply(404, {"status": 404, "message": "no such resource"})
        if "pending" in request.faults:
            message = "Queued for search. Please retry your query within about 2 minutes."
            return Reply(202, {"status": 202, "message": message, "requestId": "r-1"})
        if "bad_request" in request.faults:
            return Reply(400, {"code": 400, "message": "Unable to process your request"})
        if "forbidden" in request.faults:
            return Reply(403, {"status": 403, "message": "API Key is missing or invalid."})
        if "busy" in request.faults:
            after = f"{request.faults['busy']:g}"
            return Reply(503, {"status": 503, "message": "busy"}, {"Retry-After": after})
        return None

    def throttled(self, request: Request, retry_after: float) -> Reply:
        return Reply(429, {"status": 429, "message": "Rate limit exceeded"})

    def out_of_credits(self, request: Request) -> Reply:
        return Reply(403, {"status": 403, "message": "Usage limit for this plan has been reached"})

    def bad_key(self, request: Request) -> Reply:
        return Reply(401, f"401: Expired access token: {self.key_of(request)}")

    def headers(self, request: Request) -> dict[str, str]:
        delay = {"X-FullContact-RateDelay": "300"} if "delayed" in request.faults else {}
        return {"X-Rate-Limit-Limit": "6000", "X-Rate-Limit-Remaining": "0", **delay}


def _asked(body: dict[str, Any]) -> Asked:
    profiles = [profile.get("url", "") for profile in body.get("profiles", [])]
    name = body.get("name", {})
    return Asked(
        email=body.get("email") or next(iter(body.get("emails", [])), ""),
        linkedin=next(iter(profiles), ""),
        phone=body.get("phone") or next(iter(body.get("phones", [])), ""),
        first=name.get("given", ""),
        last=name.get("family", ""),
        full=name.get("full", ""),
    )


def _profile(person: Person, masked: bool) -> dict[str, Any]:
    location = {
        **{"city": person.city, "region": person.region, "country": person.country_name},
        "countryCode": person.country,
        "formatted": f"{person.city}, {person.region}, {person.country_name}",
    }
    mails = [{"value": person.email, "type": "work"}]
    return {
        "fullName": person.full,
        "ageRange": None,
        "location": location["formatted"],
        "title": True if masked else person.title,
        "organization": person.company,
        "linkedin": f"https://www.linkedin.com/in/{person.linkedin}",
        "details": {
            "name": {"given": person.first, "family": person.last, "full": person.full},
            "emails": True if masked else mails,
            "phones": True if masked else [{"value": person.phone, "type": "mobile"}],
            "profiles": {"linkedin": {"service": "linkedin", "username": person.linkedin}},
            "locations": [location],
            "employment": [
                {"name": "Formerly Inc", "current": False, "title": "Trainee"},
                {"name": person.company, "domain": person.domain, "current": True},
            ],
        },
        "isSandboxProfile": False,
        "updated": "2026-01-31",
    }
