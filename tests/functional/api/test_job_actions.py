"""Cancelling and retrying a job."""

from __future__ import annotations

import json

import pytest

from chalicelib.model.jobs import JobStatus, ProviderHealth
from chalicelib.services import services
from tests.functional.jobs import LIST, ROWS, executions, rows_of, run_with_a_failure, work_on_first


def test_what_is_done_comes_out_and_the_rest_is_skipped(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    work_on_first(stack, 2)
    for _ in range(2):
        answer = stack.post(f"/jobs/{job_id}/cancel", "")
        assert answer.status_code == 202
        assert answer.json_body["id"] == job_id
    status = stack.run_on(job_id, state)
    assert status["status"] == "CANCELLED"
    assert status["finished_at"]
    assert status["contacts"]["partial"] == 200
    assert status["batches"] == {"total": 3, "done": 2, "failed": 0}
    last = rows_of(stack, status)[-1]
    assert (last["enriched_status"], last["enriched_error"]) == ("skipped", "the job was cancelled")
    assert stack.post(f"/jobs/{job_id}/cancel", "").status_code == 202


def test_a_job_that_was_cancelled_before_its_split_comes_back_with_every_row(stack):
    job_id = stack.submit_csv(LIST)
    stack.post(f"/jobs/{job_id}/cancel", "")
    status = stack.run(job_id)
    assert status["status"] == "CANCELLED"
    assert stack.delivered == []
    assert {row["enriched_status"] for row in rows_of(stack, status)} == {"skipped"}


def test_what_has_ended_otherwise_cannot_be_cancelled(stack):
    job_id = stack.submit_csv(LIST)
    stack.run(job_id)
    answer = stack.post(f"/jobs/{job_id}/cancel", "")
    assert (answer.status_code, answer.json_body["code"]) == (409, "conflict")
    assert "COMPLETED" in answer.json_body["message"]


def test_only_failed_batches_are_tried_again_and_the_file_is_made_anew(stack):
    job_id = run_with_a_failure(stack)
    stack.delivered.clear()
    stack.deliveries = 1
    for _ in range(2):  # the second finds it under way
        assert stack.post(f"/jobs/{job_id}/retry", "").status_code == 202
    assert stack.status(job_id)["result"]  # of the run before, as long as there is no other
    status = stack.run(job_id)
    assert [json.loads(record["body"])["batch"] for record in stack.delivered] == [1]
    assert status["status"] == "COMPLETED"
    assert status["contacts"]["failed"] == 0
    assert status["contacts"]["partial"] == ROWS
    rows_of(stack, status)


def test_a_retry_has_an_execution_of_its_own(stack):
    job_id = run_with_a_failure(stack)
    stack.post(f"/jobs/{job_id}/retry", "")
    assert executions() == [job_id, f"{job_id}-1"]


@pytest.mark.parametrize("end", ["COMPLETED", "CANCELLED"])
def test_where_nothing_has_failed_there_is_nothing_to_retry(stack, end):
    job_id = stack.submit_csv(LIST)
    if end == "CANCELLED":
        stack.post(f"/jobs/{job_id}/cancel", "")
    stack.run(job_id)
    answer = stack.post(f"/jobs/{job_id}/retry", "")
    assert (answer.status_code, answer.json_body["code"]) == (409, "conflict")
    assert stack.status(job_id)["status"] == end


def test_a_job_whose_step_kept_failing_goes_on_where_it_stopped(stack):
    job_id = stack.submit_csv(LIST)
    stack.invoke("split_batches", {"job_id": job_id})
    stack.work()
    jobs = services().jobs
    job = jobs.get("default", job_id)
    jobs.update(job, status=JobStatus.FAILED, error="A step of the job kept failing")
    done = len(stack.delivered)
    stack.post(f"/jobs/{job_id}/retry", "")
    status = stack.run(job_id)
    assert (status["status"], status["error"]) == ("COMPLETED", None)
    assert len(stack.delivered) == done
    rows_of(stack, status)


@pytest.mark.parametrize("max_rows", ["1000000", "250"])
def test_a_list_that_cannot_be_read_is_not_tried_again(stack, monkeypatch, max_rows):
    monkeypatch.setenv("MAX_ROWS", max_rows)
    services.cache_clear()
    text = LIST + "x@example.org,250\n"
    job_id = stack.submit_csv(text if max_rows == "250" else text + '"' + "x" * 4_200_000)
    status = stack.run(job_id)
    assert status["status"] == "FAILED"
    for _ in range(2):
        answer = stack.post(f"/jobs/{job_id}/retry", "")
        assert (answer.status_code, answer.json_body["code"]) == (409, "conflict")
        assert status["error"] in answer.json_body["message"]
    assert stack.status(job_id) == status
    assert executions() == [job_id]


def test_a_job_whose_split_kept_failing_is_tried_again(stack):
    """FailJob leaves it unplanned as well, and it may have been a passing trouble."""
    job_id = stack.submit_csv(LIST)
    jobs = services().jobs
    splitting = jobs.update(jobs.get("default", job_id), status=JobStatus.SPLITTING)
    jobs.update(splitting, status=JobStatus.FAILED, error="A step of the job kept failing")
    assert stack.post(f"/jobs/{job_id}/retry", "").status_code == 202
    status = stack.run(job_id)
    assert (status["status"], status["contacts"]["total"]) == ("COMPLETED", ROWS)


def test_a_retry_gives_providers_that_were_given_up_another_chance(stack):
    job_id = run_with_a_failure(stack)
    jobs = services().jobs
    services().health.stop(job_id, "offline", "down")
    services().health.count_failure(job_id, "offline")
    services().health.note_throttled(job_id, "offline", 1.0)
    stack.post(f"/jobs/{job_id}/retry", "")
    job = jobs.get("default", job_id)
    assert job.health == ProviderHealth()
