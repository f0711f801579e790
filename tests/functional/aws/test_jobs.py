"""Jobs as they are stored: what a late writer may not change, and tombstones."""

from __future__ import annotations

from chalicelib.model.jobs import JobStatus
from chalicelib.services import services
from tests.functional.jobs import LIST, run_with_a_failure


def test_a_late_step_of_the_run_before_does_not_end_the_next_one(stack):
    job_id = run_with_a_failure(stack)
    jobs = services().jobs
    late = jobs.get("default", job_id)
    stack.post(f"/jobs/{job_id}/retry", "")
    assert jobs.update(late, error="of a step that took long") is None
    assert stack.run(job_id)["status"] == "COMPLETED"


def test_an_end_stands_against_a_late_step_and_a_late_cancellation(stack):
    job_id = stack.submit_csv(LIST)
    jobs = services().jobs
    late = jobs.get("default", job_id)
    stack.run(job_id)
    assert jobs.update(late, status=JobStatus.FAILED) is None
    assert jobs.cancel(late, late.created_at) is None
    assert stack.status(job_id)["status"] == "COMPLETED"


def test_a_tombstone_knows_all_batches_also_of_a_job_that_is_split_meanwhile(stack):
    job_id = stack.submit_csv(LIST)
    as_read = services().jobs.get("default", job_id)
    stack.invoke("split_batches", {"job_id": job_id})
    assert not services().jobs.bury(as_read, 0)
    stack.client.http.delete(f"/jobs/{job_id}")
    tombstone = services().jobs.find_tombstone(job_id)
    assert tombstone is not None
    assert tombstone.batches == 3
