"""Writes a job and starts its workflow, once for each Idempotency-Key."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.api.allowance import admit
from chalicelib.aws import keys
from chalicelib.model.errors import ConflictError
from chalicelib.model.jobs import Job, JobStatus
from chalicelib.model.layout import Layout
from chalicelib.model.options import Options
from chalicelib.services import Services


@dataclass(frozen=True)
class JobStart:
    """What a job is started with. ``key``: the Idempotency-Key, "" for none.

    ``upload_id``: where the list is from, "" for the request itself. ``digest``: a hash of the whole
    request, so that a key stands for one request only.
    """

    owner: str
    key: str
    digest: str
    options: Options
    layout: Layout
    upload_id: str = ""


def start_job(services: Services, start: JobStart, store: Callable[[str], object]) -> Job:
    """A new job, started, or the one that an earlier request with the same key made.

    ``store``: stores the list as this file; not called for an earlier job. ConflictError if the key stands
    for another request or for a deleted job, LimitReachedError if the owner may start no more.
    """
    now = services.clock()
    job_id = uuid.uuid4().hex
    if start.key:
        job_id = services.idempotency_keys.claim(start.owner, start.key, start.digest, job_id, now)
        if earlier := _find_earlier(services, job_id):
            return earlier
    options = admit(services, start.owner, job_id, start.options)
    input_key = keys.input_file(job_id)
    try:
        store(input_key)
    except Exception:
        services.usage.forget(start.owner, job_id, now)
        raise
    services.layouts.put(job_id, start.layout)
    job = Job(
        id=job_id,
        owner=start.owner,
        created_at=now,
        options=options,
        input_key=input_key,
        upload_id=start.upload_id,
    )
    services.jobs.create(job, services.clock())
    try:
        services.workflow.start(job)
    except Exception:
        # With a key, the next request with it starts the job. Without, nobody knows the job's id.
        if not start.key:
            _mark_failed(services, job)
        raise
    return job


def _find_earlier(services: Services, job_id: str) -> Job | None:
    earlier = services.jobs.find(job_id)
    if earlier is None and services.jobs.find_tombstone(job_id):
        raise ConflictError("The job of this Idempotency-Key was deleted; use a new key.")
    if earlier is not None and earlier.status == JobStatus.QUEUED:
        # The earlier request may have failed before it started the job.
        services.workflow.start(earlier)
    return earlier


def _mark_failed(services: Services, job: Job) -> None:
    services.jobs.update(
        job,
        status=JobStatus.FAILED,
        error="The job could not be started; send the list again.",
        finished_at=services.clock(),
    )
