"""Tells what becomes of jobs, batches, calls to vendors and requests: a log line, and figures.

Whoever writes an end, on the condition that it is the first, tells it: so it is counted once.
"""

from __future__ import annotations

from chalicelib.logs import count, log_event, this_invocation
from chalicelib.model.batches import Batch, BatchState
from chalicelib.model.jobs import Job
from chalicelib.model.tallies import RowStatus


def job_began(job: Job) -> None:
    """A job, or after a retry its next run, is stored and will be started."""
    providers = ",".join(job.options.providers)
    log_event("job_began", job=job.id, run=job.run, providers=providers, output=job.options.output)


def job_ended(job: Job) -> None:
    """A job has ended; its times and its progress are those of the end."""
    count("JobsEnded", of=job.status.value)
    tally = job.progress.tally
    log_event(
        "job_ended",
        job=job.id,
        run=job.run,
        status=job.status.value,
        rows=sum(tally.counts.values()),
        failed_batches=job.progress.failed,
        credits=tally.credits,
        seconds=round(job.finished_at - job.began_at, 3),
    )


def batch_ended(job_id: str, batch: Batch) -> None:
    """A batch is finished. The rows of one that was given up or skipped are so, too."""
    if batch.state != BatchState.DONE:
        status = RowStatus.SKIPPED if batch.state == BatchState.SKIPPED else RowStatus.FAILED
        count("Rows", batch.rows, status.value)
        return
    for status_of_rows, rows in batch.tally.counts.items():
        count("Rows", rows, status_of_rows)
    seconds = this_invocation().seconds
    count("BatchSeconds", seconds)
    log_event(
        "batch_done",
        job=job_id,
        batch=batch.number,
        rows=batch.rows,
        attempt=batch.attempts,
        credits=batch.tally.credits,
        seconds=seconds,
    )


def provider_stopped(job_id: str, provider: str, state: str) -> None:
    """A provider is used no more in a job. Workers that notice it at the same time tell it each."""
    count("VendorStopped", of=provider)
    log_event("provider_stopped", level="ERROR", job=job_id, provider=provider, state=state)
