"""First floor: Gravatar, free. Contacts with an e-mail go in, one call each; what the people behind
them publish on their own profiles comes out.

Source of all facts: Gravatar's OpenAPI description 3.0.0 (https://api.gravatar.com/v3).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from chalicelib.identity.countries import country_code
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import BadKeyError, ThrottledError, UnavailableError
from chalicelib.providers.answer import Answer
from chalicelib.providers.base import Found, Limit, Match, NoMatch, Outcome, Terms
from chalicelib.providers.http import apply_settings, make_client
from chalicelib.providers.values import Json, canonical, value_at
from chalicelib.settings import ProviderSettings

BASE_URL = "https://api.gravatar.com/v3"
#: Calls in an hour: 100 for each address on the internet, which in AWS others share; 1,000 for each
#: key. 10,000 contacts take ten hours at best: a provider for short lists, after all others.
PUBLISHED = Terms(batch_size=1, parallel=4, limits=(Limit(100, 3600),), needs_key=False)
PUBLISHED_WITH_KEY = replace(PUBLISHED, limits=(Limit(1000, 3600),))

#: People write their profiles themselves, and not every year.
STATED = 0.8
#: What they want to be called and where they like to be: often not what is in a passport.
LOOSE = 0.6

#: Last parts of a location that are mostly not the country of that name (or code) in English.
_AMBIGUOUS = frozenset({"georgia", "jersey"})
_LONGEST_CODE = 2
_CODES = frozenset({"UK", "US"})


class GravatarProvider:
    """Satisfies ``Provider``; works with GRAVATAR_API_KEY and without."""

    name = "gravatar"
    fields = frozenset(
        {"first_name", "last_name", "full_name", "title", "company", "linkedin_url"}
        | {"city", "region", "country"}
    )

    def __init__(
        self,
        settings: ProviderSettings,
        key: Callable[[], str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._has_key = bool(settings.key)
        self.terms = apply_settings(PUBLISHED_WITH_KEY if self._has_key else PUBLISHED, settings)
        self._client = make_client(self.name, BASE_URL, settings, key)

    def identifies(self, contact: Contact) -> bool:
        """By nothing but an e-mail."""
        return "email" in contact.known

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call for each contact; ``terms.batch_size`` is 1."""
        return [self._look_up(contact) for contact in contacts]

    def _look_up(self, contact: Contact) -> Outcome:
        if not self.identifies(contact):
            return NoMatch()
        key = self._client.key if self._has_key else ""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        asked = hashlib.sha256(contact.known["email"].strip().lower().encode()).hexdigest()
        answer = self._client.get(f"/profiles/{asked}", {}, headers)
        if answer.status == 404:  # without a body
            return NoMatch()
        if answer.status != 200:
            raise self._error(answer)
        profile = answer.table()
        if profile.get("hash", asked) != asked:
            return NoMatch()
        values = _read_profile(profile)
        return Match(values) if values else NoMatch()

    def _error(self, answer: Answer) -> Exception:
        if answer.status == 429:
            reset = answer.seconds("X-RateLimit-Reset")  # a point in time, unix
            wait = None if reset is None else min(max(reset - self._clock(), 0.0), 3600.0)
            return ThrottledError("gravatar wants fewer calls.", wait)
        if answer.status in (401, 403):
            return BadKeyError("gravatar does not accept the key (GRAVATAR_API_KEY).")
        return UnavailableError(f"gravatar answered with status {answer.status}.")


def _read_profile(profile: Json) -> dict[str, Found]:
    """Strings are "" where there is nothing. First and last name come only to those with a key."""
    told = {
        "first_name": value_at(profile, "first_name"),
        "last_name": value_at(profile, "last_name"),
        "title": value_at(profile, "job_title"),
        "company": value_at(profile, "company"),
        "linkedin_url": _linkedin(value_at(profile, "verified_accounts")),
    }
    display = value_at(profile, "display_name")
    # "jdoe" and "Jane" are what somebody is called, not a full name.
    full = display if isinstance(display, str) and len(display.split()) > 1 else None
    loose = {"full_name": full, **_place(value_at(profile, "location"))}
    return {**canonical(loose, LOOSE), **canonical(told, STATED)}


def _linkedin(accounts: Json) -> Json:
    """The account that Gravatar saw the person log in to, unless the person hides it."""
    for account in accounts if isinstance(accounts, list) else []:
        if value_at(account, "service_type") == "linkedin" and not value_at(account, "is_hidden"):
            return value_at(account, "url")
    return None


def _place(location: Json) -> dict[str, str]:
    """Free text; only "City, Country" and "City, Region, Country" can be read with confidence.

    Of two letters only US and UK are taken for a country: "Portland, ME" is not in Montenegro.
    """
    parts = [part.strip() for part in location.split(",")] if isinstance(location, str) else []
    last = parts[-1] if parts else ""
    is_code = len(last) <= _LONGEST_CODE and last.upper() not in _CODES
    if not 1 <= len(parts) <= 3 or is_code or last.lower() in _AMBIGUOUS or not country_code(last):
        return {}
    return dict(zip(("country", "city", "region"), (last, *parts[:-1]), strict=False))
