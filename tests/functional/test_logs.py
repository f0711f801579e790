"""What a job leaves in the logs and in CloudWatch's metrics: exact sums, short lines, nothing of anybody."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.aws.queue import Message
from chalicelib.logs import invocation
from chalicelib.lookups.trouble import CALL_TRIES
from chalicelib.model.batches import BatchState
from chalicelib.model.jobs import JobStatus
from chalicelib.services import services
from tests.emf import published, sums
from tests.functional.jobs import contacts, fail_batch, use_of

#: A batch of 100 rows at one vendor, all its lines, in bytes. CloudWatch counts 26 more for each line.
MAX_BYTES_A_BATCH = 1_350


class Written:
    """What was written since the last look: ``lines``, each one JSON; ``metrics`` among them."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        out, err = capfd.readouterr()
        self.text = out + err
        self.metrics = out.splitlines()
        self.lines: list[dict[str, Any]] = [json.loads(line) for line in err.splitlines()]
        assert all("_aws" in json.loads(line) for line in self.metrics)
        assert all(len(line.encode()) < 1_000 for line in self.text.splitlines())

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]


@pytest.fixture(autouse=True)
def stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "test")


def without_times(figures: dict[Any, float]) -> dict[Any, float]:
    return {name: value for name, value in figures.items() if name[0] != "QueueDelaySeconds"}


def test_a_job_with_a_vendor_is_told_once_however_often_it_is_delivered(stack, vendors, capfd):
    vendors["pdl"].faults.add("throttle", times=2)
    status = stack.run(stack.submit_csv(contacts(250, 25), "?providers=pdl,offline"))
    written, use = Written(capfd), use_of(status, "pdl")
    account, kinds = vendors["pdl"].account, status["contacts"]
    rows = {
        ("Rows", "Stage=test", f"Status={kind}"): number
        for kind, number in kinds.items()
        if number and kind not in ("total", "processed")
    }
    assert sum(rows.values()) == 275
    assert use["credits"] == account.credits > 0
    calls = account.calls
    assert without_times(sums(written.metrics)) == {
        ("JobsEnded", "Stage=test", "Status=COMPLETED"): 1,
        **rows,
        ("BatchSeconds", "Stage=test"): 3,
        ("VendorCalls", "Stage=test", "Provider=pdl"): calls,
        ("VendorErrors", "Stage=test", "Provider=pdl"): 2,
        ("VendorLatencyMilliseconds", "Stage=test", "Provider=pdl"): calls,
        ("Credits", "Stage=test", "Provider=pdl"): account.credits,
        ("Credits", "Stage=test"): account.credits,
    }
    (ended,) = written.of("job_ended")
    assert ended["credits"] == account.credits
    assert (ended["status"], ended["rows"], ended["job"]) == ("COMPLETED", 275, status["id"])
    assert ended["seconds"] > 0
    assert [line["job"] for line in written.of("job_began")] == [status["id"]]
    done = written.of("batch_done")
    assert [line["batch"] for line in done] == [0, 1, 2]
    assert sum(line["credits"] for line in done) == account.credits
    assert all(line["request"] for line in written.lines)
    of_the_job = [line for line in written.lines if line.get("route") != "/process"]
    assert {line["job"] for line in of_the_job} == {status["id"]}


@pytest.mark.parametrize(("vendor", "calls"), [("pdl", 1), ("hunter", 100)])
def test_a_batch_of_a_vendor_writes_little_more_than_1_kb(stack, vendors, capfd, vendor, calls):
    job_id = stack.submit_csv(contacts(100), f"?providers={vendor},offline")
    stack.deliveries = 1
    stack.invoke("split_batches", {"job_id": job_id})
    capfd.readouterr()
    stack.work()
    written = Written(capfd)
    assert len(written.of("batch_done")) == 1
    assert vendors[vendor].account.calls == calls
    assert len(written.text.encode()) < MAX_BYTES_A_BATCH


def test_nothing_of_anybody_and_no_key_is_in_any_line(stack, vendors, capfd):
    vendors["pdl"].faults.add("throttle")
    vendors["apollo"].faults.add("not_json")
    vendors["hunter"].configure(key="another-key-0123456789")
    status = stack.run(stack.submit_csv(contacts(30), "?providers=pdl,apollo,hunter"))
    stack.client.http.get("/status/person.1@dept1.example.org")
    stack.post("/process", "Email,Note\nperson.1@dept1.example.org\n\0", "text/csv")
    stack.run(
        stack.submit('{"email": "person.2@dept2.example.org"}\n{"person.2"', "application/x-ndjson")
    )
    written = Written(capfd)
    assert use_of(status, "hunter")["state"] == "bad_key"
    assert {line["level"] for line in written.lines} == {"INFO", "WARNING", "ERROR"}
    for secret in ("person.", "example.org", *(vendors[name].key for name in vendors.vendors)):
        assert secret not in written.text


def test_a_vendor_that_is_stopped_is_told(stack, vendors, capfd):
    vendors["pdl"].configure(key="another-key-0123456789")
    stack.run(stack.submit_csv(contacts(10), "?providers=pdl"))
    written = Written(capfd)
    told = sums(written.metrics)
    assert told["VendorStopped", "Stage=test", "Provider=pdl"] == 1
    assert told["VendorStopped", "Stage=test"] == 1
    assert told["VendorErrors", "Stage=test", "Provider=pdl"] == 1
    (line,) = written.of("provider_stopped")
    assert (line["level"], line["provider"], line["state"]) == ("ERROR", "pdl", "bad_key")


def test_a_call_that_fails_tells_what_it_counted(stack, vendors, capfd, monkeypatch):
    """The vendor is asked and paid; then the bucket, where the rows would go, is not there."""
    job_id = stack.submit_csv(contacts(5), "?providers=pdl")
    stack.invoke("split_batches", {"job_id": job_id})
    (record,) = stack.receive()
    monkeypatch.setenv("DYNAMO_TABLE_NAME", "test-control")  # rows have no place in this table
    services.cache_clear()
    capfd.readouterr()
    with pytest.raises(Exception, match="ClientError"):
        stack.invoke("worker", {"Records": [record]})
    written = Written(capfd)
    (failed,) = written.of("function_failed")
    assert (failed["level"], failed["job"], failed["batch"]) == ("ERROR", job_id, 0)
    assert failed["request"]
    assert [name[0] for name in sums(written.metrics)] == ["QueueDelaySeconds"]


def test_a_batch_that_is_postponed_is_counted_and_its_delay_is_not_the_queues(
    stack, vendors, capfd
):
    vendors["pdl"].faults.add("broken", times=CALL_TRIES)
    job_id = stack.submit_csv(contacts(3), "?providers=pdl")
    stack.invoke("split_batches", {"job_id": job_id})
    (record,) = stack.receive()
    record["attributes"]["ApproximateFirstReceiveTimestamp"] = str(
        int(record["attributes"]["SentTimestamp"]) + 90_500
    )
    capfd.readouterr()
    stack.invoke("worker", {"Records": [record]})
    told = published(Written(capfd).metrics)
    assert told["Postponements", "Stage=test"] == [1]
    assert told["QueueDelaySeconds", "Stage=test"] == [90.5]
    assert told["VendorErrors", "Stage=test", "Provider=pdl"] == [CALL_TRIES]
    record["body"] = Message(job_id, 0, 0, 0, 0, postponements=1).body()
    stack.invoke("worker", {"Records": [record]})
    told = published(Written(capfd).metrics)
    assert ("QueueDelaySeconds", "Stage=test") not in told
    assert told["BatchSeconds", "Stage=test"] == [pytest.approx(0.5, abs=30)]


def test_a_message_that_comes_again_says_nothing_of_the_queue(stack, capfd):
    job_id = stack.submit_csv(contacts(3))
    stack.invoke("split_batches", {"job_id": job_id})
    (record,) = stack.receive()
    record["attributes"]["ApproximateReceiveCount"] = "2"
    capfd.readouterr()
    stack.invoke("worker", {"Records": [record]})
    assert not [name for name in sums(Written(capfd).metrics) if name[0] == "QueueDelaySeconds"]


def test_a_list_that_cannot_be_read_ends_its_job_in_the_metrics_too(stack, capfd, monkeypatch):
    monkeypatch.setenv("MAX_ROWS", "2")
    services.cache_clear()
    job_id = stack.submit_csv(contacts(3))
    assert stack.run(job_id)["status"] == "FAILED"
    written = Written(capfd)
    assert sums(written.metrics) == {("JobsEnded", "Stage=test", "Status=FAILED"): 1}
    (ended,) = written.of("job_ended")
    assert (ended["status"], ended["rows"], ended["credits"]) == ("FAILED", 0, 0)


def test_rows_of_batches_that_nobody_finished_are_counted(stack, capfd):
    job_id = stack.submit_csv(contacts(250))
    state = stack.invoke("split_batches", {"job_id": job_id})
    stack.client.http.post(f"/jobs/{job_id}/cancel")
    assert stack.run_on(job_id, state)["status"] == "CANCELLED"
    assert without_times(sums(Written(capfd).metrics)) == {
        ("Rows", "Stage=test", "Status=skipped"): 250,
        ("JobsEnded", "Stage=test", "Status=CANCELLED"): 1,
    }


def test_of_two_that_end_a_batch_or_a_job_only_the_first_is_told(stack, capfd):
    """Its worker, which was believed dead, comes after the batch was given up; and a step runs twice."""
    job_id = stack.submit_csv(contacts(50))
    state = stack.invoke("split_batches", {"job_id": job_id})
    fail_batch(job_id, 0)
    (batch,) = services().batches.all(job_id)
    job = services().jobs.get("default", job_id)
    stack.run_on(job_id, state)
    capfd.readouterr()
    with invocation():
        assert not services().batches.finish(job_id, replace(batch, state=BatchState.DONE))
        assert services().jobs.update(job, status=JobStatus.FAILED) is None
        assert not services().jobs.create(job, 0.0)
        assert services().jobs.restart(job, 0.0) is None
    written = Written(capfd)
    assert (written.metrics, written.lines) == ([], [])


def test_a_run_after_a_retry_begins_and_ends_too(stack, capfd):
    job_id = stack.submit_csv(contacts(150))
    state = stack.invoke("split_batches", {"job_id": job_id})
    fail_batch(job_id, 1)
    assert stack.run_on(job_id, state)["status"] == "COMPLETED_WITH_ERRORS"
    stack.client.http.post(f"/jobs/{job_id}/retry")
    assert stack.run(job_id)["status"] == "COMPLETED"
    written = Written(capfd)
    assert [line["run"] for line in written.of("job_began")] == [0, 1]
    assert [(line["run"], line["status"]) for line in written.of("job_ended")] == [
        (0, "COMPLETED_WITH_ERRORS"),
        (1, "COMPLETED"),
    ]
    assert [line["failed_batches"] for line in written.of("job_ended")] == [1, 0]


def test_a_request_is_one_line_with_its_route(stack, capfd):
    started = time.monotonic()
    assert stack.client.http.get("/status/person@example.org").status_code == 404
    assert stack.client.http.get(f"/status/{'a' * 32}?token=zq7secret").status_code == 404
    assert stack.post("/process", b"not a list", "image/png").status_code == 415
    elapsed = time.monotonic() - started
    lines = Written(capfd).of("request_done")
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", "/status/{job_id}", 404),
        ("GET", "/status/{job_id}", 404),
        ("POST", "/process", 415),
    ]
    assert [line.get("job") for line in lines] == [None, "a" * 32, None]
    assert all(line["request"] for line in lines)
    assert sum(line["seconds"] for line in lines) <= elapsed
