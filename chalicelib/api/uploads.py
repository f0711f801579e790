"""Gives out forms for lists that are too large for POST /process, and deletes what was sent with them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.uploads import Upload
from chalicelib.model.clock import iso_time
from chalicelib.model.errors import InvalidRequestError
from chalicelib.services import Services

#: The largest file, in bytes: what S3 takes in one request.
MAX_UPLOAD_BYTES = 5 * 1024**3
#: How long a form can be used.
UPLOAD_SECONDS = 15 * 60
#: The form and the answer repeat the type, so that it may be neither long nor end a line.
_LONGEST_TYPE = 100
_CONTENT_TYPE = re.compile(rf"(?=.{{1,{_LONGEST_TYPE}}}\Z)[\w.+-]+/[\w.+-]+", re.ASCII)
#: The fields of a request, all optional.
_FIELDS = {"filename", "content_type"}


def create_upload(services: Services, owner: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The form to send a large file with: ``upload_id``, ``url``, ``fields``, ``expires_at``.

    ``request``: ``filename`` and ``content_type``, both optional. InvalidRequestError for others.
    """
    content_type = _content_type(request)
    upload_id = uuid.uuid4().hex
    upload = Upload(upload_id, owner, keys.upload_file(upload_id))
    now = services.clock()
    services.uploads.create(upload, now)
    form = services.bucket.sign_upload(upload.key, content_type, MAX_UPLOAD_BYTES, UPLOAD_SECONDS)
    return {
        "upload_id": upload_id,
        "url": form["url"],
        "fields": form["fields"],
        "expires_at": iso_time(now + UPLOAD_SECONDS),
    }


def delete_upload(services: Services, owner: str, upload_id: str) -> None:
    """Delete an upload of the owner's and its file; NotFoundError when there is none. Jobs that were started
    from it have copies of their own.
    """
    upload = services.uploads.get(owner, upload_id)
    services.bucket.delete_all(upload.key)
    services.uploads.delete(upload.id)


def _content_type(request: Mapping[str, Any]) -> str:
    unknown = sorted(set(request) - _FIELDS)
    if unknown:
        raise InvalidRequestError(
            f'Unknown field "{unknown[0][:60]}". POST /uploads knows "filename" and '
            '"content_type", both optional.'
        )
    content_type = request.get("content_type")
    if content_type is None:
        return "application/octet-stream"
    if not isinstance(content_type, str) or not _CONTENT_TYPE.fullmatch(content_type):
        raise InvalidRequestError(
            'content_type must be a type such as "text/csv", without parameters: two words of letters, '
            f"digits and any of + . - _ with a slash between them, at most {_LONGEST_TYPE} characters."
        )
    return content_type
