"""The worker: enriches the batch that a message names and stores its rows.

Safe to repeat, also at the same time: of several results of a batch the first stands.
"""

from __future__ import annotations

import math
import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from chalicelib.aws.queue import Delivery, Message
from chalicelib.aws.results import BatchRows
from chalicelib.aws.suppressions import RECENT
from chalicelib.files.enriched import OutputRow, is_guess, pack
from chalicelib.files.rows import read_batch
from chalicelib.logs import count, log_event, name_ids
from chalicelib.lookups.calls import CALL_SECONDS
from chalicelib.lookups.health import stopped
from chalicelib.lookups.ledger import Claimant
from chalicelib.lookups.lookup import Lookups
from chalicelib.lookups.paid_call import BatchRun
from chalicelib.lookups.trouble import CANCELLED
from chalicelib.lookups.turns import SHORT_WAIT, PostponedError
from chalicelib.lookups.waterfall import INPUT, run_waterfall
from chalicelib.model.batches import BATCH_ROWS, Batch, BatchState
from chalicelib.model.clock import DAY
from chalicelib.model.jobs import JOB_CANCELLED, Job
from chalicelib.model.tallies import Fill, ProviderUse, RowStatus, Tally, commonest
from chalicelib.providers.base import Informed, Provider
from chalicelib.services import Services

#: Seconds by which claims outlive the worker, whose clock may differ from the next one's.
_LEASE_MARGIN = 10
#: A job needs its own answers until it ends.
_LEAST_KEPT_DAYS = 2


def work_on(services: Services, delivery: Delivery) -> None:
    """Enrich the batch that a message names.

    Every error is raised, so that SQS keeps the message and delivers it again soon. After the last
    delivery the batch is FAILED, and the message goes to the dead-letter queue.
    """
    message = delivery.message
    name_ids(job=message.job_id, batch=message.batch)
    if delivery.queue_delay is not None:
        count("QueueDelaySeconds", delivery.queue_delay)
    try:
        enrich_batch(services, message, delivery.receive_count)
    except PostponedError as wait:
        _postpone(services, message, wait)
    except Exception as error:
        if delivery.receive_count >= services.settings.max_receive_count:
            _give_up(services, message, delivery.receive_count, error)
        else:
            services.queue.bring_back(delivery.receipt_handle, _backoff(delivery.receive_count))
        raise


def _postpone(services: Services, message: Message, wait: PostponedError) -> None:
    """Send a copy of the message that comes later. This one is acknowledged, so that the wait, which is no
    failure, uses up none of its deliveries.
    """
    seconds = max(math.ceil(wait.seconds), 1)
    later = replace(
        message,
        postponements=message.postponements + 1,
        due=services.clock() + seconds,
        turns={**message.turns, **wait.turns},
    )
    services.queue.send_later(later, seconds)
    services.batches.postpone(later)
    count("Postponements")
    log_event(
        "batch_postponed",
        job=message.job_id,
        batch=message.batch,
        postponements=later.postponements,
        seconds=seconds,
        why=str(wait),
    )


def enrich_batch(services: Services, message: Message, attempt: int) -> None:
    """Run one batch through the waterfall and store its rows; a finished batch is left alone.

    No provider is asked for a cancelled job: a batch that was begun before keeps what it has, any other
    batch is skipped.
    """
    now, job_id = services.clock(), message.job_id
    is_first = attempt == 1 and not message.postponements
    job = _job_of(services, job_id, now)
    if is_first and job is not None and _asks_nobody(services, job):
        batch: Batch | None = _planned(message, now)
    else:
        batch = services.batches.start(message, attempt, now)
    if batch is None or job is None or job.has_ended:
        return
    if message.due - now > SHORT_WAIT:  # SQS delays a message by 15 minutes at most
        raise PostponedError(message.due - now, "its time has not come")
    if job.cancelled_at:
        if is_first:
            skipped = replace(batch, state=BatchState.SKIPPED, error=JOB_CANCELLED, finished_at=now)
            services.batches.finish(job_id, skipped)
            return
        job = replace(job, health=stopped(job.health, job.options.providers, CANCELLED))
    enriched = _enriched(services, job, batch, message, now)
    # What only this process found out says of nobody that they were looked up.
    is_secret = not _asks_nobody(services, job)
    rows = services.results.put(job_id, batch.number, enriched, now, is_secret=is_secret)
    done = replace(
        batch, state=BatchState.DONE, tally=rows.tally, finished_at=services.clock(), error=""
    )
    services.batches.finish(
        job_id, services.results.seal_fields(job_id, done) if is_secret else done
    )


def _job_of(services: Services, job_id: str, now: float) -> Job | None:
    """The job as it is; if it asks nobody, perhaps as it was some seconds ago."""
    recent = services.jobs.recent(job_id, now)
    if recent is not None and _asks_nobody(services, recent):
        return recent
    return services.jobs.find_again(job_id, now)


def _asks_nobody(services: Services, job: Job) -> bool:
    """Whether all providers of the job work in this process, without a price or a limit. Such a batch is not
    marked when it begins, to save a write: if two workers do it, it is only done twice.
    """
    return all(services.providers.create(name).terms.is_local for name in job.options.providers)


def _planned(message: Message, now: float) -> Batch:
    """The batch of a message that is delivered for the first time."""
    return Batch(
        message.batch,
        message.start,
        message.end,
        message.rows,
        BatchState.RUNNING,
        1,
        started_at=now,
    )


def _enriched(
    services: Services, job: Job, batch: Batch, message: Message, now: float
) -> BatchRows:
    age = RECENT if _asks_nobody(services, job) else 0
    is_erased = services.suppressions.of(job.owner, now, age).names
    rows = read_batch(services.bucket, job, services.layouts.columns(job.id), batch)
    chosen = _sampled(job, batch)
    providers = [_provider(services, job, name) for name in job.options.providers]
    lookups = Lookups(_batch_run(services, job, message, now), is_erased)
    output, uses = run_waterfall(rows[:chosen], providers, job.options, lookups.ask, is_erased)
    output += [OutputRow(RowStatus.SKIPPED, {}, _NOT_SAMPLED)] * (len(rows) - chosen)
    return BatchRows(pack(output), tally_of(output, uses))


def _provider(services: Services, job: Job, name: str) -> Provider:
    provider = services.providers.create(name)
    if isinstance(provider, Informed):
        return provider.informed(services.layouts.facts(job.id))
    return provider


_NOT_SAMPLED = "the row is beyond the job's sample"
#: What is wrong with a row as such stands in the row itself, perhaps with parts of it.
_UNREADABLE = "the row itself cannot be read; its enriched_error says why"


def _sampled(job: Job, batch: Batch) -> int:
    """How many rows of the batch are to be enriched."""
    if not job.options.sample:
        return batch.rows
    return min(max(job.options.sample - batch.number * BATCH_ROWS, 0), batch.rows)


def _batch_run(services: Services, job: Job, message: Message, now: float) -> BatchRun:
    end = now + services.settings.worker_timeout
    days = max(job.options.cache_days, _LEAST_KEPT_DAYS)
    claimant = Claimant(
        id=uuid.uuid4().hex,
        job_id=job.id,
        batch=message.batch,
        lease=end + _LEASE_MARGIN,
        expires_at=int(now) + days * DAY,
    )
    return BatchRun(
        services,
        job,
        claimant,
        deadline=end - CALL_SECONDS,
        job_ends_at=job.began_at + services.settings.job_deadline,
        turns=message.turns,
        postponements=message.postponements,
    )


def tally_of(rows: Sequence[OutputRow], uses: dict[str, ProviderUse]) -> Tally:
    """What became of the rows of a batch."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for origins, times in Counter(row.origins for row in rows).items():
        for name, provider, confidence in origins:
            kinds[name][_kind_of(provider, confidence)] += times
    fills = {name: Fill(**counts) for name, counts in sorted(kinds.items())}
    problems = Counter(row.error or _UNREADABLE for row in rows if _has_problem(row))
    counts = Counter(row.status.value for row in rows)
    return Tally(dict(counts), uses, fills, commonest(problems))


def _kind_of(provider: str, confidence: float) -> str:
    """As which a value is counted: see Fill."""
    if provider == INPUT:
        return "given"
    return "guessed" if is_guess(provider, confidence) else "found"


def _has_problem(row: OutputRow) -> bool:
    return bool(row.error) or row.status == RowStatus.INVALID


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
