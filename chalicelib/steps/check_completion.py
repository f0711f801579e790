"""CheckCompletion: counts a job's finished batches and says when to look again.

What is done is counted from the batches themselves, so nothing that is delivered or done twice counts
twice. Messages that are lost are sent again, and batches that nobody will finish are given up: a job always
ends. A batch that waits behind other jobs is not lost: as long as the queue holds messages, its turn comes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from chalicelib.aws.queue import Message
from chalicelib.aws.workflow import Check
from chalicelib.model.batches import Batch, BatchState, add_up
from chalicelib.model.jobs import JOB_CANCELLED, Job, JobStatus
from chalicelib.services import Services
from chalicelib.settings import Settings

#: A check makes 9 events in the execution's history, which holds 25,000 in all.
MAX_CHECKS = 2_500
#: Seconds between two checks.
MIN_WAIT, MAX_WAIT = 1, 60


def check_completion(services: Services, job_id: str, checks: int) -> Check:
    """Count the job's finished batches, give up those that are stuck, and say when to look again."""
    job = services.jobs.find(job_id)
    if job is None or job.has_ended:
        return Check.last(job_id, checks + 1)
    now = services.clock()
    batches = list(services.batches.all(job_id))
    idle = _is_at_rest(batches, job, now, services.settings) and services.queue.is_empty()
    for batch in given_up(batches, job, checks, now, services.settings, idle):
        if services.batches.finish(job_id, batch):
            batches[batch.number] = batch
    progress = add_up(batches)
    complete = job.dispatched and progress.finished == job.total_batches
    lost = overdue(batches, job, idle)
    services.queue.send(Message.about(job_id, batch) for batch in lost)
    services.jobs.update(
        job,
        progress=progress,
        status=JobStatus.AGGREGATING if complete else job.status,
        resent_at=now if lost else job.resent_at,
    )
    return Check(job_id, checks + 1, complete, False, next_wait(batches, job, now))


def next_wait(batches: Sequence[Batch], job: Job, now: float) -> int:
    """Seconds until the next look: as long as the rest is expected to take at the run's pace so far, but from a
    hundredth to a tenth of the time so far. So no job waits much longer for its end than it ran, and a last
    batch that takes long does not use up the looks.
    """
    elapsed = now - job.began_at
    finished = sum(batch.is_finished for batch in batches)
    rest = elapsed * (len(batches) - finished) / finished if finished else elapsed
    wait = min(max(rest, elapsed / 100), elapsed / 10)
    return max(MIN_WAIT, min(MAX_WAIT, math.floor(wait)))


def overdue(batches: Sequence[Batch], job: Job, idle: bool) -> list[Batch]:
    """The unfinished batches whose message is lost: no batch of the job has moved for half of ``stall_after``,
    and the queue is empty (``idle``). Of a cancelled job, the batches that wait for a provider: they need
    not wait.
    """
    unfinished = [batch for batch in batches if not batch.is_finished]
    if job.cancelled_at:
        resent = job.resent_at >= job.cancelled_at
        return [] if resent else [b for b in unfinished if b.state == BatchState.PENDING]
    resent = job.resent_at >= _moved(batches, job)
    return unfinished if idle and not resent and job.dispatched else []


def given_up(
    batches: Sequence[Batch], job: Job, checks: int, now: float, settings: Settings, idle: bool
) -> list[Batch]:
    """The unfinished batches that will not be finished, as they end, each with the reason. ``idle``: as for
    ``overdue``.
    """
    unfinished = [batch for batch in batches if not batch.is_finished]
    if job.cancelled_at:
        state, reason = BatchState.SKIPPED, JOB_CANCELLED
        unfinished = [batch for batch in unfinished if _is_left(batch, job, now, settings)]
    else:
        state, reason = BatchState.FAILED, _why_all(batches, job, checks, now, settings, idle)
        if not reason:
            unfinished = [batch for batch in unfinished if _is_exhausted(batch, now, settings)]
    return [
        replace(
            batch, state=state, error=reason or _EXHAUSTED.format(batch.attempts), finished_at=now
        )
        for batch in unfinished
    ]


def _why_all(
    batches: Sequence[Batch], job: Job, checks: int, now: float, settings: Settings, idle: bool
) -> str:
    """Why no batch of the job will be finished any more; "" if they may be."""
    if now - job.began_at > settings.job_deadline or checks >= MAX_CHECKS:
        hours = settings.job_deadline / 3600
        return f"the job was not done within its time limit of {hours:g} hours"
    resent = job.resent_at >= _moved(batches, job)
    if idle and resent and now - job.resent_at > settings.stall_after / 2:
        return f"no worker took this batch up, or finished it, for {settings.stall_after} seconds"
    return ""


_EXHAUSTED = "the worker broke off {} times at this batch; see the dead-letter queue"


def _is_exhausted(batch: Batch, now: float, settings: Settings) -> bool:
    """Delivered as often as SQS ever does, and the last worker is certainly gone."""
    used_up = batch.attempts >= settings.max_receive_count
    return used_up and now - batch.started_at > 2 * settings.worker_timeout


def _is_left(batch: Batch, job: Job, now: float, settings: Settings) -> bool:
    """Nobody has begun this batch of a cancelled job, or had the time to bring it to an end."""
    return not batch.attempts or now - job.cancelled_at > 2 * settings.worker_timeout


def _is_at_rest(batches: Sequence[Batch], job: Job, now: float, settings: Settings) -> bool:
    """Nothing has happened to any batch of the job for half of ``stall_after``."""
    return now - _moved(batches, job) > settings.stall_after / 2


def _moved(batches: Sequence[Batch], job: Job) -> float:
    """When something last happened to a batch of the job."""
    times = (max(batch.started_at, batch.finished_at) for batch in batches)
    return max([job.began_at, *times])
