"""Steering a job: cancel, retry, erase, list, and the same request twice."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import RLock

import boto3
import pytest
from moto.core.botocore_stubber import BotocoreStubber

from chalicelib.api.status import describe_job
from chalicelib.model.batches import Batch, BatchState
from chalicelib.model.jobs import JobStatus, ProviderHealth
from chalicelib.services import services
from chalicelib.steps.erase_job import erase_job

ROWS = 250
LIST = "email,n\n" + "".join(f"p{n}@example.org,{n}\n" for n in range(ROWS))


def rows_of(stack, status) -> list[dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(stack.download(status).decode(), newline="")))
    assert [row["n"] for row in rows] == [str(n) for n in range(ROWS)]
    assert Counter(row["enriched_status"] for row in rows) == {
        kind: count
        for kind, count in status["contacts"].items()
        if count and kind not in ("total", "processed")
    }
    return rows


def work_on_first(stack, batches: int) -> None:
    """Deliver some of the messages that wait; the others stay out of sight."""
    for record in stack.receive()[:batches]:
        stack.invoke("worker", {"Records": [record]})


def fail_batch(job_id: str, number: int) -> None:
    """A batch that kept failing, as the worker leaves it."""
    batches = services().batches
    batch = next(each for each in batches.all(job_id) if each.number == number)
    boto3.client("dynamodb").update_item(
        TableName="test-control",
        Key={"pk": {"S": job_id}, "sk": {"S": f"BATCH#{batch.number:06d}"}},
        UpdateExpression="SET #state = :failed, #error = :error",
        ExpressionAttributeNames={"#state": "state", "#error": "error"},
        ExpressionAttributeValues={
            ":failed": {"S": BatchState.FAILED.value},
            ":error": {"S": "the batch could not be enriched"},
        },
    )


def run_with_a_failure(stack) -> str:
    """A job of three batches whose second has failed."""
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    fail_batch(job_id, 1)
    status = stack.run_on(job_id, state)
    assert status["status"] == "COMPLETED_WITH_ERRORS"
    return job_id


# Cancel


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


def test_a_batch_that_comes_after_the_cancellation_is_skipped_by_its_worker(stack):
    job_id = stack.submit_csv(LIST)
    stack.invoke("split_batches", {"job_id": job_id})
    stack.post(f"/jobs/{job_id}/cancel", "")
    stack.work()
    states = {batch.state for batch in services().batches.all(job_id)}
    assert states == {BatchState.SKIPPED}


def test_what_has_ended_otherwise_cannot_be_cancelled(stack):
    job_id = stack.submit_csv(LIST)
    stack.run(job_id)
    answer = stack.post(f"/jobs/{job_id}/cancel", "")
    assert (answer.status_code, answer.json_body["code"]) == (409, "conflict")
    assert "COMPLETED" in answer.json_body["message"]


# Retry


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


def test_a_batch_that_fails_again_is_not_opened_twice_in_one_run(stack):
    job_id = run_with_a_failure(stack)
    stack.post(f"/jobs/{job_id}/retry", "")
    stack.invoke("split_batches", {"job_id": job_id})
    fail_batch(job_id, 1)
    boto3.client(
        "dynamodb"
    ).update_item(  # the split is repeated before it had said that it is done
        TableName="test-control",
        Key={"pk": {"S": job_id}, "sk": {"S": "JOB"}},
        UpdateExpression="SET dispatched = :no",
        ExpressionAttributeValues={":no": {"BOOL": False}},
    )
    stack.invoke("split_batches", {"job_id": job_id})
    states = [batch.state for batch in services().batches.all(job_id)]
    assert states == [BatchState.DONE, BatchState.FAILED, BatchState.DONE]


def test_of_two_splits_of_one_retry_only_one_opens_a_batch(stack):
    job_id = run_with_a_failure(stack)
    batches = services().batches
    as_read = list(batches.all(job_id))[1]
    assert batches.reopen(job_id, as_read, 1).state == BatchState.PENDING
    fail_batch(job_id, 1)
    assert batches.reopen(job_id, as_read, 1) == as_read
    assert list(batches.all(job_id))[1].state == BatchState.FAILED


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


def test_a_retry_gives_providers_that_were_given_up_another_chance(stack):
    job_id = run_with_a_failure(stack)
    jobs = services().jobs
    services().health.stop(job_id, "offline", "down")
    services().health.count_failure(job_id, "offline")
    services().health.note_throttled(job_id, "offline", 1.0)
    stack.post(f"/jobs/{job_id}/retry", "")
    job = jobs.get("default", job_id)
    assert job.health == ProviderHealth()


def executions() -> list[str]:
    listed = boto3.client("stepfunctions").list_executions(
        stateMachineArn=services().settings.state_machine_arn
    )
    return sorted(each["name"] for each in listed["executions"])


def test_a_job_that_was_written_and_never_started_is_started_by_whoever_looks_at_it(stack):
    job_id = stack.submit_csv(LIST)
    jobs, later = services().jobs, services().clock() + 60
    job = replace(jobs.get("default", job_id), id="forgotten")
    jobs.create(job, 0)
    describe_job(services(), "default", "forgotten")
    assert executions() == [job_id]  # it may be about to be started
    describe_job(replace(services(), clock=lambda: later), "default", "forgotten")
    assert executions() == sorted([job_id, "forgotten"])


# Erase


def left_of(job_id: str) -> list[str]:
    """Whatever names a job, anywhere."""
    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
    found = [item["Key"] for item in s3.list_objects_v2(Bucket="test-bucket").get("Contents", [])]
    for table in ("test-control", "test-records"):
        found += [json.dumps(item, default=str) for item in dynamodb.scan(TableName=table)["Items"]]
    return [each for each in found if job_id in each]


def test_nothing_is_left_of_an_erased_job_but_its_tombstone(stack, monkeypatch):
    monkeypatch.setattr("chalicelib.aws.results.MAX_ITEM_BYTES", 100)  # rows in the bucket as well
    kept, job_id = stack.submit_csv(LIST), stack.submit_csv(LIST)
    stack.run(kept)
    stack.run(job_id)
    before = len(left_of(kept))
    assert len(left_of(job_id)) > 5
    for _ in range(2):
        assert stack.client.http.delete(f"/jobs/{job_id}").status_code == 204
    (tombstone,) = left_of(job_id)
    assert "ERASED" in tombstone
    assert "email" not in tombstone
    for path in (f"/status/{job_id}", "/status/nothing"):
        assert stack.client.http.get(path).status_code == 404
    for path in (f"/jobs/{job_id}/cancel", f"/jobs/{job_id}/retry"):
        assert stack.post(path, "").status_code == 404
    assert stack.client.http.delete("/jobs/nothing").status_code == 404
    assert len(left_of(kept)) == before
    assert stack.status(kept)["status"] == "COMPLETED"


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


def test_a_tombstone_knows_all_batches_also_of_a_job_that_is_split_meanwhile(stack):
    job_id = stack.submit_csv(LIST)
    as_read = services().jobs.get("default", job_id)
    stack.invoke("split_batches", {"job_id": job_id})
    assert not services().jobs.bury(as_read, 0)
    stack.client.http.delete(f"/jobs/{job_id}")
    tombstone = services().jobs.find_tombstone(job_id)
    assert tombstone is not None
    assert tombstone.batches == 3


def test_an_uploaded_list_is_erased_with_its_job(stack):
    upload = stack.post("/uploads", {}).json_body
    s3 = boto3.client("s3")
    s3.put_object(Bucket="test-bucket", Key=upload["fields"]["key"], Body=LIST.encode())
    job_id = stack.post("/process", {"upload_id": upload["upload_id"]}).json_body["id"]
    stack.client.http.delete(f"/jobs/{job_id}")
    assert not s3.list_objects_v2(Bucket="test-bucket").get("Contents")


def test_the_steps_of_an_erased_job_do_nothing_and_what_they_left_is_swept(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    late = services().jobs.get("default", job_id)
    stack.client.http.delete(f"/jobs/{job_id}")
    stack.work()
    assert stack.invoke("check_completion", state)["failed"]
    stack.invoke("aggregate_results", state)
    assert stack.invoke("split_batches", {"job_id": job_id})["failed"]
    assert services().jobs.update(late, error="late") is None
    assert len(left_of(job_id)) == 1
    # A worker that was in the middle of it writes its rows, an aggregation its file.
    boto3.client("dynamodb").put_item(
        TableName="test-records", Item={"pk": {"S": f"{job_id}#000001"}, "rows": {"B": b"x"}}
    )
    place = {"Bucket": "test-bucket", "Key": f"jobs/{job_id}/enriched.csv"}
    boto3.client("s3").create_multipart_upload(**place)
    boto3.client("s3").put_object(**place, Body=b"x")
    first = erase_job(services(), job_id, 0)
    assert (first.done, first.wait_seconds > 900) == (False, True)
    assert erase_job(services(), job_id, first.sweep).done
    assert len(left_of(job_id)) == 1
    assert not boto3.client("s3").list_multipart_uploads(Bucket="test-bucket").get("Uploads")


def test_messages_of_a_large_job_that_was_erased_and_is_not_swept_yet_are_done_with(stack):
    job_id = stack.submit_csv(LIST)
    stack.invoke("split_batches", {"job_id": job_id})
    jobs = services().jobs
    assert jobs.bury(jobs.get("default", job_id), 0)
    stack.work()  # raises what the worker raises
    assert len(stack.delivered) == 3 * 2
    assert [each for each in left_of(job_id) if f"{job_id}#" in each] == []


# List


def test_jobs_are_listed_newest_first_a_page_at_a_time(stack):
    ids = [stack.submit_csv(LIST) for _ in range(5)]
    stack.run(ids[0])
    stack.client.http.delete(f"/jobs/{ids[3]}")
    seen, query = [], "?limit=2"
    while query:
        page = stack.client.http.get(f"/jobs{query}").json_body
        assert len(page["jobs"]) <= 2
        seen += page["jobs"]
        query = page["next_cursor"] and f"?limit=2&cursor={page['next_cursor']}"
    times = [job["created_at"] for job in seen]
    assert times == sorted(times, reverse=True)
    assert {job["id"] for job in seen} == set(ids) - {ids[3]}
    oldest = next(job for job in seen if job["id"] == ids[0])
    assert oldest["status"] == "COMPLETED"
    assert oldest["contacts"]["processed"] == ROWS
    assert stack.client.http.get("/jobs").json_body["next_cursor"] is None


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor=e30=", "cursor=W10=", "page=2"]
)
def test_a_list_that_is_asked_for_wrongly(stack, query):
    answer = stack.client.http.get(f"/jobs?{query}")
    assert (answer.status_code, answer.json_body["code"]) == (400, "invalid_request")
    assert query.split("=")[0] in answer.json_body["message"]


def test_ids_and_cursors_that_nobody_gave_out(stack):
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    assert stack.client.http.get(f"/jobs?cursor={deep}").status_code == 400
    assert stack.client.http.get("/status/" + "x" * 5_000).status_code == 404
    assert stack.client.http.delete("/jobs/" + "x" * 5_000).status_code == 404


# The same request twice


def post(stack, key: str, text: str = LIST, query: str = ""):
    return stack.post(f"/process{query}", text, "text/csv", Idempotency_Key=key)


def one_call_at_a_time(monkeypatch) -> None:
    """As DynamoDB looks from outside; moto's conditions do not hold among threads."""
    carry_out, lock = BotocoreStubber.process_request, RLock()

    def carried_out(stubber, request):
        with lock:
            return carry_out(stubber, request)

    monkeypatch.setattr(BotocoreStubber, "process_request", carried_out)
    # Chalice's test client replaces os.environ during a request; of threads one leaves its copy there.
    monkeypatch.setattr(os, "environ", os.environ)


def test_the_same_key_gives_the_same_job(stack):
    first, second = post(stack, "a"), post(stack, "a")
    assert first.status_code == second.status_code == 202
    assert first.json_body["id"] == second.json_body["id"]
    job_id = first.json_body["id"]
    stack.run(job_id)
    assert post(stack, "a").json_body == {**first.json_body, "status": "COMPLETED"}
    assert post(stack, "b").json_body["id"] != job_id
    assert len(stack.client.http.get("/jobs").json_body["jobs"]) == 2


def test_concurrent_repeats_make_one_job(stack, monkeypatch):
    one_call_at_a_time(monkeypatch)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(stack, "a"), range(8)))
    assert {answer.status_code for answer in answers} == {202}
    (job_id,) = {answer.json_body["id"] for answer in answers}
    assert [job["id"] for job in stack.client.http.get("/jobs").json_body["jobs"]] == [job_id]
    rows_of(stack, stack.run(job_id))


def test_a_key_stands_for_one_request(stack):
    post(stack, "a")
    for answer in (
        post(stack, "a", LIST + "x@example.org,250\n"),
        post(stack, "a", query="?sample=1"),
    ):
        assert (answer.status_code, answer.json_body["code"]) == (409, "conflict")
        assert "Idempotency-Key" in answer.json_body["message"]


def test_a_key_whose_job_was_erased_does_not_bring_it_back(stack):
    job_id = post(stack, "a").json_body["id"]
    stack.client.http.delete(f"/jobs/{job_id}")
    assert post(stack, "a").status_code == 409
    assert len(left_of(job_id)) == 2  # the tombstone and the key


def test_an_endless_key_is_refused(stack):
    answer = post(stack, "k" * 256)
    assert answer.status_code == 400
    assert "255" in answer.json_body["message"]
