"""Stores uploads in the control table: places for files that clients are about to send."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.aws import keys
from chalicelib.aws.dynamodb import NEW
from chalicelib.aws.table import Table
from chalicelib.model.clock import DAY
from chalicelib.model.errors import NotFoundError


@dataclass(frozen=True)
class Upload:
    """A place for a file that a client is about to send."""

    id: str
    owner: str
    key: str


#: Seconds for which jobs can be started from an upload; the bucket deletes its file then
#: (statemachine/resources.yaml, a test compares them).
KEPT = 2 * DAY


class Uploads:
    """All uploads."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, upload: Upload, now: float) -> None:
        """Write a new upload."""
        item = {**keys.upload(upload.id), "owner": upload.owner, "key": upload.key}
        self._table.put_if({**item, "expires_at": int(now) + KEPT}, NEW)

    def get(self, owner: str, upload_id: str) -> Upload:
        """The owner's upload; NotFoundError for an unknown one and for somebody else's alike."""
        item = self._table.get(keys.upload(upload_id))
        if item is None or item["owner"] != owner:
            raise NotFoundError(
                "There is no upload of this id; POST /uploads gives one, for a limited time."
            )
        return Upload(upload_id, item["owner"], item["key"])

    def delete(self, upload_id: str) -> None:
        """Forget an upload; nothing where there is none. Its file is the bucket's to delete."""
        self._table.delete_many([keys.upload(upload_id)])
