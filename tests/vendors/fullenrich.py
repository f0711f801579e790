"""FullEnrich as the vendor server plays it, below ``/api/v2`` (docs.fullenrich.com): a hundred a submission.

``POST /contact/enrich/bulk`` and ``GET /contact/enrich/bulk/<id>``, which answers 400 while it searches, and 402
with the result so far where the credits did not suffice. An e-mail costs a credit, a miss nothing; whoever is
submitted again is searched and charged again.
"""

from __future__ import annotations

from typing import Any

from tests.vendors.later import Later, Submission
from tests.vendors.people import Asked, Person
from tests.vendors.vendor import Reply, Request

MOST, PATH = 100, "/contact/enrich/bulk"


class FullEnrich(Later):
    name = "fullenrich"
    quirks = frozenset(
        {
            "partial",  # 200, still in progress, with what was found so far
            "rate_limit",  # a status of which nobody says what it means
            "canceled",  # somebody canceled it; nothing was found until then
            "free",  # all of them were enriched lately: nothing is charged
            "catch_all",
            "high_probability",
            "invalid",  # the address is there, known to be wrong, and not charged
            "masked",
            "other_domain",  # an address at another company
            "no_custom",  # nothing is repeated
            "datas",  # the list is called as in version 1
            "linkedin",  # so is the network
        }
    )

    def key_of(self, request: Request) -> str:
        return request.headers.get("authorization", "").removeprefix("Bearer ")

    def is_poll(self, request: Request) -> bool:
        return request.method == "GET"

    def answer(self, request: Request) -> Reply:
        if self.is_poll(request):
            return self._result(request.path.removeprefix(f"{PATH}/"), request)
        if request.path != PATH:
            return _error(404, "error.not_found")
        body = request.json()
        if not body.get("name"):
            return _error(400, "error.enrichment.name.empty")
        if not 1 <= len(body["data"]) <= MOST:
            return _error(400, "error.enrichment.data.empty")
        sent = {each["custom"]["contact_id"]: each for each in body["data"]}
        asked = {contact_id: _asked(each) for contact_id, each in sent.items()}
        good = {contact_id: who for contact_id, who in asked.items() if _is_enough(who)}
        if len(good) < len(sent) and request.query.get("silentFail") != "true":
            return _error(400, "error.enrichment.last_name.empty")
        price = 0 if _is_free(request) else 1
        name = self.submit(good, {each: sent[each] for each in good}, price)
        return Reply(200, {"enrichment_id": name})

    def _result(self, name: str, request: Request) -> Reply:
        submission, final = self.poll(name, request)
        if submission is None:
            return _error(404, "error.enrichment.not_found")
        is_all = len(final) == len(submission.sent)
        for quirk, status in (("rate_limit", "RATE_LIMIT"), ("canceled", "CANCELED")):
            if quirk in request.faults:
                return Reply(200, self._body(status, name, submission, [], request))
        if is_all and submission.unpaid:
            return Reply(402, self._body("CREDITS_INSUFFICIENT", name, submission, final, request))
        if final or is_all:
            status = "FINISHED" if is_all else "IN_PROGRESS"
            return Reply(200, self._body(status, name, submission, final, request))
        return _error(400, "error.enrichment.in_progress")

    def _body(
        self, status: str, name: str, submission: Submission, final: list[str], request: Request
    ) -> dict[str, Any]:
        found = sum(submission.found.get(each) is not None for each in final)
        records = [
            _record(submission.sent[each], submission.found.get(each), request) for each in final
        ]
        return {
            **{"id": name, "name": "Contact enrichment", "status": status},
            "cost": {"credits": 0 if _is_free(request) else found},
            "datas" if "datas" in request.faults else "data": request.arranged(records),
        }

    def throttled(self, request: Request, retry_after: float) -> Reply:
        return _error(429, "error.rate.limit")

    def out_of_credits(self, request: Request) -> Reply:
        return _error(402, "error.credits")

    def bad_key(self, request: Request) -> Reply:
        return _error(401, "error.api.key")


def _error(status: int, code: str) -> Reply:
    return Reply(status, {"code": code, "message": "See the documentation."})


def _asked(sent: dict[str, Any]) -> Asked:
    return Asked(
        linkedin=sent.get("linkedin_url", ""),
        first=sent.get("first_name", ""),
        last=sent.get("last_name", ""),
        company=sent.get("company_name", ""),
        domain=sent.get("domain", ""),
    )


def _is_free(request: Request) -> bool:
    return not {"free", "invalid"}.isdisjoint(request.faults)


def _is_enough(asked: Asked) -> bool:
    has_name = bool(asked.first and asked.last)
    return bool(asked.linkedin) or (has_name and bool(asked.company or asked.domain))


def _record(sent: dict[str, Any], person: Person | None, request: Request) -> dict[str, Any]:
    repeated = {
        "first_name": sent.get("first_name", ""),
        "last_name": sent.get("last_name", ""),
        "company_domain": sent.get("domain", ""),
        "company_name": sent.get("company_name", ""),
        "professional_network_url": sent.get("linkedin_url", ""),
    }
    has_profile = person is not None and "linkedin_url" in sent
    return {
        "input": repeated,
        **({} if "no_custom" in request.faults else {"custom": sent["custom"]}),
        "contact_info": _info(person, request),
        "profile": _profile(person, request) if person and has_profile else None,
    }


def _info(person: Person | None, request: Request) -> dict[str, Any]:
    nothing = {"most_probable_work_email": None, "work_emails": [], "phones": []}
    if person is None:
        return nothing
    address = "a***@example.com" if "masked" in request.faults else person.email
    if "other_domain" in request.faults:
        address = "ada@elsewhere.example.com"
    words = [word for word in ("catch_all", "high_probability") if word in request.faults]
    email = {"email": address, "status": words[0].upper() if words else "DELIVERABLE"}
    if "invalid" in request.faults:
        return {**nothing, "work_emails": [{"email": address, "status": "INVALID"}]}
    return {**nothing, "most_probable_work_email": email, "work_emails": [email]}


def _profile(person: Person, request: Request) -> dict[str, Any]:
    network = "linkedin" if "linkedin" in request.faults else "professional_network"
    url = f"https://www.linkedin.com/in/{person.linkedin}"
    return {
        "full_name": person.full,
        "first_name": person.first,
        "last_name": person.last,
        "location": {
            "country": person.country_name,
            "country_code": person.country,
            "city": person.city,
            "region": person.region,
        },
        "social_profiles": {network: {"url": url, "handle": person.linkedin}},
        "employment": {
            "current": {
                "title": person.title,
                "is_current": True,
                "company": {"name": person.company, "domain": person.domain},
            },
            "all": [],
        },
    }
