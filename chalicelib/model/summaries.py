"""Sums up a job for those who may know of it: its state and its counts, nothing of anybody in it."""

from __future__ import annotations

from typing import Any

from chalicelib.model.clock import iso_time
from chalicelib.model.jobs import Job
from chalicelib.model.tallies import RowStatus


def summary_of(job: Job) -> dict[str, Any]:
    """What GET /status, GET /jobs and callbacks have in common, in the form of the API."""
    counts = {status.value: job.progress.tally.counts.get(status.value, 0) for status in RowStatus}
    return {
        "id": job.id,
        "status": job.status.value,
        "created_at": iso_time(job.created_at),
        "finished_at": iso_time(job.finished_at) or None,
        "contacts": {"total": job.total_rows, "processed": sum(counts.values()), **counts},
        "batches": {
            "total": job.total_batches,
            "done": job.progress.done,
            "failed": job.progress.failed,
        },
    }
