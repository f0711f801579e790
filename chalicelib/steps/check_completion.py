"""CheckCompletion: counts a job's finished batches and says when to look again.

What is done is counted from the batches themselves, so nothing that is delivered or done twice counts
twice. Messages that are lost are sent again, and batches that nobody will finish are given up: a job always
ends. A batch that waits behind other jobs is not lost: as long as the queue holds messages, its turn comes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.aws.queue import Message
from chalicelib.aws.workflow import Check
from chalicelib.model.batches import Batch, BatchState, add_up, settle
from chalicelib.model.jobs import JOB_CANCELLED, Job, JobStatus
from chalicelib.services import Services
from chalicelib.settings import Settings

#: A check makes 9 events in the execution's history, which holds 25,000 in all.
MAX_CHECKS = 2_500
#: Seconds between two checks.
MIN_WAIT, MAX_WAIT = 1, 60
#: A look does not go on behind so many batches in a row that nobody has begun: usually one call reads enough.
_FAR = 50


@dataclass(frozen=True)
class Look:
    """What a check sees of a job. ``batches``: those that are not settled, in order, perhaps without those that are
    far from being begun. ``checks``: how many came before. ``idle``: nothing has happened to any batch for half of
    ``stall_after``, and the queue is empty.
    """

    job: Job
    batches: Sequence[Batch]
    checks: int
    now: float
    idle: bool = False

    @property
    def unfinished(self) -> list[Batch]:
        return [batch for batch in self.batches if not batch.is_finished]

    @property
    def moved(self) -> float:
        """When something last happened to a batch of the job."""
        times = (max(batch.started_at, batch.finished_at) for batch in self.batches)
        return max([self.job.began_at, self.job.settled.moved, *times])


def check_completion(services: Services, job_id: str, checks: int) -> Check:
    """Count the job's finished batches, give up those that are stuck, and say when to look again."""
    job = services.jobs.find(job_id)
    if job is None or job.has_ended:
        return Check.last(job_id, checks + 1)
    look = _look(services, job, checks)
    now, settled = look.now, job.settled
    ended = {
        batch.number: batch
        for batch in given_up(look, services.settings)
        if services.batches.finish(job_id, batch)
    }
    batches = [ended.get(batch.number, batch) for batch in look.batches]
    look = replace(look, batches=batches)
    progress = settled.progress + add_up(batches)
    complete = job.dispatched and progress.finished == job.total_batches
    lost = overdue(look)
    services.queue.send(Message.about(job_id, batch) for batch in lost)
    services.jobs.update(
        job,
        progress=progress,
        settled=settle(settled, batches),
        status=JobStatus.AGGREGATING if complete else job.status,
        resent_at=now if lost else job.resent_at,
    )
    wait = next_wait(now - job.began_at, progress.finished, job.total_batches)
    return Check(job_id, checks + 1, complete, False, wait)


def _look(services: Services, job: Job, checks: int) -> Look:
    """What there is to see. Of a large job most batches wait, and reading them at each look would keep others from
    the table: all are read only where something may have to be done about any, or where some were done in an
    earlier run, wherever they stand.
    """
    batches, settings = services.batches.all(job.id, job.settled.batches), services.settings
    look = Look(job, list(up_to_far(batches)), checks, services.clock())
    if job.run or job.cancelled_at or _is_late(look, settings) or _is_at_rest(look, settings):
        look = replace(look, batches=[*look.batches, *batches])
    return replace(look, idle=_is_at_rest(look, settings) and services.queue.is_empty())


def up_to_far(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The batches up to the first fifty in a row that nobody has begun."""
    untouched = 0
    for batch in batches:
        yield batch
        untouched = 0 if batch.attempts or batch.is_finished else untouched + 1
        if untouched == _FAR:
            return


def _is_at_rest(look: Look, settings: Settings) -> bool:
    return look.now - look.moved > settings.stall_after / 2


def _is_late(look: Look, settings: Settings) -> bool:
    return look.now - look.job.began_at > settings.job_deadline or look.checks >= MAX_CHECKS


def next_wait(elapsed: float, finished: int, batches: int) -> int:
    """Seconds until the next look: half as long as the rest is expected to take at the run's pace so far, but from
    a hundredth to a tenth of the time so far (``elapsed``). So no job waits much longer for its end than it ran,
    and a last batch that takes long does not use up the looks.
    """
    rest = elapsed * (batches - finished) / finished if finished else elapsed
    wait = min(max(rest / 2, elapsed / 100), elapsed / 10)
    return max(MIN_WAIT, min(MAX_WAIT, math.floor(wait)))


def overdue(look: Look) -> list[Batch]:
    """The unfinished batches whose message is lost: the job is idle, and they were not sent again since. Of a
    cancelled job, the batches that wait for a provider: they need not wait.
    """
    job = look.job
    if job.cancelled_at:
        resent = job.resent_at >= job.cancelled_at
        return [] if resent else [b for b in look.unfinished if b.state == BatchState.PENDING]
    is_lost = look.idle and job.resent_at < look.moved and job.dispatched
    return look.unfinished if is_lost else []


def given_up(look: Look, settings: Settings) -> list[Batch]:
    """The unfinished batches that will not be finished, as they end, each with the reason."""
    unfinished = look.unfinished
    if look.job.cancelled_at:
        state, reason = BatchState.SKIPPED, JOB_CANCELLED
        unfinished = [batch for batch in unfinished if _is_left(batch, look, settings)]
    else:
        state, reason = BatchState.FAILED, _why_all(look, settings)
        if not reason:
            unfinished = [batch for batch in unfinished if _is_exhausted(batch, look, settings)]
    return [
        replace(
            batch,
            state=state,
            error=reason or _EXHAUSTED.format(batch.attempts),
            finished_at=look.now,
        )
        for batch in unfinished
    ]


def _why_all(look: Look, settings: Settings) -> str:
    """Why no batch of the job will be finished any more; "" if they may be."""
    job = look.job
    if _is_late(look, settings):
        hours = settings.job_deadline / 3600
        return f"the job was not done within its time limit of {hours:g} hours"
    resent = job.resent_at >= look.moved
    if look.idle and resent and look.now - job.resent_at > settings.stall_after / 2:
        return f"no worker took this batch up, or finished it, for {settings.stall_after} seconds"
    return ""


_EXHAUSTED = "the worker broke off {} times at this batch; see the dead-letter queue"


def _is_exhausted(batch: Batch, look: Look, settings: Settings) -> bool:
    """Delivered as often as SQS ever does, and the last worker is certainly gone."""
    used_up = batch.attempts >= settings.max_receive_count
    return used_up and look.now - batch.started_at > 2 * settings.worker_timeout


def _is_left(batch: Batch, look: Look, settings: Settings) -> bool:
    """Nobody has begun this batch of a cancelled job, or had the time to bring it to an end."""
    since = look.now - look.job.cancelled_at
    return not batch.attempts or since > 2 * settings.worker_timeout
