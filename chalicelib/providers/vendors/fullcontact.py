"""Asks FullContact for contacts, one in a call.

Sources: the official SDKs (fullcontact-python-client, fullcontact-go) with their recorded answers, and
docs.fullcontact.com (V3 person.enrich, rate-limiting).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.model.contacts import Contact
from chalicelib.providers.answer import Answer, Json
from chalicelib.providers.base import Found, Limit, Match, NoMatch, Outcome, Terms, any_of, meets
from chalicelib.providers.http import apply_settings, make_client
from chalicelib.providers.meanings import Meaning, Meanings
from chalicelib.providers.values import canonical, first_usable, list_at, value_at
from chalicelib.settings import ProviderSettings

BASE_URL = "https://api.fullcontact.com/v3"
#: One person a call; a call that finds nobody is charged like any other. 6,000 calls a minute (docs:
#: rate-limiting). Contracts are individual: set FULLCONTACT_CREDITS and FULLCONTACT_CALLS_PER_MINUTE.
PUBLISHED = Terms(batch_size=1, parallel=8, credits=1.0, limits=(Limit(6000, 60),))
#: A name alone is not enough: FullContact takes it only together with a postal address.
NEEDS = any_of("email", "phone", "linkedin_url")
MEANINGS = Meanings(
    "fullcontact",
    {
        "200": Meaning.MATCH,
        "202": Meaning.PENDING,
        "204": Meaning.NO_MATCH,
        "400": Meaning.NO_MATCH,  # it cannot search with the data of this contact
        "401": Meaning.BAD_KEY,  # its body holds the key
        "402": Meaning.OUT_OF_CREDITS,
        "403": Meaning.BAD_KEY,
        "403 quota": Meaning.OUT_OF_CREDITS,
        # Any other 404 is a wrong address and says nothing of a person.
        "404 not found": Meaning.NO_MATCH,
        "422": Meaning.NO_MATCH,  # as 400
        "429": Meaning.THROTTLED,
    },
)

#: FullContact gives no confidence; it merges identities from several sources into one.
ON_RECORD = 0.8
#: "Queued for search. Please retry your query within about 2 minutes."
QUEUED_SECONDS = 120.0
#: A 403 means a bad key or a quota that is used up; only the text of the message tells which.
_QUOTA_WORDS = (b"quota", b"limit", b"usage", b"exceeded")

#: Our field → its paths in the answer, best first.
_PATHS: Mapping[str, tuple[tuple[str, ...], ...]] = {
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
    fields = frozenset({"email", "phone", "company_domain", "city", "region", "country", *_PATHS})

    def __init__(self, settings: ProviderSettings, key: Callable[[], str]) -> None:
        self.terms = apply_settings(PUBLISHED, settings)
        self._client = make_client(self.name, BASE_URL, settings, key)

    def identifies(self, contact: Contact) -> bool:
        """By an e-mail, a phone or a LinkedIn profile."""
        return meets(contact, NEEDS)

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call for each contact; ``terms.batch_size`` is 1."""
        return [self._look_up(contact.known) for contact in contacts]

    def _look_up(self, known: Mapping[str, str]) -> Outcome:
        headers = {"Authorization": f"Bearer {self._client.key}"}
        answer = self._client.post("/person.enrich", _question(known), headers)
        price = self.terms.credits
        # Of the misses only a 404 is charged: the others mean that no search was made.
        price_of_miss = price if answer.status == 404 else 0.0
        outcome = MEANINGS.outcome(answer.status, _code(answer), _wait(answer), price_of_miss)
        if outcome is not None:
            return outcome
        values = _values(answer.json_object())
        return Match(values, price) if values else NoMatch(price)


def _question(known: Mapping[str, str]) -> dict[str, Json]:
    question: dict[str, Json] = {
        field: known[field] for field in ("email", "phone") if field in known
    }
    if "linkedin_url" in known:
        question["profiles"] = [{"url": known["linkedin_url"]}]
    return question


def _code(answer: Answer) -> str:
    """What the body adds to the status."""
    if answer.status == 403 and any(word in answer.body.lower() for word in _QUOTA_WORDS):
        return "quota"
    if answer.status != 404:
        return ""
    body = answer.json_object_or_empty()
    return "not found" if 404 in (body.get("status"), body.get("code")) else ""


def _wait(answer: Answer) -> float:
    """Seconds. A 429 "can be retried immediately"; the delay that calls suffer is the better advice."""
    if answer.status == 202:
        return QUEUED_SECONDS
    milliseconds = answer.number("X-FullContact-RateDelay")
    return (milliseconds or 0.0) / 1000


def _values(body: Json) -> dict[str, Found]:
    details = value_at(body, "details")
    place = next(iter(list_at(details, "locations")), None)
    jobs = list_at(details, "employment")
    job = next((job for job in jobs if value_at(job, "current") is True), None)
    raw = {
        "city": value_at(place, "city"),
        "region": value_at(place, "region"),
        "country": value_at(place, "countryCode") or value_at(place, "country"),
        "title": value_at(job, "title"),
        "company": value_at(job, "name"),
        "company_domain": value_at(job, "domain"),
    }
    values = canonical(raw, ON_RECORD)
    for field, paths in _PATHS.items():
        values |= first_usable(field, [value_at(body, *path) for path in paths], ON_RECORD)
    for field, name in (("email", "emails"), ("phone", "phones")):
        values |= first_usable(field, list(map(_text, list_at(details, name))), ON_RECORD)
    return values


def _text(detail: Json) -> Json:
    """A detail is a text, or an object with a ``value``."""
    return value_at(detail, "value") if isinstance(detail, dict) else detail
