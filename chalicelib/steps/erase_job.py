"""Deletes the list, batches, rows and files of a deleted job (the step EraseJob).

Before it runs, DELETE /jobs/<id> replaced the job by a tombstone, so that nobody sees it and no step goes
on with it. A step that was already running may still write something, so everything is deleted twice:
the second time when every function that was running has reached its time limit.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.jobs import Tombstone
from chalicelib.logs import log_event
from chalicelib.model.batches import BATCH_ROWS
from chalicelib.services import Services

#: The longest that a function runs (.chalice/config.json; a test compares them), and a little more.
STRAGGLER_SECONDS = 930
#: A job with up to so many batches is erased within a request, which takes a few seconds.
BATCHES_AT_ONCE = 100


@dataclass(frozen=True)
class Sweep:
    """The state that travels through an erasure. ``sweep``: how many are done; ``done``: no more needed."""

    job_id: str
    sweep: int
    done: bool
    wait_seconds: int = STRAGGLER_SECONDS

    def to_state(self) -> dict[str, Any]:
        return asdict(self)


def erase_job(services: Services, job_id: str, sweep_number: int) -> Sweep:
    """Delete everything of a deleted job. ``sweep_number``: how many sweeps came before this one."""
    tombstone = services.jobs.find_tombstone(job_id)
    if tombstone is not None:
        sweep_job(services, tombstone)
        log_event("job_erased", job=job_id, sweep=sweep_number)
    return Sweep(job_id, sweep_number + 1, done=tombstone is None or sweep_number > 0)


def erase_at_once(services: Services, job_id: str) -> None:
    """Put a tombstone in the place of a job, start its erasure, and sweep it once if it is not too large."""
    tombstone = services.jobs.find_tombstone(job_id)
    while tombstone is None:
        job = services.jobs.find(job_id)
        if job is None:
            return
        services.jobs.bury(job, services.clock())
        tombstone = services.jobs.find_tombstone(job_id)
    services.workflow.start_erasure(job_id)
    if tombstone.batches <= BATCHES_AT_ONCE:
        sweep_job(services, tombstone)


def sweep_job(services: Services, tombstone: Tombstone) -> None:
    """Delete everything that the job of this tombstone has written so far."""
    services.bucket.delete_all(keys.job_files(tombstone.job_id))
    services.bucket.delete_all(
        tombstone.input_key
    )  # jobs of earlier versions had no copy of their upload
    if tombstone.upload_id:
        services.bucket.delete_all(keys.upload_file(tombstone.upload_id))
        services.uploads.delete(tombstone.upload_id)
    services.results.delete(tombstone.job_id, tombstone.batches)
    # A job that was deleted while it was split has a tombstone without the number of its batches.
    most = tombstone.batches or services.settings.max_rows // BATCH_ROWS
    services.batches.delete(tombstone.job_id, most)
    services.budget.forget(tombstone.job_id)
    services.pace.forget(tombstone.job_id)
