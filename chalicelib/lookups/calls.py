"""Asks a provider for people: holds credits, books the calls, makes them, and deals with trouble."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from chalicelib.logs import log_event
from chalicelib.lookups import trouble
from chalicelib.lookups.budget import CreditsHeldError, Hold, Holder, ticket_holder
from chalicelib.lookups.health import stopped, without_failures
from chalicelib.lookups.known import OTHERS_ANSWER, pause_of
from chalicelib.lookups.ledger import Entry
from chalicelib.lookups.pace import interval
from chalicelib.lookups.paid_call import (
    Answered,
    BatchRun,
    CallResult,
    Failed,
    InDoubt,
    NotMade,
    PaidCall,
    PaidCalls,
)
from chalicelib.lookups.trouble import Step
from chalicelib.lookups.turns import Turns
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import ThrottledError
from chalicelib.model.jobs import ProviderHealth
from chalicelib.providers.base import Provider

#: The longest a call may take, connection and all (providers/http.py; a test compares them): none
#: begins later than this before the worker's own end.
CALL_SECONDS = 32
_NO_TIME = "its limits leave no time for it before the job's deadline"
#: The longest pause between tries for credits that others hold, in seconds.
_LONGEST_CREDIT_WAIT = 60


class Calls:
    """The calls of one batch to one provider. ``contacts``: the distinct ones, by fingerprint.

    What comes of them, by fingerprint: ``answers``; ``passed_over``, with the reason; ``waits``, for how
    many seconds. ``health``: how the job's providers are doing, as far as known.
    """

    def __init__(
        self,
        run: BatchRun,
        provider: Provider,
        wanted: frozenset[str],
        contacts: Mapping[str, Contact],
        health: ProviderHealth,
    ) -> None:
        self._run = run
        self._services = run.services
        self._provider = provider
        self._turns = Turns(run, provider.name, provider.terms.limits)
        self._paid = PaidCalls(run, provider, wanted, contacts)
        self.answers: dict[str, Entry] = {}
        self.passed_over: dict[str, str] = {}
        self.waits: dict[str, float] = {}
        self.health = health

    @property
    def why_stopped(self) -> str:
        """Why the provider is used no more in this job; "" if it is."""
        state = self.health.stopped.get(self._provider.name, "")
        return trouble.WHY_STOPPED.get(state, state)

    def ask_for(self, to_ask: Mapping[str, Entry | None]) -> None:
        """Ask for as many people as there are credits for; again for the rest, where misses gave credits
        back. PostponedError when the batch has to wait.
        """
        left = list(to_ask)
        if left and not self.why_stopped and not self._turns.await_turn(self._calls_for(len(left))):
            self._pass_over(left, _NO_TIME)
            return
        while left and not self.why_stopped:
            with self._held(len(left)) as hold:
                if not hold.lookups:
                    self._pass_over(left, "the job's max_credits is used up")
                    return
                some, left = left[: hold.lookups], left[hold.lookups :]
                self._ask_some({person: to_ask[person] for person in some}, hold)
        self._pass_over(left, self.why_stopped)

    def _calls_for(self, people: int) -> int:
        return -(-people // self._provider.terms.batch_size)

    @contextmanager
    def _held(self, lookups: int) -> Iterator[Hold]:
        """Credits for the lookups; a hold for all of them where nothing limits them."""
        job, claimant = self._run.job, self._run.claimant
        price, cap = self._provider.terms.credits, job.options.max_credits
        if cap is None or not price:
            yield Hold(lookups)
            return
        holder = Holder(job.id, f"{claimant.id}#{self._provider.name}", claimant.lease)
        try:
            with self._services.budget.held(
                holder, lookups, price, cap, self._services.clock()
            ) as hold:
                yield hold
        except CreditsHeldError:
            wait = min(2 + self._run.postponements, _LONGEST_CREDIT_WAIT)
            raise self._turns.postponed(_jittered(wait), "credits are held by others") from None

    def _ask_some(self, before: Mapping[str, Entry | None], hold: Hold) -> None:
        """Make the calls, as many at a time as the vendor allows."""
        people, size = list(before), self._provider.terms.batch_size
        calls = [
            PaidCall(tuple(people[start : start + size])) for start in range(0, len(people), size)
        ]
        try:
            with ThreadPoolExecutor(max(self._provider.terms.parallel, 1)) as threads:
                while calls and not self.why_stopped:
                    if not self._make_some(calls, before, hold, threads):
                        break
            left = [person for call in calls for person in call.people]
            self._pass_over(left, self.why_stopped or _NO_TIME)
        finally:
            self._paid.end(calls)

    def _make_some(
        self,
        calls: list[PaidCall],
        before: Mapping[str, Entry | None],
        hold: Hold,
        threads: ThreadPoolExecutor,
    ) -> bool:
        """Make the first calls together, and replace them in ``calls`` by those that have to be made
        again. False if the vendor is closed for too long to wait for.
        """
        terms = self._provider.terms
        together = min(len(calls), terms.parallel)
        start = self._turns.book(together, len(calls))
        if start is None:
            return False
        group, elsewhere = self._paid.claim(calls[:together], before)
        # Whatever interrupts the calls from here on, their claims stay until their lease ends.
        del calls[:together]
        self.waits.update(dict.fromkeys(elsewhere, OTHERS_ANSWER))
        pace = interval(terms.limits)
        starts = [start + pace * place for place in range(len(group))]
        results = list(threads.map(self._paid.make, group, starts))
        unanswered = [result for result in results if isinstance(result, Failed | NotMade)]
        calls[:0] = [result.call for result in unanswered]
        # All that was answered or billed is counted before the first trouble is dealt with.
        self._count(results, hold)
        for result in unanswered:
            if not self._is_still_wanted(result):
                calls.remove(result.call)
                self._paid.end([result.call])
        return True

    def _count(self, results: Sequence[CallResult], hold: Hold) -> None:
        """Take in what calls of one moment came to; a defect among them is raised at the end."""
        for result in results:
            hold.spend(result.credits)
            if isinstance(result, Answered):
                for submission, credits in result.owed.items():
                    hold.owe(ticket_holder(self._provider.name, submission), credits)
                self._keep(result.entries)
        for result in results:
            if isinstance(result, NotMade | InDoubt) and result.error is not None:
                raise result.error

    def _keep(self, entries: Mapping[str, Entry]) -> None:
        self.answers.update(entries)
        for person, entry in entries.items():
            if (pause := pause_of(entry)) is not None:
                self.waits[person] = pause
        if self.health.failures.get(self._provider.name):
            self.health = without_failures(self.health, self._provider.name)
            self._services.health.reset_failures(self._run.job.id, self._provider.name)

    def _pass_over(self, people: Iterable[str], why: str) -> None:
        """These people are not asked for, and their rows say why."""
        self.passed_over.update(dict.fromkeys(people, why))

    # Trouble

    def _is_still_wanted(self, result: Failed | NotMade) -> bool:
        """Deal with a call that was not answered; False if its people are passed over."""
        name, job = self._provider.name, self._run.job
        if isinstance(result, NotMade):
            self.health = stopped(self.health, job.options.providers, trouble.CANCELLED)
            return True
        error, tries = result.error, result.call.tries
        log_event("provider_trouble", "WARNING", job=job.id, provider=name, error=error.code)
        if isinstance(error, ThrottledError):
            self._pause(error)
        capped, failures = job.options.max_credits is not None, 0
        if trouble.is_failure(error, tries, capped):
            failures = self._services.health.count_failure(job.id, name)
        decision = trouble.decide(error, tries, failures, capped)
        if decision.step == Step.AGAIN:
            self._services.sleep(_jittered(decision.seconds))
        elif decision.step == Step.STOP:
            self.health = stopped(self.health, [name], decision.state)
            self._services.health.stop(job.id, name, decision.state)
        elif decision.step == Step.POSTPONE:
            raise self._turns.postponed(_jittered(trouble.NO_ANSWER_DELAY), "it gives no answer")
        if why := trouble.WHY_PASSED_OVER.get(type(error)):
            self._pass_over(result.call.people, why)
            return False
        return True

    def _pause(self, error: ThrottledError) -> None:
        """Let all workers keep the pause that the vendor wants."""
        name = self._provider.name
        until = self._services.clock() + trouble.pause_after(error)
        self._services.pace.pause(name, until)
        self._services.health.note_throttled(self._run.job.id, name, until)


def _jittered(seconds: float) -> float:
    """Around so many seconds, not the same for all (jitter)."""
    return seconds * random.uniform(0.5, 1.5)  # noqa: S311 (no secret)
