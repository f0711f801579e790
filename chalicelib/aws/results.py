"""First floor: the door to the records table. The rendered rows of batches go in and come out.

The table's key: ``pk`` = "<job id>#000042", so that the writes of a job spread over partitions.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.aws.bucket import Bucket
from chalicelib.aws.dynamodb import NEW, delete_items, put_if, read_items
from chalicelib.model.jobs import Tally

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

#: DynamoDB's limit is 400 KB an item; larger rows go to the bucket.
MAX_ITEM_BYTES = 350_000
#: Rows of contacts compress about fourfold at any level; the fastest saves two thirds of the time.
_LEVEL = 1


@dataclass(frozen=True)
class BatchRows:
    """A batch's rows as bytes of the output file, and what became of them."""

    data: bytes
    tally: Tally


class RecordsTable:
    """Results of batches. ``retention``: seconds that they are kept."""

    def __init__(self, client: DynamoDBClient, table: str, bucket: Bucket, retention: int) -> None:
        self._client = client
        self._table = table
        self._bucket = bucket
        self._retention = retention

    def put_rows(self, job_id: str, number: int, rows: BatchRows, now: float) -> BatchRows:
        """Store the rows of a batch, unless there are some already: the first stand.

        Returns those that stand, so that two workers at one batch agree on them.
        """
        packed = zlib.compress(rows.data, _LEVEL)
        item: dict[str, Any] = {
            "pk": rows_pk(job_id, number),
            "tally": rows.tally.to_json(),
            "expires_at": int(now) + self._retention,
        }
        if len(packed) > MAX_ITEM_BYTES:
            # Two workers may write different bytes: each its own object, the item names the one.
            item["spilled_to"] = self._bucket.spill(job_id, number, packed)
        else:
            item["rows"] = packed
        if not put_if(self._client, self._table, item, NEW):
            return self.get_rows(job_id, [number])[0]
        return rows

    def get_rows(self, job_id: str, numbers: Sequence[int]) -> list[BatchRows]:
        """The rows of up to 100 batches, in the order of ``numbers``; KeyError if one is missing."""
        keys = [{"pk": rows_pk(job_id, number)} for number in numbers]
        found = {item["pk"]: item for item in read_items(self._client, self._table, keys)}
        return [self._rows_of(found[rows_pk(job_id, number)]) for number in numbers]

    def delete_rows(self, job_id: str, batches: int) -> None:
        """Delete the rows of all batches of a job; what was spilled is the bucket's to delete."""
        keys = ({"pk": rows_pk(job_id, number)} for number in range(batches))
        delete_items(self._client, self._table, keys)

    def _rows_of(self, item: dict[str, Any]) -> BatchRows:
        packed = item["rows"] if "rows" in item else self._bucket.read(item["spilled_to"])
        return BatchRows(zlib.decompress(packed), Tally.from_json(item["tally"]))


def rows_pk(job_id: str, number: int) -> str:
    """The key of a batch's rows."""
    return f"{job_id}#{number:06d}"
