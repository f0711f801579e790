"""First floor: Hunter.io. Contacts go in, one call each; what Hunter knows of them comes out.

An e-mail is looked up as it is (combined enrichment); without one a LinkedIn profile is (people
enrichment); without that the address is sought (Email Finder).
Source of all facts: https://hunter.io/api-documentation/v2, unless another is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from chalicelib.model.contacts import Contact
from chalicelib.model.errors import BadKeyError, OutOfCreditsError, ThrottledError, UnavailableError
from chalicelib.providers.answer import Answer
from chalicelib.providers.base import (
    Found,
    Limit,
    Match,
    NoMatch,
    Outcome,
    Pending,
    Suppressed,
    Terms,
)
from chalicelib.providers.http import apply_settings, make_client
from chalicelib.providers.values import Json, value_at
from chalicelib.providers.vendors.hunter_records import (
    PROFILE,
    read_combined,
    read_finder,
    read_person,
)
from chalicelib.settings import ProviderSettings

BASE_URL = "https://api.hunter.io/v2"
#: 15 calls a second and 500 a minute, for the finder and for enrichment.
PUBLISHED = Terms(batch_size=1, parallel=8, limits=(Limit(15, 1), Limit(500, 60)))

#: Credits by kind of lookup. The finder's is Hunter's. Of enrichment, third parties say 0.2 a match
#: (from Hunter's help pages) or 1, and 2 when combined: the dearer one, so that a job's cap holds.
FINDER_CREDITS, PEOPLE_CREDITS, COMBINED_CREDITS = 1.0, 1.0, 2.0

#: Seconds. Hunter tells none: 202 is a verification that still runs, 222 a mail server's whim.
SOON, LATER = 10.0, 60.0

_FIELDS = (
    *("first_name", "last_name", "full_name", "email", "email_status", "phone", "title"),
    *("company", "company_domain", "linkedin_url", "city", "region", "country"),
)


@dataclass(frozen=True)
class _Question:
    path: str
    params: Mapping[str, str]
    credits: float
    read: Callable[[Json], dict[str, Found]]
    #: Where in the data the thing is that is paid for.
    goods: str


class HunterProvider:
    """Satisfies ``Provider``. HUNTER_CREDITS: the most that one lookup costs; HUNTER_FINDER_CREDITS,
    HUNTER_PEOPLE_CREDITS, HUNTER_COMBINED_CREDITS: what a lookup of each kind costs.
    """

    name = "hunter"
    fields = frozenset(_FIELDS)

    def __init__(self, settings: ProviderSettings, key: Callable[[], str]) -> None:
        most = settings.credits if settings.credits is not None else float("inf")
        told = settings.extra
        self._finder = float(told.get("FINDER_CREDITS") or min(FINDER_CREDITS, most))
        self._people = float(told.get("PEOPLE_CREDITS") or min(PEOPLE_CREDITS, most))
        self._combined = float(told.get("COMBINED_CREDITS") or min(COMBINED_CREDITS, most))
        dearest = max(self._finder, self._people, self._combined, settings.credits or 0.0)
        self.terms = replace(apply_settings(PUBLISHED, settings), credits=dearest)
        self._client = make_client(self.name, BASE_URL, settings, key)

    def identifies(self, contact: Contact) -> bool:
        """By an e-mail, a LinkedIn profile, or a name with the company's domain."""
        return self._question(contact) is not None

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call for each contact; ``terms.batch_size`` is 1."""
        return [self._look_up(contact) for contact in contacts]

    def _question(self, contact: Contact) -> _Question | None:
        known = contact.known
        if email := known.get("email"):
            params = {"email": email}
            return _Question("/combined/find", params, self._combined, read_combined, "person")
        if url := known.get("linkedin_url"):
            handle = {"linkedin_handle": unquote(url.removeprefix(PROFILE))}
            return _Question("/people/find", handle, self._people, read_person, "id")
        name, domain = _name(known), known.get("company_domain")
        if name and domain:
            params = {**name, "domain": domain}
            return _Question("/email-finder", params, self._finder, read_finder, "email")
        return None

    def _look_up(self, contact: Contact) -> Outcome:
        question = self._question(contact)
        if question is None:
            return NoMatch()
        headers = {"X-API-KEY": self._client.key}  # Hunter takes it in the URL, too: no
        answer = self._client.get(question.path, question.params, headers)
        if answer.status != 200:
            return _meaning(answer)
        data = value_at(answer.table(), "data")
        values = question.read(data)
        asked, told = question.params.get("email"), value_at(data, "person", "email")
        is_other = asked and isinstance(told, str) and told.strip().lower() != asked
        if values and not is_other:
            return Match(values, question.credits)
        # Somebody else's record, or nothing in it that can be used: paid for all the same.
        return NoMatch(question.credits if value_at(data, question.goods) else 0.0)


def _meaning(answer: Answer) -> Outcome:
    """Hunter's own use of HTTP: 403 is "too fast", 429 is "used up", 451 a person's objection."""
    wait = answer.seconds("Retry-After")  # not documented, but believed if it comes
    if answer.status in (202, 222):
        return Pending(wait or (SOON if answer.status == 202 else LATER))
    if answer.status in (400, 404, 422):  # 400 and 422: it cannot be asked with this contact
        return NoMatch()
    if answer.status == 451:
        return Suppressed()
    if answer.status == 401:
        raise BadKeyError("hunter does not accept the key (HUNTER_API_KEY).")
    if answer.status == 403:
        raise ThrottledError("hunter wants fewer calls.", wait)
    if answer.status == 429:
        raise OutOfCreditsError("hunter says that the plan's credits are used up.")
    raise UnavailableError(f"hunter answered with status {answer.status}.")


def _name(known: Mapping[str, str]) -> dict[str, str]:
    first, last = known.get("first_name"), known.get("last_name")
    if first and last:
        return {"first_name": first, "last_name": last}
    return {"full_name": known["full_name"]} if "full_name" in known else {}
