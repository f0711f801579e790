"""The worker: enriches the batch that a message names and stores its rows.

Safe to repeat, also at the same time: of several results of a batch the first stands.
"""

from __future__ import annotations

import math
import random
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.aws.queue import Message, parse_message
from chalicelib.aws.results import BatchRows
from chalicelib.files.enriched import OutputRow, pack
from chalicelib.files.rows import read_batch
from chalicelib.logs import log_event
from chalicelib.lookups.calls import CALL_SECONDS, LONGEST_DELAY, PostponedError
from chalicelib.lookups.health import stopped
from chalicelib.lookups.ledger import Claimant
from chalicelib.lookups.lookup import Lookups
from chalicelib.lookups.paid_call import BatchRun
from chalicelib.lookups.trouble import CANCELLED
from chalicelib.lookups.waterfall import run_waterfall
from chalicelib.model.batches import BATCH_ROWS, Batch, BatchState
from chalicelib.model.clock import DAY
from chalicelib.model.jobs import JOB_CANCELLED, Job
from chalicelib.model.tallies import ProviderUse, RowStatus, Tally
from chalicelib.services import Services

#: Seconds by which claims outlive the worker, whose clock may differ from the next one's.
_LEASE_MARGIN = 10
#: A job needs its own answers until it ends.
_LEAST_KEPT_DAYS = 2


@dataclass(frozen=True)
class Delivery:
    """A message as SQS delivered it, for the ``receive_count``-th time."""

    body: str
    receipt_handle: str
    receive_count: int


def work_on(services: Services, delivery: Delivery) -> None:
    """Enrich the batch that a message names.

    Every error is raised, so that SQS keeps the message and delivers it again soon. After the last
    delivery the batch is FAILED, and the message goes to the dead-letter queue.
    """
    message = parse_message(delivery.body)
    try:
        enrich_batch(services, message, delivery.receive_count)
    except PostponedError as wait:
        # Not a failure: a copy of the message comes later and this one is acknowledged, so that the
        # wait uses up none of its deliveries.
        seconds = min(max(math.ceil(wait.seconds), 1), LONGEST_DELAY)
        later = replace(message, postponements=message.postponements + 1)
        services.queue.send_later(later, seconds)
        services.batches.postpone(later)
        log_event(
            "batch_postponed",
            job=message.job_id,
            batch=message.batch,
            postponements=later.postponements,
            seconds=seconds,
            why=str(wait),
        )
    except Exception as error:
        if delivery.receive_count >= services.settings.max_receive_count:
            _give_up(services, message, delivery.receive_count, error)
        else:
            services.queue.bring_back(delivery.receipt_handle, _backoff(delivery.receive_count))
        raise


def enrich_batch(services: Services, message: Message, attempt: int) -> None:
    """Run one batch through the waterfall and store its rows; a finished batch is left alone.

    No provider is asked for a cancelled job: a batch that was begun before keeps what it has, any other
    batch is skipped.
    """
    now, job_id, number = services.clock(), message.job_id, message.batch
    batch = services.batches.start(message, attempt, now)
    if batch is None:
        return
    job = services.jobs.find(job_id)
    if job is None or job.has_ended:
        return
    if job.cancelled_at:
        if attempt == 1 and not message.postponements:
            skipped = replace(batch, state=BatchState.SKIPPED, error=JOB_CANCELLED, finished_at=now)
            services.batches.finish(job_id, skipped)
            return
        job = replace(job, health=stopped(job.health, job.options.providers, CANCELLED))
    rows = services.results.put(job_id, number, _enriched(services, job, batch, now), now)
    done = replace(
        batch, state=BatchState.DONE, tally=rows.tally, finished_at=services.clock(), error=""
    )
    services.batches.finish(job_id, done)
    log_event("batch_done", job=job_id, batch=number, rows=batch.rows, attempt=attempt)


def _enriched(services: Services, job: Job, batch: Batch, now: float) -> BatchRows:
    rows = read_batch(services.bucket, job, batch)
    chosen = _sampled(job, batch)
    providers = [services.providers.create(name) for name in job.options.providers]
    lookups = Lookups(_batch_run(services, job, batch, now))
    output, uses = run_waterfall(rows[:chosen], providers, job.options, lookups.ask)
    output += [OutputRow(RowStatus.SKIPPED, {}, _NOT_SAMPLED)] * (len(rows) - chosen)
    return BatchRows(pack(output), tally_of(output, uses))


_NOT_SAMPLED = "the row is beyond the job's sample"


def _sampled(job: Job, batch: Batch) -> int:
    """How many rows of the batch are to be enriched."""
    if not job.options.sample:
        return batch.rows
    return min(max(job.options.sample - batch.number * BATCH_ROWS, 0), batch.rows)


def _batch_run(services: Services, job: Job, batch: Batch, now: float) -> BatchRun:
    end = now + services.settings.worker_timeout
    days = max(job.options.cache_days, _LEAST_KEPT_DAYS)
    claimant = Claimant(
        id=uuid.uuid4().hex,
        job_id=job.id,
        batch=batch.number,
        lease=end + _LEASE_MARGIN,
        expires_at=int(now) + days * DAY,
    )
    return BatchRun(services, job, claimant, end - CALL_SECONDS)


def tally_of(rows: Sequence[OutputRow], uses: dict[str, ProviderUse]) -> Tally:
    """What became of the rows of a batch."""
    return Tally(dict(Counter(row.status.value for row in rows)), uses)


def _give_up(services: Services, message: Message, attempt: int, error: Exception) -> None:
    now = services.clock()
    batch = services.batches.start(message, attempt, now)
    if batch is not None:
        reason = f"the batch could not be enriched ({type(error).__name__})"
        failed = replace(batch, state=BatchState.FAILED, error=reason, finished_at=now)
        services.batches.finish(message.job_id, failed)


def _backoff(receive_count: int) -> int:
    """Seconds until the next try: longer each time, and not the same for all (full jitter)."""
    return random.randint(1, min(300, 5 * 2**receive_count))  # noqa: S311 (no secret)
