"""Stores API keys in the access table: of a key's secret only a hash, so that the table opens nothing.

A key is ``ce_<id>_<secret>``. The secret has 256 random bits, so that a plain SHA-256 cannot be reversed by
trying, as the hash of a password could.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.dynamodb import EXISTS, update_of
from chalicelib.aws.table import Table

#: What the text of a key looks like: its id, its secret.
KEY_PATTERN = "ce_([0-9a-f]{16})_([0-9a-f]{64})"
#: A key that was revoked is accepted for so long, at most.
KEY_SECONDS = 30


@dataclass(frozen=True)
class ApiKey:
    """Whom a key stands for, and what it may do. ``digest``: of its secret. Times are seconds since the
    epoch, 0 for never.
    """

    id: str
    digest: str = field(repr=False)
    owner: str
    name: str
    scopes: frozenset[str]
    created_at: int
    expires_at: int = 0
    revoked_at: int = 0

    def opens_with(self, secret: str) -> bool:
        """Whether this is the key's secret; takes as long for any."""
        return hmac.compare_digest(self.digest, _digest(secret))


class ApiKeys:
    """All API keys. Functions only read them; statemachine/keys.py writes them."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._read: dict[str, tuple[float, ApiKey]] = {}

    def find(self, key_id: str, now: float) -> ApiKey | None:
        """The key of an id, as it was ``KEY_SECONDS`` ago or later; None if there is none."""
        if key_id in self._read:
            read_at, known = self._read[key_id]
            if 0 <= now - read_at < KEY_SECONDS:
                return known
        item = self._table.get(keys.api_key(key_id))
        if item is None:  # not remembered: a new key works at once, and nobody can fill the memory
            self._read.pop(key_id, None)
            return None
        key = _key_of(item)
        self._read[key_id] = now, key
        return key

    def create(
        self, owner: str, name: str, scopes: frozenset[str], now: float, expires_at: float = 0.0
    ) -> str:
        """A new key: its text, which is stored nowhere."""
        key_id, secret = secrets.token_hex(8), secrets.token_hex(32)
        item = {
            **keys.api_key(key_id),
            "id": key_id,
            "digest": _digest(secret),
            "owner": owner,
            "name": name,
            "scopes": " ".join(sorted(scopes)),
            "created_at": int(now),
            # Also the table's TTL: DynamoDB deletes the key within days after that.
            "expires_at": int(expires_at) or None,
        }
        self._table.put_if(item)
        return f"ce_{key_id}_{secret}"

    def revoke(self, key_id: str, now: float) -> bool:
        """Let a key open nothing any more; False if there is none of this id."""
        change = update_of({"revoked_at": int(now)})
        return self._table.update_if(keys.api_key(key_id), EXISTS, **change) is not None

    def all(self) -> list[ApiKey]:
        """All keys, oldest first."""
        found = [_key_of(item) for item in self._table.scan() if "digest" in item]
        return sorted(found, key=lambda key: key.created_at)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key_of(item: Mapping[str, Any]) -> ApiKey:
    return ApiKey(
        id=item["id"],
        digest=item["digest"],
        owner=item["owner"],
        name=item["name"],
        scopes=frozenset(item["scopes"].split()),
        created_at=item["created_at"],
        expires_at=item.get("expires_at", 0),
        revoked_at=item.get("revoked_at", 0),
    )
