"""Icypeas as the vendor server plays it, below ``/api`` (api-doc.icypeas.com): 5,000 a submission.

``POST /bulk-search`` and ``POST /bulk-single-searchs/read``, which gives the rows of a submission in pages, each
with a status of its own. Its errors are 200s, but for the key and for too many calls. The key is sent as it is.
"""

from __future__ import annotations

from typing import Any

from tests.vendors.later import Later, Submission
from tests.vendors.people import Asked, Person
from tests.vendors.vendor import Reply, Request

MOST, PAGE = 5_000, 100
SUBMIT_PATH, READ_PATH = "/bulk-search", "/bulk-single-searchs/read"


class Icypeas(Later):
    name = "icypeas"
    quirks = frozenset(
        {
            "partial",
            "pages",  # of two rows, whatever it is asked for
            "debited",  # the other words for found and not found
            "probable",
            "several",  # a less sure address comes first
            "undeliverable",
            "masked",
            "other_domain",  # an address at another company
            "bad_input",  # rows that it cannot search for
            "aborted",  # somebody canceled it
            "no_rows",  # they are not there yet
            "no_ids",  # nothing is repeated
            "unpaid",  # UnpaidSubscriptionError
            "invalid_request",  # validationErrors
            "nameless",  # an error without a name
        }
    )

    def key_of(self, request: Request) -> str:
        return request.headers.get("authorization", "")

    def is_poll(self, request: Request) -> bool:
        return request.path == READ_PATH

    def answer(self, request: Request) -> Reply:
        errors: dict[str, dict[str, Any]] = {
            "unpaid": {"error": {"type": "UnpaidSubscriptionError"}},
            "invalid_request": {"validationErrors": [{"field": "data", "type": "array"}]},
            "nameless": {},
        }
        for quirk, error in errors.items():
            if quirk in request.faults:
                return Reply(200, {"success": False, **error})
        if self.is_poll(request):
            return self._rows(request.json(), request)
        if request.path != SUBMIT_PATH:
            return Reply(404, {"success": False})
        body = request.json()
        data, ids = body["data"], body["custom"]["externalIds"]
        is_good = body["task"] == "email-search" and body["name"] and len(data) == len(ids)
        if not is_good or not 1 <= len(data) <= MOST:
            return Reply(200, {"success": False, **errors["invalid_request"]})
        sent = dict(zip(ids, data, strict=True))
        asked = {contact_id: _asked(row) for contact_id, row in sent.items()}
        price = 0 if "bad_input" in request.faults or "aborted" in request.faults else 1
        return Reply(200, {"success": True, "file": self.submit(asked, sent, price)})

    def _rows(self, body: dict[str, Any], request: Request) -> Reply:
        start = body["sorts"][0] if body.get("next") else 0
        submission, final = self.poll(body["file"], request, is_first=start == 0)
        if submission is None:
            return Reply(200, {"success": False, "error": "SearchNotFoundError"})
        size = 2 if "pages" in request.faults else min(body["limit"], PAGE)
        ids = [] if "no_rows" in request.faults else list(submission.sent)
        items = [_item(each, submission, each in final, request) for each in ids]
        page = request.arranged(items[start : start + size])
        answer = {"items": page, "sorts": [start + size], "total": len(items)}
        return Reply(200, {"success": True, **answer})

    def throttled(self, request: Request, retry_after: float) -> Reply:
        return Reply(429, {"message": "You have exceeded the max number of requests per minute."})

    def out_of_credits(self, request: Request) -> Reply:
        return Reply(200, {"success": False, "error": "UnpaidSubscriptionError"})

    def bad_key(self, request: Request) -> Reply:
        return Reply(401, {"message": "Unauthorized access."})


def _asked(row: list[str]) -> Asked:
    first, last, where = row
    is_domain = "." in where
    return Asked(first=first, last=last, **{"domain" if is_domain else "company": where})


def _item(
    contact_id: str, submission: Submission, is_final: bool, request: Request
) -> dict[str, Any]:
    person = submission.found.get(contact_id) if is_final else None
    status = _status(contact_id, submission, request) if is_final else "IN_PROGRESS"
    if status in ("BAD_INPUT", "ABORTED"):
        person = None
    first, last, _ = submission.sent[contact_id]
    user_data = {} if "no_ids" in request.faults else {"userData": {"externalId": contact_id}}
    return {
        "_id": f"item-{contact_id}",
        "status": status,
        "results": {
            **{"firstname": first, "lastname": last, "fullname": f"{first} {last}"},
            **{"emails": _emails(person, request) if person else [], "phones": []},
        },
        **user_data,
    }


def _status(contact_id: str, submission: Submission, request: Request) -> str:
    words = {"bad_input": "BAD_INPUT", "aborted": "ABORTED"}
    told = [word for quirk, word in words.items() if quirk in request.faults]
    if told:
        return told[0]
    if contact_id in submission.unpaid:
        return "INSUFFICIENT_FUNDS"
    is_found = submission.found[contact_id] is not None
    if "debited" in request.faults:
        return "DEBITED" if is_found else "DEBITED_NOT_FOUND"
    return "FOUND" if is_found else "NOT_FOUND"


def _emails(person: Person, request: Request) -> list[dict[str, Any]]:
    words = [word for word in ("probable", "undeliverable") if word in request.faults]
    address = "a***@example.com" if "masked" in request.faults else person.email
    if "other_domain" in request.faults:
        address = "ada@elsewhere.example.com"
    email = {"email": address, "certainty": words[0] if words else "ultra_sure"}
    less_sure = {"email": f"x.{person.email}", "certainty": "probable"}
    return [less_sure, email] if "several" in request.faults else [email]
