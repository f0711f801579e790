"""Decides what to do when a call to a provider fails: a table, without any effect of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    OutOfCreditsError,
    ProviderError,
    RefusedError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.model.jobs import JOB_CANCELLED

#: A call that gives no answer is made so often; then its batch is postponed.
CALL_TRIES = 3
#: After so many calls in a row without an answer the provider is down.
BREAKER_FAILURES = 4
#: Seconds of pause where a provider wants one and does not say how long.
DEFAULT_PAUSE = 1.0
#: Seconds after which a batch comes back to a provider that gave no answer.
NO_ANSWER_DELAY = 5.0

#: Errors of one question, to which the same question would lead again, and what the rows say of them.
WHY_PASSED_OVER: Mapping[type[ProviderError], str] = {
    MalformedAnswerError: "its answer made no sense",
    RefusedError: "it refused the request",
}

#: The state of a provider that is not asked because its job was cancelled or has ended. The other
#: states are the codes of errors.
CANCELLED = "cancelled"
WHY_STOPPED = {
    OutOfCreditsError.code: "its account is out of credits",
    BadKeyError.code: "it does not accept the key",
    UnavailableError.code: "it is down",
    CANCELLED: JOB_CANCELLED,
}


class Step(Enum):
    """What to do: make the call again, postpone the batch, stop using the provider in this job, or pass
    the people of the call over.
    """

    AGAIN = auto()
    POSTPONE = auto()
    STOP = auto()
    PASS_OVER = auto()


@dataclass(frozen=True)
class Decision:
    """``seconds``: of pause before an AGAIN. ``state``: what a STOP makes of the provider."""

    step: Step
    seconds: float = 0.0
    state: str = ""


def decide(error: ProviderError, tries: int, failures: int, capped: bool) -> Decision:
    """What to do about a call that failed with ``error`` for the ``tries``-th time.

    ``failures``: the provider's calls in a row without an answer, this one included (``is_failure``).
    ``capped``: the job has a cap on its credits.
    """
    if isinstance(error, ThrottledError):
        return Decision(Step.AGAIN)  # at the time that the schedule gives: it has been paused
    if isinstance(error, OutOfCreditsError | BadKeyError):
        return Decision(Step.STOP, state=error.code)
    if not is_failure(error, tries, capped):
        return Decision(Step.AGAIN, seconds=0.3 * 2**tries)
    if failures >= BREAKER_FAILURES:
        return Decision(Step.STOP, state=UnavailableError.code)
    return Decision(Step.PASS_OVER if type(error) in WHY_PASSED_OVER else Step.POSTPONE)


def pause_after(error: ThrottledError) -> float:
    """Seconds for which a provider wants no calls."""
    return DEFAULT_PAUSE if error.retry_after is None else error.retry_after


def is_failure(error: ProviderError, tries: int, capped: bool) -> bool:
    """Whether a call that failed for the ``tries``-th time is not made again at once, and counts as one
    failure of the provider.
    """
    if isinstance(error, ThrottledError | OutOfCreditsError | BadKeyError):
        return False
    if type(error) in WHY_PASSED_OVER or tries >= CALL_TRIES:
        return True
    # With a cap, what may have been billed is settled first, and credits are held anew.
    return error.may_be_billed and capped
