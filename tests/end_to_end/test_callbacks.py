"""The deployed state machine tells a receiver on this machine how jobs end, under the role of its function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from machine.local_stack import LocalStack

from tests import signed
from tests.end_to_end.api_keys import run_keys
from tests.end_to_end.test_end_job import without_workers
from tests.end_to_end.waiting import until
from tests.receiver import Receiver

__all__ = ["without_workers"]
#: The second try alone comes 30 s after the first.
PATIENCE_SECONDS = 240
BODY, CSV = "Email\nada.example@acme.example.org\n", {"Content-Type": "text/csv"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


def start(stack: LocalStack, receiver: Receiver) -> str:
    url = (
        requests.Request(
            "POST", f"{stack.gateway_url}/process", params={"callback_url": receiver.url}
        )
        .prepare()
        .url
    )
    assert url
    answer = signed.post(url, BODY, headers=CSV, timeout=60)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def callback_of(stack: LocalStack, job_id: str) -> Any:
    return signed.get(f"{stack.gateway_url}/status/{job_id}", timeout=60).json()["callback"]


def test_a_job_tells_its_end_as_soon_as_the_receiver_takes_it(
    deployed_stack: LocalStack, receiver: Receiver
) -> None:
    secret = run_keys(deployed_stack, "local", "callback-secret", "local").stdout.strip()
    receiver.answers = [(503, {}), (204, {})]
    job_id = start(deployed_stack, receiver)
    until(lambda: len(receiver.received) == 2, PATIENCE_SECONDS)
    first, second = receiver.received
    assert first.is_signed_with(secret)
    assert second.is_signed_with(secret)
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == f"msg_{job_id}_0"
    times = [int(each.headers["webhook-timestamp"]) for each in receiver.received]
    assert times[1] - times[0] >= 30
    assert (first.event["data"]["id"], first.event["data"]["status"]) == (job_id, "COMPLETED")
    told = until(
        lambda: (
            callback if (callback := callback_of(deployed_stack, job_id))["delivered"] else None
        ),
        PATIENCE_SECONDS,
    )
    assert (told["tries"], told["http_status"], told["next_try_at"]) == (2, 204, None)


def test_a_job_whose_execution_is_stopped_tells_that_too(
    deployed_stack: LocalStack, receiver: Receiver, without_workers: Callable[[], None]
) -> None:
    job_id = start(deployed_stack, receiver)
    steps, machine = (
        deployed_stack.client("stepfunctions"),
        deployed_stack.variables["STATE_MACHINE_ARN"],
    )
    url = f"{deployed_stack.gateway_url}/status/{job_id}"
    until(lambda: signed.get(url, timeout=60).json()["status"] == "ENRICHING", PATIENCE_SECONDS)
    steps.stop_execution(
        executionArn=f"{machine.replace(':stateMachine:', ':execution:')}:{job_id}"
    )
    until(lambda: receiver.received, PATIENCE_SECONDS)
    assert receiver.received[0].event["data"]["status"] == "FAILED"
    assert receiver.received[0].headers["webhook-id"] == f"msg_{job_id}_0"
    without_workers()
