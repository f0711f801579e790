"""First floor: Apollo. Contacts go in, ten a call; what Apollo knows of them comes out.

Sources: Apollo's OpenAPI description (docs.apollo.io/reference: bulk-people-enrichment, rate-limits);
what public clients report that it does not say is marked as such. Phone numbers, which Apollo sends
later to a webhook and for eight credits more, are not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    OutOfCreditsError,
    ProviderError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.alignment import Identity, align, identity_of, share_credits
from chalicelib.providers.answer import Answer
from chalicelib.providers.base import Found, Limit, Match, NoMatch, Outcome, Terms
from chalicelib.providers.http import apply_settings, make_client
from chalicelib.providers.values import Json, canonical, credits_of, email_status, value_at
from chalicelib.settings import ProviderSettings

BASE_URL = "https://api.apollo.io/api/v1"
#: Ten people a call, one credit for each that is found (without its mobile number); 1,000 calls a
#: minute on paid plans, on the free one 20 for this: APOLLO_CALLS_PER_MINUTE=20.
PUBLISHED = Terms(batch_size=10, parallel=4, credits=1.0, limits=(Limit(1000, 60),))

#: Apollo tells no confidence. Of its e-mails it tells the status: a guessed one is made of the name
#: and the company's usual pattern.
ON_RECORD, GUESSED = 0.9, 0.5
_GUESSES = ("guessed", "extrapolated")

#: Our field → Apollo's parameter.
_DETAILS = {
    **{"email": "email", "linkedin_url": "linkedin_url", "company": "organization_name"},
    **{"first_name": "first_name", "last_name": "last_name", "full_name": "name"},
    **{"company_domain": "domain"},
}
#: Our field → where it is in a person of the answer. Never below ``contact``: that is an entry of the
#: customer's CRM and, in the official example, somebody else.
_TOLD = {
    **{"first_name": ("first_name",), "last_name": ("last_name",), "full_name": ("name",)},
    **{"email": ("email",), "title": ("title",), "linkedin_url": ("linkedin_url",)},
    **{"company": ("organization", "name"), "company_domain": ("organization", "primary_domain")},
    **{"city": ("city",), "region": ("state",), "country": ("country",)},
}


class ApolloProvider:
    """Satisfies ``Provider``."""

    name = "apollo"
    fields = frozenset({"email_status", *_TOLD})

    def __init__(self, settings: ProviderSettings, key: Callable[[], str]) -> None:
        self.terms = apply_settings(PUBLISHED, settings)
        self._client = make_client("apollo", BASE_URL, settings, key)

    def identifies(self, contact: Contact) -> bool:
        """By an e-mail, a LinkedIn profile, or a name with the company's name or domain."""
        known = contact.known.keys()
        if not known.isdisjoint(("email", "linkedin_url")):
            return True
        is_named = "full_name" in known or {"first_name", "last_name"} <= known
        return is_named and not known.isdisjoint(("company", "company_domain"))

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call for all that can be asked for."""
        outcomes: list[Outcome] = [NoMatch() for _ in contacts]
        asked = [place for place, contact in enumerate(contacts) if self.identifies(contact)]
        told = self._ask([contacts[place].known for place in asked]) if asked else []
        for place, outcome in zip(asked, told, strict=True):
            outcomes[place] = outcome
        return outcomes

    def _ask(self, people: Sequence[Mapping[str, str]]) -> list[Outcome]:
        details = [{t: known[o] for o, t in _DETAILS.items() if o in known} for known in people]
        headers = {"x-api-key": self._client.key}
        answer = self._client.post("/people/bulk_match", {"details": details}, headers)
        if answer.status != 200:
            raise _trouble(answer)
        return self._read(answer.table(), people)

    def _read(self, body: Mapping[str, Json], people: Sequence[Mapping[str, str]]) -> list[Outcome]:
        """``status`` is "success" even where nobody is known; misses are null, or left out."""
        matches = body.get("matches")
        if not isinstance(matches, list):
            raise MalformedAnswerError("apollo answered without a list of matches.")
        persons = [match for match in matches if isinstance(match, dict)]
        own = align(people, [(_identity(person), person) for person in persons])
        outcomes = [_outcome(person) for person in own]
        # The counters, which may be fractions, are missing where Apollo looks further (waterfall).
        consumed = credits_of(body.get("credits_consumed"))
        otherwise = self.terms.credits * len(persons)
        return share_credits(outcomes, otherwise if consumed is None else consumed)


def _trouble(answer: Answer) -> ProviderError:
    """By status alone where that is enough: a 401 is plain text."""
    if answer.status in {401, 403}:  # 403: the key is not for this endpoint
        return BadKeyError("apollo does not accept the key for this (APOLLO_API_KEY).")
    if answer.status == 429:
        return ThrottledError("apollo wants fewer calls.", answer.seconds("retry-after"))
    # Not in the description: what clients report when the credits are used up.
    if answer.status == 402 or (answer.status == 422 and b"credits" in answer.body):
        return OutOfCreditsError("apollo says that the credits are used up.")
    return UnavailableError(f"apollo answered with status {answer.status}.")


def _outcome(person: Json) -> Outcome:
    values = _values(person)
    return Match(values) if values else NoMatch()


def _values(person: Json) -> dict[str, Found]:
    told = {field: value_at(person, *path) for field, path in _TOLD.items()}
    values = canonical(told, ON_RECORD)
    if "email" not in values:
        return values  # locked, or none: its status says nothing
    status = value_at(person, "email_status")
    if status in _GUESSES:
        return {**values, "email": Found(values["email"].value, GUESSED), **email_status("unknown")}
    return {**values, **email_status(status)}


def _identity(person: Json) -> Identity:
    return identity_of({field: found.value for field, found in _values(person).items()})
