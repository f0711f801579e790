"""Gravatar as the vendor server plays it: ``GET /profiles/<sha256 of the e-mail>`` (API version 3).

It is free, works without a key, and never learns whom it was asked for: people are their hashes here.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from typing import Any

from tests.vendors import people
from tests.vendors.people import FIRST, LAST, Asked, Person
from tests.vendors.vendor import Reply, Request, Vendor


class Gravatar(Vendor):
    name = "gravatar"
    quirks = frozenset(
        {
            "blank",  # a profile of which nothing is filled in
            "hidden",  # the LinkedIn account is verified, but not shown
            "nickname",  # one word in place of a name
            "maine",  # "Portland, ME"
            "other_hash",  # the profile of somebody else
            "home_only",  # of the phones only the one at home is there
        }
    )

    def key_of(self, request: Request) -> str:
        """Without a key it answers as well; only a wrong one is refused."""
        told = request.headers.get("authorization", "").removeprefix("Bearer ")
        return told or self.key

    def answer(self, request: Request) -> Reply:
        hashed = request.path.removeprefix("/profiles/")
        person = self.look_up(Asked(full=hashed, domain="hashed"), price=0)
        if person is None:
            return Reply(404)
        first, last = FIRST[person.number % len(FIRST)], LAST[person.number % len(LAST)]
        person = replace(person, first=first, last=last)  # a hash is nobody's name
        has_key = "authorization" in request.headers
        return Reply(200, _profile(hashed, person, request, has_key))

    def rows(self, known: bool = True, number: int = 1) -> list[dict[str, str]]:
        everybody = people.rows(self.name, known=True, coverage=1.0)
        wanted = (row for row in everybody if self._knows(row["email"]) == known)
        return [next(wanted) for _ in range(number)]

    def _knows(self, email: str) -> bool:
        hashed = hashlib.sha256(email.encode()).hexdigest()
        identity = Asked(full=hashed, domain="hashed").identity
        return people.knows(self.name, identity, self.coverage)

    def throttled(self, request: Request, retry_after: float) -> Reply:
        body = {"error": "Rate limit exceeded", "code": "rate_limit_exceeded"}
        reset = str(int(time.time() + retry_after) + 1)
        headers = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "0"}
        return Reply(429, body, {**headers, "X-RateLimit-Reset": reset})

    def out_of_credits(self, request: Request) -> Reply:
        """There are none; whoever asks for this gets a rate limit."""
        return self.throttled(request, 60)

    def bad_key(self, request: Request) -> Reply:
        return Reply(401, {"error": "Invalid API key", "code": "invalid_api_key"})


def _profile(hashed: str, person: Person, request: Request, has_key: bool) -> dict[str, Any]:
    url = f"https://www.linkedin.com/in/{person.linkedin}"
    linkedin = {"service_type": "linkedin", "url": url, "is_hidden": "hidden" in request.faults}
    mastodon = {"service_type": "mastodon", "url": "https://example.org/@x", "is_hidden": False}
    place = "Portland, ME" if "maine" in request.faults else f"{person.city}, {person.country_name}"
    profile = {
        "hash": "0" * 64 if "other_hash" in request.faults else hashed,
        "display_name": "ada1999" if "nickname" in request.faults else person.full,
        "profile_url": "https://gravatar.com/x",
        "location": place,
        "description": "",
        "job_title": person.title,
        "company": person.company,
        "verified_accounts": [mastodon, linkedin],
        "pronouns": "",
    }
    if has_key:
        profile |= {"first_name": person.first, "last_name": person.last, "timezone": ""}
        home = {"work_phone": "", "cell_phone": "", "home_phone": "+442079460958"}
        all_phones = {**home, "work_phone": person.phone}
        profile["contact_info"] = home if "home_only" in request.faults else all_phones
    if "blank" in request.faults:
        kept = {"hash": profile["hash"], "verified_accounts": []}
        profile = {**dict.fromkeys(profile, ""), **kept}
    return profile
