"""Third floor: the step CheckCompletion. A job goes in; its progress, and when to look again, come out.

What is done is counted from the batches themselves, so nothing that is delivered or done twice counts
twice. Messages that seem to be lost are sent again, and batches that nobody will finish are given up:
a job always ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from chalicelib.aws.queue import Message
from chalicelib.aws.workflow import Turn
from chalicelib.model.clock import seconds_of
from chalicelib.model.jobs import CANCELLED, Batch, BatchState, Job, JobStatus, Progress, add_up
from chalicelib.services import Services
from chalicelib.settings import Settings

#: A turn of the loop makes 9 events in the execution's history, which holds 25,000 in all.
MAX_TURNS = 2_500
MIN_WAIT, MAX_WAIT = 1, 30


def check_completion(services: Services, job_id: str, turn: int) -> Turn:
    """Count the job's finished batches, give up those that are stuck, and say when to look again."""
    job = services.control.find_job(job_id)
    if job is None or job.has_ended:
        return Turn.last(job_id, turn + 1)
    now = services.clock()
    batches = list(services.markers.all(job_id))
    for batch in given_up(batches, job, turn, now, services.settings):
        if services.markers.finish(job_id, batch):
            batches[batch.number] = batch
    progress = add_up(batches)
    complete = job.dispatched and progress.finished == job.total_batches
    lost = overdue(batches, job, now, services.settings)
    services.queue.send(Message(job_id, batch.number, batch.turn) for batch in lost)
    services.control.update_job(
        job,
        progress=progress,
        status=JobStatus.AGGREGATING if complete else job.status,
        resent_at=now if lost else job.resent_at,
    )
    return Turn(job_id, turn + 1, complete, False, next_wait(progress, job, turn, now))


def next_wait(progress: Progress, job: Job, turn: int, now: float) -> int:
    """Seconds until the next look: half of what the job still needs at its pace so far.

    At least 1 s, at most 30 s; long loops wait longer, so that no job runs out of turns in a day.
    """
    elapsed = now - seconds_of(job.began_at)
    remaining = job.total_batches - progress.finished
    pace = progress.finished / elapsed if elapsed > 0 else 0.0
    guess = remaining / pace / 2 if pace else job.total_batches / 20
    return max(MIN_WAIT, min(MAX_WAIT, max(math.floor(guess), turn // 20)))


def overdue(batches: Sequence[Batch], job: Job, now: float, settings: Settings) -> list[Batch]:
    """The unfinished batches whose message seems to be lost: in half of the time after which they would
    be given up nothing has moved. Of a cancelled job, those that wait for a provider: no longer.
    """
    unfinished = [batch for batch in batches if not batch.is_finished]
    if job.cancelled_at:
        told = job.resent_at >= seconds_of(job.cancelled_at)
        return [] if told else [b for b in unfinished if b.state == BatchState.PENDING]
    moved = _moved(batches, job)
    at_rest = now - moved > settings.stall_after / 2 and job.resent_at < moved
    return unfinished if at_rest and job.dispatched else []


def given_up(
    batches: Sequence[Batch], job: Job, turn: int, now: float, settings: Settings
) -> list[Batch]:
    """The unfinished batches that will not be finished, as they end, each with the reason."""
    unfinished = [batch for batch in batches if not batch.is_finished]
    if job.cancelled_at:
        state, reason = BatchState.SKIPPED, CANCELLED
        unfinished = [batch for batch in unfinished if _is_left(batch, job, now, settings)]
    else:
        state, reason = BatchState.FAILED, _why_all(batches, job, turn, now, settings)
        if not reason:
            unfinished = [batch for batch in unfinished if _is_exhausted(batch, now, settings)]
    return [
        replace(
            batch, state=state, error=reason or _EXHAUSTED.format(batch.attempts), finished_at=now
        )
        for batch in unfinished
    ]


def _why_all(batches: Sequence[Batch], job: Job, turn: int, now: float, settings: Settings) -> str:
    """Why no batch of the job will be finished any more; "" if they may be."""
    if now - seconds_of(job.began_at) > settings.job_deadline or turn >= MAX_TURNS:
        hours = settings.job_deadline / 3600
        return f"the job was not done within its time limit of {hours:g} hours"
    if now - _moved(batches, job) > settings.stall_after:
        return f"no worker took this batch up, or finished it, for {settings.stall_after} seconds"
    return ""


_EXHAUSTED = "the worker broke off {} times at this batch; see the dead-letter queue"


def _is_exhausted(batch: Batch, now: float, settings: Settings) -> bool:
    """Delivered as often as SQS ever does, and the last worker is certainly gone."""
    used_up = batch.attempts >= settings.max_receive_count
    return used_up and now - batch.started_at > 2 * settings.worker_timeout


def _is_left(batch: Batch, job: Job, now: float, settings: Settings) -> bool:
    """Nobody has begun this batch of a cancelled job, or had the time to bring it to an end."""
    return not batch.attempts or now - seconds_of(job.cancelled_at) > 2 * settings.worker_timeout


def _moved(batches: Sequence[Batch], job: Job) -> float:
    """When something last happened to a batch of the job."""
    times = (max(batch.started_at, batch.finished_at) for batch in batches)
    return max([seconds_of(job.began_at), *times])
