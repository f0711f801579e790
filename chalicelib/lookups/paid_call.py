"""Makes one paid call to a provider: from the claim of its people to exactly one of four ends.

answered    the answers are in the ledger.
released    nobody can have been billed: the claims are taken back.
uncertain   somebody may have been billed: the claims end now; whoever takes them over counts that.
in doubt    nobody knows, since a defect or a death broke the call off: the claims stay until their lease
            ends, and are counted as uncertain then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from chalicelib.aws.jobs import Jobs
from chalicelib.logs import this_invocation
from chalicelib.lookups.budget import Budget
from chalicelib.lookups.health import HealthOfProviders
from chalicelib.lookups.known import decided_by
from chalicelib.lookups.ledger import Book, Claimant, Entry, Ledger
from chalicelib.lookups.pace import Pace
from chalicelib.model.batches import Turn
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import ProviderError, UnavailableError
from chalicelib.model.jobs import Job
from chalicelib.providers.base import Outcome, Provider, Ticket


class LookupServices(Protocol):
    """What lookups use of the service's parts (services.py). ``clock``: seconds since the epoch."""

    @property
    def ledger(self) -> Ledger: ...
    @property
    def budget(self) -> Budget: ...
    @property
    def pace(self) -> Pace: ...
    @property
    def health(self) -> HealthOfProviders: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def clock(self) -> Callable[[], float]: ...
    @property
    def sleep(self) -> Callable[[float], None]: ...


@dataclass(frozen=True)
class BatchRun:
    """One run of a worker at one batch. ``deadline``: no call begins after it. ``turns``: those that the
    batch has at providers. ``postponements``: how often it was put off before.
    """

    services: LookupServices
    job: Job
    claimant: Claimant
    deadline: float
    job_ends_at: float
    turns: Mapping[str, Turn] = field(default_factory=dict)
    postponements: int = 0


@dataclass(frozen=True)
class PaidCall:
    """People who are asked for together, by fingerprint, and the claims on them, once they are won.

    ``tries``: how often the call was made and gave no answer. ``lost``: how often that may have been
    billed.
    """

    people: tuple[str, ...]
    claims: Mapping[str, Entry] = field(default_factory=dict)
    tries: int = 0
    lost: int = 0

    def after(self, error: ProviderError) -> PaidCall:
        """The call after it failed once more."""
        gave_no_answer = isinstance(error, UnavailableError)
        return replace(
            self, tries=self.tries + gave_no_answer, lost=self.lost + error.may_be_billed
        )


@dataclass(frozen=True)
class Answered:
    """``entries``: what is in the ledger now. ``credits``: what was billed, as in all results. ``owed``: what
    answers that come later may cost, by their submission.
    """

    entries: Mapping[str, Entry]
    credits: float
    owed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """The call can be made again, or ended. ``credits``: what may have been billed."""

    call: PaidCall
    error: ProviderError
    credits: float


@dataclass(frozen=True)
class NotMade:
    """Nobody was asked: the job is over, or looking whether it is failed with ``error``."""

    call: PaidCall
    error: BaseException | None
    credits: float = 0.0


@dataclass(frozen=True)
class InDoubt:
    """A defect broke the call off. ``credits``: what may have been billed."""

    error: BaseException
    credits: float


CallResult = Answered | Failed | NotMade | InDoubt


class PaidCalls:
    """The paid calls of one batch to one provider. ``contacts``: by fingerprint."""

    def __init__(
        self,
        run: BatchRun,
        provider: Provider,
        wanted: frozenset[str],
        contacts: Mapping[str, Contact],
    ) -> None:
        self._run = run
        self._services = run.services
        self._provider = provider
        self._book = Book(run.job.owner, provider.name)
        self._wanted = wanted
        self._contacts = contacts
        # Taken here: a thread of its own serves no invocation.
        self._figures = this_invocation().figures

    def claim(
        self, calls: Sequence[PaidCall], before: Mapping[str, Entry | None]
    ) -> tuple[list[PaidCall], list[str]]:
        """Claim the people of calls, in one go. Returns the calls with those that were won, empty calls
        left out, and the people whom somebody else has.
        """
        new = {
            person: before[person]
            for call in calls
            for person in call.people
            if person not in call.claims
        }
        won = self._services.ledger.claim(self._book, self._run.claimant, new)
        claimed = [_with_claims(call, won) for call in calls]
        return [call for call in claimed if call.people], [p for p in new if p not in won]

    def make(self, call: PaidCall, at: float) -> CallResult:
        """Make a claimed call at its time. Every answer is written down before this returns. May run in
        a thread: it changes nothing but the ledger.
        """
        result = self._made(call, at)
        if result.credits:
            self._figures.add("Credits", result.credits, self._provider.name)
        return result

    def _made(self, call: PaidCall, at: float) -> CallResult:
        services = self._services
        try:
            services.sleep(max(at - services.clock(), 0))
            if services.jobs.is_over(self._run.job.id):
                return NotMade(call, None)
        except BaseException as error:  # raised again when all calls of the moment are counted
            return NotMade(call, error)
        at_most = self._provider.terms.credits * len(call.people)
        try:
            outcomes = self._asked([self._contacts[person] for person in call.people])
            entries = self._entries(call, outcomes)
            services.ledger.answer(self._book, entries)
        except ProviderError as error:
            return Failed(call.after(error), error, at_most if error.may_be_billed else 0.0)
        except BaseException as error:
            return InDoubt(error, at_most)
        owed: dict[str, float] = {}
        for outcome in outcomes:
            if isinstance(outcome, Ticket):
                owed[outcome.submission] = owed.get(outcome.submission, 0.0) + outcome.credits
        billed = sum(outcome.credits for outcome in outcomes if not isinstance(outcome, Ticket))
        return Answered(entries, billed, owed)

    def _asked(self, contacts: Sequence[Contact]) -> Sequence[Outcome]:
        """What the provider says; the call is counted whatever comes of it."""
        name, began, failed = self._provider.name, time.perf_counter(), 1
        try:
            outcomes = self._provider.enrich(contacts, self._wanted)
            failed = 0
        finally:
            milliseconds = round((time.perf_counter() - began) * 1000)
            self._figures.add("VendorCalls", 1, name)
            self._figures.add("VendorErrors", failed, name)
            self._figures.add("VendorLatencyMilliseconds", milliseconds, name)
        return outcomes

    def _entries(self, call: PaidCall, outcomes: Sequence[Outcome]) -> dict[str, Entry]:
        now = self._services.clock()
        return {
            person: replace(
                call.claims[person],
                outcome=outcome,
                further=decided_by(self._provider, self._contacts[person].known, outcome),
                answered_at=now,
                uncertain=call.claims[person].uncertain + call.lost,
                ticket=outcome.submission if isinstance(outcome, Ticket) else "",
            )
            for person, outcome in zip(call.people, outcomes, strict=True)
        }

    def end(self, calls: Iterable[PaidCall]) -> None:
        """End the claims of calls that were not answered: released, or, where a lookup of theirs may have
        been billed, left to be taken over as uncertain.
        """
        now = self._services.clock()
        released, uncertain = [], {}
        for call in calls:
            for person, claim in call.claims.items():
                if times := claim.uncertain + call.lost:
                    # Whoever takes a claim over counts one more.
                    uncertain[person] = replace(claim, lease=now, uncertain=times - 1)
                else:
                    released.append(person)
        self._services.ledger.answer(self._book, uncertain)
        self._services.ledger.release(self._book, released)


def _with_claims(call: PaidCall, won: Mapping[str, Entry]) -> PaidCall:
    claims = {**call.claims, **{person: won[person] for person in call.people if person in won}}
    return replace(call, people=tuple(claims), claims=claims)
