"""Splitting can be repeated: what is there stays, and what is done is not done again."""

from __future__ import annotations

from chalicelib.aws import keys
from chalicelib.model.batches import BatchState
from chalicelib.services import services
from tests.functional.jobs import LIST, change_item, fail_batch, numbers, run_with_a_failure


def test_split_repeated_after_the_workers_began(stack):
    """A split that broke off while it was sending is repeated: what is done stays done."""
    job_id = stack.submit_csv(LIST)
    stack.invoke("split_batches", {"job_id": job_id})
    stack.work()
    change_item(keys.job(job_id), planned=False, dispatched=False)
    status = stack.run(job_id)
    assert status["status"] == "COMPLETED"
    assert numbers(stack, status) == [str(n) for n in range(250)]


def test_a_batch_that_fails_again_is_not_opened_twice_in_one_run(stack):
    job_id = run_with_a_failure(stack)
    stack.post(f"/jobs/{job_id}/retry", "")
    stack.invoke("split_batches", {"job_id": job_id})
    fail_batch(job_id, 1)
    change_item(keys.job(job_id), dispatched=False)  # it had not said that it was done
    stack.invoke("split_batches", {"job_id": job_id})
    states = [batch.state for batch in services().batches.all(job_id)]
    assert states == [BatchState.DONE, BatchState.FAILED, BatchState.DONE]
