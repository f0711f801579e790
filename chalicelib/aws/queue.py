"""Sends batches to the workers through SQS: one message is one batch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from chalicelib.model.batches import Batch, Turn

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeFilterType
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

#: The most that SendMessageBatch takes.
_ENTRIES = 10
#: Seconds by which SQS delays a message, at most.
LONGEST_DELAY = 900
#: Calls at a time. Two send a thousand batches a second, more than workers take; more of them would only keep
#: others from the emulator.
_SENDERS = 2
_COUNTS: list[QueueAttributeFilterType] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
]
_TRIES = 5


class QueueRefusedError(RuntimeError):
    """SQS did not take messages, several times."""


@dataclass(frozen=True)
class Message:
    """What a message to a worker says: which batch, and where its rows are (``start`` to ``end``,
    model.batches). ``postponements``: how often the batch was postponed before; of a message that is delivered
    twice only one gets a successor. ``due``: when the batch shall be worked on, in seconds since the epoch;
    0 for at once. ``turns``: the batch's turns at providers.
    """

    job_id: str
    batch: int
    start: int
    end: int
    rows: int
    postponements: int = 0
    due: float = 0.0
    turns: Mapping[str, Turn] = field(default_factory=dict)

    @classmethod
    def about(cls, job_id: str, batch: Batch) -> Message:
        """The message for a batch as it is planned."""
        return cls(job_id, batch.number, batch.start, batch.end, batch.rows, batch.postponements)

    def body(self) -> str:
        return json.dumps(asdict(self))


def parse_message(body: str) -> Message:
    """The message that a body holds."""
    said = json.loads(body)
    turns = {provider: Turn(**turn) for provider, turn in said.pop("turns", {}).items()}
    return Message(**said, turns=turns)


@dataclass(frozen=True)
class Delivery:
    """A message as SQS delivered it, for the ``receive_count``-th time.

    ``queue_delay``: seconds that it lay in the queue. None for one that was delivered before, and for one of
    a postponed batch: it was sent with a delay, which its attributes do not tell.
    """

    message: Message
    receipt_handle: str
    receive_count: int
    queue_delay: float | None = None

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Delivery:
        """The delivery that a record of Lambda's SQS event describes."""
        message, attributes = parse_message(record["body"]), record["attributes"]
        received = int(attributes["ApproximateReceiveCount"])
        return cls(message, record["receiptHandle"], received, _queue_delay(message, attributes))


def _queue_delay(message: Message, attributes: Mapping[str, str]) -> float | None:
    sent = attributes.get("SentTimestamp")
    first = attributes.get("ApproximateFirstReceiveTimestamp")
    is_first = attributes.get("ApproximateReceiveCount") == "1" and not message.postponements
    # Milliseconds since the epoch. Both are approximate: the difference can be below zero.
    return max(int(first) - int(sent), 0) / 1000 if is_first and sent and first else None


class BatchQueue:
    """The queue of batches: one message is one batch.

    Messages name their job as their group. On a standard queue that keeps no order; it lets SQS deliver the
    messages of small jobs before those that pile up behind a large one (fair queues).
    """

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
            {
                "Id": str(message.batch),
                "MessageBody": message.body(),
                "MessageGroupId": message.job_id,
            }
            for message in messages
        ]
        for _ in range(_TRIES):
            answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            refused = {failure["Id"] for failure in answer.get("Failed", [])}
            entries = [entry for entry in entries if entry["Id"] in refused]
            if not entries:
                return
        raise QueueRefusedError(f"SQS refused {len(entries)} messages {_TRIES} times.")

    def send_later(self, message: Message, seconds: int) -> None:
        """Send one batch to the workers, who get it after so many seconds, but 900 at most."""
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=message.body(),
            MessageGroupId=message.job_id,
            DelaySeconds=min(seconds, LONGEST_DELAY),
        )

    def is_empty(self) -> bool:
        """Whether no message waits, is delayed, or is being worked on, of any job. SQS counts approximately."""
        answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=_COUNTS)
        return not any(int(count) for count in answer["Attributes"].values())

    def bring_back(self, receipt_handle: str, seconds: int) -> None:
        """Let SQS deliver a message again so soon, instead of after its visibility timeout."""
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )


def _groups(messages: Iterable[Message]) -> Iterator[list[Message]]:
    rest = iter(messages)
    while group := list(islice(rest, _ENTRIES)):
        yield group
