"""Asks a vendor for contacts as its declaration says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from chalicelib.model.contacts import Contact
from chalicelib.providers.alignment import is_elsewhere, share_credits
from chalicelib.providers.answer import Answer, Json
from chalicelib.providers.base import Match, NoMatch, Outcome, Pending, meets
from chalicelib.providers.declared.answers import error_code, items_of, search, values_of
from chalicelib.providers.declared.declaration import Declaration
from chalicelib.providers.declared.reader import read_declaration
from chalicelib.providers.declared.templates import fill, fill_path
from chalicelib.providers.http import apply_settings, make_client
from chalicelib.providers.meanings import PENDING_SECONDS, Meaning, outcome_of
from chalicelib.providers.values import credits_of
from chalicelib.settings import ProviderSettings


class DeclaredProvider:
    """Satisfies ``Provider``. <NAME>_BASE_URL replaces the part of the URL before its path."""

    def __init__(
        self, declaration: Declaration, settings: ProviderSettings, key: Callable[[], str]
    ) -> None:
        self._declaration = declaration
        self.name = declaration.name
        self.fields = frozenset(declaration.answer.fields)
        self.terms = apply_settings(declaration.terms, settings)
        self._client = make_client(self.name, declaration.base_url, settings, key)
        self._price_of_miss = self.terms.credits if declaration.bills_misses else 0.0

    def identifies(self, contact: Contact) -> bool:
        """By any one of the alternatives in ``needs``."""
        return meets(contact, self._declaration.needs)

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call for all contacts."""
        answer = self._call(contacts)
        if answer is None:
            return [NoMatch() for _ in contacts]
        declared = self._declaration
        code = error_code(answer, declared.answer)
        is_objection = declared.meanings.of(answer.status, code) is Meaning.SUPPRESSED
        if is_objection and len(contacts) > 1:  # of one of them, and the answer does not say which
            raise declared.meanings.error(Meaning.UNAVAILABLE, answer.status)
        wait = answer.seconds(declared.retry_after)
        outcome = declared.meanings.outcome(answer.status, code, wait, self._price_of_miss)
        if outcome is not None:
            return [outcome for _ in contacts]
        body = answer.json()
        items = items_of(body, contacts, declared.answer, self.name)
        pairs = zip(items, contacts, strict=True)
        outcomes = [self._outcome(item, contact.known) for item, contact in pairs]
        charged = credits_of(search(declared.charged, body))
        return outcomes if charged is None else share_credits(outcomes, charged)

    def _call(self, contacts: Sequence[Contact]) -> Answer | None:
        """The vendor's answer; None if a value does not fit into the URL, so that no call is made."""
        declared, key = self._declaration, self._client.key if self.terms.needs_key else ""
        values: dict[str, Json] = {**contacts[0].known, "key": key}
        if declared.contact is not None:
            numbered = [{**c.known, "number": str(n)} for n, c in enumerate(contacts)]
            values = {"contacts": [fill(declared.contact, c) for c in numbered], "key": key}
        path = fill_path(declared.path, values)
        if path is None:
            return None
        headers, query = fill(dict(declared.headers), values), fill(dict(declared.query), values)
        if declared.method == "GET":
            return self._client.get(path, query, headers)
        return self._client.post(path, fill(declared.body, values), headers, query)

    def _outcome(self, item: Json, known: Mapping[str, str]) -> Outcome:
        """What an item means for its contact."""
        if item is None:
            return NoMatch(self._price_of_miss)
        paths = self._declaration.answer
        word = str(search(paths.status, item))
        meaning = self._declaration.meanings.of(word, otherwise=Meaning.MATCH)
        if meaning is Meaning.REFUSED:
            return NoMatch(self._price_of_miss)
        if meaning.is_error:  # of this contact alone: the others in the batch have their answers
            return Pending(PENDING_SECONDS)
        outcome = outcome_of(meaning, credits=self._price_of_miss)
        if outcome is not None:
            return outcome
        values, has_any = values_of(item, paths, known)
        if values and not is_elsewhere(known, values):
            return Match(values, self.terms.credits)
        return NoMatch(self.terms.credits if has_any else self._price_of_miss)


def create_declared(
    path: Path, settings: ProviderSettings, key: Callable[[], str]
) -> DeclaredProvider:
    """The provider that a file declares. InvalidRequestError says what is wrong with the file."""
    return DeclaredProvider(read_declaration(path), settings, key)
