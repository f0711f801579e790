"""First floor: the door to the batches of jobs in the control table: one small item each, its marker.

The table's keys: ``pk`` = job id, for batches from the 500th on "<job id>#001" and so forth; ``sk`` =
"BATCH#000042". What is done is counted from the markers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

from chalicelib.aws.dynamodb import NEW, delete_items, from_item, to_item, update_if, update_of
from chalicelib.aws.items import (
    SHELF_BATCHES,
    batch_attributes,
    batch_key,
    batch_of,
    shelf_pk,
)
from chalicelib.aws.queue import Message
from chalicelib.model.jobs import FINISHED, Batch, BatchState, Tally

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

#: The most that TransactWriteItems takes.
_TRANSACTION = 100
_FINISHED_STATES = {f"finished{n}": state.value for n, state in enumerate(sorted(FINISHED))}
_IS_FINISHED = f"#state IN ({', '.join(f':{name}' for name in _FINISHED_STATES)})"
_UNFINISHED = f"attribute_exists(pk) AND NOT {_IS_FINISHED}"


class BatchMarkers:
    """The markers of all batches. ``retention``: seconds that they are kept."""

    def __init__(self, client: DynamoDBClient, table: str, retention: int) -> None:
        self._client = client
        self._table = table
        self._retention = retention

    def plan(self, job_id: str, batches: Sequence[Batch], now: float) -> None:
        """Write batches that are not there yet; those that are keep their state."""
        expires_at = int(now) + self._retention
        items = [
            {**batch_key(job_id, batch.number), "expires_at": expires_at} | batch_attributes(batch)
            for batch in batches
        ]
        for start in range(0, len(items), _TRANSACTION):
            self._put_missing(items[start : start + _TRANSACTION])

    def all(self, job_id: str) -> Iterator[Batch]:
        """All batches of a job, in order."""
        for shelf in count():
            batches = list(self._shelf(shelf_pk(job_id, shelf)))
            yield from batches
            if len(batches) < SHELF_BATCHES:
                return

    def _shelf(self, pk: str) -> Iterator[Batch]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=to_item({":pk": pk, ":prefix": "BATCH#"}),
            ConsistentRead=True,
        )
        for page in pages:
            yield from (batch_of(from_item(item)) for item in page["Items"])

    def start(self, message: Message, attempt: int, now: float) -> Batch | None:
        """Take a batch up, for the ``attempt``-th time; None when it is finished or gone, or when a
        later message about it is on its way.
        """
        changes = {"state": BatchState.RUNNING.value, "started_at": now, "attempts": attempt}
        update = update_of(changes, this_turn=message.turn, **_FINISHED_STATES)
        update["ReturnValues"] = "ALL_NEW"
        condition = f"{_UNFINISHED} AND turn <= :this_turn"
        item = self._update(message.job_id, message.batch, update, condition)
        return batch_of(item) if item is not None else None

    def postpone(self, message: Message) -> None:
        """A batch waits for its next message, which is sent already, through no fault of its own."""
        changes = {"state": BatchState.PENDING.value, "turn": message.turn}
        update = update_of(changes, **_FINISHED_STATES)
        condition = f"{_UNFINISHED} AND #turn < :turn"
        self._update(message.job_id, message.batch, update, condition)

    def finish(self, job_id: str, batch: Batch) -> bool:
        """Write how a batch ended; False when it had ended before: the first word stands."""
        update = update_of(batch_attributes(batch), **_FINISHED_STATES)
        return self._update(job_id, batch.number, update, _UNFINISHED) is not None

    def reopen(self, job_id: str, batch: Batch, run: int) -> Batch:
        """Let a failed batch be tried again in a later run of its job; once in each run."""
        fresh = replace(
            batch,
            state=BatchState.PENDING,
            run=run,
            attempts=0,
            started_at=0.0,
            finished_at=0.0,
            tally=Tally(),
            error="",
        )
        update = update_of(batch_attributes(fresh), failed=BatchState.FAILED.value)
        condition = "#state = :failed AND #run < :run"
        return fresh if self._update(job_id, batch.number, update, condition) is not None else batch

    def delete_all(self, job_id: str, batches: int) -> None:
        """Delete all that is kept of a job of at most so many batches, beside its own item: markers,
        and credits held for it.
        """
        for shelf in range(batches // SHELF_BATCHES + 1):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues=to_item({":pk": shelf_pk(job_id, shelf)}),
                ProjectionExpression="pk, sk",
                ConsistentRead=True,
            )
            for page in pages:
                keys = [from_item(item) for item in page["Items"]]
                delete_items(self._client, self._table, [k for k in keys if k["sk"] != "JOB"])

    # The calls themselves

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
                            "ConditionExpression": NEW,
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
        self, job_id: str, number: int, update: Mapping[str, Any], condition: str
    ) -> dict[str, Any] | None:
        """The attributes that the call returns, or None where the condition did not hold."""
        key = batch_key(job_id, number)
        return update_if(self._client, self._table, key, condition, **update)
