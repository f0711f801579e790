"""Dropcontact as the vendor server plays it, below ``/v1`` (developer.dropcontact.com): 250 a submission.

``POST /enrich/all`` and ``GET /enrich/all/<id>``, which answers 200 with ``success: false`` while it searches, and
also for an id that it does not know. A credit for each person is held at the submission, and given back for
those without an e-mail when the result is ready.
"""

from __future__ import annotations

from typing import Any

from tests.vendors.later import Later
from tests.vendors.people import Asked, Person
from tests.vendors.vendor import Reply, Request

MOST, PATH = 250, "/enrich/all"
#: Quirk → the qualification of the e-mails.
QUALIFICATIONS = {
    **{"catch_all": "catch-all@pro", "generic": "generic@pro", "private": "nominative@perso"},
    **{"invalid": "invalid@pro", "non_validated": "non_validated@pro", "french": "nominatif@pro"},
    **{"do_not_contact": "Do_Not_Contact@pro", "do_not_contact_fr": "Ne_Pas_Contacter@pro"},
}


class Dropcontact(Later):
    name = "dropcontact"
    quirks = frozenset(
        {
            *QUALIFICATIONS,
            "masked",
            "no_email",  # all but the e-mail is known: free
            "several",  # a private address comes first
            "no_custom",  # nothing is repeated
        }
    )

    def reset(self) -> None:
        super().reset()
        self.held: dict[str, int] = {}

    def key_of(self, request: Request) -> str:
        return request.headers.get("x-access-token", "")

    def is_poll(self, request: Request) -> bool:
        return request.method == "GET"

    def answer(self, request: Request) -> Reply:
        if self.is_poll(request):
            return self._result(request.path.removeprefix(f"{PATH}/"), request)
        if request.path != PATH:
            return Reply(404, {"detail": "Not Found"})
        data = request.json().get("data") or []
        if not 1 <= len(data) <= MOST:
            return _refusal(400, "Too many records, you can only submit up to 250 records")
        with self.account.lock:
            self.account.hold(len(data))  # "the whole request is refused"
            self.account.release(len(data))
            sent = {each["custom_fields"]["contact_id"]: each for each in data}
            asked = {contact_id: _asked(each) for contact_id, each in sent.items()}
            name = self.submit(asked, sent, price=0 if _is_free(request) else 1)
            found = [person for person in self.submissions[name].found.values() if person]
            self.held[name] = len(data) - len(found)
            self.account.hold(self.held[name])
        return Reply(200, {"request_id": name, **self._balance(success=True)})

    def _result(self, name: str, request: Request) -> Reply:
        submission, final = self.poll(name, request)
        if submission is None or not final:
            reason = "Request not ready yet, try again in 30 seconds"
            return Reply(200, {"reason": reason, **self._balance(success=False)})
        self.account.release(self.held.pop(name, 0))
        records = [
            _record(submission.sent[each], submission.found[each], request) for each in final
        ]
        return Reply(200, {"data": request.arranged(records), **self._balance(success=True)})

    def _balance(self, success: bool) -> dict[str, Any]:
        return {"error": False, "success": success, "credits_left": self.account.credits_left}

    def throttled(self, request: Request, retry_after: float) -> Reply:
        return _refusal(429, "Too Many Requests")

    def out_of_credits(self, request: Request) -> Reply:
        return _refusal(403, "Not enough credits")

    def bad_key(self, request: Request) -> Reply:
        return _refusal(401, "Unknown account")


def _refusal(status: int, reason: str) -> Reply:
    return Reply(status, {"error": True, "success": False, "reason": reason})


def _is_free(request: Request) -> bool:
    return not {"no_email", "invalid"}.isdisjoint(request.faults)


def _asked(sent: dict[str, Any]) -> Asked:
    return Asked(
        linkedin=sent.get("linkedin", ""),
        first=sent.get("first_name", ""),
        last=sent.get("last_name", ""),
        full=sent.get("full_name", ""),
        company=sent.get("company", ""),
        domain=sent.get("website", ""),
    )


def _record(sent: dict[str, Any], person: Person | None, request: Request) -> dict[str, Any]:
    """What was sent comes back in any case; only what is known is there."""
    repeated = {name: value for name, value in sent.items() if name != "custom_fields"}
    if "no_custom" not in request.faults:
        repeated["custom_fields"] = sent["custom_fields"]
    if person is None:
        return repeated
    known = {
        **{"first_name": person.first, "last_name": person.last, "full_name": person.full},
        "civility": "Mrs",
        "linkedin": f"www.linkedin.com/in/{person.linkedin}",
        "job": person.title,
        "company": person.company,
        "website": f"www.{person.domain}",
        "siren": "000000000",
    }
    if "no_email" in request.faults:
        return {**repeated, **known}
    return {**repeated, **known, "email": _emails(person, request)}


def _emails(person: Person, request: Request) -> list[dict[str, str]]:
    words = [word for quirk, word in QUALIFICATIONS.items() if quirk in request.faults]
    address = "a***@example.com" if "masked" in request.faults else person.email
    email = {"email": address, "qualification": words[0] if words else "nominative@pro"}
    private = {"email": person.personal_email, "qualification": "nominative@perso"}
    return [private, email] if "several" in request.faults else [email]
