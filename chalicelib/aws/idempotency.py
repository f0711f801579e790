"""First floor: the door to the Idempotency-Keys in the control table. A key goes in, the id of its job
comes out: the same for every request with that key, however many come at once.

The table's key: ``pk`` = "KEY#" and a digest of owner and key, ``sk`` = "KEY".
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from chalicelib.aws.dynamodb import NEW, get_item, put_if
from chalicelib.model.errors import ConflictError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class IdempotencyKeys:
    """Which job each key stands for. ``retention``: seconds for which that is known."""

    def __init__(self, client: DynamoDBClient, table: str, retention: int) -> None:
        self._client = client
        self._table = table
        self._retention = retention

    def claim(self, owner: str, key: str, request: str, job_id: str, now: float) -> str:
        """The job that the key stands for: ``job_id`` if it is new. ConflictError when the key came
        with another request before; ``request`` is a digest of all that was asked for.
        """
        place = {"pk": f"KEY#{_digest(owner, key)}", "sk": "KEY"}
        expires_at = int(now) + self._retention
        item = {**place, "job_id": job_id, "request": request, "expires_at": expires_at}
        if put_if(self._client, self._table, item, NEW):
            return job_id
        stored = get_item(self._client, self._table, place)
        if stored is None or stored["request"] != request:
            raise ConflictError(
                "This Idempotency-Key came with another request before; use a new key for a new "
                "list or other options."
            )
        return str(stored["job_id"])


def _digest(owner: str, key: str) -> str:
    return hashlib.sha256(f"{len(owner)} {owner} {key}".encode()).hexdigest()
