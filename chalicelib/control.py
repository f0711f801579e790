"""First floor: the door to the control table. Jobs, batches and uploads go in and come out.

The table's keys: ``pk`` = job id, ``sk`` = "JOB" or "BATCH#000042"; ``pk`` = upload id, ``sk`` = "UPLOAD".
Every item expires.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chalicelib.batch_queue import Message
from chalicelib.control_items import (
    batch_attributes,
    batch_of,
    batch_sk,
    job_attributes,
    job_of,
    provider_attribute,
)
from chalicelib.errors import NotFoundError
from chalicelib.jobs import ENDED, Batch, BatchState, Job
from chalicelib.tables import from_item, to_item, update_if, update_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

#: The most that TransactWriteItems takes.
_TRANSACTION = 100
_ENDS = {f":end{n}": {"S": status.value} for n, status in enumerate(sorted(ENDED))}
_NOT_ENDED = f"attribute_exists(pk) AND NOT #status IN ({', '.join(_ENDS)})"
_FINISHED_STATES = {"done_state": BatchState.DONE.value, "failed_state": BatchState.FAILED.value}
_UNFINISHED = "attribute_exists(pk) AND NOT #state IN (:done_state, :failed_state)"


@dataclass(frozen=True)
class Upload:
    """A place for a file that a client is about to send."""

    id: str
    owner: str
    key: str


class ControlTable:
    """Jobs, batches, uploads. ``retention``: seconds that items are kept."""

    def __init__(self, client: DynamoDBClient, table: str, retention: int) -> None:
        self._client = client
        self._table = table
        self._retention = retention

    # Jobs

    def create_job(self, job: Job, now: float) -> bool:
        """Write a new job; False when there is one of that id already."""
        item = {"pk": job.id, "sk": "JOB", "expires_at": int(now) + self._retention}
        return self._put_new(item | job_attributes(job))

    def get_job(self, job_id: str) -> Job:
        """The job as last written; NotFoundError when there is none."""
        item = self._get(job_id, "JOB")
        if item is None:
            raise NotFoundError("There is no job of this id; it may have expired.")
        return job_of(item)

    def update_job(self, job: Job, **changes: Any) -> Job | None:
        """The job with some fields changed; only what differs is written, so that two writers of
        different fields do not undo each other. None, and nothing written, when the stored job has
        ended meanwhile.
        """
        changed = replace(job, **changes)
        if changed == job:
            return job
        before = job_attributes(job)
        after = job_attributes(changed)
        update = update_of({name: after[name] for name in after if after[name] != before[name]})
        update["ExpressionAttributeNames"]["#status"] = "status"
        update["ExpressionAttributeValues"] |= _ENDS
        return changed if self._update(job.id, "JOB", update, _NOT_ENDED) is not None else None

    # What happens to providers during a job

    def stop_provider(self, job_id: str, provider: str, state: str) -> None:
        """Do without a provider for the rest of the job."""
        self._set_of_provider(job_id, "stopped", provider, state)

    def note_throttled(self, job_id: str, provider: str, until: float) -> None:
        """A provider asked for rest."""
        self._set_of_provider(job_id, "throttled", provider, until)

    def reset_failures(self, job_id: str, provider: str) -> None:
        """A provider answered again."""
        self._set_of_provider(job_id, "failures", provider, 0)

    def count_failure(self, job_id: str, provider: str) -> int:
        """A provider gave no answer; how often that was so in a row."""
        name = provider_attribute("failures", provider)
        answer = self._client.update_item(
            TableName=self._table,
            Key=to_item({"pk": job_id, "sk": "JOB"}),
            UpdateExpression="ADD #name :one",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="UPDATED_NEW",
        )
        return int(from_item(answer["Attributes"])[name])

    def _set_of_provider(self, job_id: str, kind: str, provider: str, value: str | float) -> None:
        self._update(
            job_id,
            "JOB",
            {
                "UpdateExpression": "SET #name = :value",
                "ExpressionAttributeNames": {"#name": provider_attribute(kind, provider)},
                "ExpressionAttributeValues": to_item({":value": value}),
            },
            "attribute_exists(pk)",
        )

    # Batches

    def plan_batches(self, job_id: str, batches: Sequence[Batch], now: float) -> None:
        """Write batches that are not there yet; those that are keep their state."""
        expires_at = int(now) + self._retention
        items = [
            {"pk": job_id, "expires_at": expires_at} | batch_attributes(batch) for batch in batches
        ]
        for start in range(0, len(items), _TRANSACTION):
            self._put_missing(items[start : start + _TRANSACTION])

    def batches(self, job_id: str) -> Iterator[Batch]:
        """All batches of a job, in order."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": {"S": job_id}, ":prefix": {"S": "BATCH#"}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from (batch_of(from_item(item)) for item in page["Items"])

    def start_batch(self, message: Message, attempt: int, now: float) -> Batch | None:
        """Take a batch up, for the ``attempt``-th time; None when it is finished or gone, or when a
        later message about it is on its way.
        """
        changes = {"state": BatchState.RUNNING.value, "started_at": now, "attempts": attempt}
        update = update_of(changes, this_turn=message.turn, **_FINISHED_STATES)
        update["ReturnValues"] = "ALL_NEW"
        condition = f"{_UNFINISHED} AND turn <= :this_turn"
        item = self._update(message.job_id, batch_sk(message.batch), update, condition)
        return batch_of(item) if item is not None else None

    def postpone_batch(self, message: Message) -> None:
        """A batch waits for its next message, which is sent already, through no fault of its own."""
        changes = {"state": BatchState.PENDING.value, "turn": message.turn}
        update = update_of(changes, **_FINISHED_STATES)
        condition = f"{_UNFINISHED} AND #turn < :turn"
        self._update(message.job_id, batch_sk(message.batch), update, condition)

    def finish_batch(self, job_id: str, batch: Batch) -> bool:
        """Write how a batch ended; False when it had ended before: the first word stands."""
        changes = batch_attributes(batch)
        del changes["sk"]
        update = update_of(changes, **_FINISHED_STATES)
        return self._update(job_id, batch_sk(batch.number), update, _UNFINISHED) is not None

    # Uploads

    def create_upload(self, upload: Upload, now: float) -> None:
        item = {"pk": upload.id, "sk": "UPLOAD", "expires_at": int(now) + self._retention}
        self._put_new(item | {"owner": upload.owner, "key": upload.key})

    def get_upload(self, upload_id: str) -> Upload:
        """The upload of this id; NotFoundError when there is none."""
        item = self._get(upload_id, "UPLOAD")
        if item is None:
            raise NotFoundError(
                "There is no upload of this id; POST /uploads gives one, for a limited time."
            )
        return Upload(upload_id, item["owner"], item["key"])

    # The calls themselves

    def _get(self, pk: str, sk: str) -> dict[str, Any] | None:
        answer = self._client.get_item(
            TableName=self._table, Key=to_item({"pk": pk, "sk": sk}), ConsistentRead=True
        )
        return from_item(answer["Item"]) if "Item" in answer else None

    def _put_new(self, item: dict[str, Any]) -> bool:
        try:
            self._client.put_item(
                TableName=self._table,
                Item=to_item(item),
                ConditionExpression="attribute_not_exists(pk)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _put_missing(self, items: list[dict[str, Any]]) -> None:
        """Put those that are not there, together; where some are, the others without them."""
        if not items:
            return
        try:
            self._client.transact_write_items(
                TransactItems=[
                    {
                        "Put": {
                            "TableName": self._table,
                            "Item": to_item(item),
                            "ConditionExpression": "attribute_not_exists(pk)",
                        }
                    }
                    for item in items
                ]
            )
        except self._client.exceptions.TransactionCanceledException as error:
            codes = [reason.get("Code") for reason in error.response["CancellationReasons"]]
            there = "ConditionalCheckFailed"
            if there not in codes:
                raise
            self._put_missing([i for i, code in zip(items, codes, strict=True) if code != there])

    def _update(
        self, pk: str, sk: str, update: Mapping[str, Any], condition: str
    ) -> dict[str, Any] | None:
        """The attributes that the call returns, or None where the condition did not hold."""
        return update_if(self._client, self._table, {"pk": pk, "sk": sk}, condition, **update)
