"""Third floor: the worker's step. The message of one batch goes in; its enriched rows are stored.

Safe to repeat, also at the same time: of several results of a batch the first stands.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.batch_queue import read_message
from chalicelib.contacts import map_columns
from chalicelib.jobs import Batch, BatchState, Job, ProviderUse, Tally
from chalicelib.logs import log_event
from chalicelib.records import BatchRows
from chalicelib.rows import OutputRow, decode_rows
from chalicelib.services import Services
from chalicelib.waterfall import run_waterfall
from chalicelib.writers import create_writer


@dataclass(frozen=True)
class Delivery:
    """A message as SQS delivered it, for the ``receive_count``-th time."""

    body: str
    receipt_handle: str
    receive_count: int


def work_on(services: Services, delivery: Delivery) -> None:
    """Enrich the batch that a message names.

    Whatever goes wrong is raised, so that SQS keeps the message and delivers it again, soon; after
    the last time the batch is FAILED and the message goes to the dead-letter queue.
    """
    job_id, number = read_message(delivery.body)
    try:
        enrich_batch(services, job_id, number, delivery.receive_count)
    except Exception as error:
        if delivery.receive_count >= services.settings.max_receive_count:
            _give_up(services, job_id, number, delivery.receive_count, error)
        else:
            services.queue.bring_back(delivery.receipt_handle, _backoff(delivery.receive_count))
        raise


def enrich_batch(services: Services, job_id: str, number: int, attempt: int) -> None:
    """Run one batch through the waterfall and store its rows; nothing is done to a finished one."""
    now = services.clock()
    batch = services.control.start_batch(job_id, number, attempt, now)
    if batch is None:
        return
    job = services.control.get_job(job_id)
    if job.has_ended:
        return
    rows = services.records.put_rows(job_id, number, _enriched(services, job, batch), now)
    done = replace(
        batch, state=BatchState.DONE, tally=rows.tally, finished_at=services.clock(), error=""
    )
    services.control.finish_batch(job_id, done)
    log_event("batch_done", job=job_id, batch=number, rows=batch.rows, attempt=attempt)


def _enriched(services: Services, job: Job, batch: Batch) -> BatchRows:
    lines = services.bucket.read(job.contacts_key, batch.start, batch.end)
    column_map = map_columns(job.columns, job.options.mapping)
    rows = list(decode_rows(lines, job.columns, column_map))
    providers = [services.providers.create(name) for name in job.options.providers]
    output, uses = run_waterfall(rows, providers, job.options)
    writer = create_writer(job.options, job.columns)
    return BatchRows(writer.rows(output), tally_of(output, uses))


def tally_of(rows: Sequence[OutputRow], uses: dict[str, ProviderUse]) -> Tally:
    """What became of the rows of a batch."""
    return Tally(dict(Counter(row.status.value for row in rows)), uses)


def _give_up(services: Services, job_id: str, number: int, attempt: int, error: Exception) -> None:
    batch = services.control.start_batch(job_id, number, attempt, services.clock())
    if batch is not None:
        reason = f"the batch could not be enriched ({type(error).__name__})"
        failed = replace(batch, state=BatchState.FAILED, error=reason, finished_at=services.clock())
        services.control.finish_batch(job_id, failed)


def _backoff(receive_count: int) -> int:
    """Seconds until the next try: longer each time, and not the same for all (full jitter)."""
    return random.randint(1, min(300, 5 * 2**receive_count))  # noqa: S311 (no secret)
