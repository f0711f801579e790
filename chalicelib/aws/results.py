"""Stores the rendered rows of batches in the records table; what an item cannot hold goes to the bucket."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.bucket import Bucket
from chalicelib.aws.dynamodb import NEW
from chalicelib.aws.table import Table
from chalicelib.model.tallies import Tally

#: DynamoDB's limit is 400 KB an item; larger rows go to the bucket.
MAX_ITEM_BYTES = 350_000
#: Rows of contacts compress about fourfold at any level; the fastest saves two thirds of the time.
_LEVEL = 1


@dataclass(frozen=True)
class BatchRows:
    """A batch's rows as bytes of the output file, and what became of them."""

    data: bytes
    tally: Tally


class Results:
    """Results of batches. ``retention``: seconds that they are kept."""

    def __init__(self, table: Table, bucket: Bucket, retention: int) -> None:
        self._table = table
        self._bucket = bucket
        self._retention = retention

    def put(self, job_id: str, number: int, rows: BatchRows, now: float) -> BatchRows:
        """Store the rows of a batch, unless there are some already: the first stand.

        Returns those that stand, so that two workers at one batch agree on them.
        """
        packed = zlib.compress(rows.data, _LEVEL)
        item: dict[str, Any] = {
            **keys.rows(job_id, number),
            "tally": rows.tally.to_json(),
            "expires_at": int(now) + self._retention,
        }
        if len(packed) > MAX_ITEM_BYTES:
            # Two workers may write different bytes: each its own object, the item names the one.
            place = keys.spilled_rows(job_id, number, packed)
            item["spilled_to"] = self._bucket.put(place, packed).key
        else:
            item["rows"] = packed
        if not self._table.put_if(item, NEW):
            return self.get(job_id, [number])[0]
        return rows

    def get(self, job_id: str, numbers: Sequence[int]) -> list[BatchRows]:
        """The rows of up to 100 batches, in the order of ``numbers``; KeyError if one is missing."""
        places = [keys.rows(job_id, number) for number in numbers]
        found = {item["pk"]: item for item in self._table.get_many(places)}
        return [self._rows_of(found[place["pk"]]) for place in places]

    def delete(self, job_id: str, batches: int) -> None:
        """Delete the rows of all batches of a job; what was spilled is the bucket's to delete."""
        self._table.delete_many(keys.rows(job_id, number) for number in range(batches))

    def _rows_of(self, item: dict[str, Any]) -> BatchRows:
        packed = item["rows"] if "rows" in item else self._bucket.read(item["spilled_to"])
        return BatchRows(zlib.decompress(packed), Tally.from_json(item["tally"]))
