"""ZeroBounce as the vendor server plays it: ``POST /validatebatch`` below ``/v2``, a hundred a call.

Its errors are 200s. One credit an address, "unknown" is free. Quirks as its SDK's tests have them.
"""

from __future__ import annotations

from typing import Any

from tests.vendors.people import Asked
from tests.vendors.vendor import Reply, Request, Vendor

MOST = 100
BOTH = "Invalid API key or your account ran out of credits"
STATUSES = ("valid", "valid", "valid", "catch-all", "invalid", "do_not_mail", "spamtrap", "abuse")


class ZeroBounce(Vendor):
    name = "zerobounce"
    quirks = frozenset(
        {
            "error_all",  # the error is in the batch's errors, for the address "all"
            "key_only",  # a text that speaks of the key alone
            "blocked",  # a text that speaks of too many calls
            "shield",  # 403: the "API Shield" wants fewer calls
            "one_error",  # the first address has an error of its own
            "missing_keys",  # most of them
            "capitals",  # addresses come back in capitals
            "suppressed",  # on a global suppression list
            "in_words",  # numbers and truths as strings, as ever
        }
    )

    #: Seconds that the last batch was told to take.
    told_seconds: int | None = None

    def key_of(self, request: Request) -> str:
        """In the body, not in a header."""
        told = request.json()
        return str(told.get("api_key", "")) if isinstance(told, dict) else ""

    def answer(self, request: Request) -> Reply:
        if (request.method, request.path) != ("POST", "/validatebatch"):
            return Reply(404, {"error": "not found"})
        if "error_all" in request.faults:
            errors = [{"error": BOTH, "email_address": "all"}]
            return Reply(200, {"email_batch": [], "errors": errors})
        if "shield" in request.faults:
            return Reply(403, "<html>Forbidden</html>")
        texts = {"key_only": "Invalid API key", "blocked": "Too many requests, you are blocked"}
        for fault, text in texts.items():
            if fault in request.faults:
                return Reply(200, {"error": text})
        self.told_seconds = request.json().get("timeout")
        asked = [each["email_address"] for each in request.json()["email_batch"]]
        if len(asked) > MOST:
            return Reply(200, {"error": "email_batch is limited to 100"})
        return self._results(asked, request)

    def _results(self, asked: list[str], request: Request) -> Reply:
        errors = []
        if "one_error" in request.faults:
            errors = [{"error": "Invalid email address", "email_address": asked.pop(0)}]
        results = [self._result(email, request) for email in asked]
        return Reply(200, {"email_batch": request.arranged(results), "errors": errors})

    def _result(self, email: str, request: Request) -> dict[str, Any]:
        person = self.look_up(Asked(email=email), price=1)
        status = STATUSES[person.number % len(STATUSES)] if person else "unknown"
        address = email.upper() if "capitals" in request.faults else email
        if "missing_keys" in request.faults:
            return {"address": address, "status": status}
        if "suppressed" in request.faults:
            status, sub_status = "do_not_mail", "global_suppression"
        else:
            sub_status = "" if person else "mail_server_did_not_respond"
        return {
            "address": address,
            "status": status,
            "sub_status": sub_status,
            "free_email": False,
            "did_you_mean": None,
            "domain_age_days": "9692",
            "mx_found": "true",
            "mx_record": "mx.example.com",
            "firstname": "somebody",
            "lastname": "else",
            "processed_at": "2026-01-01 10:00:00.000",
        }

    def throttled(self, request: Request, retry_after: float) -> Reply:
        return Reply(429, {"error": "Too many requests"}, {"Retry-After": f"{retry_after:g}"})

    def out_of_credits(self, request: Request) -> Reply:
        return Reply(200, {"error": BOTH})

    def bad_key(self, request: Request) -> Reply:
        return Reply(200, {"error": BOTH})
