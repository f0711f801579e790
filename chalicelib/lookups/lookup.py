"""Asks providers for the contacts of one batch, so that each person is paid for at most once.

What the ledger knows already is taken from it (known.py); the provider is asked for the rest (calls.py).
Where another worker is asking for the same person, the batch is postponed until the answer is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chalicelib.identity.fingerprint import fingerprint
from chalicelib.lookups.calls import Calls
from chalicelib.lookups.known import Known, Reply, further_of, reply_of, sort_out
from chalicelib.lookups.ledger import Book, Entry
from chalicelib.lookups.paid_call import BatchRun
from chalicelib.lookups.tickets import Tickets
from chalicelib.lookups.turns import PostponedError
from chalicelib.model.clock import DAY
from chalicelib.model.contacts import Contact
from chalicelib.model.tallies import ProviderUse
from chalicelib.providers.base import Match, Provider, Suppressed, Ticket


class Lookups:
    """The lookups of one run of a worker at one batch."""

    def __init__(
        self, run: BatchRun, is_erased: Callable[[Mapping[str, str]], bool] = lambda _: False
    ) -> None:
        self._run = run
        self._is_erased = is_erased
        self._health = run.job.health

    def ask(
        self, provider: Provider, contacts: Sequence[Contact], wanted: frozenset[str]
    ) -> tuple[list[Reply], ProviderUse]:
        """One reply per contact, in order, and what it came to. PostponedError if it has to wait."""
        if provider.terms.is_local:
            return _asked_here(provider, contacts, wanted)
        people = [fingerprint(contact.known) for contact in contacts]
        distinct = dict(zip(people, contacts, strict=True))
        further = [further_of(provider, contact.known) for contact in contacts]
        known = self._known(provider, dict(zip(people, further, strict=True)))
        tickets = Tickets(self._run, provider, distinct, self._health)
        known = replace(known, answered=tickets.collect(known.answered))
        calls = Calls(self._run, provider, wanted, distinct, tickets.health)
        calls.passed_over.update(tickets.passed_over)
        calls.ask_for(known.to_ask)
        self._health = calls.health
        entries, passed_over = _results(provider.name, known, calls)
        if (wait := tickets.wait_for(entries)) is not None:
            raise PostponedError(wait, f"{provider.name}: answers are on their way")
        self._forget_erased(provider, entries)
        replies = [
            reply_of(provider.name, entries[person], its)
            if person in entries
            else passed_over[person]
            for person, its in zip(people, further, strict=True)
        ]
        return replies, self._use(people, known, calls.answers)

    def _forget_erased(self, provider: Provider, entries: Mapping[str, Entry]) -> None:
        """Keep no values of erased people whom an answer turned out to be about, only that there was one."""
        erased = {
            person: replace(entry, outcome=Suppressed(entry.outcome.credits))
            for person, entry in entries.items()
            if isinstance(entry.outcome, Match)
            and self._is_erased({name: f.value for name, f in entry.outcome.values.items()})
        }
        if erased:
            self._run.services.ledger.answer(Book(self._run.job.owner, provider.name), erased)

    def _known(self, provider: Provider, people: Mapping[str, frozenset[str]]) -> Known:
        job, now = self._run.job, self._run.services.clock()
        entries = self._run.services.ledger.get(Book(job.owner, provider.name), list(people))
        return sort_out(people, entries, job.id, now - job.options.cache_days * DAY, now)

    def _use(
        self, people: Sequence[str], known: Known, answers: Mapping[str, Entry]
    ) -> ProviderUse:
        """What this batch's questions came to. An answer that an earlier run of the same batch paid
        for is the batch's own; those of others, and of the batch's duplicates, are cached.
        """
        earlier = {
            person: entry
            for person, entry in known.answered.items()
            if self._run.claimant.owns(entry)
        }
        own = {**earlier, **answers}
        answered = known.answered.keys() | own.keys()
        outcomes = [entry.outcome for entry in own.values() if entry.outcome is not None]
        return ProviderUse(
            lookups=len(outcomes),
            matches=sum(isinstance(outcome, Match) for outcome in outcomes),
            cached=sum(person in answered for person in people) - len(own),
            credits=round(sum(outcome.credits for outcome in outcomes), 6),
            uncertain=sum(_uncertain(entry) for entry in own.values()),
        )


def _uncertain(entry: Entry) -> int:
    """How many lookups for an entry got no answer that may have been billed."""
    return entry.uncertain + isinstance(entry.outcome, Ticket)


def _asked_here(
    provider: Provider, contacts: Sequence[Contact], wanted: frozenset[str]
) -> tuple[list[Reply], ProviderUse]:
    """The replies of a provider that asks nobody: no ledger, no limits, no price."""
    outcomes = provider.enrich(contacts, wanted)
    matches = sum(isinstance(outcome, Match) for outcome in outcomes)
    return [Reply(outcome) for outcome in outcomes], ProviderUse(len(outcomes), matches)


def _results(
    provider: str, known: Known, calls: Calls
) -> tuple[dict[str, Entry], dict[str, Reply]]:
    """The answer of each person, or the reply for who was not asked for. PostponedError while answers are on
    their way.
    """
    waits = {**known.waits, **calls.waits}
    passed_over = dict(calls.passed_over)
    if calls.why_stopped:  # nobody's answer will come
        passed_over |= dict.fromkeys(waits.keys() - calls.answers.keys(), calls.why_stopped)
    elif waits:
        raise PostponedError(min(waits.values()), f"{provider}: answers are on their way")
    replies = {p: Reply(None, f"{provider} was not asked: {why}") for p, why in passed_over.items()}
    return {**known.answered, **calls.answers}, replies
