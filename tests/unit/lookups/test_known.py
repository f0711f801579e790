"""What the ledger holds of a person decides: take the answer, wait for it, or ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.lookups.known import (
    OTHERS_ANSWER,
    PENDING_TRIES,
    Known,
    pause_of,
    reply_of,
    sort_out,
)
from chalicelib.lookups.ledger import Entry
from chalicelib.providers.base import Match, NoMatch, Pending

NOW = 1_800_000_000.0
SINCE = NOW - 30 * 86_400
CLAIM = Entry("claim", NOW + 60, "other-job", 3, int(NOW) + 10**6)
ANSWER = replace(CLAIM, outcome=NoMatch(), answered_at=NOW - 5)
LOOKING = replace(CLAIM, outcome=Pending(120), answered_at=NOW - 100)


def known(entry: Entry | None) -> Known:
    return sort_out(["p"], {"p": entry} if entry else {}, "job", SINCE, NOW)


@pytest.mark.parametrize("entry", [ANSWER, replace(ANSWER, outcome=Match())])
def test_an_answer_counts_match_or_not(entry):
    assert known(entry) == Known({"p": entry}, {}, {})


def test_an_answer_that_is_too_old_counts_only_for_the_job_that_paid_for_it():
    old = replace(ANSWER, answered_at=SINCE - 1)
    assert known(old) == Known({}, {"p": old}, {})
    own = replace(old, job_id="job")
    assert known(own) == Known({"p": own}, {}, {})


def test_nobody_knows_anything():
    assert known(None) == Known({}, {"p": None}, {})


def test_whom_another_worker_asks_for_is_waited_for_until_its_lease_ends():
    assert known(CLAIM) == Known({}, {}, {"p": OTHERS_ANSWER})
    ending = replace(CLAIM, lease=NOW + 1)
    assert known(ending) == Known({}, {}, {"p": 1.0})
    dead = replace(CLAIM, lease=NOW)
    assert known(dead) == Known({}, {"p": dead}, {})


def test_a_provider_that_is_still_looking_is_asked_again_when_it_said():
    assert known(LOOKING) == Known({}, {}, {"p": 20.0})
    due = replace(LOOKING, answered_at=NOW - 120)
    assert known(due) == Known({}, {"p": due}, {})


def test_a_provider_that_never_stops_looking_is_asked_no_more():
    tired = replace(LOOKING, tries=PENDING_TRIES)
    assert pause_of(tired) is None
    assert known(tired) == Known({"p": tired}, {}, {})
    reply = reply_of("pdl", tired)
    assert (reply.outcome, reply.note) == (
        NoMatch(),
        "pdl was still looking when it was last asked",
    )


def test_a_reply_tells_of_lookups_whose_answers_were_lost():
    assert reply_of("pdl", ANSWER).note == ""
    assert "charged for this 3 times" in reply_of("pdl", replace(ANSWER, uncertain=2)).note
