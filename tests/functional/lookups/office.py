"""A vendor in memory, and workers that ask it, for the tests of lookups."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from chalicelib.lookups.known import Reply
from chalicelib.lookups.ledger import Claimant
from chalicelib.lookups.lookup import Lookups
from chalicelib.lookups.paid_call import BatchRun
from chalicelib.model.contacts import Contact
from chalicelib.model.jobs import Job
from chalicelib.model.options import Options
from chalicelib.model.tallies import ProviderUse
from chalicelib.providers.base import Found, Limit, Match, NoMatch, Provider, Terms, Ticket
from chalicelib.services import services

START = 1_800_000_000.0
WANTED = frozenset({"title"})


@dataclass
class Clock:
    """Time that passes only by sleeping."""

    now: float = START

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Vendor:
    """Keeps its own account of whom it billed; ``before`` and ``after`` may raise, around the billing."""

    terms: Terms
    name: str = "vendor"
    fields: frozenset[str] = frozenset({"title"})
    billed: Counter[str] = field(default_factory=Counter)
    calls: list[int] = field(default_factory=list)
    before: Callable[[int], None] = lambda call: None
    after: Callable[[int], None] = lambda call: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def identifies(self, contact):
        return True

    def enrich(self, contacts, wanted):
        with self.lock:
            self.calls.append(len(contacts))
            call = len(self.calls)
        self.before(call)
        outcomes = [self.outcome(contact.known["email"]) for contact in contacts]
        with self.lock:
            self.billed.update(
                c.known["email"] for c, o in zip(contacts, outcomes, strict=True) if o.credits
            )
        self.after(call)
        return outcomes

    def outcome(self, email):
        if email.startswith("nobody"):
            return NoMatch()
        return Match({"title": Found("CEO", 0.9)}, self.terms.credits)


@dataclass
class LaterVendor(Vendor):
    """Takes contacts and answers those who ask later. ``ready``: whether it has an answer for an address by now."""

    collecting: tuple[Limit, ...] = ()
    submissions: list[dict[str, str]] = field(default_factory=list)
    polls: list[str] = field(default_factory=list)
    ready: Callable[[str], bool] = lambda email: True

    def enrich(self, contacts, wanted):
        self.calls.append(len(contacts))
        self.before(len(self.calls))
        number = len(self.submissions)
        sent = {f"c{n}": contact.known["email"] for n, contact in enumerate(contacts)}
        self.submissions.append(sent)
        self.billed.update(sent.values())
        self.after(len(self.calls))
        return [Ticket(str(number), id, 30.0, self.terms.credits) for id in sent]

    def collect(self, submission, contacts):
        self.polls.append(submission)
        sent = self.submissions[int(submission)]
        assert all(contact.known["email"] == sent[id] for id, contact in contacts.items())
        return {id: self.outcome(sent[id]) for id in contacts if self.ready(sent[id])}


def people(count: int, first: int = 0) -> list[Contact]:
    emails = [f"p{n}@example.org" for n in range(first, first + count)]
    return [Contact({}, {"email": email}, {}) for email in emails]


@dataclass
class Office:
    """Jobs and the runs of workers at their batches, over moto."""

    clock: Clock

    def job(self, job_id: str = "job", **options) -> Job:
        job = Job(
            id=job_id,
            owner="default",
            created_at=self.clock.now,
            options=Options(providers=("vendor",), **options),
            input_key="",
        )
        services().jobs.create(job, self.clock.now)
        return job

    def run_of(self, job: Job, batch: int = 0, run: str = "run") -> BatchRun:
        parts = replace(services(), clock=self.clock, sleep=self.clock.sleep)
        now = self.clock.now
        claimant = Claimant(
            f"{run}-{job.id}-{batch}-{now}", job.id, batch, now + 70, int(now) + 10**6
        )
        stored = parts.jobs.get(job.owner, job.id)
        return BatchRun(parts, stored, claimant, now + 30, now + 10**6)


def later(**terms) -> LaterVendor:
    return LaterVendor(Terms(**{"batch_size": 100, "credits": 1.0, **terms}))


def bulk(**terms) -> Vendor:
    return Vendor(Terms(**{"batch_size": 100, "credits": 1.0, **terms}))


def ask(
    run: BatchRun, provider: Provider, contacts: list[Contact], wanted: frozenset[str] = WANTED
) -> tuple[list[Reply], ProviderUse]:
    """What one worker's lookups answer."""
    return Lookups(run).ask(provider, contacts, wanted)
