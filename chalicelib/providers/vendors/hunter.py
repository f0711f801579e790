"""Asks Hunter.io for contacts, one in a call.

A contact with an e-mail is looked up by it (combined enrichment), one with a LinkedIn profile by that
(people enrichment), and for one with a name and a company the e-mail is searched (Email Finder), by the
company's domain rather than its name. The finder takes a LinkedIn handle too, but says less of the person.
Source of all facts: https://hunter.io/api-documentation/v2, unless another is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from chalicelib.model.contacts import Contact
from chalicelib.providers.alignment import is_elsewhere
from chalicelib.providers.answer import Json
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
from chalicelib.providers.values import canonical, confidence_of, value_at, with_email_status
from chalicelib.settings import ProviderSettings

BASE_URL = "https://api.hunter.io/v2"
#: 15 calls a second and 500 a minute, for the finder and for enrichment.
PUBLISHED = Terms(batch_size=1, parallel=8, limits=(Limit(15, 1), Limit(500, 60)))
NEEDS = (*any_of("email", "linkedin_url"), *name_with("company_domain", "company"))
MEANINGS = Meanings(
    "hunter",
    {
        "200": Meaning.MATCH,
        "202": Meaning.PENDING,  # the verification is still running
        "222": Meaning.PENDING,  # the mail server gave an unexpected answer
        "400": Meaning.NO_MATCH,  # it cannot search with the data of this contact
        "401": Meaning.BAD_KEY,
        "403": Meaning.THROTTLED,
        "404": Meaning.NO_MATCH,
        "422": Meaning.NO_MATCH,  # as 400
        "429": Meaning.OUT_OF_CREDITS,
        "451": Meaning.SUPPRESSED,
    },
)
#: Seconds by status. Hunter names none.
PENDING_SECONDS = {202: 10.0, 222: 60.0}

#: Credits by kind of lookup. The finder's price is Hunter's own. For enrichment third parties say 0.2 a
#: match (from Hunter's help pages), or 1, and 2 when combined: the higher, so that a job's cap holds.
FINDER_CREDITS, PEOPLE_CREDITS, COMBINED_CREDITS = 1.0, 1.0, 2.0

#: Hunter gives no confidence for its records; a "fuzzy" record may be another person's.
ON_RECORD, FUZZY = 0.9, 0.6
_LINKEDIN = "https://www.linkedin.com/in/"


@dataclass(frozen=True)
class _Question:
    """``paid_path``: the value that is charged for, by its path in the data."""

    path: str
    params: Mapping[str, str]
    credits: float
    read: Callable[[Json], dict[str, Found]]
    paid_path: str


class HunterProvider:
    """Satisfies ``Provider``. HUNTER_CREDITS: the most that one lookup costs; HUNTER_FINDER_CREDITS,
    HUNTER_PEOPLE_CREDITS, HUNTER_COMBINED_CREDITS: what a lookup of each kind costs.
    """

    name = "hunter"
    fields = frozenset(
        {"first_name", "last_name", "full_name", "email", "email_status", "phone", "title"}
        | {"company", "company_domain", "linkedin_url", "city", "region", "country"}
    )

    def __init__(self, settings: ProviderSettings, key: Callable[[], str]) -> None:
        most = settings.credits if settings.credits is not None else float("inf")
        extra = settings.extra
        self._finder = float(extra.get("FINDER_CREDITS") or min(FINDER_CREDITS, most))
        self._people = float(extra.get("PEOPLE_CREDITS") or min(PEOPLE_CREDITS, most))
        self._combined = float(extra.get("COMBINED_CREDITS") or min(COMBINED_CREDITS, most))
        highest = max(self._finder, self._people, self._combined, settings.credits or 0.0)
        self.terms = replace(apply_settings(PUBLISHED, settings), credits=highest)
        self._client = make_client(self.name, BASE_URL, settings, key)

    def identifies(self, contact: Contact) -> bool:
        """By an e-mail, a LinkedIn profile, or a name with the company's domain or name."""
        return meets(contact, NEEDS)

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call for each contact; ``terms.batch_size`` is 1."""
        return [self._look_up(self._question(c.known), c.known) for c in contacts]

    def _question(self, known: Mapping[str, str]) -> _Question:
        if email := known.get("email"):
            params = {"email": email}
            return _Question("/combined/find", params, self._combined, _combined, "person")
        if url := known.get("linkedin_url"):
            params = {"linkedin_handle": unquote(url.removeprefix(_LINKEDIN))}
            return _Question("/people/find", params, self._people, _person, "id")
        domain = known.get("company_domain")
        company = {"domain": domain} if domain else {"company": known["company"]}
        params = {**_name(known), **company}
        return _Question("/email-finder", params, self._finder, _finder, "email")

    def _look_up(self, question: _Question, known: Mapping[str, str]) -> Outcome:
        headers = {"X-API-KEY": self._client.key}  # never in the URL, where Hunter takes it too
        answer = self._client.get(question.path, question.params, headers)
        wait = answer.seconds("Retry-After")  # not documented, but followed if it comes
        if answer.status in PENDING_SECONDS:
            wait = wait or PENDING_SECONDS[answer.status]
        outcome = MEANINGS.outcome(answer.status, wait=wait)
        if outcome is not None:
            return outcome
        data = value_at(answer.json_object(), "data")
        values = question.read(data)
        is_of_other = _is_other_person(data, question.params) or is_elsewhere(known, values)
        if values and not is_of_other:
            return Match(values, question.credits)
        # Another's record, or one without usable values, is charged like any other.
        return NoMatch(question.credits if value_at(data, question.paid_path) else 0.0)


def _name(known: Mapping[str, str]) -> dict[str, str]:
    first, last = known.get("first_name"), known.get("last_name")
    if first and last:
        return {"first_name": first, "last_name": last}
    return {"full_name": known["full_name"]}


def _is_other_person(data: Json, params: Mapping[str, str]) -> bool:
    asked, answered = params.get("email"), value_at(data, "person", "email")
    return bool(asked) and isinstance(answered, str) and answered.strip().lower() != asked


def _combined(data: Json) -> dict[str, Found]:
    company, person = value_at(data, "company"), _person(value_at(data, "person"))
    if "company" in person or "company_domain" in person:
        return person
    raw = {"company": value_at(company, "name"), "company_domain": value_at(company, "domain")}
    return {**canonical(raw, ON_RECORD), **person}


def _person(data: Json) -> dict[str, Found]:
    handle = value_at(data, "linkedin", "handle")  # "x" or "in/x"
    raw = {
        "full_name": value_at(data, "name", "fullName"),
        "first_name": value_at(data, "name", "givenName"),
        "last_name": value_at(data, "name", "familyName"),
        "email": value_at(data, "email"),
        "phone": value_at(data, "phone"),
        "title": value_at(data, "employment", "title"),
        "company": value_at(data, "employment", "name"),
        "company_domain": value_at(data, "employment", "domain"),
        "linkedin_url": _LINKEDIN + handle.removeprefix("in/") if isinstance(handle, str) else None,
        "city": value_at(data, "geo", "city"),
        "region": value_at(data, "geo", "state"),
        "country": value_at(data, "geo", "countryCode") or value_at(data, "geo", "country"),
    }
    values = canonical(raw, FUZZY if value_at(data, "fuzzy") is True else ON_RECORD)
    return with_email_status(values, None)  # a record does not say whether its address was checked


def _finder(data: Json) -> dict[str, Found]:
    raw = {
        "email": value_at(data, "email"),
        "first_name": value_at(data, "first_name"),
        "last_name": value_at(data, "last_name"),
        "title": value_at(data, "position"),
        "company": value_at(data, "company"),
        "company_domain": value_at(data, "domain"),
        "linkedin_url": value_at(data, "linkedin_url"),
        "phone": value_at(data, "phone_number"),
    }
    values = canonical(raw, confidence_of(value_at(data, "score"), 100, 0.0))
    values = with_email_status(values, value_at(data, "verification", "status"))
    # A miss may be a 200 whose e-mail is null; its names are those that were asked with.
    return values if "email" in values else {}
