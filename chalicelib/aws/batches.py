"""Stores the state of each batch in the control table: one small item a batch.

What is done is counted from these items, so that nothing that happens twice counts twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.dynamodb import EXISTS, update_of
from chalicelib.aws.items import batch_attributes, batch_of
from chalicelib.aws.queue import Message
from chalicelib.aws.table import Table
from chalicelib.events import batch_ended
from chalicelib.model.batches import FINISHED, Batch, BatchState
from chalicelib.model.tallies import Tally

_FINISHED_STATES = {f"finished{n}": state.value for n, state in enumerate(sorted(FINISHED))}
_IS_FINISHED = f"#state IN ({', '.join(f':{name}' for name in _FINISHED_STATES)})"
#: Batches that are read in one call: who takes few of them should not wait for many.
_PAGE = 100
#: Batches that are written in one transaction: others wait for it where they want the same items, and on the
#: emulator wherever they want anything.
_PLANNED = 25
_UNFINISHED = f"{EXISTS} AND NOT {_IS_FINISHED}"


class Batches:
    """The batches of all jobs. ``retention``: seconds that they are kept."""

    def __init__(self, table: Table, retention: int) -> None:
        self._table = table
        self._retention = retention

    def plan(self, job_id: str, batches: Sequence[Batch], now: float) -> None:
        """Write batches that are not there yet; those that are keep their state."""
        expires_at = int(now) + self._retention
        items = [
            {**keys.batch(job_id, b.number), **batch_attributes(b), "expires_at": expires_at}
            for b in batches
        ]
        for start in range(0, len(items), _PLANNED):
            self._table.write_each(
                [self._table.putting(item) for item in items[start : start + _PLANNED]]
            )

    def all(self, job_id: str, first: int = 0) -> Iterator[Batch]:
        """The batches of a job from the ``first`` on, in order, read as they are taken."""
        for number in count(first // keys.BATCHES_PER_PARTITION):
            partition = keys.batch_partition(job_id, number)
            last = -1
            for item in self._table.query_from(partition, *keys.batches(first), Limit=_PAGE):
                batch = batch_of(item)
                last = batch.number
                yield batch
            if last < 0 or (last + 1) % keys.BATCHES_PER_PARTITION:
                return

    def start(self, message: Message, attempt: int, now: float) -> Batch | None:
        """Mark a batch as running, for the ``attempt``-th time. None when it is finished or gone, or when
        a later message about it was sent.
        """
        changes = {"state": BatchState.RUNNING.value, "started_at": now, "attempts": attempt}
        update = update_of(changes, this=message.postponements, **_FINISHED_STATES)
        update["ReturnValues"] = "ALL_NEW"
        condition = f"{_UNFINISHED} AND postponements <= :this"
        item = self._update(message.job_id, message.batch, update, condition)
        return batch_of(item) if item is not None else None

    def postpone(self, message: Message) -> None:
        """Mark a batch as waiting for its next message, which was sent before."""
        changes = {"state": BatchState.PENDING.value, "postponements": message.postponements}
        update = update_of(changes, **_FINISHED_STATES)
        condition = f"{_UNFINISHED} AND #postponements < :postponements"
        self._update(message.job_id, message.batch, update, condition)

    def finish(self, job_id: str, batch: Batch) -> bool:
        """Write how a batch ended; False when it had ended before: the first end stands."""
        update = update_of(batch_attributes(batch), **_FINISHED_STATES)
        written = self._update(job_id, batch.number, update, _UNFINISHED) is not None
        if written:
            batch_ended(job_id, batch)
        return written

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
            sealed_fields=b"",
            error="",
        )
        update = update_of(batch_attributes(fresh), failed=BatchState.FAILED.value)
        condition = "#state = :failed AND #run < :run"
        return fresh if self._update(job_id, batch.number, update, condition) is not None else batch

    def delete(self, job_id: str, batches: int) -> None:
        """Delete the batches of a job that has at most so many."""
        for number in range(batches // keys.BATCHES_PER_PARTITION + 1):
            partition = keys.batch_partition(job_id, number)
            self._table.delete_many(self._table.query_keys(partition, keys.BATCH_PREFIX))

    def _update(
        self, job_id: str, number: int, update: Mapping[str, Any], condition: str
    ) -> dict[str, Any] | None:
        """The attributes that the call returns, or None where the condition did not hold."""
        return self._table.update_if(keys.batch(job_id, number), condition, **update)
