"""A job is complete when all of its batches are sent and ended, or given up."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.aws import keys
from chalicelib.services import services
from chalicelib.steps.check_completion import check_completion
from tests.functional.jobs import LIST, change_item, numbers


def test_nothing_is_complete_before_all_is_sent(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    stack.work()
    change_item(keys.job(job_id), dispatched=False)
    assert not stack.invoke("check_completion", state)["complete"]


def test_a_stalled_job_ends(stack):
    job_id = stack.submit_csv(LIST)
    checks = stack.invoke("split_batches", {"job_id": job_id})["checks"]
    now = services()
    late = replace(now, clock=lambda: now.clock() + now.settings.stall_after + 1)
    state = check_completion(late, job_id, checks).to_state()
    assert state["complete"]
    stack.invoke("aggregate_results", state)
    status = stack.status(job_id)
    assert status["status"] == "COMPLETED_WITH_ERRORS"
    assert status["contacts"]["failed"] == 250
    assert numbers(stack, status) == [str(n) for n in range(250)]
