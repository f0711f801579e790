"""The queue of batches: what SQS refuses is sent again, and never taken for sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.aws.queue import Message, QueueRefusedError
from chalicelib.services import services


def refusing(batch: int, times: int) -> Callable[..., None]:
    """Answers as of an SQS that does not take the message of a batch so many times."""
    left = [times]

    def refuse(parsed: dict[str, Any], **_: Any) -> None:
        taken = parsed.get("Successful", [])
        if left[0] and any(entry["Id"] == str(batch) for entry in taken):
            left[0] -= 1
            parsed["Failed"] = [{"Id": str(batch), "SenderFault": False, "Code": "InternalError"}]

    return refuse


def send(stack, refused: int) -> list[int]:
    queue = services().queue
    events = queue._client.meta.events
    events.register("after-call.sqs.SendMessageBatch", refusing(7, refused))
    queue.send(Message("job", number, 0, 0, 0) for number in range(25))
    received = []
    while records := stack.receive():
        received += [json.loads(record["body"])["batch"] for record in records]
    return received


def test_a_message_that_was_refused_is_sent_again_and_no_other(stack):
    # moto has taken it all the same, so that every sending of it can be counted
    assert sorted(send(stack, refused=2)) == sorted([*range(25), 7, 7])


def test_messages_name_their_job_as_their_group(stack):
    """So that SQS does not let a large job hold up a small one."""
    queue = services().queue
    for job_id in ("large", "small"):
        queue.send([Message(job_id, 0, 0, 0, 0)])
    queue.send_later(Message("later", 0, 0, 0, 0), 0)
    records = [record for _ in range(3) for record in stack.receive()]
    groups = {r["attributes"]["MessageGroupId"]: json.loads(r["body"])["job_id"] for r in records}
    assert groups == {job_id: job_id for job_id in ("large", "small", "later")}


def test_what_sqs_keeps_refusing_is_an_error(stack):
    with pytest.raises(QueueRefusedError, match="refused 1 messages 5 times"):
        send(stack, refused=5)
