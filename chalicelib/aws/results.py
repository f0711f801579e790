"""Stores the packed rows of batches in the records table; what an item cannot hold goes to the bucket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.bucket import Bucket
from chalicelib.aws.dynamodb import NEW
from chalicelib.aws.table import Table
from chalicelib.aws.vault import Vault, is_sealed
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
        if is_secret:
            rows = replace(rows, packed=self._vault.seal(rows.packed, "rows", job_id))
        item: dict[str, Any] = {
            **keys.rows(job_id, number),
            "tally": rows.tally.to_json(),
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
        return [_rows_of(found[place["pk"]]) for place in places]

    def packed(self, job_id: str, rows: BatchRows) -> bytes:
        """The packed rows of a batch, decrypted, from the bucket if they were spilled."""
        stored = self._bucket.read(rows.spilled_to) if rows.spilled_to else rows.packed
        return self._vault.unseal(stored, "rows", job_id) if is_sealed(stored) else stored

    def delete(self, job_id: str, batches: int) -> None:
        """Delete the rows of all batches of a job; what was spilled is the bucket's to delete."""
        self._table.delete_many(keys.rows(job_id, number) for number in range(batches))


def _rows_of(item: dict[str, Any]) -> BatchRows:
    tally = Tally.from_json(item["tally"])
    return BatchRows(item.get("rows", b""), tally, item.get("spilled_to", ""))
