"""Stores the packed rows of batches in the records table; what an item cannot hold goes to the bucket."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.bucket import Bucket
from chalicelib.aws.dynamodb import NEW
from chalicelib.aws.table import Table
from chalicelib.aws.vault import Vault, is_sealed
from chalicelib.model.batches import Batch
from chalicelib.model.tallies import Tally

#: DynamoDB's limit is 400 KB an item; larger rows go to the bucket.
MAX_ITEM_BYTES = 350_000


@dataclass(frozen=True)
class BatchRows:
    """A batch's packed rows (files/enriched.py), as they are stored, and what became of them.

    ``spilled_to``: where the rows are in the bucket, if no item can hold them; then ``packed`` is empty.
    """

    packed: bytes
    tally: Tally
    spilled_to: str = ""


class Results:
    """Results of batches. ``retention``: seconds that they are kept."""

    def __init__(self, table: Table, bucket: Bucket, vault: Vault, retention: int) -> None:
        self._table = table
        self._bucket = bucket
        self._vault = vault
        self._retention = retention

    def put(
        self, job_id: str, number: int, rows: BatchRows, now: float, *, is_secret: bool
    ) -> BatchRows:
        """Store the rows of a batch, unless there are some already: the first stand. Those that are
        secret are encrypted.

        Returns those that stand, so that two workers at one batch agree on them.
        """
        tally = rows.tally.to_json(is_whole=True).encode()
        if is_secret:
            rows = replace(rows, packed=self._vault.seal(rows.packed, "rows", job_id))
            tally = self._vault.seal(tally, "tally", job_id)
        item: dict[str, Any] = {
            **keys.rows(job_id, number),
            "tally": tally,
            "expires_at": int(now) + self._retention,
        }
        if len(rows.packed) > MAX_ITEM_BYTES:
            # Two workers may write different bytes: each its own object, the item names the one.
            place = keys.spilled_rows(job_id, number, rows.packed)
            item["spilled_to"] = self._bucket.put(place, rows.packed).key
        else:
            item["rows"] = rows.packed
        if not self._table.put_if(item, NEW):
            return self.get(job_id, [number])[0]
        return rows

    def get(self, job_id: str, numbers: Sequence[int]) -> list[BatchRows]:
        """The rows of up to 100 batches, in the order of ``numbers``; KeyError if one is missing.

        What was spilled stays in the bucket (``packed``), so that each is at most MAX_ITEM_BYTES.
        """
        places = [keys.rows(job_id, number) for number in numbers]
        found = {item["pk"]: item for item in self._table.get_many(places)}
        return [self._rows_of(job_id, found[place["pk"]]) for place in places]

    def packed(self, job_id: str, rows: BatchRows) -> bytes:
        """The packed rows of a batch, decrypted, from the bucket if they were spilled."""
        stored = self._bucket.read(rows.spilled_to) if rows.spilled_to else rows.packed
        return self._opened(stored, "rows", job_id)

    def seal_fields(self, job_id: str, batch: Batch) -> Batch:
        """The batch for the control table, if its job is secret: which fields a person has is almost a portrait."""
        fields = json.dumps(sorted(batch.tally.filled)).encode()
        sealed = self._vault.seal(fields, "fields", job_id)
        return replace(batch, tally=batch.tally.outline, sealed_fields=sealed)

    def fields(self, job_id: str, batch: Batch) -> frozenset[str]:
        """The fields that at least one row of a batch has, and ERROR if one has a reason."""
        if not batch.sealed_fields:
            return batch.tally.filled
        return frozenset(json.loads(self._vault.unseal(batch.sealed_fields, "fields", job_id)))

    def put_summary(self, job_id: str, tally: Tally) -> None:
        """Store what all rows of a job came to."""
        self._bucket.put(keys.summary_file(job_id), tally.to_json(is_whole=True).encode())

    def summary(self, job_id: str) -> Tally:
        """What all rows of an ended job came to; nothing once the job's files have expired."""
        stored = self._bucket.find(keys.summary_file(job_id))
        return Tally.from_json(self._bucket.read(stored.key)) if stored else Tally()

    def delete(self, job_id: str, batches: int) -> None:
        """Delete the rows of all batches of a job; what was spilled is the bucket's to delete."""
        self._table.delete_many(keys.rows(job_id, number) for number in range(batches))

    def _rows_of(self, job_id: str, item: dict[str, Any]) -> BatchRows:
        tally = Tally.from_json(self._opened(item["tally"], "tally", job_id))
        return BatchRows(item.get("rows", b""), tally, item.get("spilled_to", ""))

    def _opened(self, stored: bytes, kind: str, job_id: str) -> bytes:
        return self._vault.unseal(stored, kind, job_id) if is_sealed(stored) else stored
