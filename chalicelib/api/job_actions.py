"""Third floor: what an owner can do with a job under way or ended: cancel it, retry what failed of it.

Safe at any moment and any number of times: each is one conditional write to the job, and the steps look
at the job as they go.
"""

from __future__ import annotations

from chalicelib.model.errors import ConflictError
from chalicelib.model.jobs import RETRIABLE, Job, JobStatus
from chalicelib.services import Services


def cancel_job(services: Services, owner: str, job_id: str) -> Job:
    """Ask for the end of a job: no provider is asked any more, what is done is put together, the other
    rows are skipped. ConflictError when it is too late for that; else the job will be CANCELLED.
    """
    job = services.jobs.get(owner, job_id)
    while not job.cancelled_at and not job.has_ended and job.status != JobStatus.AGGREGATING:
        cancelled = services.jobs.cancel(job, services.clock())
        job = cancelled or services.jobs.get(owner, job_id)
    if job.has_ended and job.status != JobStatus.CANCELLED:
        raise ConflictError(f"The job has ended already: it is {job.status.value}.")
    if not job.cancelled_at:
        raise ConflictError("All of the job is done; its file is being put together.")
    return job


def retry_job(services: Services, owner: str, job_id: str) -> Job:
    """Begin an ended job again for its failed batches, or for the step that kept failing; the file is
    made anew. A job that is under way is left alone. ConflictError when nothing of it has failed.
    """
    job = services.jobs.get(owner, job_id)
    while job.status in RETRIABLE:
        again = services.jobs.restart(job, services.clock())
        job = again or services.jobs.get(owner, job_id)
    if job.status == JobStatus.CANCELLED:
        raise ConflictError(
            "The job was cancelled; send the list again: what was paid for is not paid for twice."
        )
    if job.has_ended:
        raise ConflictError("No batch of the job has failed: there is nothing to try again.")
    if job.status == JobStatus.QUEUED:
        # Also where an earlier request has begun the run and did not live to start it.
        services.workflow.start(job.id, job.run)
    return job
