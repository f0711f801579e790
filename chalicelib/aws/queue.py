"""Sends batches to the workers through SQS: one message is one batch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

#: The most that SendMessageBatch takes.
_ENTRIES = 10
_SENDERS = 8
_TRIES = 5


class QueueRefusedError(RuntimeError):
    """SQS did not take messages, several times."""


@dataclass(frozen=True)
class Message:
    """What a message to a worker says. ``postponements``: how often the batch was postponed before; of a message
    that is delivered twice only one gets a successor.
    """

    job_id: str
    batch: int
    postponements: int = 0

    def body(self) -> str:
        return json.dumps(asdict(self))


def parse_message(body: str) -> Message:
    """The message that a body holds."""
    return Message(**json.loads(body))


def queue_delay(message: Message, attributes: Mapping[str, str]) -> float | None:
    """Seconds that a message lay in the queue until SQS delivered it, from the attributes of the record.

    None for one that was delivered before, and for one of a postponed batch: it was sent with a delay,
    which its attributes do not tell.
    """
    sent = attributes.get("SentTimestamp")
    first = attributes.get("ApproximateFirstReceiveTimestamp")
    is_first = attributes.get("ApproximateReceiveCount") == "1" and not message.postponements
    # Milliseconds since the epoch. Both are approximate: the difference can be below zero.
    return max(int(first) - int(sent), 0) / 1000 if is_first and sent and first else None


class BatchQueue:
    """The queue of batches: one message is one batch."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, messages: Iterable[Message]) -> None:
        """Send batches to the workers; QueueRefusedError if some cannot be sent."""
        with ThreadPoolExecutor(_SENDERS) as senders:
            for _ in senders.map(self._send_some, _groups(messages)):
                pass

    def _send_some(self, messages: list[Message]) -> None:
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(message.batch), "MessageBody": message.body()} for message in messages
        ]
        for _ in range(_TRIES):
            answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            refused = {failure["Id"] for failure in answer.get("Failed", [])}
            entries = [entry for entry in entries if entry["Id"] in refused]
            if not entries:
                return
        raise QueueRefusedError(f"SQS refused {len(entries)} messages {_TRIES} times.")

    def send_later(self, message: Message, seconds: int) -> None:
        """Send one batch to the workers, who get it after so many seconds, 900 at most."""
        self._client.send_message(
            QueueUrl=self._url, MessageBody=message.body(), DelaySeconds=seconds
        )

    def bring_back(self, receipt_handle: str, seconds: int) -> None:
        """Let SQS deliver a message again so soon, instead of after its visibility timeout."""
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )


def _groups(messages: Iterable[Message]) -> Iterator[list[Message]]:
    rest = iter(messages)
    while group := list(islice(rest, _ENTRIES)):
        yield group
