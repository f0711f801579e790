"""First floor: the door to the uploads in the control table: places for files that clients are to send.

The table's key: ``pk`` = upload id, ``sk`` = "UPLOAD".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.aws.dynamodb import NEW, get_item, put_if
from chalicelib.model.errors import NotFoundError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Upload:
    """A place for a file that a client is about to send."""

    id: str
    owner: str
    key: str


class Uploads:
    """All uploads. ``retention``: seconds that they are kept."""

    def __init__(self, client: DynamoDBClient, table: str, retention: int) -> None:
        self._client = client
        self._table = table
        self._retention = retention

    def create(self, upload: Upload, now: float) -> None:
        item = {"pk": upload.id, "sk": "UPLOAD", "expires_at": int(now) + self._retention}
        put_if(self._client, self._table, item | {"owner": upload.owner, "key": upload.key}, NEW)

    def get(self, owner: str, upload_id: str) -> Upload:
        """The owner's upload; NotFoundError for an unknown one and for somebody else's alike."""
        item = get_item(self._client, self._table, {"pk": upload_id, "sk": "UPLOAD"})
        if item is None or item["owner"] != owner:
            raise NotFoundError(
                "There is no upload of this id; POST /uploads gives one, for a limited time."
            )
        return Upload(upload_id, item["owner"], item["key"])
