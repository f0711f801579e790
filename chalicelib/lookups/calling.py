"""Second floor: the calls to one vendor. People go in who are to be asked for, the vendor's replies come out.

In this order: credits held · and for each call: its time, at the vendor's pace · claims, so that nobody else
asks for the same people · the call · its answers written down · at the end credits settled. What has to
wait for the vendor postpones the batch; what was answered until then is in the ledger.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock

from chalicelib.aws.jobs import ControlTable
from chalicelib.logs import log_event
from chalicelib.lookups.budget import Budget, Hold
from chalicelib.lookups.health import ProviderTroubles
from chalicelib.lookups.ledger import Asker, Entry, Ledger
from chalicelib.lookups.pace import Rates, interval
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    OutOfCreditsError,
    ProviderError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.model.jobs import CANCELLED, Job
from chalicelib.providers.base import NoMatch, Outcome, Pending, Provider

#: The longest a call may take, connection and all (providers.vendor; a test compares them): none is
#: begun later than this before the worker's own end.
CALL_SECONDS = 32
#: Waiting up to so long is done on the spot; for longer the batch is postponed.
PATIENCE = 5
#: SQS delays a message by 15 minutes at most. A vendor that is closed for longer is done without.
LONGEST_DELAY = 900
#: A call that gave no answer is tried so often, then the batch so many times: then the vendor is down.
CALL_TRIES = 3
BREAKER_FAILURES = 4
#: A vendor that is "still looking" is asked so often.
PENDING_TRIES = 10
#: Another worker's answer is looked for again after so many seconds.
OTHERS_ANSWER = 2

WHY_STOPPED = {
    OutOfCreditsError.code: "its account is out of credits",
    BadKeyError.code: "it does not accept the key",
    UnavailableError.code: "it is down",
}


class JobOverError(Exception):
    """Nobody is to be asked for this job any more: it was cancelled, or has ended."""


class PostponedError(Exception):
    """The batch has to wait so many seconds; what is done so far is kept. Not a failure."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds


@dataclass(frozen=True)
class Reply:
    """What came of one contact at one provider: an outcome, or none, and what to tell of it."""

    outcome: Outcome | None
    note: str = ""


@dataclass(frozen=True)
class Doors:
    """What a lookup works with."""

    ledger: Ledger
    budget: Budget
    rates: Rates
    control: ControlTable
    troubles: ProviderTroubles
    clock: Callable[[], float]
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Desk:
    """Where one run of a worker asks vendors for one batch. ``deadline``: no call begins after it."""

    doors: Doors
    job: Job
    asker: Asker
    deadline: float


def stop_asking(job: Job) -> None:
    """Let no provider be asked for this job from here on."""
    job.stopped.update(dict.fromkeys(job.options.providers, CANCELLED))


def reply_of(provider: str, entry: Entry) -> Reply:
    """The reply that an answer in the ledger makes."""
    if isinstance(entry.outcome, Pending):
        return Reply(NoMatch(), f"{provider} was still looking when it was last asked")
    if not entry.uncertain:
        return Reply(entry.outcome)
    times = entry.uncertain + 1
    return Reply(
        entry.outcome, f"{provider} may have charged for this {times} times: an answer was lost"
    )


class Calling:
    """The calls to one provider for one batch. ``people``: the distinct ones, by fingerprint.

    ``replies`` and ``answers`` (with what the ledger holds of them) grow by fingerprint; ``waits``: who
    is waited for, and for how many seconds.
    """

    def __init__(
        self, desk: Desk, provider: Provider, wanted: frozenset[str], people: Mapping[str, Contact]
    ) -> None:
        self._desk = desk
        self._doors = desk.doors
        self._provider = provider
        self._wanted = wanted
        self._people = people
        self.replies: dict[str, Reply] = {}
        self.answers: dict[str, Entry] = {}
        self.waits: dict[str, float] = {}
        self._claims: dict[str, Entry] = {}
        self._spent = 0.0
        self._lock = Lock()

    def pass_over(self, prints: Iterable[str], why: str) -> None:
        """These people are not asked for, and their rows say why."""
        for each in prints:
            self.replies[each] = Reply(None, f"{self._provider.name} was not asked: {why}")

    def ask_for(self, open_: Mapping[str, Entry | None], now: float) -> None:
        """As many as there are credits for; again for the rest, where misses gave credits back."""
        left = dict(open_)
        while left and not self.is_stopped:
            hold = self._hold(len(left), now)
            some = list(left)[: hold.lookups] if hold else list(left)
            if not some:
                self.pass_over(left, "the job's max_credits is used up")
                return
            self._ask_some({each: left.pop(each) for each in some}, hold)
        self.pass_over(left, self.why)

    def _ask_some(self, open_: Mapping[str, Entry | None], hold: Hold | None) -> None:
        prints, size = list(open_), self._provider.terms.batch_size
        calls = [_Call(prints[at : at + size]) for at in range(0, len(prints), size)]
        self._spent = 0.0
        try:
            self._call_all(calls, open_)
        finally:
            for call in calls:
                self._give_up(call)
            if hold:
                self._doors.budget.settle(self._desk.job.id, hold, round(self._spent, 6))

    def _hold(self, lookups: int, now: float) -> Hold | None:
        """Credits for the lookups; None where nothing limits them."""
        job, price = self._desk.job, self._provider.terms.credits
        most = job.options.max_credits
        if most is None or not price:
            return None
        owner = f"{self._desk.asker.id}#{self._provider.name}"
        lease = self._desk.asker.lease
        hold = self._doors.budget.hold(job.id, owner, lookups, price, most, now, lease)
        if isinstance(hold, Hold):
            return hold
        if not hold.for_good:
            raise PostponedError(_about(2), "credits are held by others")
        return Hold("", 0.0, 0)

    def _call_all(self, calls: list[_Call], before: Mapping[str, Entry | None]) -> None:
        """Make the calls, as many at a time as the vendor allows."""
        terms = self._provider.terms
        with ThreadPoolExecutor(max(terms.parallel, 1)) as threads:
            while calls and not self.is_stopped:
                start = self._slot(min(len(calls), terms.parallel))
                if start is None:
                    break
                group, calls = calls[: terms.parallel], calls[terms.parallel :]
                group = self._claimed(group, before)
                pace = interval(terms.limits)
                starts = [start + pace * place for place in range(len(group))]
                # All answers are written down before the first trouble is looked at.
                troubles = list(threads.map(self._call, group, starts))
                again = [c for c, e in zip(group, troubles, strict=True) if self._again(c, e)]
                calls = [*again, *calls]
        left = [each for call in calls for each in call.prints]
        self.pass_over(left, self.why or "its limits leave no time for it")

    @property
    def why(self) -> str:
        """Why the provider is used no more in this job; "" if it is."""
        state = self._desk.job.stopped.get(self._provider.name, "")
        return WHY_STOPPED.get(state, state)

    @property
    def is_stopped(self) -> bool:
        """Whether the job does without the provider from now on."""
        return self._provider.name in self._desk.job.stopped

    def _slot(self, calls: int) -> float | None:
        """When the next calls may begin; None if the vendor is closed for too long to wait for."""
        name, terms, now = self._provider.name, self._provider.terms, self._doors.clock()
        patience = min(PATIENCE, self._desk.deadline - now)
        if patience <= 0:
            raise PostponedError(1, f"{name}: no time left for another call")
        granted, at = self._doors.rates.reserve(name, terms.limits, calls, now, patience)
        if granted:
            return at
        if at - now > LONGEST_DELAY:
            return None
        raise PostponedError(at - now + _about(0.5), f"{name}: at its limit")

    def _claimed(self, group: list[_Call], before: Mapping[str, Entry | None]) -> list[_Call]:
        """Claim the people of some calls. Those whom somebody else has are waited for instead."""
        new = {e: before[e] for call in group for e in call.prints if e not in self._claims}
        won = self._doors.ledger.claim(self._provider.name, self._desk.asker, new)
        self._claims |= won
        self.waits.update((each, OTHERS_ANSWER) for each in new if each not in won)
        for call in group:
            call.prints = [each for each in call.prints if each in self._claims]
        return [call for call in group if call.prints]

    def _call(self, call: _Call, at: float) -> ProviderError | JobOverError | None:
        """Make one call at its time and write its answers down; what went wrong, if anything."""
        self._doors.sleep(max(at - self._doors.clock(), 0))
        if self._doors.control.is_over(self._desk.job.id):
            return JobOverError()
        call.in_doubt = True
        contacts = [self._people[each] for each in call.prints]
        try:
            outcomes = self._provider.enrich(contacts, self._wanted)
        except ProviderError as error:
            self._count_lost(call, error)
            call.in_doubt = False
            return error
        now = self._doors.clock()
        entries = {
            each: replace(
                self._claims[each],
                outcome=outcome,
                answered_at=now,
                uncertain=self._claims[each].uncertain + call.unanswered,
            )
            for each, outcome in zip(call.prints, outcomes, strict=True)
        }
        self._doors.ledger.answer(self._provider.name, entries)
        with self._lock:
            self._note(entries)
        call.in_doubt = False
        return None

    def _count_lost(self, call: _Call, error: ProviderError) -> None:
        """Here, and not where trouble is dealt with: that ends with the first that postpones the batch,
        and another call of the same moment may have been billed as well.
        """
        if error.may_be_billed:
            call.unanswered += 1
            with self._lock:
                self._spent += self._provider.terms.credits * len(call.prints)

    def _note(self, entries: Mapping[str, Entry]) -> None:
        for each, entry in entries.items():
            assert entry.outcome is not None, "only answers are noted"
            self._spent += entry.outcome.credits
            self.answers[each] = entry
            self.replies[each] = reply_of(self._provider.name, entry)
            if isinstance(entry.outcome, Pending) and entry.tries < PENDING_TRIES:
                self.waits[each] = entry.outcome.retry_after
            del self._claims[each]

    # Trouble

    def _again(self, call: _Call, error: ProviderError | JobOverError | None) -> bool:
        """Deal with a call's trouble; whether to make the call once more."""
        name, job, troubles = self._provider.name, self._desk.job, self._doors.troubles
        if error is None:
            if job.failures.pop(name, 0):
                troubles.reset_failures(job.id, name)
            return False
        if isinstance(error, JobOverError):
            stop_asking(job)
            return True
        log_event("provider_trouble", job=job.id, provider=name, error=error.code)
        if isinstance(error, ThrottledError):
            until = self._doors.clock() + (1.0 if error.retry_after is None else error.retry_after)
            self._doors.rates.pause(name, until)
            troubles.note_throttled(job.id, name, until)
        elif isinstance(error, OutOfCreditsError | BadKeyError):
            self._stop(error.code)
        else:
            return self._unanswered(call, error)
        return True

    def _unanswered(self, call: _Call, error: ProviderError) -> bool:
        """A call without an answer is made again a few times; one with nonsense for an answer is not:
        it was billed.
        """
        call.tries += 1
        nonsense = isinstance(error, MalformedAnswerError)
        # With a cap, what may have been billed is settled first, and credits are held anew.
        at_once = not (error.may_be_billed and self._desk.job.options.max_credits is not None)
        if not nonsense and at_once and call.tries < CALL_TRIES:
            self._doors.sleep(_about(0.3 * 2**call.tries))
            return True
        self._give_up(call)
        name, job = self._provider.name, self._desk.job
        if self._doors.troubles.count_failure(job.id, name) >= BREAKER_FAILURES:
            self._stop(UnavailableError.code)
        elif not nonsense:
            raise PostponedError(_about(5), f"{name} gives no answer")
        self.pass_over(call.prints, "its answer made no sense" if nonsense else "it is down")
        return False

    def _stop(self, state: str) -> None:
        job = self._desk.job
        job.stopped[self._provider.name] = state
        self._doors.troubles.stop(job.id, self._provider.name, state)

    def _give_up(self, call: _Call) -> None:
        """End the claims of a call that was not answered: given back, or, where it or a lookup before
        it may have been billed, left to be taken over as uncertain. A call that broke off in the middle,
        through a defect, keeps its claims until their lease ends.
        """
        prints = [each for each in call.prints if each in self._claims and not call.in_doubt]
        claims = {each: self._claims.pop(each) for each in prints}
        now = self._doors.clock()
        lost = {each: claim.uncertain + call.unanswered for each, claim in claims.items()}
        ended = {
            # Whoever takes a claim over counts one more.
            each: replace(claims[each], lease=now, uncertain=times - 1)
            for each, times in lost.items()
            if times
        }
        self._doors.ledger.answer(self._provider.name, ended)
        self._doors.ledger.release(self._provider.name, [e for e in claims if e not in ended])


def _about(seconds: float) -> float:
    """Around so many seconds, not the same for all (jitter)."""
    return seconds * random.uniform(0.5, 1.5)  # noqa: S311 (no secret)


@dataclass
class _Call:
    """One call to a vendor. ``unanswered``: how often it was made and may have been billed.
    ``in_doubt``: it is being made, and nobody knows yet what comes of it.
    """

    prints: list[str]
    tries: int = 0
    unanswered: int = 0
    in_doubt: bool = False
