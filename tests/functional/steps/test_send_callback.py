"""A job tells a receiver on this machine that it has ended: the POST, its signature, and what the status says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import boto3
import pytest

from chalicelib.aws.callback_secrets import OVERLAP_SECONDS, CallbackSecrets
from chalicelib.aws.table import Table
from chalicelib.aws.vault import Vault
from chalicelib.services import services
from tests.functional.jobs import LIST, fail_batch
from tests.receiver import Receiver


@pytest.fixture
def receiver(stack, monkeypatch) -> Iterator[Receiver]:
    """Of a stack that says that it is an emulator's, for the stage "local"."""
    monkeypatch.setenv("STAGE", "local")
    monkeypatch.setenv("EMULATED", "true")
    services.cache_clear()
    with Receiver() as made:
        yield made


def start(stack, receiver: Receiver, text: str = LIST) -> str:
    return stack.submit_csv(text, f"?callback_url={quote(receiver.url, safe='')}")


def send(stack, job_id: str, run: int = 0) -> dict[str, Any]:
    return dict(stack.invoke("send_callback", {"job_id": job_id, "run": run}))


def test_a_job_tells_its_end(stack, receiver):
    job_id = start(stack, receiver)
    assert stack.status(job_id)["callback"] == {
        "delivered": False,
        "tries": 0,
        **dict.fromkeys(("last_try_at", "http_status", "problem", "next_try_at")),
    }
    assert send(stack, job_id) == {"again": False, "wait_seconds": 1}  # it has not ended
    status = stack.run(job_id)
    assert receiver.received == []
    assert send(stack, job_id) == {"again": False, "wait_seconds": 1}

    (received,) = receiver.received
    assert (received.method, received.path) == ("POST", "/hook?token=not-to-be-told")
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == f"msg_{job_id}_0"
    (secret,) = services().callback_secrets.of("default", 0)
    assert received.is_signed_with(secret)
    names = ("id", "status", "created_at", "finished_at", "contacts", "batches")
    assert received.event == {
        "type": "job.ended",
        "timestamp": status["finished_at"],
        "data": {name: status[name] for name in names},
    }
    told = stack.status(job_id)["callback"]
    assert told.pop("last_try_at") > status["finished_at"]
    assert told == {
        "delivered": True,
        "tries": 1,
        "http_status": 204,
        "problem": None,
        "next_try_at": None,
    }
    send(stack, job_id)
    assert len(receiver.received) == 1


@pytest.mark.parametrize("end", ["COMPLETED_WITH_ERRORS", "FAILED", "CANCELLED"])
def test_every_end_is_told(stack, receiver, end):
    cut_off = "[" + '{"email": "a@example.org"},' * 4_000
    job_id = start(stack, receiver, cut_off if end == "FAILED" else LIST)
    if end == "CANCELLED":
        stack.client.http.post(f"/jobs/{job_id}/cancel")
    state = stack.invoke("split_batches", {"job_id": job_id})
    if end == "COMPLETED_WITH_ERRORS":
        fail_batch(job_id, 1)
    status = stack.run_on(job_id, state)
    assert status["status"] == end
    send(stack, job_id)
    assert receiver.received[0].event["data"]["status"] == end


def test_a_receiver_that_fails_is_asked_again_and_the_status_says_when(stack, receiver):
    receiver.answers = [(503, {})]
    job_id = start(stack, receiver)
    before = stack.run(job_id)
    waits = send(stack, job_id)
    assert waits == {"again": True, "wait_seconds": 30}
    status = stack.status(job_id)
    told = status.pop("callback")
    assert (told["delivered"], told["http_status"], told["problem"]) == (False, 503, None)
    assert told["next_try_at"] > told["last_try_at"] > before["finished_at"]
    for changing in ("callback", "result"):  # the link is signed anew
        before.pop(changing, None)
        status.pop(changing, None)
    assert status == before
    assert 1 <= send(stack, job_id)["wait_seconds"] <= 30  # before its time: no other request
    assert len(receiver.received) == 1


def test_a_receiver_that_cannot_be_reached_is_no_error_of_the_step(stack, receiver, capsys):
    with Receiver() as gone:
        job_id = start(stack, gone)
    stack.run(job_id)
    assert send(stack, job_id)["again"] is True
    assert stack.status(job_id)["callback"]["problem"] == "the host cannot be reached"
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (line,) = [line for line in lines if line["event"] == "callback_tried"]
    assert line["job"] == job_id
    assert not re.search(r"token|hook|127\.0\.0\.1", json.dumps(lines))


def test_a_callback_that_nobody_sends_any_more_is_not_announced(stack, receiver):
    """Somebody stopped the execution for good."""
    receiver.answers = [(503, {})]
    job_id = start(stack, receiver)
    stack.run(job_id)
    send(stack, job_id)
    table = boto3.client("dynamodb")
    key = {"pk": {"S": job_id}, "sk": {"S": "JOB"}}
    stored = json.loads(table.get_item(TableName="test-control", Key=key)["Item"]["callback"]["S"])
    stored["next_at"] -= 4_000
    table.update_item(
        TableName="test-control",
        Key=key,
        UpdateExpression="SET callback = :c",
        ExpressionAttributeValues={":c": {"S": json.dumps(stored)}},
    )
    assert stack.status(job_id)["callback"]["next_try_at"] is None


def test_a_job_without_a_receiver_has_nothing_to_tell(stack):
    job_id = stack.submit_csv(LIST)
    assert stack.run(job_id)["callback"] is None
    assert send(stack, job_id) == {"again": False, "wait_seconds": 1}


@pytest.mark.parametrize(
    ("stage", "emulated"), [("local", ""), ("local", "false"), ("prod", "true"), ("", "true")]
)
def test_this_machine_is_a_receiver_in_the_local_stage_of_an_emulator_only(
    stack, receiver, monkeypatch, stage, emulated
):
    job_id = start(stack, receiver)  # accepted before, say
    stack.run(job_id)
    monkeypatch.setenv("STAGE", stage)
    monkeypatch.setenv("EMULATED", emulated)
    services.cache_clear()
    assert send(stack, job_id)["again"] is False
    assert receiver.received == []
    assert stack.status(job_id)["callback"]["problem"] == "callback_url is not accepted any more"
    answer = stack.post("/process", {"contacts": [{"email": "a"}], "callback_url": receiver.url})
    assert answer.status_code == 400


# Secrets


def test_each_owner_and_each_stage_has_a_secret_of_its_own(stack):
    table = Table(boto3.client("dynamodb"), "test-control")
    here, there = (CallbackSecrets(table, Vault(lambda s=s: s)) for s in ("one", "other"))
    found = {*here.of("acme", 0), *here.of("jwt:acme", 0), *there.of("acme", 0)}
    assert len(found) == 3
    assert all(re.fullmatch(r"whsec_[\w+/]{43}=", secret) for secret in found)
    assert here.of("acme", 0) == here.of("acme", 1e9)
    items = boto3.client("dynamodb").scan(TableName="test-control")["Items"]
    assert items == []


def test_a_replaced_secret_signs_beside_the_new_one_for_a_day(stack, receiver):
    secrets, now = services().callback_secrets, services().clock()
    (first,) = secrets.of("default", now)
    secrets.replace("default", now)
    second, kept = secrets.of("default", now)
    assert kept == first
    assert second != first
    job_id = start(stack, receiver)
    stack.run(job_id)
    send(stack, job_id)
    assert receiver.received[0].is_signed_with(first)
    assert receiver.received[0].is_signed_with(second)
    assert secrets.of("default", now + OVERLAP_SECONDS + 1) == (second,)
    secrets.replace("default", now)
    assert first not in secrets.of("default", now)
