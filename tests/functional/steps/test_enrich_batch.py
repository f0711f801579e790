"""The worker: failures, cancellations, postponements, and what a batch costs."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import replace

import boto3
import pytest

from chalicelib.aws import keys
from chalicelib.aws.queue import Delivery, Message
from chalicelib.model.batches import BatchState
from chalicelib.services import services
from chalicelib.steps.enrich_batch import work_on
from tests.functional.jobs import LIST, contacts, left_of, numbers


def message_of(job_id: str, number: int) -> Message:
    return Message.about(job_id, list(services().batches.all(job_id))[number])


def spoil_batch(job_id: str, number: int) -> None:
    """Make the batch's contacts unreadable; the second time they are right again."""
    place = message_of(job_id, number).start
    key = keys.contacts_file(job_id)
    contacts = bytearray(services().bucket.read(key))
    contacts[place] ^= ord("[") ^ ord("x")
    services().bucket.put(key, bytes(contacts))


def deliver(stack, record, receive_count: int) -> None:
    record["attributes"]["ApproximateReceiveCount"] = str(receive_count)
    stack.invoke("worker", {"Records": [record]})


def test_a_batch_whose_time_has_not_come_is_put_off_again(stack):
    """SQS delays a message by 15 minutes at most: a longer wait comes in several parts."""
    job_id = stack.submit_csv(LIST)
    stack.invoke("split_batches", {"job_id": job_id})
    now = services().clock()
    stack.lose_messages()
    message = replace(message_of(job_id, 1), postponements=1, due=now + 2000)
    work_on(replace(services(), clock=lambda: now), Delivery(message, "handle", 1))
    batch = list(services().batches.all(job_id))[1]
    assert (batch.state, batch.postponements) == (BatchState.PENDING, 2)
    assert not stack.receive()  # it is delayed

    now += 1999
    work_on(replace(services(), clock=lambda: now), Delivery(message, "handle", 2))
    assert list(services().batches.all(job_id))[1].state == BatchState.PENDING  # of an old message
    later = replace(message, postponements=2)
    work_on(replace(services(), clock=lambda: now), Delivery(later, "handle", 1))
    assert list(services().batches.all(job_id))[1].state == BatchState.DONE


def test_a_batch_that_keeps_failing_comes_back_as_failed_rows(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    spoil_batch(job_id, 1)
    for record in stack.receive():
        if json.loads(record["body"])["batch"] != 1:
            deliver(stack, record, 1)
            continue
        for count in range(1, 6):
            with pytest.raises(Exception, match=r"JSONDecodeError at rows\.py") as raised:
                deliver(stack, record, count)
            assert "example.org" not in str(raised.value)
    spoil_batch(job_id, 1)
    state = stack.invoke("check_completion", state)
    assert state["complete"]
    stack.invoke("aggregate_results", state)

    status = stack.status(job_id)
    assert status["status"] == "COMPLETED_WITH_ERRORS"
    assert status["batches"] == {"total": 3, "done": 2, "failed": 1}
    assert status["contacts"]["failed"] == 100
    assert numbers(stack, status) == [str(n) for n in range(250)]
    rows = list(csv.DictReader(io.StringIO(stack.download(status).decode("utf-8-sig"), newline="")))
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
    spoil_batch(job_id, 1)
    queue = RecordingQueue()
    parts = replace(services(), queue=queue)
    for count in (1, 4):
        with pytest.raises(json.JSONDecodeError):
            work_on(parts, Delivery(message_of(job_id, 1), f"handle-{count}", count))
    handles, seconds = zip(*queue.brought_back, strict=True)
    assert handles == ("handle-1", "handle-4")
    assert seconds[0] <= 10
    assert seconds[1] <= 80


def test_a_batch_that_comes_after_the_cancellation_is_skipped_by_its_worker(stack):
    job_id = stack.submit_csv(LIST)
    stack.invoke("split_batches", {"job_id": job_id})
    stack.post(f"/jobs/{job_id}/cancel", "")
    stack.work()
    states = {batch.state for batch in services().batches.all(job_id)}
    assert states == {BatchState.SKIPPED}


def test_messages_of_a_large_job_that_was_erased_and_is_not_swept_yet_are_done_with(stack):
    job_id = stack.submit_csv(LIST)
    stack.invoke("split_batches", {"job_id": job_id})
    jobs = services().jobs
    assert jobs.bury(jobs.get("default", job_id), 0)
    stack.work()  # raises what the worker raises
    assert len(stack.delivered) == 3 * 2
    assert [text for text in left_of(job_id) if f"{job_id}#" in text] == []


def test_requests_to_dynamodb_per_batch(stack, vendors):
    """One read of the ledger, one claim and the answers in writes of 25; the rest is per batch."""
    job_id = stack.submit_csv(contacts(100), "?providers=pdl")
    stack.invoke("split_batches", {"job_id": job_id})
    made: Counter[str] = Counter()

    def count(model, **_):
        made[model.name] += 1

    client = services().ledger._table._client  # the one client of all tables
    client.meta.events.register("before-call.dynamodb", count)
    stack.deliveries = 1
    stack.work()
    assert made == {
        "UpdateItem": 4
        + 2,  # the batch begun and done; its turn and a call, in schedules that are new
        "GetItem": 3,  # the job, and whether it still goes on; when the vendor is free
        "Query": 1,  # who was erased
        "BatchGetItem": 1,
        "TransactWriteItems": 1,
        "BatchWriteItem": 4,
        "PutItem": 1,  # the rows
    }


def test_a_batch_that_is_postponed_has_one_message_however_often_it_is_delivered(stack, vendors):
    vendors["pdl"].faults.add("throttle", times=3, seconds=30)
    job_id = stack.submit_csv(contacts(10), "?providers=pdl")
    stack.invoke("split_batches", {"job_id": job_id})
    stack.deliveries = 4
    stack.work()
    queue = boto3.client("sqs").get_queue_attributes(
        QueueUrl=stack.queue_url, AttributeNames=["ApproximateNumberOfMessagesDelayed"]
    )["Attributes"]
    assert queue["ApproximateNumberOfMessagesDelayed"] == "1"
    assert stack.status(job_id)["providers"][0]["state"] == "throttled"
