"""A job is complete when all of its batches are sent and ended, or given up."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import Any

from chalicelib.aws import batches, keys
from chalicelib.aws.items import batch_of
from chalicelib.aws.queue import Message
from chalicelib.model.batches import Batch
from chalicelib.services import services
from chalicelib.steps.check_completion import MAX_CHECKS, check_completion
from tests.functional.jobs import (
    LIST,
    change_item,
    fail_batch,
    numbers,
    run_with_a_failure,
    work_on_first,
)


def test_nothing_is_complete_before_all_is_sent(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    stack.work()
    change_item(keys.job(job_id), dispatched=False)
    assert not stack.invoke("check_completion", state)["complete"]


def test_batches_that_have_ended_are_counted_once(stack):
    """However often a job is looked at; a retry opens some of them, and they are counted again."""
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    work_on_first(stack, 2)
    look = partial(stack.invoke, "check_completion")
    assert not look(state)["complete"]
    assert services().jobs.find(job_id).settled.batches == 2
    assert services().jobs.find(job_id).settled.progress.tally.counts == {"partial": 200}
    fail_batch(job_id, 2)
    assert look(state)["complete"]
    job = services().jobs.find(job_id)
    assert (job.progress.done, job.progress.failed, job.settled.batches) == (2, 1, 3)
    assert job.settled.progress == job.progress
    stack.invoke("aggregate_results", state)
    assert stack.post(f"/jobs/{job_id}/retry", "").status_code == 202
    assert services().jobs.find(job_id).settled.batches == 0


def split_as_if_large(stack, number: int) -> tuple[str, dict[str, Any]]:
    """A job that has so many batches, and the state after its split."""
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    services().batches.plan(job_id, [Batch(n, n, n + 1, 100) for n in range(number)], 0)
    change_item(keys.job(job_id), total_batches=number)
    return job_id, state


def test_batches_far_from_being_begun_are_read_only_where_they_may_be_given_up(stack, monkeypatch):
    number = 130
    job_id, state = split_as_if_large(stack, number)
    work_on_first(stack, 2)
    read = []
    monkeypatch.setattr(batches, "batch_of", lambda item: read.append(item) or batch_of(item))
    assert stack.invoke("check_completion", state)["complete"] is False
    assert services().jobs.find(job_id).progress.done == 2
    assert len(read) == 2 + 50
    assert check_completion(services(), job_id, MAX_CHECKS).complete
    assert services().jobs.find(job_id).progress.failed == number - 2


def test_a_job_whose_batches_far_behind_are_at_work_is_not_idle(stack):
    """SQS may deliver messages in any order."""
    number = 130
    job_id, state = split_as_if_large(stack, number)
    stack.lose_messages()
    soon = services().settings.stall_after
    last = Message.about(job_id, Batch(number - 1, 0, 1, 100))
    services().batches.start(last, 1, later(soon))
    check_completion(replace(services(), clock=partial(later, soon + 1)), job_id, state["checks"])
    assert not services().jobs.find(job_id).resent_at


def test_all_that_was_done_before_a_retry_counts(stack, monkeypatch):
    """Batches that are tried again stand before others that are done."""
    monkeypatch.setattr("chalicelib.steps.check_completion._FAR", 1)
    job_id = run_with_a_failure(stack)
    assert stack.post(f"/jobs/{job_id}/retry", "").status_code == 202
    assert not stack.invoke("check_completion", stack.invoke("split_batches", {"job_id": job_id}))[
        "complete"
    ]
    assert services().jobs.find(job_id).progress.done == 2


def test_a_cancelled_job_waits_for_no_batch_that_nobody_has_begun(stack):
    job_id, state = split_as_if_large(stack, 130)
    assert stack.post(f"/jobs/{job_id}/cancel", "").status_code == 202
    assert stack.invoke("check_completion", state)["complete"]
    assert services().jobs.find(job_id).progress.skipped == 130


def later(seconds: float) -> float:
    return time.time() + seconds


def test_a_stalled_job_ends(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    now = services()
    for number, is_over in [(1, False), (2, False), (3, True)]:
        late = replace(now, clock=partial(later, number * (now.settings.stall_after + 1)))
        state = check_completion(late, job_id, state["checks"]).to_state()
        assert state["complete"] is is_over
        stack.lose_messages()  # in the first look they wait, in the second they are sent again
    stack.invoke("aggregate_results", state)
    status = stack.status(job_id)
    assert status["status"] == "COMPLETED_WITH_ERRORS"
    assert status["contacts"]["failed"] == 250
    assert numbers(stack, status) == [str(n) for n in range(250)]
