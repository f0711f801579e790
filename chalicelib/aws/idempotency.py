"""Stores which job an Idempotency-Key stands for: the same one, however many requests come at once."""

from __future__ import annotations

from chalicelib.aws import keys
from chalicelib.aws.dynamodb import NEW, to_item
from chalicelib.aws.table import Table
from chalicelib.aws.vault import Vault
from chalicelib.model.errors import ConflictError


class IdempotencyKeys:
    """Which job each key stands for. ``retention``: seconds for which that is known."""

    def __init__(self, table: Table, vault: Vault, retention: int) -> None:
        self._table = table
        self._vault = vault
        self._retention = retention

    def claim(self, owner: str, key: str, request: str, job_id: str, now: float) -> str:
        """The job that the key stands for: ``job_id`` if it is new, or has expired. ConflictError when
        the key came with another request before; ``request`` is a digest of all that was asked for.
        """
        # A plain hash of a list with one person in it would tell who has guessed that person.
        place = keys.idempotency(self._vault.digest("idempotency", owner, key))
        request = self._vault.digest("request", owner, request)
        expires_at = int(now) + self._retention
        item = {**place, "job_id": job_id, "request": request, "expires_at": expires_at}
        # DynamoDB deletes an expired item within days, not at once.
        absent = f"{NEW} OR expires_at <= :now"
        if self._table.put_if(item, absent, ExpressionAttributeValues=to_item({":now": int(now)})):
            return job_id
        stored = self._table.get(place)
        if stored is None or stored["request"] != request:
            raise ConflictError(
                "This Idempotency-Key came with another request before; use a new key for a new "
                "list or other options."
            )
        return str(stored["job_id"])
