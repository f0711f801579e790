"""EraseJob: deletes the list, the batches, the rows and the files of a job.

A tombstone takes the job's place at once, so that nobody sees it and no step goes on with it. Whoever is
at work on it in that moment may still write something: all is swept twice, the second time when every
function that was running then has reached its time limit.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.jobs import Tombstone, no_such_job
from chalicelib.logs import log_event
from chalicelib.model.batches import BATCH_ROWS
from chalicelib.services import Services

#: The longest that a function runs (.chalice/config.json; a test compares them), and a little more.
STRAGGLER_SECONDS = 930
#: Jobs of so many batches are swept while the caller waits: a few seconds' work.
_AT_ONCE = 1_000


@dataclass(frozen=True)
class Sweep:
    """The state that travels through an erasure. ``sweep``: those done; ``done``: no more are needed."""

    job_id: str
    sweep: int
    done: bool
    wait_seconds: int = STRAGGLER_SECONDS

    def to_state(self) -> dict[str, Any]:
        return asdict(self)


def request_erasure(services: Services, owner: str, job_id: str) -> None:
    """Erase a job of the owner's, whatever its state; NotFoundError when there is none."""
    tombstone = services.jobs.find_tombstone(job_id)
    while tombstone is None:
        job = services.jobs.get(owner, job_id)
        services.jobs.bury(job, services.clock())
        tombstone = services.jobs.find_tombstone(job_id)
    if tombstone.owner != owner:
        raise no_such_job()
    services.workflow.start_erasure(job_id)
    if tombstone.batches <= _AT_ONCE:
        _sweep(services, tombstone)


def erase_job(services: Services, job_id: str, sweep: int) -> Sweep:
    """Delete all that there is of a buried job, for the ``sweep``-th time, counted from 0."""
    tombstone = services.jobs.find_tombstone(job_id)
    if tombstone is not None:
        _sweep(services, tombstone)
        log_event("job_erased", job=job_id, sweep=sweep)
    return Sweep(job_id, sweep + 1, done=tombstone is None or sweep > 0)


def _sweep(services: Services, tombstone: Tombstone) -> None:
    services.bucket.delete_all(keys.job_files(tombstone.job_id))
    services.bucket.delete_all(tombstone.input_key)
    services.results.delete(tombstone.job_id, tombstone.batches)
    # A job that was erased while it was split does not know yet how many batches it has.
    most = tombstone.batches or services.settings.max_rows // BATCH_ROWS
    services.batches.delete(tombstone.job_id, most)
    services.budget.delete_holds(tombstone.job_id)
