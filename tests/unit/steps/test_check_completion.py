"""When a job is done, when it is looked at again, and when its batches are given up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.model.batches import Batch, BatchState
from chalicelib.model.jobs import Job
from chalicelib.model.options import Options
from chalicelib.settings import Settings
from chalicelib.steps.check_completion import (
    MAX_CHECKS,
    MAX_WAIT,
    MIN_WAIT,
    Look,
    given_up,
    next_wait,
    overdue,
)

START = 1_800_000_000.0
SETTINGS = Settings("", "", "", "", "", "", max_receive_count=3, worker_timeout=10, stall_after=100)
JOB = Job(
    id="j",
    owner="o",
    created_at=START,
    options=Options(),
    input_key="k",
    total_batches=1000,
)
RUNNING = Batch(0, 0, 10, 1, state=BatchState.RUNNING, attempts=1, started_at=START + 50)


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [(0, MIN_WAIT), (19, MIN_WAIT), (20, 2), (599, 59), (600, MAX_WAIT), (40_000, MAX_WAIT)],
)
@pytest.mark.parametrize("done", [0, 1, 10])
def test_the_next_look_comes_after_a_tenth_of_the_time_so_far(elapsed, done, expected):
    assert next_wait(elapsed, done, batches=20) == expected


@pytest.mark.parametrize(
    ("elapsed", "done", "expected"),
    [(45, 910, 2), (45, 950, MIN_WAIT), (45, 1000, MIN_WAIT), (3_000, 970, 46), (3_000, 999, 30)],
)
def test_the_next_look_comes_sooner_where_the_job_is_nearly_done(elapsed, done, expected):
    assert next_wait(elapsed, done, batches=1000) == expected


@pytest.mark.parametrize("done", [0, 999, 1000])
def test_the_loop_stays_within_the_history_of_an_execution(done):
    """However long the last batch takes."""
    checks, elapsed = 0, 0
    while elapsed < Settings.job_deadline:
        elapsed += next_wait(elapsed, done, batches=1000)
        checks += 1
    assert checks < MAX_CHECKS / 2
    assert MAX_CHECKS * 9 + 100 < 25_000


def reasons(batch: Batch, after: float, checks: int = 1, job: Job = JOB, idle=False) -> list[str]:
    ended = given_up(Look(job, [batch], checks, START + after, idle), SETTINGS)
    return [batch.error for batch in ended]


def test_a_running_batch_is_left_alone():
    assert reasons(RUNNING, 60) == []


def test_a_batch_whose_last_delivery_broke_off_is_given_up():
    last = replace(RUNNING, attempts=3)
    assert reasons(last, 69) == []
    assert "broke off 3 times" in reasons(last, 71)[0]


def test_lost_batches_are_sent_again_once_and_then_given_up():
    lost = Batch(0, 0, 10, 1)
    dispatched = replace(JOB, dispatched=True)
    assert overdue(Look(dispatched, [lost], 1, START, idle=True)) == [lost]
    resent = replace(dispatched, resent_at=START + 60)
    assert overdue(Look(resent, [lost], 1, START, idle=True)) == []
    assert reasons(lost, 110, job=resent, idle=True) == []
    assert "for 100 seconds" in reasons(lost, 111, job=resent, idle=True)[0]


def test_a_batch_that_waits_while_the_queue_holds_messages_is_not_lost():
    waiting = Batch(0, 0, 10, 1)
    assert overdue(Look(replace(JOB, dispatched=True), [waiting], 1, START)) == []
    assert reasons(waiting, 10_000, job=replace(JOB, resent_at=START + 60)) == []


def test_a_job_beyond_its_time_or_checks_is_given_up():
    recent = replace(RUNNING, started_at=START + SETTINGS.job_deadline)
    assert "time limit" in reasons(recent, SETTINGS.job_deadline + 1)[0]
    assert "time limit" in reasons(RUNNING, 60, checks=MAX_CHECKS)[0]


def test_finished_batches_are_never_given_up():
    done = replace(RUNNING, state=BatchState.DONE)
    assert reasons(done, SETTINGS.job_deadline + 1) == []
