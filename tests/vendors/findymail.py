"""Findymail as the vendor server plays it, below ``/api`` (app.findymail.com/docs): one person a call.

``POST /search/name`` and ``POST /search/business-profile``. An e-mail costs a credit, a miss nothing.
"""

from __future__ import annotations

from typing import Any

from tests.vendors.finders import Finder
from tests.vendors.people import Asked
from tests.vendors.vendor import Reply, Request


class Findymail(Finder):
    name = "findymail"
    quirks = frozenset(
        {
            "flat",  # the contact is the answer itself, as some clients read it
            "empty",  # a miss is a 200 with an empty contact
            "null",  # or with none
            "masked",
            "paused",  # 423: the subscription
            "invalid_request",  # 422
            "other_domain",  # an address at another company
        }
    )

    def key_of(self, request: Request) -> str:
        return request.headers.get("authorization", "").removeprefix("Bearer ")

    def answer(self, request: Request) -> Reply:
        refusals = {"paused": (423, "Subscription is paused"), "invalid_request": (422, "Invalid")}
        for fault, (status, error) in refusals.items():
            if fault in request.faults:
                return Reply(status, {"error": error})
        asked = _asked(request)
        if asked is None:
            return Reply(404, {"message": "no such route"})
        person = self.look_up(asked, price=1)
        if person is None:
            return _miss(request)
        email = "a***@example.com" if "masked" in request.faults else person.email
        contact: dict[str, Any] = {"name": person.full, "domain": person.domain, "email": email}
        if "other_domain" in request.faults:
            contact |= {"email": "ada@elsewhere.example.com", "domain": "quillfern.net"}
        return Reply(200, contact if "flat" in request.faults else {"contact": contact})

    def throttled(self, request: Request, retry_after: float) -> Reply:
        return Reply(429, {"error": "Too many concurrent requests"})

    def out_of_credits(self, request: Request) -> Reply:
        return Reply(402, {"error": "Not enough credits"})

    def bad_key(self, request: Request) -> Reply:
        return Reply(401, {"message": "Unauthenticated."})


def _asked(request: Request) -> Asked | None:
    told: dict[str, str] = request.json()
    if (request.method, request.path) == ("POST", "/search/business-profile"):
        return Asked(linkedin=told["linkedin_url"])
    if (request.method, request.path) == ("POST", "/search/name"):
        is_domain = "." in told["domain"]
        where = {"domain" if is_domain else "company": told["domain"]}
        return Asked(full=told["name"], **where)
    return None


def _miss(request: Request) -> Reply:
    if "empty" in request.faults:
        return Reply(200, {"contact": {}})
    if "null" in request.faults:
        return Reply(200, {"contact": None})
    return Reply(404, {"error": "Not found"})
