"""What to do when a call fails, as a table."""

from __future__ import annotations

import pytest

from chalicelib.lookups.trouble import (
    BREAKER_FAILURES,
    CALL_TRIES,
    CANCELLED,
    WHY_STOPPED,
    Step,
    decide,
    is_failure,
)
from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    OutOfCreditsError,
    RefusedError,
    ThrottledError,
    UnavailableError,
)

DOWN, BILLED = UnavailableError("down"), UnavailableError("broke off", may_be_billed=True)
NONSENSE, REFUSED = MalformedAnswerError("nonsense"), RefusedError("refused")
EMPTY, KEY, BUSY = OutOfCreditsError("empty"), BadKeyError("key"), ThrottledError("busy", 9)
LAST = CALL_TRIES


@pytest.mark.parametrize(
    ("error", "tries", "failures", "capped", "step", "state"),
    [
        (BUSY, 0, 0, False, Step.AGAIN, ""),
        (BUSY, 99, 99, True, Step.AGAIN, ""),
        (EMPTY, 0, 0, False, Step.STOP, "out_of_credits"),
        (KEY, 0, 0, True, Step.STOP, "bad_key"),
        (DOWN, 1, 0, False, Step.AGAIN, ""),
        (DOWN, 1, 0, True, Step.AGAIN, ""),
        (DOWN, LAST, 1, False, Step.POSTPONE, ""),
        (DOWN, LAST, BREAKER_FAILURES, False, Step.STOP, "down"),
        (BILLED, 1, 0, False, Step.AGAIN, ""),
        (BILLED, 1, 1, True, Step.POSTPONE, ""),
        (BILLED, 1, BREAKER_FAILURES, True, Step.STOP, "down"),
        (NONSENSE, 1, 1, False, Step.PASS_OVER, ""),
        (NONSENSE, 1, BREAKER_FAILURES, False, Step.STOP, "down"),
        (REFUSED, 1, 1, True, Step.PASS_OVER, ""),
        (REFUSED, 1, BREAKER_FAILURES, False, Step.STOP, "down"),
    ],
)
def test_the_table(error, tries, failures, capped, step, state):
    decision = decide(error, tries, failures, capped)
    assert (decision.step, decision.state) == (step, state)


def test_pauses_between_tries_grow():
    pauses = [decide(DOWN, tries, 0, False).seconds for tries in range(1, CALL_TRIES)]
    assert pauses == sorted(pauses)
    assert pauses[0] > 0


def test_only_a_call_that_is_given_up_counts_as_a_failure():
    assert not is_failure(DOWN, 1, False)
    assert is_failure(DOWN, LAST, False)
    assert is_failure(BILLED, 1, True)
    assert is_failure(NONSENSE, 1, False)
    assert is_failure(REFUSED, 1, True)
    assert not any(is_failure(error, LAST, True) for error in (BUSY, EMPTY, KEY))


def test_every_state_has_a_reason_for_the_rows():
    assert {"out_of_credits", "bad_key", "down", CANCELLED} == WHY_STOPPED.keys()
