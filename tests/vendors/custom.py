"""Vendors that do not exist, for declared providers (``tests/vendors/declarations``): ``custom`` takes
batches at ``POST /v1/lookup``, ``custom_one`` one person at ``GET /v1/people/<e-mail>``.

They do what they can to be unlike anybody: 420 is too fast, and an X-Wait says how long; 460 is used up.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from tests.vendors.people import Asked, Person
from tests.vendors.vendor import Reply, Request, Vendor

MOST = 25
PRICE = 2.0


class Custom(Vendor):
    """A batch; each result names its question (``ref``) and the e-mail that was asked for."""

    name = "custom"
    quirks = frozenset({"opted_out", "working", "no_ref", "wrong_ref", "masked", "bad_request"})

    def key_of(self, request: Request) -> str:
        return request.headers.get("authorization", "").removeprefix("Token ")

    def answer(self, request: Request) -> Reply:
        told = request.json()
        if (request.method, request.path) != (
            "POST",
            "/v1/lookup",
        ) or "bad_request" in request.faults:
            return Reply(400, {"problem": "no such thing"})
        if len(told["people"]) > MOST or told["options"] != {"scope": "all", "limit": 1}:
            return Reply(400, {"problem": "too many, or unknown options"})
        results = [self._result(each, request) for each in told["people"]]
        if "wrong_ref" in request.faults:
            for number, result in enumerate(results):
                result["ref"] = str((number + 1) % len(results))
        return Reply(200, {"ok": True, "out": {"results": request.arranged(results)}})

    def _result(self, asked: dict[str, str], request: Request) -> dict[str, Any]:
        query = {"mail": asked.get("mail"), "phone": asked.get("phone")}
        echo = (
            {"query": query}
            if "no_ref" in request.faults
            else {"ref": asked["ref"], "query": query}
        )
        for fault, state in (("opted_out", "OPTED_OUT"), ("working", "WORKING")):
            if fault in request.faults:
                return {**echo, "state": state}
        person = self.look_up(_asked(asked), PRICE)
        if person is None:
            return {**echo, "state": "NOT_FOUND", "person": None}
        return {**echo, "state": "FOUND", "person": _record(person, request), "score": 80}

    def throttled(self, request: Request, retry_after: float) -> Reply:
        return Reply(420, {"problem": "slow down"}, {"X-Wait": f"{retry_after:g}"})

    def out_of_credits(self, request: Request) -> Reply:
        return Reply(460, {"problem": "top up"})

    def bad_key(self, request: Request) -> Reply:
        return Reply(401, {"problem": f"what is {self.key_of(request)}?"})


class CustomOne(Custom):
    """One person a call, by an e-mail in the path; the answer echoes nothing."""

    name = "custom_one"
    quirks = frozenset({"opted_out", "working", "masked", "several", "null"})

    def key_of(self, request: Request) -> str:
        return request.query.get("token", "")

    def answer(self, request: Request) -> Reply:
        if "opted_out" in request.faults:
            return Reply(451)
        if "working" in request.faults:
            return Reply(202, {}, {"X-Wait": "7"})
        email = unquote(request.path.removeprefix("/v1/people/"))
        person = self.look_up(Asked(email=email), PRICE)
        if person is None:
            return Reply(404, {"problem": "unknown"})
        record = _record(person, request)
        people = [record, record] if "several" in request.faults else [record]
        return Reply(200, {"people": None if "null" in request.faults else people})


def _asked(asked: dict[str, str]) -> Asked:
    return Asked(
        email=asked.get("mail", ""), phone=asked.get("phone", ""), full=asked.get("name", "")
    )


def _record(person: Person, request: Request) -> dict[str, Any]:
    masked = "masked" in request.faults
    linkedin = f"linkedin.com/in/{person.linkedin}"
    return {
        "names": {"first": person.first, "last": person.last},
        "reach": {"mail": person.email, "phones": [True if masked else person.phone]},
        "job": {"title": person.title, "at": {"name": person.company, "site": person.domain}},
        "links": [{"kind": "x", "url": "x.com/x"}, {"kind": "linkedin", "url": linkedin}],
        "place": {"city": person.city, "country": person.country_name},
        "checked": "accept_all",
    }
