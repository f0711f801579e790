"""When a job is done, when it is looked at again, and when its batches are given up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.model.batches import Batch, BatchState
from chalicelib.model.jobs import Job
from chalicelib.model.layout import Layout
from chalicelib.model.options import Options
from chalicelib.settings import Settings
from chalicelib.steps.check_completion import MAX_CHECKS, MAX_WAIT, MIN_WAIT, given_up, next_wait

START = 1_800_000_000.0
SETTINGS = Settings("", "", "", "", "", max_receive_count=3, worker_timeout=10, stall_after=100)
JOB = Job(
    id="j",
    owner="o",
    created_at=START,
    options=Options(),
    layout=Layout("csv", "utf-8", ("email",)),
    input_key="k",
    input_etag="e",
    total_batches=1000,
)
RUNNING = Batch(0, 0, 10, 1, state=BatchState.RUNNING, attempts=1, started_at=START + 50)


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [(0, MIN_WAIT), (19, MIN_WAIT), (20, 2), (599, 59), (600, MAX_WAIT), (40_000, MAX_WAIT)],
)
def test_the_next_look_comes_after_a_tenth_of_the_time_so_far(elapsed, expected):
    assert next_wait(JOB, START + elapsed) == expected


def test_the_loop_stays_within_the_history_of_an_execution():
    checks, now = 0, START
    while now < START + Settings.job_deadline:
        now += next_wait(JOB, now)
        checks += 1
    assert checks < MAX_CHECKS
    assert MAX_CHECKS * 9 + 100 < 25_000


def reasons(
    batch: Batch, after: float, checks: int = 1, settings: Settings = SETTINGS
) -> list[str]:
    return [batch.error for batch in given_up([batch], JOB, checks, START + after, settings)]


def test_a_running_batch_is_left_alone():
    assert reasons(RUNNING, 60) == []


def test_a_batch_whose_last_delivery_broke_off_is_given_up():
    last = replace(RUNNING, attempts=3)
    assert reasons(last, 69) == []
    assert "broke off 3 times" in reasons(last, 71)[0]


def test_a_job_in_which_nothing_moves_is_given_up():
    assert reasons(RUNNING, 149) == []
    assert "for 100 seconds" in reasons(RUNNING, 151)[0]
    assert "for 100 seconds" in reasons(Batch(0, 0, 10, 1), 101)[0]


def test_a_job_beyond_its_time_or_checks_is_given_up():
    recent = replace(RUNNING, started_at=START + SETTINGS.job_deadline)
    assert "time limit" in reasons(recent, SETTINGS.job_deadline + 1)[0]
    assert "time limit" in reasons(RUNNING, 60, checks=MAX_CHECKS)[0]


def test_finished_batches_are_never_given_up():
    done = replace(RUNNING, state=BatchState.DONE)
    assert reasons(done, SETTINGS.job_deadline + 1) == []
