"""At-least-once everywhere: every step can be repeated, and a batch can fail, without losing a row."""

from __future__ import annotations

import csv
import io
import json
import random
from dataclasses import replace

import boto3
import pytest

from chalicelib.aws.queue import Message
from chalicelib.aws.results import BatchRows
from chalicelib.model.batches import Batch
from chalicelib.model.tallies import Tally
from chalicelib.services import services
from chalicelib.steps.enrich_batch import Delivery, work_on

LIST = "email,n\n" + "".join(f"p{n}@example.org,{n}\n" for n in range(250))


def numbers(stack, status) -> list[str]:
    data = stack.download(status).decode()
    return [row["n"] for row in csv.DictReader(io.StringIO(data, newline=""))]


def test_every_step_twice(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    assert stack.invoke("split_batches", {"job_id": job_id}) == state
    stack.work()
    assert len(stack.delivered) == 3 * 2
    for _ in range(2):
        checked = stack.invoke("check_completion", state)
        assert checked["complete"]
        stack.invoke("aggregate_results", checked)
    status = stack.status(job_id)
    assert status["status"] == "COMPLETED"
    assert numbers(stack, status) == [str(n) for n in range(250)]
    assert status["contacts"]["processed"] == 250
    assert status["providers"][0]["lookups"] == 250


def test_split_repeated_after_the_workers_began(stack):
    """A split that broke off while it was sending is repeated: what is done stays done."""
    job_id = stack.submit_csv(LIST)
    stack.invoke("split_batches", {"job_id": job_id})
    stack.work()
    control = boto3.client("dynamodb")
    control.update_item(
        TableName="test-control",
        Key={"pk": {"S": job_id}, "sk": {"S": "JOB"}},
        UpdateExpression="SET planned = :no, dispatched = :no",
        ExpressionAttributeValues={":no": {"BOOL": False}},
    )
    status = stack.run(job_id)
    assert status["status"] == "COMPLETED"
    assert numbers(stack, status) == [str(n) for n in range(250)]


def test_nothing_is_complete_before_all_is_sent(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    stack.work()
    boto3.client("dynamodb").update_item(
        TableName="test-control",
        Key={"pk": {"S": job_id}, "sk": {"S": "JOB"}},
        UpdateExpression="SET dispatched = :no",
        ExpressionAttributeValues={":no": {"BOOL": False}},
    )
    assert not stack.invoke("check_completion", state)["complete"]


def break_batch(job_id: str, number: int) -> None:
    """Spoil the batch's place in the contacts, so that reading it fails."""
    boto3.client("dynamodb").update_item(
        TableName="test-control",
        Key={"pk": {"S": job_id}, "sk": {"S": f"BATCH#{number:06d}"}},
        UpdateExpression="ADD #start :one",
        ExpressionAttributeNames={"#start": "start"},
        ExpressionAttributeValues={":one": {"N": "1"}},
    )


def mend_batch(job_id: str, number: int) -> None:
    boto3.client("dynamodb").update_item(
        TableName="test-control",
        Key={"pk": {"S": job_id}, "sk": {"S": f"BATCH#{number:06d}"}},
        UpdateExpression="ADD #start :one",
        ExpressionAttributeNames={"#start": "start"},
        ExpressionAttributeValues={":one": {"N": "-1"}},
    )


def deliver(stack, record, receive_count: int) -> None:
    record["attributes"]["ApproximateReceiveCount"] = str(receive_count)
    stack.invoke("worker", {"Records": [record]})


def test_a_batch_that_keeps_failing_comes_back_as_failed_rows(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    break_batch(job_id, 1)
    for record in stack.receive():
        if json.loads(record["body"])["batch"] != 1:
            deliver(stack, record, 1)
            continue
        for count in range(1, 6):
            with pytest.raises(Exception, match=r"JSONDecodeError at rows\.py") as raised:
                deliver(stack, record, count)
            assert "example.org" not in str(raised.value)
    mend_batch(job_id, 1)
    state = stack.invoke("check_completion", state)
    assert state["complete"]
    stack.invoke("aggregate_results", state)

    status = stack.status(job_id)
    assert status["status"] == "COMPLETED_WITH_ERRORS"
    assert status["batches"] == {"total": 3, "done": 2, "failed": 1}
    assert status["contacts"]["failed"] == 100
    assert numbers(stack, status) == [str(n) for n in range(250)]
    rows = list(csv.DictReader(io.StringIO(stack.download(status).decode(), newline="")))
    assert rows[100]["enriched_status"] == "failed"
    assert "could not be enriched" in rows[100]["enriched_error"]
    assert rows[99]["enriched_status"] != "failed"


class RecordingQueue:
    """A queue that remembers what is asked of it."""

    def __init__(self) -> None:
        self.brought_back: list[tuple[str, int]] = []

    def bring_back(self, receipt_handle: str, seconds: int) -> None:
        self.brought_back.append((receipt_handle, seconds))


def test_a_failed_delivery_is_brought_back_soon(stack):
    job_id = stack.submit_csv(LIST)
    stack.invoke("split_batches", {"job_id": job_id})
    break_batch(job_id, 1)
    queue = RecordingQueue()
    parts = replace(services(), queue=queue)
    for count in (1, 4):
        with pytest.raises(json.JSONDecodeError):
            work_on(parts, Delivery(Message(job_id, 1).body(), f"handle-{count}", count))
    handles, seconds = zip(*queue.brought_back, strict=True)
    assert handles == ("handle-1", "handle-4")
    assert seconds[0] <= 10
    assert seconds[1] <= 80


def test_of_two_results_of_a_batch_the_first_stands(stack):
    results = services().results
    first = BatchRows(b"first", Tally({"matched": 1}))
    second = BatchRows(b"second", Tally({"partial": 1}))
    assert results.put("job", 0, first, 0) == first
    assert results.put("job", 0, second, 0) == first
    assert results.get("job", [0]) == [first]


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


def test_rows_too_large_for_an_item_go_to_the_bucket(stack):
    """DynamoDB takes 400 KB; cells of chance do not compress."""
    chance = random.Random(1)
    cells = [chance.randbytes(4_000).hex() for _ in range(120)]
    text = "email,n,note\n" + "".join(f"p{n}@example.org,{n},{c}\n" for n, c in enumerate(cells))
    job_id = stack.submit_csv(text)
    status = stack.run(job_id)
    assert status["status"] == "COMPLETED"
    assert numbers(stack, status) == [str(n) for n in range(120)]
    spilled = boto3.client("s3").list_objects_v2(
        Bucket="test-bucket", Prefix=f"jobs/{job_id}/rows/"
    )["Contents"]
    assert len(spilled) == 1
    assert spilled[0]["Size"] > 400 * 1024


def test_a_file_that_lacks_rows_is_never_given_out(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    stack.work()
    boto3.client("dynamodb").update_item(
        TableName="test-control",
        Key={"pk": {"S": job_id}, "sk": {"S": "JOB"}},
        UpdateExpression="SET total_rows = :more",
        ExpressionAttributeValues={":more": {"N": "251"}},
    )
    state = stack.invoke("check_completion", state)
    with pytest.raises(Exception, match=r"RowsMissingError at aggregate_results\.py"):
        stack.invoke("aggregate_results", state)
    assert stack.status(job_id)["result"] is None


def test_large_output_is_written_in_parts(stack, monkeypatch):
    monkeypatch.setattr("chalicelib.aws.bucket.PART_BYTES", 5 * 1024 * 1024)
    note = "x" * 30_000
    rows = "".join(f"p{n}@example.org,{n},{note}\n" for n in range(250))
    upload = stack.post("/uploads", {}).json_body
    boto3.client("s3").put_object(
        Bucket="test-bucket", Key=upload["fields"]["key"], Body=f"email,n,note\n{rows}".encode()
    )
    job_id = stack.post("/process", {"upload_id": upload["upload_id"]}).json_body["id"]
    status = stack.run(job_id)
    assert numbers(stack, status) == [str(n) for n in range(250)]
    assert status["result"]["bytes"] > 7_000_000


def test_a_stalled_job_ends(stack, monkeypatch):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    monkeypatch.setenv("STALL_AFTER_SECONDS", "-1")
    services.cache_clear()
    state = stack.invoke("check_completion", state)
    assert state["complete"]
    stack.invoke("aggregate_results", state)
    status = stack.status(job_id)
    assert status["status"] == "COMPLETED_WITH_ERRORS"
    assert status["contacts"]["failed"] == 250
    assert numbers(stack, status) == [str(n) for n in range(250)]
