"""A job is complete when all of its batches are sent and ended, or given up."""

from __future__ import annotations

from chalicelib.aws import keys
from chalicelib.services import services
from tests.functional.jobs import LIST, change_item, numbers


def test_nothing_is_complete_before_all_is_sent(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    stack.work()
    change_item(keys.job(job_id), dispatched=False)
    assert not stack.invoke("check_completion", state)["complete"]


def test_a_stalled_job_ends(stack, monkeypatch):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    monkeypatch.setenv("STALL_AFTER_SECONDS", "-1")
    services.cache_clear()
    state = stack.invoke("check_completion", state)
    assert not state["complete"]  # its messages wait in the queue
    for sent_again in (True, False):
        stack.lose_messages()
        state = stack.invoke("check_completion", state)
        assert state["complete"] is not sent_again
    stack.invoke("aggregate_results", state)
    status = stack.status(job_id)
    assert status["status"] == "COMPLETED_WITH_ERRORS"
    assert status["contacts"]["failed"] == 250
    assert numbers(stack, status) == [str(n) for n in range(250)]
