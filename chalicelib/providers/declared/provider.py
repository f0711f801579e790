"""First floor: a provider that somebody declared in JSON or YAML. A Declaration and contacts go in, one
outcome for each contact comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    InvalidRequestError,
    OutOfCreditsError,
    ProviderError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.answer import Answer
from chalicelib.providers.base import Match, NoMatch, Outcome, Pending, Suppressed, Terms
from chalicelib.providers.declared.answers import items_of, search, values_of
from chalicelib.providers.declared.declaration import Declaration, is_safe
from chalicelib.providers.declared.reader import read_declaration
from chalicelib.providers.declared.templates import fill, fill_path
from chalicelib.providers.http import apply_settings, make_client
from chalicelib.providers.values import Json
from chalicelib.settings import ProviderSettings

#: Seconds to wait for a "pending" that names none.
PATIENCE = 60.0


class DeclaredProvider:
    """Satisfies ``Provider``. <NAME>_BASE_URL replaces what the URL has before its path."""

    def __init__(
        self, declaration: Declaration, settings: ProviderSettings, key: Callable[[], str]
    ) -> None:
        self._told = declaration
        self.name = declaration.name
        self.fields = frozenset(declaration.reading.fields)
        self.terms: Terms = apply_settings(declaration.terms, settings)
        base_url = settings.base_url or declaration.base_url
        if not is_safe(base_url):
            raise InvalidRequestError(
                f"{self.name.upper()}_BASE_URL is to begin with https:// (http:// only on loopback)"
            )
        self._client = make_client(self.name, base_url, settings, key)
        self._price_of_miss = self.terms.credits if declaration.bills_misses else 0.0

    def identifies(self, contact: Contact) -> bool:
        """By any one of the alternatives in ``needs``."""
        return any(need <= contact.known.keys() for need in self._told.needs)

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call, or one for each contact where ``batch_size`` is 1."""
        asked = [place for place, contact in enumerate(contacts) if self.identifies(contact)]
        step = self.terms.batch_size
        outcomes: list[Outcome] = [NoMatch() for _ in contacts]
        for start in range(0, len(asked), step):
            places = asked[start : start + step]
            answers = self._ask([contacts[place] for place in places])
            for place, outcome in zip(places, answers, strict=True):
                outcomes[place] = outcome
        return outcomes

    def _ask(self, contacts: Sequence[Contact]) -> Sequence[Outcome]:
        answer = self._call(contacts)
        if answer is None:
            return [NoMatch() for _ in contacts]
        meaning = self._told.statuses.get(str(answer.status), "unavailable")
        wait = answer.seconds(self._told.retry_after)
        if meaning == "suppressed" and len(contacts) > 1:
            meaning = "unavailable"  # one of them objects; nobody knows which
        if meaning != "match":
            return [self._outcome(meaning, wait) for _ in contacts]
        items = items_of(answer.json(), contacts, self._told.reading, self.name)
        return [self._read(item) for item in items]

    def _call(self, contacts: Sequence[Contact]) -> Answer | None:
        """The answer; None if a value does not fit into the URL."""
        told, key = self._told, self._client.key if self.terms.needs_key else ""
        values: dict[str, Json] = {**contacts[0].known, "key": key}
        if told.contact is not None:
            numbered = ({**c.known, "number": str(n)} for n, c in enumerate(contacts))
            values = {"contacts": [fill(told.contact, each) for each in numbered], "key": key}
        path = fill_path(told.path, values)
        if path is None:
            return None
        headers, query = fill(dict(told.headers), values), fill(dict(told.query), values)
        if told.method == "GET":
            return self._client.get(path, query, headers)
        return self._client.post(path, fill(told.body, values), headers, query)

    def _outcome(self, meaning: str, wait: float | None) -> Outcome:
        """What an answer without items means for each contact; raises what concerns them all."""
        if meaning == "no_match":
            return NoMatch(self._price_of_miss)
        if meaning == "suppressed":
            return Suppressed()
        if meaning == "pending":
            return Pending(PATIENCE if wait is None else wait)
        errors: dict[str, ProviderError] = {
            "throttled": ThrottledError(f"{self.name} wants fewer calls.", wait),
            "out_of_credits": OutOfCreditsError(f"{self.name} says that the credits are used up."),
            "bad_key": BadKeyError(f"{self.name} does not accept the key."),
        }
        raise errors.get(meaning) or UnavailableError(f"{self.name} refused the call.")

    def _read(self, item: Json) -> Outcome:
        if item is None:
            return NoMatch(self._price_of_miss)
        meaning = self._told.statuses.get(str(search(self._told.reading.status, item)), "match")
        if meaning in ("no_match", "suppressed"):
            return self._outcome(meaning, None)
        if meaning != "match":  # of this one alone: the others in the batch have their answers
            return Pending(PATIENCE)
        values, has_something = values_of(item, self._told.reading)
        if values:
            return Match(values, self.terms.credits)
        return NoMatch(self.terms.credits if has_something else self._price_of_miss)


def create_declared(
    path: Path, settings: ProviderSettings, key: Callable[[], str]
) -> DeclaredProvider:
    """The provider that a file declares; InvalidRequestError says what is wrong with the file."""
    return DeclaredProvider(read_declaration(path), settings, key)
