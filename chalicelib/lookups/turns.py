"""Decides when a batch may call a vendor that limits its calls, and postpones it until then.

A batch takes a turn once, for all the calls that it needs; the turns of a job follow each other at the
vendor's rate, so that few batches ask for the vendor's schedule (pace.py) at a time. Jobs share that schedule:
where it is full at a batch's turn, the batch takes another one, behind the others of its job.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from chalicelib.lookups.pace import Slot, interval
from chalicelib.lookups.paid_call import BatchRun
from chalicelib.model.batches import Turn
from chalicelib.providers.base import Limit

#: Up to so many seconds are waited on the spot; for longer the batch is postponed.
SHORT_WAIT = 2
#: A vendor that is closed for longer than so many seconds is done without.
LONGEST_CLOSED = 900
#: Seconds by which a batch comes back before its turn, since SQS delivers a little late; less than it waits then.
_EARLY = 1


class PostponedError(Exception):
    """The batch has to wait so many seconds; what is done so far is kept. Not a failure.

    ``turns``: the turn that the batch has at a provider.
    """

    def __init__(
        self, seconds: float, reason: str, turns: Mapping[str, Turn] | None = None
    ) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.turns = turns or {}


class Turns:
    """The turns of one batch at one provider. ``name``: of the provider's schedule, which its ``limits`` are for."""

    def __init__(self, run: BatchRun, name: str, limits: Sequence[Limit]) -> None:
        self._run = run
        self._services = run.services
        self._name = name
        self._limits = limits
        self._turn = run.turns.get(name)

    def postponed(self, seconds: float, reason: str) -> PostponedError:
        """The error that lets the batch come back later, with its turn."""
        turns = {} if self._turn is None else {self._name: self._turn}
        return PostponedError(seconds, f"{self._name}: {reason}", turns)

    def await_turn(self, calls: int) -> bool:
        """Wait for the batch's turn, which it takes, for so many calls, if it has none. False if no time is
        left for it before the job's deadline. PostponedError if the turn comes later.
        """
        now = self._services.clock()
        if not interval(self._limits):
            return True
        if self._turn is None and not self._take(calls, self._opening(now)):
            return False
        if self._turn is not None and self._turn.at - now > SHORT_WAIT:
            raise self.postponed(self._turn.at - now - _EARLY, "its turn comes later")
        return True

    def book(self, calls: int, left: int) -> float | None:
        """When the next calls may begin, of ``left`` in all; None if the vendor is closed for too long.
        PostponedError if they may not begin soon, or the worker has no time left for them.
        """
        now = self._services.clock()
        patience = min(SHORT_WAIT, self._run.deadline - now)
        if patience <= 0:
            raise self.postponed(1, "no time left for another call")
        slot = self._services.pace.book(self._name, self._limits, calls, now, patience)
        if slot.booked:
            return slot.at
        if slot.at - now > LONGEST_CLOSED or not self._keeps_turn(slot, left):
            return None
        if self._turn is None:  # only windows that are counted
            raise self.postponed(slot.at - now + random.uniform(0, 1), "at its limit")  # noqa: S311
        raise self.postponed(max(slot.at, self._turn.at) - now - _EARLY, "at its limit")

    def _opening(self, now: float) -> float:
        """When the job's first turn may begin: once the vendor is free, since all others follow it at the vendor's
        rate and would come too early otherwise. A vendor that is closed for long is not waited for.
        """
        free_at = self._services.pace.free_at(self._name)
        return free_at if now < free_at <= now + LONGEST_CLOSED else now

    def _keeps_turn(self, slot: Slot, left: int) -> bool:
        """Take another turn where this one is over before the vendor is free. False if there is none."""
        if self._turn is None or slot.at < self._turn.end:
            return True
        return self._take(left, slot.at)

    def _take(self, calls: int, earliest: float) -> bool:
        job, latest = self._run.job, self._run.job_ends_at
        turn = self._services.pace.take_turn(job, self._name, self._limits, calls, earliest, latest)
        if turn is None:
            self._services.health.note_too_slow(job.id, self._name)
            return False
        self._turn = turn
        return True
