"""Asks Apollo for contacts, ten in a call.

Sources: Apollo's OpenAPI description (docs.apollo.io/reference: bulk-people-enrichment, rate-limits);
what it does not say and public clients report is marked as such. Phone numbers are not asked for:
Apollo sends them later to a webhook and charges eight credits more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.model.contacts import Contact
from chalicelib.model.errors import MalformedAnswerError
from chalicelib.providers.alignment import Identity, align, identity_of, share_credits
from chalicelib.providers.answer import Answer, Json
from chalicelib.providers.base import (
    Found,
    Limit,
    Match,
    NoMatch,
    Outcome,
    Terms,
    any_of,
    meets,
    name_with,
)
from chalicelib.providers.http import apply_settings, make_client
from chalicelib.providers.meanings import Meaning, Meanings
from chalicelib.providers.values import canonical, credits_of, value_at, with_email_status
from chalicelib.settings import ProviderSettings

BASE_URL = "https://api.apollo.io/api/v1"
#: Ten people a call, one credit for each that is found (without the mobile number). 1,000 calls a minute
#: on paid plans; the free plan allows 20 of these calls: APOLLO_CALLS_PER_MINUTE=20.
PUBLISHED = Terms(batch_size=10, parallel=4, credits=1.0, limits=(Limit(1000, 60),))
NEEDS = (*any_of("email", "linkedin_url"), *name_with("company", "company_domain"))
MEANINGS = Meanings(
    "apollo",
    {
        "200": Meaning.MATCH,
        "400": Meaning.REFUSED,  # INVALID_REQUEST, RECORD_LIMIT_EXCEEDED
        "401": Meaning.BAD_KEY,  # in plain text
        "403": Meaning.BAD_KEY,  # the key is not for this endpoint
        "422": Meaning.REFUSED,
        "429": Meaning.THROTTLED,
        # Not in the description: what clients report when the credits are used up.
        "402": Meaning.OUT_OF_CREDITS,
        "422 credits": Meaning.OUT_OF_CREDITS,
    },
)

#: Apollo gives no confidence. It gives the status of an e-mail: "verified", "unverified", "likely to
#: engage" or "unavailable" (description); clients also see "guessed", "extrapolated" and "bounced".
ON_RECORD = 0.9

#: Our field → Apollo's parameter.
_PARAMETERS = {
    **{"email": "email", "linkedin_url": "linkedin_url", "company": "organization_name"},
    **{"first_name": "first_name", "last_name": "last_name", "full_name": "name"},
    **{"company_domain": "domain"},
}
#: Our field → its path in a person of the answer. Never below ``contact``: that is an entry of the
#: customer's CRM and, in the official example, another person.
_PATHS = {
    **{"first_name": ("first_name",), "last_name": ("last_name",), "full_name": ("name",)},
    **{"email": ("email",), "title": ("title",), "linkedin_url": ("linkedin_url",)},
    **{"company": ("organization", "name"), "company_domain": ("organization", "primary_domain")},
    **{"city": ("city",), "region": ("state",), "country": ("country",)},
}


class ApolloProvider:
    """Satisfies ``Provider``."""

    name = "apollo"
    fields = frozenset({"email_status", *_PATHS})

    def __init__(self, settings: ProviderSettings, key: Callable[[], str]) -> None:
        self.terms = apply_settings(PUBLISHED, settings)
        self._client = make_client(self.name, BASE_URL, settings, key)

    def identifies(self, contact: Contact) -> bool:
        """By an e-mail, a LinkedIn profile, or a name with the company's name or domain."""
        return meets(contact, NEEDS)

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call for all contacts."""
        details = [_details(contact.known) for contact in contacts]
        headers = {"x-api-key": self._client.key}
        answer = self._client.post("/people/bulk_match", {"details": details}, headers)
        outcome = MEANINGS.outcome(answer.status, _code(answer), answer.seconds("retry-after"))
        if outcome is not None:
            return [outcome for _ in contacts]
        return self._read(answer.json_object(), contacts)

    def _read(self, body: Mapping[str, Json], contacts: Sequence[Contact]) -> list[Outcome]:
        """``status`` is "success" even if nobody is known; misses are null, or left out."""
        matches = body.get("matches")
        if not isinstance(matches, list):
            raise MalformedAnswerError("apollo answered without a list of matches.")
        people = [match for match in matches if isinstance(match, dict)]
        answers = [(_identity(person), person) for person in people]
        aligned = align([contact.known for contact in contacts], answers)
        # The counters may be fractions, and are missing while Apollo's waterfall still searches.
        consumed = credits_of(body.get("credits_consumed"))
        if consumed is None:
            consumed = self.terms.credits * len(people)
        outcomes = [_outcome(p, c.known) for p, c in zip(aligned, contacts, strict=True)]
        return share_credits(outcomes, consumed)


def _code(answer: Answer) -> str:
    return "credits" if b"credits" in answer.body else ""


def _details(known: Mapping[str, str]) -> dict[str, str]:
    return {theirs: known[ours] for ours, theirs in _PARAMETERS.items() if ours in known}


def _outcome(person: Json, known: Mapping[str, str]) -> Outcome:
    values = _values(person)
    if "email" in values:  # else it is locked or missing, and its status means nothing
        values = with_email_status(values, value_at(person, "email_status"), known.get("email"))
    return Match(values) if values else NoMatch()


def _values(person: Json) -> dict[str, Found]:
    raw = {field: value_at(person, *path) for field, path in _PATHS.items()}
    return canonical(raw, ON_RECORD)


def _identity(person: Json) -> Identity:
    return identity_of({field: found.value for field, found in _values(person).items()})
