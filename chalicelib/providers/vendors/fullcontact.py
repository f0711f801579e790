"""First floor: FullContact. Contacts go in, one call each; what FullContact knows of them comes out.

Sources: the official SDKs (fullcontact-python-client, fullcontact-go) with their recorded answers, and
docs.fullcontact.com (V3 person.enrich, rate-limiting).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    OutOfCreditsError,
    ProviderError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.answer import Answer
from chalicelib.providers.base import Found, Limit, Match, NoMatch, Outcome, Pending, Terms
from chalicelib.providers.http import apply_settings, make_client
from chalicelib.providers.values import Json, canonical, value_at
from chalicelib.settings import ProviderSettings

BASE_URL = "https://api.fullcontact.com/v3"
#: One person a call; a call that finds nobody counts like any other. 6,000 calls a minute (docs:
#: rate-limiting). Contracts are individual: FULLCONTACT_CREDITS and _CALLS_PER_MINUTE for others.
PUBLISHED = Terms(batch_size=1, parallel=8, credits=1.0, limits=(Limit(6000, 60),))

#: FullContact tells none; it resolves identities of several sources into one.
ON_RECORD = 0.8
#: "Queued for search. Please retry your query within about 2 minutes."
QUEUED_SECONDS = 120.0
#: A 403 is a bad key or a quota that is used up; only the message tells.
_QUOTA_WORDS = (b"quota", b"limit", b"usage", b"exceeded")

#: Our field → where it is in the answer; several places, best first.
_TOLD: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "full_name": (("fullName",), ("details", "name", "full")),
    "first_name": (("details", "name", "given"),),
    "last_name": (("details", "name", "family"),),
    "title": (("title",),),
    "company": (("organization",),),
    "linkedin_url": (("linkedin",), ("details", "profiles", "linkedin", "url")),
}


class FullContactProvider:
    """Satisfies ``Provider``."""

    name = "fullcontact"
    fields = frozenset({"email", "phone", "company_domain", "city", "region", "country", *_TOLD})

    def __init__(self, settings: ProviderSettings, key: Callable[[], str]) -> None:
        self.terms = apply_settings(PUBLISHED, settings)
        self._client = make_client("fullcontact", BASE_URL, settings, key)

    def identifies(self, contact: Contact) -> bool:
        """By an e-mail, a phone or a LinkedIn profile: a name counts only with a postal address."""
        return not contact.known.keys().isdisjoint(("email", "phone", "linkedin_url"))

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call for each contact; ``terms.batch_size`` is 1."""
        return [self._look_up(c) if self.identifies(c) else NoMatch() for c in contacts]

    def _look_up(self, contact: Contact) -> Outcome:
        headers = {"Authorization": f"Bearer {self._client.key}"}
        answer = self._client.post("/person.enrich", _question(contact.known), headers)
        price = self.terms.credits
        if answer.status == 202:
            return Pending(QUEUED_SECONDS)
        if _is_miss(answer):
            return NoMatch(price)
        if answer.status in (204, 400, 422):  # 400, 422: it cannot be asked with this contact
            return NoMatch()
        if answer.status != 200:
            raise _trouble(answer)
        values = _values(answer.table())
        return Match(values, price) if values else NoMatch(price)


def _question(known: Mapping[str, str]) -> dict[str, Json]:
    question: dict[str, Json] = {
        field: known[field] for field in ("email", "phone") if field in known
    }
    if "linkedin_url" in known:
        question["profiles"] = [{"url": known["linkedin_url"]}]
    return question


def _is_miss(answer: Answer) -> bool:
    """A 404 in FullContact's own words; any other is a wrong address, and no news of anybody."""
    body = answer.table_if_any()
    return answer.status == 404 and 404 in (body.get("status"), body.get("code"))


def _trouble(answer: Answer) -> ProviderError:
    """By status; the body is never repeated: that of a 401 holds the key."""
    if answer.status == 403 and any(word in answer.body.lower() for word in _QUOTA_WORDS):
        return OutOfCreditsError("fullcontact says that the quota is used up.")
    if answer.status in (401, 403):
        return BadKeyError("fullcontact does not accept the key (FULLCONTACT_API_KEY).")
    if answer.status == 402:
        return OutOfCreditsError("fullcontact wants to be paid.")
    if answer.status == 429:
        # "Can be retried immediately"; how long calls are being held back is the better advice.
        delay = answer.number("X-FullContact-RateDelay")  # milliseconds
        return ThrottledError("fullcontact wants fewer calls.", (delay or 0.0) / 1000)
    return UnavailableError(f"fullcontact answered with status {answer.status}.")


def _values(body: Json) -> dict[str, Found]:
    details = value_at(body, "details")
    place = next(iter(_list(value_at(details, "locations"))), None)
    jobs = _list(value_at(details, "employment"))
    job = next((job for job in jobs if value_at(job, "current") is True), None)
    told = {
        "city": value_at(place, "city"),
        "region": value_at(place, "region"),
        "country": value_at(place, "countryCode") or value_at(place, "country"),
        "title": value_at(job, "title"),
        "company": value_at(job, "name"),
        "company_domain": value_at(job, "domain"),
    }
    values = canonical(told, ON_RECORD)
    for field, places in _TOLD.items():
        values |= _first(field, [value_at(body, *path) for path in places])
    for field, several in (("email", "emails"), ("phone", "phones")):
        values |= _first(field, _list(value_at(details, several)))
    return values


def _first(field: str, several: Sequence[Json]) -> dict[str, Found]:
    """The first usable one; details are texts, or objects with a ``value``."""
    texts = (value_at(each, "value") if isinstance(each, dict) else each for each in several)
    readings = (canonical({field: text}, ON_RECORD) for text in texts)
    return next(filter(None, readings), {})


def _list(told: Json) -> list[Json]:
    return told if isinstance(told, list) else []
