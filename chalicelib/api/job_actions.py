"""Cancels, retries and deletes jobs (POST /jobs/<id>/cancel and /retry, DELETE /jobs/<id>).

Each action can be repeated at any moment: it is one conditional write to the job, and the steps look at
the job before they go on.
"""

from __future__ import annotations

from chalicelib.api.access import check_spending
from chalicelib.api.allowance import admit
from chalicelib.aws.jobs import no_such_job
from chalicelib.model.callers import Caller
from chalicelib.model.errors import ConflictError
from chalicelib.model.jobs import RETRIABLE, Job, JobStatus
from chalicelib.services import Services
from chalicelib.steps import erase_job


def cancel_job(services: Services, owner: str, job_id: str) -> Job:
    """Ask for the end of a job, which will be CANCELLED: no provider is asked any more, finished rows
    go into the file, the other rows are skipped. ConflictError when it is too late for that.
    """
    job = services.jobs.get(owner, job_id)
    while not job.cancelled_at and not job.has_ended and job.status != JobStatus.AGGREGATING:
        cancelled = services.jobs.cancel(job, services.clock())
        job = cancelled or services.jobs.get(owner, job_id)
    if job.has_ended and job.status != JobStatus.CANCELLED:
        raise ConflictError(f"The job has already ended: it is {job.status.value}.")
    if not job.cancelled_at:
        raise ConflictError("All rows are finished, and the file is being written.")
    return job


def retry_job(services: Services, caller: Caller, job_id: str) -> Job:
    """Begin an ended job again for its failed batches, or for the step that kept failing; the file is
    written anew. A job that is running is left alone. ConflictError when nothing of it has failed, or
    when its list cannot be read, now or later.
    """
    job = services.jobs.get(caller.owner, job_id)
    check_spending(services, caller, job.options.providers)
    if job.status in RETRIABLE and not job.unreadable:
        admit(services, job.owner, job.id, job.options)
    while job.status in RETRIABLE and not job.unreadable:
        again = services.jobs.restart(job, services.clock())
        job = again or services.jobs.get(caller.owner, job_id)
    if job.unreadable:
        raise ConflictError(
            f"A retry would end as this job did: {job.error} Correct the list and send it again."
        )
    if job.status == JobStatus.CANCELLED:
        raise ConflictError(
            "The job was cancelled. Send the list again; lookups that were paid for are not paid for "
            "twice."
        )
    if job.has_ended:
        raise ConflictError("No batch of the job has failed: there is nothing to try again.")
    if job.status == JobStatus.QUEUED:
        # Also where an earlier request began this run and failed before it started it.
        services.workflow.start(job)
    return job


def delete_job(services: Services, owner: str, job_id: str) -> None:
    """Erase a job of the owner's, whatever its state; NotFoundError when there is none."""
    tombstone = services.jobs.find_tombstone(job_id)
    while tombstone is None:
        job = services.jobs.get(owner, job_id)
        services.jobs.bury(job, services.clock())
        tombstone = services.jobs.find_tombstone(job_id)
    if tombstone.owner != owner:
        raise no_such_job()
    erase_job.erase_at_once(services, job_id)
