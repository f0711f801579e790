"""Collects the answers of providers that answer later, by the tickets that the ledger keeps of them.

Collecting costs nothing and can be repeated, so nobody claims a ticket: whoever needs the answer asks for it, and
the first one that comes is kept. The credits that a batch held when it submitted are settled when the last of its
submission is answered; those of answers that never come count as spent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from chalicelib.logs import log_event, this_invocation
from chalicelib.lookups.budget import LONGEST_TICKET, ticket_holder
from chalicelib.lookups.health import stopped
from chalicelib.lookups.known import decided_by
from chalicelib.lookups.ledger import Book, Entry
from chalicelib.lookups.paid_call import BatchRun
from chalicelib.lookups.trouble import CANCELLED, WHY_STOPPED, pause_after
from chalicelib.lookups.turns import Turns
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    OutOfCreditsError,
    ProviderError,
    RefusedError,
    ThrottledError,
)
from chalicelib.model.jobs import ProviderHealth
from chalicelib.providers.base import AnswersLater, Provider, Ticket

#: The longest pause between two looks at a submission, in seconds.
_LONGEST_PAUSE = 300
#: Seconds before the end of the job in which nobody waits any more.
_LAST_MOMENT = 60
#: The states of a provider whose answers cannot be collected, or are not wanted any more.
_OVER = frozenset({BadKeyError.code, CANCELLED})


class Tickets:
    """The tickets of one batch at one provider. ``contacts``: the distinct ones, by fingerprint. ``health``: how
    the job's providers are doing, as far as known. ``passed_over``: who was submitted and not looked for, with the
    reason; their tickets are gone.
    """

    def __init__(
        self,
        run: BatchRun,
        provider: Provider,
        contacts: Mapping[str, Contact],
        health: ProviderHealth,
    ) -> None:
        self._run = run
        self._services = run.services
        self._provider = provider
        self._contacts = contacts
        self._book = Book(run.job.owner, provider.name)
        #: That of collecting; submissions have the provider's own.
        self._schedule = f"{provider.name}/collect"
        self._unknown: set[str] = set()
        self.passed_over: dict[str, str] = {}
        self.health = health

    def collect(self, entries: Mapping[str, Entry]) -> dict[str, Entry]:
        """The entries of the ledger, with the answers to those tickets whose time has come. PostponedError where
        the provider's limits let the batch ask later.
        """
        found, provider = dict(entries), self._provider
        if not isinstance(provider, AnswersLater):
            return found
        due = {} if self._is_over else self._due(entries)
        turns = Turns(self._run, self._schedule, provider.collecting)
        if due and turns.await_turn(len(due)):
            for place, (submission, tickets) in enumerate(due.items()):
                start = turns.book(1, len(due) - place)
                if start is None:
                    break
                self._services.sleep(max(start - self._services.clock(), 0))
                found |= self._collected(provider, submission, tickets)
        found = {p: entry for p, entry in found.items() if p not in self.passed_over}
        self._settle(found)
        return found

    def wait_for(self, entries: Mapping[str, Entry]) -> float | None:
        """Seconds after which to look for the next answer; None where none is waited for."""
        waits = [self._wait(entry) for entry in entries.values() if not self._is_over]
        return min((wait for wait in waits if wait is not None), default=None)

    @property
    def _is_over(self) -> bool:
        return self.health.stopped.get(self._provider.name) in _OVER

    def _due(self, entries: Mapping[str, Entry]) -> dict[str, dict[str, Entry]]:
        """The entries that can have an answer, by submission and fingerprint."""
        now, due = self._services.clock(), dict[str, dict[str, Entry]]()
        for person, entry in entries.items():
            if isinstance(entry.outcome, Ticket) and now - entry.answered_at >= entry.outcome.wait:
                due.setdefault(entry.outcome.submission, {})[person] = entry
        return due

    def _wait(self, entry: Entry) -> float | None:
        """Seconds until the next look at a ticket; None for an answer, and for one that is given up."""
        ticket, now = entry.outcome, self._services.clock()
        if not isinstance(ticket, Ticket) or ticket.submission in self._unknown:
            return None
        passed = now - entry.answered_at
        if passed < ticket.wait:
            wait = ticket.wait - passed
        else:  # the longer it takes, the longer the pauses
            wait = min(max(passed / 2, ticket.wait), _LONGEST_PAUSE)
        last = min(entry.answered_at + LONGEST_TICKET, self._run.job_ends_at - _LAST_MOMENT)
        return wait if now + wait <= last else None

    def _collected(
        self, provider: AnswersLater, submission: str, tickets: Mapping[str, Entry]
    ) -> dict[str, Entry]:
        """The new answers of a submission, which are in the ledger now. There are none where it cannot be asked
        for: it is looked at again like one that is not ready.
        """
        people = {_ticket(entry).contact_id: person for person, entry in tickets.items()}
        figures = this_invocation().figures
        figures.add("VendorPolls", 1, provider.name)
        try:
            outcomes = provider.collect(
                submission, {id: self._contacts[person] for id, person in people.items()}
            )
        except ProviderError as error:
            self._deal_with(error, submission, people.values())
            return {}
        now, answers = self._services.clock(), dict[str, Entry]()
        for contact_id, outcome in outcomes.items():
            person = people[contact_id]
            entry = tickets[person]
            repeats = not decided_by(provider, self._contacts[person].known, outcome)
            further = frozenset[str]() if repeats else entry.further
            answers[person] = replace(entry, outcome=outcome, answered_at=now, further=further)
        figures.add("Credits", sum(outcome.credits for outcome in outcomes.values()), provider.name)
        return self._services.ledger.answer_tickets(self._book, self._run.claimant, answers)

    def _deal_with(self, error: ProviderError, submission: str, people: Collection[str]) -> None:
        job, name = self._run.job, self._provider.name
        log_event("provider_trouble", "WARNING", job=job.id, provider=name, error=error.code)
        if isinstance(error, ThrottledError):
            self._services.pace.pause(self._schedule, self._services.clock() + pause_after(error))
        elif isinstance(error, BadKeyError | OutOfCreditsError):
            self.health = stopped(self.health, [name], error.code)
            self._services.health.stop(job.id, name, error.code)
            if isinstance(error, OutOfCreditsError):  # for those whose answers are missing
                self.passed_over.update(dict.fromkeys(people, WHY_STOPPED[error.code]))
                self._services.ledger.release(self._book, people)
        elif isinstance(error, RefusedError):
            self._unknown.add(submission)

    def _settle(self, entries: Mapping[str, Entry]) -> None:
        """Settle the credits of the batch's own submissions of which all is answered."""
        if self._run.job.options.max_credits is None:
            return
        spent: dict[str, float] = {}
        still_open = set()
        for entry in entries.values():
            if entry.ticket and self._run.claimant.owns(entry):
                if isinstance(entry.outcome, Ticket):
                    still_open.add(entry.ticket)
                elif entry.outcome is not None:
                    spent[entry.ticket] = spent.get(entry.ticket, 0.0) + entry.outcome.credits
        for submission in spent.keys() - still_open:
            holder = ticket_holder(self._provider.name, submission)
            self._services.budget.settle_ticket(self._run.job.id, holder, spent[submission])


def _ticket(entry: Entry) -> Ticket:
    assert isinstance(entry.outcome, Ticket), "only tickets are collected"
    return entry.outcome
