"""Asks Findymail for the verified work e-mails of people, one in a call.

A contact with a LinkedIn profile is looked up by it, another by its name and company. Sources: the
documentation (https://app.findymail.com/docs) as far as it is quoted: endpoints, parameters, statuses,
prices; the answer, ``{"contact": {"name", "domain", "email"}}``, is known from public clients alone
(simstudioai/sim, the n8n node), so it is read leniently. Phones cost ten credits and are not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.model.contacts import Contact
from chalicelib.providers.alignment import is_at_another_domain
from chalicelib.providers.answer import Json
from chalicelib.providers.base import (
    Found,
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
from chalicelib.providers.values import canonical, value_at, with_email_status
from chalicelib.settings import ProviderSettings

BASE_URL = "https://app.findymail.com/api"
#: No number of calls in a time is published, but one of calls at once: 300, and 30 by profile. Ten workers
#: make so many. One credit for each e-mail that is found; whom it found before it finds again for nothing,
#: but the answer does not say so.
PUBLISHED = Terms(batch_size=1, parallel=3, credits=1.0)
NEEDS = (*any_of("linkedin_url"), *name_with("company", "company_domain"))
MEANINGS = Meanings(
    "findymail",
    {
        "200": Meaning.MATCH,
        "401": Meaning.BAD_KEY,
        "402": Meaning.OUT_OF_CREDITS,
        "403": Meaning.BAD_KEY,
        "404": Meaning.NO_MATCH,
        "422": Meaning.NO_MATCH,  # it cannot search with the data of this contact
        "423": Meaning.OUT_OF_CREDITS,  # the subscription is paused
        "429": Meaning.THROTTLED,
    },
)

#: "Findymail returns only verified addresses"; it gives no score.
VERIFIED = 0.9


class FindymailProvider:
    """Satisfies ``Provider``."""

    name = "findymail"
    fields = frozenset({"full_name", "email", "email_status", "company_domain"})

    def __init__(self, settings: ProviderSettings, key: Callable[[], str]) -> None:
        self.terms = apply_settings(PUBLISHED, settings)
        self._client = make_client(self.name, BASE_URL, settings, key)

    def identifies(self, contact: Contact) -> bool:
        """By a LinkedIn profile, or a name with the company's name or domain."""
        return meets(contact, NEEDS)

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call for each contact; ``terms.batch_size`` is 1."""
        return [self._look_up(contact.known) for contact in contacts]

    def _look_up(self, known: Mapping[str, str]) -> Outcome:
        path, body = _question(known)
        headers = {"Authorization": f"Bearer {self._client.key}"}
        answer = self._client.post(path, body, headers)
        outcome = MEANINGS.outcome(answer.status, wait=answer.seconds("Retry-After"))
        if outcome is not None:
            return outcome
        contact = answer.json_object()
        contact = value_at(contact, "contact") or contact
        values = _values(contact)
        if "email" in values and not is_at_another_domain(known, values):
            return Match(values, self.terms.credits)
        # An address that is masked, or at another company, is charged like any other.
        return NoMatch(self.terms.credits if value_at(contact, "email") else 0.0)


def _question(known: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    if url := known.get("linkedin_url"):
        return "/search/business-profile", {"linkedin_url": url}
    name = known.get("full_name") or f"{known['first_name']} {known['last_name']}"
    # "Company domain (best) or company name".
    domain = known.get("company_domain") or known["company"]
    return "/search/name", {"name": name, "domain": domain}


def _values(contact: Json) -> dict[str, Found]:
    raw = {
        "full_name": value_at(contact, "name"),
        "email": value_at(contact, "email"),
        "company_domain": value_at(contact, "domain"),
    }
    return with_email_status(canonical(raw, VERIFIED), "verified")
