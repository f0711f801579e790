"""The batches of a job as they are stored."""

from __future__ import annotations

from chalicelib.model.batches import Batch, BatchState
from chalicelib.services import services
from tests.functional.jobs import LIST, fail_batch, left_of, run_with_a_failure


def test_batches_that_are_there_keep_their_state_when_they_are_planned_again(stack):
    job_id = stack.submit_csv(LIST)
    stack.invoke("split_batches", {"job_id": job_id})
    stack.work()
    batches = services().batches
    done = list(batches.all(job_id))
    fresh = [Batch(batch.number, batch.start, batch.end, batch.rows) for batch in done]
    batches.plan(job_id, [*fresh, Batch(3, 0, 1, 1)], 0)
    assert list(batches.all(job_id))[:3] == done
    assert len(list(batches.all(job_id))) == 4


def test_of_two_splits_of_one_retry_only_one_opens_a_batch(stack):
    job_id = run_with_a_failure(stack)
    batches = services().batches
    as_read = list(batches.all(job_id))[1]
    assert batches.reopen(job_id, as_read, 1).state == BatchState.PENDING
    fail_batch(job_id, 1)
    assert batches.reopen(job_id, as_read, 1) == as_read
    assert list(batches.all(job_id))[1].state == BatchState.FAILED


def test_the_batches_of_a_large_job_are_read_in_order_and_erased(stack, monkeypatch):
    monkeypatch.setattr("chalicelib.aws.keys.BATCHES_PER_PARTITION", 5)
    batches, number = services().batches, 13
    for job_id in ("large", "other"):
        batches.plan(job_id, [Batch(n, n, n + 1, 1) for n in range(number)], 0)
    assert [batch.number for batch in batches.all("large")] == list(range(number))
    batches.finish("large", Batch(number - 1, 0, 1, 1, state=BatchState.DONE))
    assert list(batches.all("large"))[-1].state == BatchState.DONE
    batches.delete("large", number)
    assert list(batches.all("large")) == []
    assert len(list(batches.all("other"))) == number
    assert left_of("large") == []
