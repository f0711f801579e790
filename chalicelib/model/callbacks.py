"""Describes how far the callback of a job has come, and when it is tried again."""

from __future__ import annotations

from dataclasses import dataclass

#: Seconds from a try that failed to the next one: seven tries in a little over five hours.
WAITS = (30, 120, 600, 3_600, 7_200, 7_200)
#: Seconds after the time of a try at which nobody expects it any more.
OVERDUE = 3_600
#: A receiver that answers so wants no callbacks there any more (Standard Webhooks, "Operational
#: considerations").
_GONE = 410


@dataclass(frozen=True)
class Outcome:
    """What came of one try. ``status``: of the receiver's answer, 0 without one; then ``problem`` says why.

    ``is_final``: whether another try would be as useless.
    """

    status: int = 0
    problem: str = ""
    is_final: bool = False

    @property
    def is_delivered(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_last(self) -> bool:
        """Whether no other try is to follow, whatever their number."""
        return self.is_delivered or self.is_final or self.status == _GONE


@dataclass(frozen=True)
class Callback:
    """The tries so far for one run of a job, and the last one. Times are seconds since the epoch.

    ``status`` and ``problem``: as in ``Outcome``. ``next_at``: when it is tried again, 0.0 for never.
    """

    run: int
    tries: int
    last_at: float
    status: int
    problem: str
    next_at: float

    @property
    def is_delivered(self) -> bool:
        return Outcome(self.status).is_delivered


def after(earlier: Callback | None, run: int, outcome: Outcome, now: float) -> Callback:
    """The callback after one more try. ``earlier``: None before the first."""
    made = earlier.tries if earlier else 0
    is_last = outcome.is_last or made >= len(WAITS)
    next_at = 0.0 if is_last else now + WAITS[made]
    return Callback(run, made + 1, now, outcome.status, outcome.problem, next_at)
