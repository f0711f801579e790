"""Third floor: the step CheckCompletion. A job goes in; its progress, and when to look again, come out.

What is done is counted from the batches themselves, so nothing that is delivered or done twice counts
twice. Batches that nobody will finish are given up here: a job always ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from chalicelib.clock import seconds_of
from chalicelib.jobs import Batch, BatchState, Job, JobStatus, Progress, add_up
from chalicelib.services import Services
from chalicelib.settings import Settings
from chalicelib.workflow import Turn

#: A turn of the loop makes 9 events in the execution's history, which holds 25,000 in all.
MAX_TURNS = 2_500
MIN_WAIT, MAX_WAIT = 1, 30


def check_completion(services: Services, job_id: str, turn: int) -> Turn:
    """Count the job's finished batches, give up those that are stuck, and say when to look again."""
    job = services.control.get_job(job_id)
    if job.has_ended:
        return Turn(job_id, turn + 1, True, True, MIN_WAIT)
    now = services.clock()
    batches = list(services.control.batches(job_id))
    for batch, reason in stuck(batches, job, turn, now, services.settings):
        given_up = replace(batch, state=BatchState.FAILED, error=reason, finished_at=now)
        if services.control.finish_batch(job_id, given_up):
            batches[batch.number] = given_up
    progress = add_up(batches)
    complete = job.dispatched and progress.finished == job.total_batches
    services.control.update_job(
        job,
        progress=progress,
        status=JobStatus.AGGREGATING if complete else job.status,
    )
    wait = next_wait(progress, job, turn, now)
    return Turn(job_id, turn + 1, complete, False, wait)


def next_wait(progress: Progress, job: Job, turn: int, now: float) -> int:
    """Seconds until the next look: half of what the job still needs at its pace so far.

    At least 1 s, at most 30 s; long loops wait longer, so that no job runs out of turns in a day.
    """
    elapsed = now - seconds_of(job.created_at)
    remaining = job.total_batches - progress.finished
    pace = progress.finished / elapsed if elapsed > 0 else 0.0
    guess = remaining / pace / 2 if pace else job.total_batches / 20
    return max(MIN_WAIT, min(MAX_WAIT, max(math.floor(guess), turn // 20)))


def stuck(
    batches: Sequence[Batch], job: Job, turn: int, now: float, settings: Settings
) -> list[tuple[Batch, str]]:
    """The unfinished batches that will not be finished, each with the reason."""
    unfinished = [batch for batch in batches if not batch.is_finished]
    started = seconds_of(job.created_at)
    if now - started > settings.job_deadline or turn >= MAX_TURNS:
        hours = settings.job_deadline / 3600
        reason = f"the job was not done within its time limit of {hours:g} hours"
        return [(batch, reason) for batch in unfinished]
    moved = max([started, *(max(b.started_at, b.finished_at) for b in batches)])
    if now - moved > settings.stall_after:
        reason = f"no worker took this batch up, or finished it, for {settings.stall_after} seconds"
        return [(batch, reason) for batch in unfinished]
    return [(b, _EXHAUSTED.format(b.attempts)) for b in unfinished if _exhausted(b, now, settings)]


_EXHAUSTED = "the worker broke off {} times at this batch; see the dead-letter queue"


def _exhausted(batch: Batch, now: float, settings: Settings) -> bool:
    """Delivered as often as SQS ever does, and the last worker is certainly gone."""
    attempts_used_up = batch.attempts >= settings.max_receive_count
    return attempts_used_up and now - batch.started_at > 2 * settings.worker_timeout
