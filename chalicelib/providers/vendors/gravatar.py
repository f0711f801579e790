"""Asks Gravatar for the profiles that people publish themselves: free, one contact in a call.

Source of all facts: Gravatar's OpenAPI description 3.0.0 (https://api.gravatar.com/v3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from chalicelib.identity.countries import country_code
from chalicelib.model.contacts import Contact
from chalicelib.providers.answer import Json
from chalicelib.providers.base import Found, Limit, Match, NoMatch, Outcome, Terms, any_of, meets
from chalicelib.providers.http import apply_settings, make_client
from chalicelib.providers.meanings import Meaning, Meanings
from chalicelib.providers.values import canonical, first_usable, list_at, value_at
from chalicelib.settings import ProviderSettings

BASE_URL = "https://api.gravatar.com/v3"
#: Calls in an hour: 100 for each internet address (which others share, in AWS), 1,000 for each key.
#: 10,000 contacts take ten hours at best: use it for short lists, after all other providers.
PUBLISHED = Terms(batch_size=1, parallel=4, limits=(Limit(100, 3600),), needs_key=False)
PUBLISHED_WITH_KEY = replace(PUBLISHED, limits=(Limit(1000, 3600),))
NEEDS = any_of("email")
MEANINGS = Meanings(
    "gravatar",
    {
        "200": Meaning.MATCH,
        "401": Meaning.BAD_KEY,
        "403": Meaning.BAD_KEY,
        "404": Meaning.NO_MATCH,  # without a body
        "429": Meaning.THROTTLED,
    },
)
#: Seconds. No window is longer, so no wait is either.
LONGEST_WAIT = 3600.0

#: People write their profiles themselves, and not every year.
STATED = 0.8
#: The name and the place that people like to show are often not those in their passports.
CHOSEN = 0.6

FIELDS = frozenset(
    {"first_name", "last_name", "full_name", "title", "company", "linkedin_url"}
    | {"city", "region", "country"}
)
FIELDS_WITH_KEY = FIELDS | {"phone"}

#: Names of countries that, at the end of a location, mostly mean another place.
_AMBIGUOUS_COUNTRIES = frozenset({"georgia", "jersey"})
#: Other codes of two letters mostly mean an American state: "Portland, ME" is not in Montenegro.
_COUNTRY_CODES = frozenset({"UK", "US"})


#: Where the phones are, in the order in which they are used. Only callers with a key get them.
_PHONES = ("work_phone", "cell_phone", "home_phone")


class GravatarProvider:
    """Satisfies ``Provider``; works with GRAVATAR_API_KEY and without."""

    name = "gravatar"

    def __init__(self, settings: ProviderSettings, key: Callable[[], str]) -> None:
        self._has_key = bool(settings.key)
        self.fields = FIELDS_WITH_KEY if self._has_key else FIELDS
        self.terms = apply_settings(PUBLISHED_WITH_KEY if self._has_key else PUBLISHED, settings)
        self._client = make_client(self.name, BASE_URL, settings, key)

    def identifies(self, contact: Contact) -> bool:
        """By an e-mail, and by nothing else."""
        return meets(contact, NEEDS)

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call for each contact; ``terms.batch_size`` is 1."""
        return [self._look_up(contact.known["email"]) for contact in contacts]

    def _look_up(self, email: str) -> Outcome:
        headers = {"Authorization": f"Bearer {self._client.key}"} if self._has_key else {}
        hashed = hashlib.sha256(email.strip().lower().encode()).hexdigest()
        answer = self._client.get(f"/profiles/{hashed}", {}, headers)
        wait = answer.seconds_until("X-RateLimit-Reset", LONGEST_WAIT)
        outcome = MEANINGS.outcome(answer.status, wait=wait)
        if outcome is not None:
            return outcome
        profile = answer.json_object()
        is_other_person = profile.get("hash", hashed) != hashed
        values = {} if is_other_person else _values(profile)
        return Match(values) if values else NoMatch()


def _values(profile: Json) -> dict[str, Found]:
    """Texts are "" if there is nothing. Only callers with a key get names in two parts, and phones."""
    stated = {
        "first_name": value_at(profile, "first_name"),
        "last_name": value_at(profile, "last_name"),
        "title": value_at(profile, "job_title"),
        "company": value_at(profile, "company"),
        "linkedin_url": _linkedin(profile),
    }
    display_name = value_at(profile, "display_name")
    # One word, such as "jdoe" or "Jane", is not a full name.
    is_full = isinstance(display_name, str) and len(display_name.split()) > 1
    chosen = {
        "full_name": display_name if is_full else None,
        **_place(value_at(profile, "location")),
    }
    phones = [value_at(profile, "contact_info", name) for name in _PHONES]
    phone = first_usable("phone", phones, STATED)
    return {**canonical(chosen, CHOSEN), **canonical(stated, STATED), **phone}


def _linkedin(profile: Json) -> Json:
    """The account that Gravatar saw the person log in to, unless the person hides it."""
    for account in list_at(profile, "verified_accounts"):
        is_linkedin = value_at(account, "service_type") == "linkedin"
        if is_linkedin and not value_at(account, "is_hidden"):
            return value_at(account, "url")
    return None


def _place(location: Json) -> dict[str, str]:
    """The parts of a location, which is free text.

    Only "City, Country" and "City, Region, Country" can be read with some confidence.
    """
    parts = [part.strip() for part in location.split(",")] if isinstance(location, str) else []
    last = parts[-1] if parts else ""
    is_state = len(last) <= 2 and last.upper() not in _COUNTRY_CODES
    is_ambiguous = is_state or last.lower() in _AMBIGUOUS_COUNTRIES
    if not 1 <= len(parts) <= 3 or is_ambiguous or not country_code(last):
        return {}
    return dict(zip(("country", "city", "region"), (last, *parts[:-1]), strict=False))
