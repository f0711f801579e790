"""People Data Labs as the vendor server plays it: ``POST /v5/person/bulk`` (docs.peopledatalabs.com).

A hundred requests a call, one item each with a status of its own; matches cost a credit, misses
nothing. Quirks are what it does on some plans, in old versions, or by its own SDKs.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.vendors.account import OutOfCreditsError
from tests.vendors.people import Asked, Person, invent, number_of
from tests.vendors.vendor import Reply, Request, Vendor

MOST = 100
#: Status → error.type.
TYPES = {
    **{400: "invalid_request_error", 401: "authentication_error", 402: "payment_required"},
    **{404: "not_found", 429: "rate_limit_error", 500: "api_error"},
}


class PeopleDataLabs(Vendor):
    name = "pdl"
    quirks = frozenset(
        {
            "masked",  # the free plan: contact fields are booleans
            "flat_errors",  # {"status", "message"}, as the Go SDK has it
            "list_types",  # error.type is a list, as the Go SDK has it
            "no_phones",  # it has none of every second person
            "item_broken",  # the first item is a 500
            "no_metadata",  # nothing is echoed
            "drift",  # numbers where there were strings
            "repr_headers",  # x-ratelimit-* as Python writes a dict, seen by the JS SDK
            "int_headers",  # x-ratelimit-* of v4: integers, and a retry-after
        }
    )

    def key_of(self, request: Request) -> str:
        return request.headers.get("x-api-key", "")

    def answer(self, request: Request) -> Reply:
        if (request.method, request.path) != ("POST", "/v5/person/bulk"):
            return _refusal(404, request)
        asked = request.json().get("requests", [])
        if not 1 <= len(asked) <= MOST:
            return _refusal(400, request)
        if self.account.is_empty:
            raise OutOfCreditsError
        items = [self._item(each, request) for each in asked]
        spent = sum(item["status"] == 200 for item in items)
        return Reply(200, request.arranged(items), {"x-call-credits-spent": str(spent)})

    def _item(self, asked: dict[str, Any], request: Request) -> dict[str, Any]:
        is_first = asked == request.json()["requests"][0]
        broken = "item_broken" in request.faults and is_first
        item = _error(500, request) if broken else self._looked_up(asked["params"], request)
        echo = {} if "no_metadata" in request.faults else {"metadata": asked.get("metadata")}
        return {**item, **echo}

    def _looked_up(self, params: dict[str, Any], request: Request) -> dict[str, Any]:
        if not params or any(value in ("", None, []) for value in params.values()):
            return _error(400, request)  # "remove blank parameters"
        who = _asked(params)
        likelihood = 6 + number_of(f"likelihood {who.identity}") % 5
        is_too_low = likelihood < request.json().get("min_likelihood", 2)
        is_returned = not is_too_low and _has_required(invent(who), request)
        try:
            person = self.look_up(who, price=1 if is_returned else 0)
        except OutOfCreditsError:
            return _error(402, request)
        if person is None or not is_returned:
            return _error(404, request)
        return {"status": 200, "likelihood": likelihood, "data": _data(person, request)}

    def throttled(self, request: Request, retry_after: float) -> Reply:
        refusal = _refusal(429, request)
        if "int_headers" in request.faults:
            headers = {"x-ratelimit-remaining": "0", "retry-after": str(round(retry_after))}
            return Reply(429, refusal.body, headers)
        left = {"minute": 0, "day": None, "month": None}
        text = repr(left) if "repr_headers" in request.faults else json.dumps(left)
        at = datetime.now(timezone.utc) + timedelta(seconds=retry_after)
        reset = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        headers = {"x-ratelimit-remaining": text, "x-ratelimit-reset": reset}
        return Reply(429, refusal.body, headers)

    def out_of_credits(self, request: Request) -> Reply:
        return _refusal(402, request)

    def bad_key(self, request: Request) -> Reply:
        return _refusal(401, request)

    def broken(self, request: Request) -> Reply:
        return _refusal(500, request)


def _refusal(status: int, request: Request) -> Reply:
    return Reply(status, _error(status, request))


def _error(status: int, request: Request) -> dict[str, Any]:
    if "flat_errors" in request.faults:
        return {"status": status, "message": TYPES[status]}
    kind = TYPES[status]
    types = [kind] if "list_types" in request.faults else kind
    return {"status": status, "error": {"type": types, "message": f"That is a {kind}."}}


def _has_required(person: Person, request: Request) -> bool:
    """Whether the person has what the call requires; here that can only be phones."""
    requires_phone = request.json().get("required") == "phone_numbers"
    return not (requires_phone and _lacks_phone(person, request))


def _lacks_phone(person: Person, request: Request) -> bool:
    return "no_phones" in request.faults and person.number % 2 == 0


def _asked(params: dict[str, Any]) -> Asked:
    one = {name: value[0] if isinstance(value, list) else value for name, value in params.items()}
    return Asked(
        email=one.get("email", ""),
        linkedin=one.get("profile", ""),
        phone=one.get("phone", ""),
        first=one.get("first_name", ""),
        last=one.get("last_name", ""),
        full=one.get("name", ""),
        company=one.get("company", ""),
    )


def _data(person: Person, request: Request) -> dict[str, Any]:
    """Texts in lower case unless asked otherwise, LinkedIn without a scheme: as documented."""
    in_titles = request.json().get("titlecase", False)
    place = {
        "location_locality": person.city,
        "location_region": person.region,
        "location_country": person.country_name,
    }
    texts = {
        "full_name": person.full,
        "first_name": person.first,
        "last_name": person.last,
        "job_title": person.title,
        "job_company_name": person.company,
        **place,
        "location_name": ", ".join(place.values()),
    }
    data = {
        **{name: text if in_titles else text.lower() for name, text in texts.items()},
        "id": f"pdl-{person.number}",
        "birth_year": 1990 if "drift" in request.faults else "1990",
        "linkedin_url": f"linkedin.com/in/{person.linkedin}",
        "linkedin_username": person.linkedin,
        "work_email": person.email,
        "personal_emails": [person.personal_email],
        "recommended_personal_email": person.personal_email,
        "mobile_phone": person.phone,
        "phone_numbers": [person.phone],
        "emails": [{"address": f"formerly.{person.email}", "type": "professional"}],
        "job_company_website": person.domain,
        "job_company_size": 11 if "drift" in request.faults else "11-50",
        "job_start_date": "2015-03",
        "skills": ["sales"],
    }
    masked = ("work_email", "recommended_personal_email", "personal_emails", "mobile_phone")
    more = ("phone_numbers", "emails", "location_locality")
    if _lacks_phone(person, request):
        data |= {"mobile_phone": None, "phone_numbers": []}
    return data | dict.fromkeys((*masked, *more), True) if "masked" in request.faults else data
