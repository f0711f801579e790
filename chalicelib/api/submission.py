"""Third floor: the first step. A request with a list goes in, a started job comes out; no work per contact."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.api.estimate import estimate
from chalicelib.aws.bucket import StoredFile
from chalicelib.aws.uploads import Upload
from chalicelib.files import limits
from chalicelib.files.detection import READABLE, detect_layout
from chalicelib.files.inflating import inflated, read_head
from chalicelib.files.readers import read_rows
from chalicelib.model.clock import iso_time
from chalicelib.model.errors import (
    ConflictError,
    InvalidRequestError,
    NotReadyError,
    TooLargeError,
    UnsupportedFormatError,
)
from chalicelib.model.jobs import Job, JobStatus
from chalicelib.model.layout import Layout
from chalicelib.model.options import Options, parse_options
from chalicelib.model.strict_json import UnkeptError, parse_json
from chalicelib.services import Services

#: The largest body that POST /process takes (Lambda itself takes 6 MB, base64 and all).
MAX_BODY_BYTES = 5 * 1024**2
#: The largest file that POST /uploads takes: what S3 takes in one go.
MAX_UPLOAD_BYTES = 5 * 1024**3
UPLOAD_SECONDS = 15 * 60
#: The longest Idempotency-Key.
MAX_KEY = 255
#: What a gzipped JSON body may inflate to. As Python's values it may be 25 times as large, in 512 MB.
MAX_JSON_BYTES = 8 * 1024**2
#: Content types of bodies that are the list itself; what it really is shows in its bytes.
LIST_TYPES = (
    *("text/csv", "application/csv", "text/plain", "text/tab-separated-values"),
    *("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"),
    *("application/gzip", "application/x-gzip", "application/octet-stream"),
)


@dataclass(frozen=True)
class Submission:
    """The body of POST /process: ``content_type`` without parameters, ``query`` the query string,
    ``key`` the Idempotency-Key, "" for none.
    """

    owner: str
    body: bytes
    content_type: str
    query: Mapping[str, str]
    key: str = ""

    @property
    def digest(self) -> str:
        """The same for the same request, another one for any other."""
        asked = json.dumps([self.content_type, sorted(self.query.items())])
        return hashlib.sha256(asked.encode() + b"\n" + self.body).hexdigest()


@dataclass(frozen=True)
class _Wish:
    """What is to be done with the list of a request."""

    request: Submission
    only_estimate: bool
    options: Options


def submit(services: Services, submission: Submission) -> Job | dict[str, Any]:
    """Check a request, store its list, write its job and start it. With ``estimate`` nothing is
    started: what the job would cost is returned (see estimate.py).
    """
    if len(submission.body) > MAX_BODY_BYTES:
        raise TooLargeError(
            f"The body has {len(submission.body):,} bytes; at most {MAX_BODY_BYTES:,} are taken "
            "here. Send the file with POST /uploads, then POST /process with its upload_id."
        )
    if len(submission.key) > MAX_KEY:
        raise InvalidRequestError(f"An Idempotency-Key has at most {MAX_KEY} characters.")
    if submission.content_type == "application/json":
        return _submit_json(services, submission)
    if submission.content_type not in LIST_TYPES:
        raise UnsupportedFormatError(
            f'"{submission.content_type[:60]}" is not read here; what is: {READABLE}.'
        )
    query = dict(submission.query)
    wish = _Wish(submission, _flag(query.pop("estimate", False)), _options(services, query))
    return _begin(services, wish, submission.body)


def create_upload(services: Services, owner: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """A place to send a large file to: ``upload_id``, ``url``, ``fields``, ``expires_at``."""
    unknown = sorted(set(request) - {"filename", "content_type"})
    if unknown:
        raise InvalidRequestError(
            f'Unknown field "{unknown[0][:60]}"; those of POST /uploads are "filename" and '
            '"content_type", both optional.'
        )
    content_type = request.get("content_type") or "application/octet-stream"
    if not isinstance(content_type, str) or not content_type.isascii():
        raise InvalidRequestError('content_type must be a text such as "text/csv".')
    upload_id = uuid.uuid4().hex
    upload = Upload(upload_id, owner, f"uploads/{upload_id}")
    now = services.clock()
    services.uploads.create(upload, now)
    form = services.bucket.sign_upload(upload.key, content_type, MAX_UPLOAD_BYTES, UPLOAD_SECONDS)
    return {
        "upload_id": upload_id,
        "url": form["url"],
        "fields": form["fields"],
        "expires_at": iso_time(now + UPLOAD_SECONDS),
    }


def _submit_json(services: Services, submission: Submission) -> Job | dict[str, Any]:
    request = {**submission.query, **parse_body(submission.body)}
    contacts = request.pop("contacts", None)
    upload_id = request.pop("upload_id", None)
    only_estimate = _flag(request.pop("estimate", False))
    wish = _Wish(submission, only_estimate, _options(services, request))
    if contacts is not None and upload_id is not None:
        raise InvalidRequestError('Give either "contacts" or "upload_id", not both.')
    if upload_id is not None:
        return _begin_upload(services, wish, upload_id)
    if not isinstance(contacts, list) or not contacts:
        raise InvalidRequestError(
            'There are no contacts: "contacts" must be a list of objects, such as '
            '[{"email": "jane@example.org"}], or "upload_id" must name an upload.'
        )
    return _begin(services, wish, json.dumps(contacts).encode())


def _flag(value: Any) -> bool:
    if value in (True, False):
        return bool(value)
    if value in ("true", "false"):
        return bool(value == "true")
    raise InvalidRequestError("estimate must be true or false.")


def _options(services: Services, raw: Mapping[str, Any]) -> Options:
    options = parse_options(raw, services.providers.names)
    for name in options.providers:
        if not services.providers.is_configured(name):
            raise InvalidRequestError(
                f'The provider "{name}" has no key here: set {name.upper()}_API_KEY and deploy, or '
                "leave it out. GET /providers tells which can be used."
            )
    return options


def parse_body(body: bytes) -> dict[str, Any]:
    """The JSON object of a body, gzipped or not; InvalidRequestError for anything else."""
    try:
        request = parse_json(b"".join(inflated([body], MAX_JSON_BYTES)).decode("utf-8-sig"))
    except ValueError as error:
        where = f" ({error})" if isinstance(error, UnkeptError) else ""
        if isinstance(error, json.JSONDecodeError):
            where = f" (line {error.lineno}, column {error.colno}: {error.msg})"
        raise InvalidRequestError(f"The body is not valid JSON in UTF-8{where}.") from None
    if not isinstance(request, dict):
        raise InvalidRequestError('The body must be an object: {"contacts": [{…}, …], …options}.')
    return request


def _begin_upload(services: Services, wish: _Wish, upload_id: Any) -> Job | dict[str, Any]:
    if not isinstance(upload_id, str):
        raise InvalidRequestError("upload_id must be the text that POST /uploads gave.")
    upload = services.uploads.get(wish.request.owner, upload_id)
    stored = services.bucket.find(upload.key)
    if stored is None:
        raise NotReadyError(
            "The file of this upload has not arrived yet. Send it as a form to the url that "
            "POST /uploads gave, with all of its fields and the file last, then try again."
        )
    start = services.bucket.read(upload.key, 0, limits.HEAD_BYTES)
    layout = _layout(start, stored.bytes <= limits.HEAD_BYTES, wish.options)
    if wish.only_estimate:
        chunks = services.bucket.chunks(stored.key, stored.etag)
        return estimate(services, chunks, layout, wish.options)
    job = _new_job(services, wish, layout)
    return _repeated(services, wish, job) or _launch(services, wish, job, stored)


def _begin(services: Services, wish: _Wish, data: bytes) -> Job | dict[str, Any]:
    layout = _layout(data, True, wish.options)
    if wish.only_estimate:
        return estimate(services, [data], layout, wish.options)
    job = _new_job(services, wish, layout)
    if repeated := _repeated(services, wish, job):
        return repeated
    stored = services.bucket.put(f"jobs/{job.id}/input", data)
    return _launch(services, wish, job, stored)


def _layout(start: bytes, whole: bool, options: Options) -> Layout:
    """The layout of a list of which at least the first 64 KB are at hand."""
    head, all_read = read_head(start, whole)
    layout = detect_layout(head, all_read, options.mapping)
    if all_read and next(read_rows([head], layout), None) is None:
        raise InvalidRequestError("The list has a header but no contacts.")
    return layout


def _new_job(services: Services, wish: _Wish, layout: Layout) -> Job:
    """The job that a request asks for; one with an Idempotency-Key always asks for the same."""
    request, now = wish.request, services.clock()
    job_id = uuid.uuid4().hex
    if request.key:
        job_id = services.keys.claim(request.owner, request.key, request.digest, job_id, now)
    return Job(
        id=job_id,
        owner=request.owner,
        created_at=iso_time(now),
        options=wish.options,
        layout=layout,
        input_key="",
        input_etag="",
    )


def _repeated(services: Services, wish: _Wish, job: Job) -> Job | None:
    """The job as it is, where an earlier request with this Idempotency-Key has made it."""
    if not wish.request.key:
        return None
    earlier = services.control.find_job(job.id)
    if earlier is None and services.control.find_tombstone(job.id):
        raise ConflictError("The job of this Idempotency-Key was deleted; use a new key.")
    if earlier is not None and earlier.status == JobStatus.QUEUED:
        services.workflow.start(earlier.id, earlier.run)
    return earlier


def _launch(services: Services, wish: _Wish, job: Job, stored: StoredFile) -> Job:
    """Write the job and start it. With an Idempotency-Key a failure is left to the next try."""
    job = replace(job, input_key=stored.key, input_etag=stored.etag)
    services.control.create_job(job, services.clock())
    try:
        services.workflow.start(job.id, job.run)
    except Exception:
        if not wish.request.key:
            _give_up(services, job)
        raise
    return job


def _give_up(services: Services, job: Job) -> None:
    """Nobody knows the job's id: the list will be sent again."""
    services.control.update_job(
        job,
        status=JobStatus.FAILED,
        error="The job could not be started; send the list again.",
        finished_at=iso_time(services.clock()),
    )
