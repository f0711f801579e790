"""SplitBatches: normalises a job's list, cuts it into batches and sends a message for each.

Safe to repeat: the same list gives the same batches, those that are there keep their state, and no
message is sent before all batches and the totals are written. In a later run of a job, which a retry
has begun, the batches are there, and those that failed are opened again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from chalicelib.aws import keys
from chalicelib.aws.bucket import PartsWriter
from chalicelib.aws.queue import Message
from chalicelib.aws.workflow import Check
from chalicelib.files.readers import read_rows
from chalicelib.files.rows import Row, encode_row
from chalicelib.model.batches import BATCH_ROWS, Batch, BatchState
from chalicelib.model.errors import UnreadableInputError
from chalicelib.model.jobs import Job, JobStatus
from chalicelib.model.layout import MAX_COLUMNS
from chalicelib.services import Services

#: Seconds until the first check: a list of one batch is done by then.
FIRST_WAIT = 1


def split_batches(services: Services, job_id: str) -> Check:
    """Cut the job's list into batches and hand them to the workers."""
    job = services.jobs.find(job_id)
    if job is not None and not job.has_ended and not job.planned:
        job = _plan(services, job)
    if job is not None and not job.has_ended and not job.dispatched:
        job = _dispatch(services, job)
    if job is None or job.has_ended:
        return Check.last(job_id, 0)
    return Check(job_id, 0, complete=False, failed=False, wait_seconds=FIRST_WAIT)


def _plan(services: Services, job: Job) -> Job | None:
    """Write the contacts, the batches and the totals; a list that cannot be read ends the job.

    None when the job was ended from elsewhere meanwhile.
    """
    splitting = services.jobs.update(job, status=JobStatus.SPLITTING)
    if splitting is None:
        return None
    try:
        plan = _normalise(services, splitting)
    except UnreadableInputError as error:
        changes = {"error": str(error), "unreadable": True, "finished_at": services.clock()}
        return services.jobs.update(splitting, status=JobStatus.FAILED, **changes)
    services.batches.plan(job.id, plan.batches, services.clock())
    return services.jobs.update(
        splitting,
        columns=job.layout.columns if job.layout.kind == "csv" else tuple(plan.columns),
        total_rows=plan.rows,
        total_batches=len(plan.batches),
        planned=True,
    )


def _dispatch(services: Services, job: Job) -> Job | None:
    """Send a message for every batch that is not finished, and then write that this was done."""
    if not job.cancelled_at:
        batches = services.batches.all(job.id)
        opened = (_opened(services, job, batch) for batch in batches)
        services.queue.send(
            Message.about(job.id, batch) for batch in opened if not batch.is_finished
        )
    return services.jobs.update(job, status=JobStatus.ENRICHING, dispatched=True)


def _opened(services: Services, job: Job, batch: Batch) -> Batch:
    if batch.state != BatchState.FAILED:
        return batch
    return services.batches.reopen(job.id, batch, job.run)


@dataclass
class _Plan:
    """What a list comes to. ``columns``: of JSON, all keys in the order first seen, as a dictionary's."""

    columns: dict[str, None] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
    rows: int = 0


def _normalise(services: Services, job: Job) -> _Plan:
    chunks = services.bucket.chunks(job.input_key, job.input_etag)
    rows = read_rows(chunks, job.layout)
    plan = _Plan()
    if job.layout.kind != "csv":
        rows = _gathering_columns(rows, plan.columns)
    with services.bucket.writer(keys.contacts_file(job.id), "application/x-ndjson") as file:
        _write(rows, plan, file, services.settings.max_rows)
    return plan


def _gathering_columns(rows: Iterable[Row], columns: dict[str, None]) -> Iterator[Row]:
    for row in rows:
        if isinstance(row, dict) and not row.keys() <= columns.keys():
            columns.update(dict.fromkeys(row))
            if len(columns) > MAX_COLUMNS:
                raise UnreadableInputError(
                    f"The contacts have more than {MAX_COLUMNS:,} different keys in all; is the "
                    "data of a contact used as keys?"
                )
        yield row


def _write(rows: Iterator[Row], plan: _Plan, file: PartsWriter, max_rows: int) -> None:
    while lines := [encode_row(row) for row in islice(rows, BATCH_ROWS)]:
        plan.rows += len(lines)
        if plan.rows > max_rows:
            raise UnreadableInputError(
                f"The list has more than {max_rows:,} rows; split it into several."
            )
        start = file.bytes
        file.write(("\n".join(lines) + "\n").encode("ascii"))
        plan.batches.append(Batch(len(plan.batches), start, file.bytes, len(lines)))
    if not plan.rows:
        raise UnreadableInputError("The list has no contacts.")
