"""Second floor: how a provider is asked. A batch's contacts go in, the provider's replies come out, each
person paid for at most once.

What the ledger knows already is taken from it; the rest is asked for (calling.py). Where another worker is
asking for the same person, the batch is postponed until the answer is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalicelib.identity.fingerprint import fingerprint
from chalicelib.lookups.calling import (
    OTHERS_ANSWER,
    PENDING_TRIES,
    Calling,
    Desk,
    PostponedError,
    Reply,
    reply_of,
)
from chalicelib.lookups.ledger import Entry
from chalicelib.model.contacts import Contact
from chalicelib.model.jobs import ProviderUse
from chalicelib.providers.base import Match, Pending, Provider

_DAY = 24 * 3600


def ask(
    desk: Desk, provider: Provider, contacts: Sequence[Contact], wanted: frozenset[str]
) -> tuple[list[Reply], ProviderUse]:
    """One reply per contact, in order, and what it came to. PostponedError if it has to wait."""
    if provider.terms.is_local:
        return _asked_here(provider, contacts, wanted)
    prints = [fingerprint(contact.known) for contact in contacts]
    people = dict(zip(prints, contacts, strict=True))
    lookup = _Lookup(desk, provider, wanted, people)
    replies = lookup.run()
    return [replies[each] for each in prints], lookup.use(prints)


def _asked_here(
    provider: Provider, contacts: Sequence[Contact], wanted: frozenset[str]
) -> tuple[list[Reply], ProviderUse]:
    outcomes = provider.enrich(contacts, wanted)
    matches = sum(isinstance(outcome, Match) for outcome in outcomes)
    return [Reply(outcome) for outcome in outcomes], ProviderUse(len(outcomes), matches)


class _Lookup:
    """One provider's turn with one batch. ``people``: the distinct ones, by fingerprint."""

    def __init__(
        self, desk: Desk, provider: Provider, wanted: frozenset[str], people: Mapping[str, Contact]
    ) -> None:
        self._desk = desk
        self._name = provider.name
        self._people = people
        self._calling = Calling(desk, provider, wanted, people)
        self._own: dict[str, Entry] = {}
        self._cached: set[str] = set()

    def run(self) -> dict[str, Reply]:
        """Replies by fingerprint."""
        calling, doors = self._calling, self._desk.doors
        now = doors.clock()
        open_ = self._consult(doors.ledger.read(self._name, list(self._people)), now)
        calling.ask_for(open_, now)
        if calling.is_stopped:  # nobody's answer will come
            calling.pass_over([e for e in calling.waits if e not in calling.replies], calling.why)
        elif calling.waits:
            wait = min(calling.waits.values())
            raise PostponedError(wait, f"{self._name}: answers are on their way")
        return calling.replies

    def use(self, prints: Sequence[str]) -> ProviderUse:
        """What this batch's questions came to. An answer that an earlier run of the same batch paid
        for is the batch's own; those of others, and of the batch's duplicates, are cached.
        """
        own = {**self._own, **self._calling.answers}
        outcomes = [entry.outcome for entry in own.values() if entry.outcome is not None]
        return ProviderUse(
            lookups=len(outcomes),
            matches=sum(isinstance(outcome, Match) for outcome in outcomes),
            cached=sum(p in self._cached or p in own for p in prints) - len(own),
            credits=round(sum(outcome.credits for outcome in outcomes), 6),
            uncertain=sum(entry.uncertain for entry in own.values()),
        )

    def _consult(self, entries: Mapping[str, Entry], now: float) -> dict[str, Entry | None]:
        """Take what is known; what is left to ask, with the entries to be replaced."""
        open_: dict[str, Entry | None] = {}
        for each in self._people:
            entry = entries.get(each)
            if entry is None:
                open_[each] = None
            elif entry.outcome is None:
                self._wait_or_ask(each, entry, entry.lease, now, open_)
            elif isinstance(entry.outcome, Pending) and entry.tries < PENDING_TRIES:
                again = entry.answered_at + entry.outcome.retry_after
                self._wait_or_ask(each, entry, again, now, open_)
            elif self._is_fresh(entry, now):
                self._take(each, entry)
            else:
                open_[each] = entry
        return open_

    def _wait_or_ask(
        self, each: str, entry: Entry, until: float, now: float, open_: dict[str, Entry | None]
    ) -> None:
        if until <= now:
            open_[each] = entry
        else:
            others = entry.outcome is None
            self._calling.waits[each] = min(OTHERS_ANSWER, until - now) if others else until - now

    def _is_fresh(self, entry: Entry, now: float) -> bool:
        if entry.job_id == self._desk.job.id:
            return True
        return entry.answered_at > now - self._desk.job.options.cache_days * _DAY

    def _take(self, each: str, entry: Entry) -> None:
        asker = self._desk.asker
        if (entry.job_id, entry.batch) == (asker.job_id, asker.batch):
            self._own[each] = entry
        else:
            self._cached.add(each)
        self._calling.replies[each] = reply_of(self._name, entry)
