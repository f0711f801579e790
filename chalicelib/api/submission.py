"""Accepts a list: checks it, stores it, and starts or estimates its job (POST /process), or only shows how it is
read (POST /preview).
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalice.app import Request

from chalicelib.api import http, job_start
from chalicelib.api.access import check_spending
from chalicelib.api.ceilings import within_ceilings
from chalicelib.api.estimate import estimate
from chalicelib.api.preview import preview
from chalicelib.api.sampling import StoredList
from chalicelib.aws.ranges import open_stored
from chalicelib.files import limits
from chalicelib.files.detection import READABLE
from chalicelib.files.lists import ListFile, find_layout, open_text, read_start
from chalicelib.model.callers import Caller
from chalicelib.model.errors import (
    InvalidRequestError,
    NotReadyError,
    UnsupportedFormatError,
)
from chalicelib.model.jobs import Job
from chalicelib.model.layout import Layout
from chalicelib.model.option_parsing import parse_flag, parse_options
from chalicelib.model.options import Options
from chalicelib.services import Services

#: Characters of an Idempotency-Key.
MAX_KEY = 255
#: Content types of bodies that are a list. The kind of the file is told by its bytes alone.
LIST_TYPES = (
    *("text/csv", "application/csv", "text/plain", "text/tab-separated-values"),
    *("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"),
    *("application/gzip", "application/x-gzip", "application/octet-stream"),
    *("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/zip"),
    # Sent for a CSV file by a browser on a machine with Excel, and for old workbooks.
    "application/vnd.ms-excel",
)


@dataclass(frozen=True)
class Submission:
    """A request to POST /process.

    ``content_type`` is without parameters, ``query`` the query string, ``key`` the Idempotency-Key,
    "" for none. ``only_preview``: it is a request to POST /preview. ``charset``: the encoding in the content type,
    "" for none.
    """

    caller: Caller
    body: bytes
    content_type: str
    query: Mapping[str, str]
    key: str = ""
    only_preview: bool = False
    charset: str = ""

    @classmethod
    def from_request(
        cls, caller: Caller, request: Request, *, only_preview: bool = False
    ) -> Submission:
        return cls(
            caller=caller,
            body=http.body_of(request),
            content_type=http.content_type_of(request),
            query=http.query_of(request),
            key=request.headers.get("idempotency-key", ""),
            only_preview=only_preview,
            charset=http.charset_of(request),
        )

    @property
    def owner(self) -> str:
        """Whose job it becomes."""
        return self.caller.owner

    @property
    def digest(self) -> str:
        """Equal for equal requests, different for different ones."""
        kind = [self.content_type, self.charset] if self.charset else [self.content_type]
        head = json.dumps([*kind, sorted(self.query.items())])
        return hashlib.sha256(head.encode() + b"\n" + self.body).hexdigest()


@dataclass(frozen=True)
class _Order:
    """What a submission asks to do with its list. ``upload_id``: where that is from, "" for the request itself."""

    submission: Submission
    only_estimate: bool
    options: Options
    upload_id: str = ""

    def as_start(self, layout: Layout) -> job_start.JobStart:
        asked = self.submission
        return job_start.JobStart(
            asked.owner, asked.key, asked.digest, self.options, layout, self.upload_id
        )


def submit(services: Services, submission: Submission) -> Job | dict[str, Any]:
    """Check a submission, store its list, write its job and start it.

    With the option ``estimate`` nothing is stored or started; the answer is what the job would cost
    (see estimate.py). The answer to POST /preview is how the list is read (see preview.py). Raises the
    service's errors for what cannot be accepted.
    """
    if len(submission.key) > MAX_KEY:
        raise InvalidRequestError(f"An Idempotency-Key has at most {MAX_KEY} characters.")
    if submission.content_type == http.JSON:
        return _submit_json(services, submission)
    if submission.content_type not in LIST_TYPES:
        raise UnsupportedFormatError(
            f'The service does not read "{submission.content_type[:60]}". It reads {READABLE}.'
        )
    asked = dict(submission.query)
    if submission.charset:
        asked.setdefault("charset", submission.charset)
    return _submit_list(services, _order(services, submission, asked), submission.body)


def _submit_json(services: Services, submission: Submission) -> Job | dict[str, Any]:
    body = http.parse_json_body(submission.body)
    if twice := sorted(set(submission.query) & set(body)):
        raise InvalidRequestError(
            f'"{twice[0][:60]}" is in the query and in the JSON body; give it in one of them.'
        )
    request = {**submission.query, **body}
    contacts = request.pop("contacts", None)
    upload_id = request.pop("upload_id", None)
    order = _order(services, submission, request)
    if contacts is not None and upload_id is not None:
        raise InvalidRequestError('Give either "contacts" or "upload_id", not both.')
    if upload_id is not None:
        return _submit_upload(services, order, upload_id)
    if not isinstance(contacts, list) or not contacts:
        raise InvalidRequestError(
            'There are no contacts: "contacts" must be a list of objects, such as '
            '[{"email": "jane@example.org"}], or "upload_id" must name an upload.'
        )
    # The text of the request is decoded; whatever its encoding was, this is ASCII.
    order = replace(order, options=replace(order.options, charset=""))
    return _submit_list(services, order, json.dumps(contacts).encode())


def _submit_list(services: Services, order: _Order, data: bytes) -> Job | dict[str, Any]:
    file = ListFile(data, len(data), lambda: [data], lambda: io.BytesIO(data))
    return _carry_out(services, order, file, lambda input_key: services.bucket.put(input_key, data))


def _submit_upload(services: Services, order: _Order, upload_id: Any) -> Job | dict[str, Any]:
    if not isinstance(upload_id, str):
        raise InvalidRequestError("upload_id must be the text that POST /uploads gave.")
    upload = services.uploads.get(order.submission.owner, upload_id)
    stored = services.bucket.find(upload.key)
    if stored is None:
        raise NotReadyError(
            "The file of this upload has not arrived yet, or was deleted after two days. Send it as a "
            "form to the url that POST /uploads gave, with all of its fields and the file last, then "
            "try again."
        )
    file = ListFile(
        services.bucket.part(stored, 0, limits.HEAD_BYTES),
        stored.bytes,
        lambda: services.bucket.chunks(stored.key, stored.etag),
        lambda: open_stored(services.bucket, stored),
    )
    # The job has a copy of its own: other jobs may use the same upload, and delete it.
    return _carry_out(
        services,
        replace(order, upload_id=upload_id),
        file,
        lambda input_key: services.bucket.copy(stored, input_key),
    )


def _carry_out(
    services: Services, order: _Order, file: ListFile, store: Callable[[str], object]
) -> Job | dict[str, Any]:
    """Preview a list, estimate its job, or start that. ``store``: puts the list at a key of the bucket."""
    if order.submission.only_preview:
        return preview(read_start(file, order.options), order.options.default_country)
    layout = find_layout(file, order.options)
    if order.only_estimate:
        source = StoredList(open_text(file, layout), layout)
        return estimate(services, order.submission.owner, source, order.options)
    return job_start.start_job(services, order.as_start(layout), store)


def _order(services: Services, submission: Submission, raw: Mapping[str, Any]) -> _Order:
    """What to do, from JSON values or query parameters."""
    asked = dict(raw)
    only_estimate = parse_flag("estimate", asked.pop("estimate", False))
    if only_estimate and submission.only_preview:
        raise InvalidRequestError(
            "POST /preview estimates nothing; send estimate to POST /process."
        )
    loopback = services.settings.loopback_callbacks
    options = parse_options(asked, services.providers.names, loopback)
    options = within_ceilings(options, asked, services.settings)
    for name in options.providers:
        if not services.providers.is_configured(name):
            raise InvalidRequestError(
                f'The provider "{name}" has no key here: set {name.upper()}_API_KEY and deploy, or '
                "leave it out. GET /providers shows which ones can be used."
            )
    check_spending(services, submission.caller, options.providers)
    return _Order(submission, only_estimate, options)
