"""Third floor: the step SplitBatches. A job's list goes in; normalised contacts, batches and messages come out.

Safe to repeat: the same list gives the same batches, those that are there keep their state, and no
message is sent before all batches and the totals are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from chalicelib.bucket import PartsWriter
from chalicelib.clock import iso_time
from chalicelib.errors import UnreadableInputError
from chalicelib.jobs import BATCH_ROWS, Batch, Job, JobStatus
from chalicelib.layout import MAX_COLUMNS
from chalicelib.readers import Row, read_rows
from chalicelib.rows import encode_row
from chalicelib.services import Services
from chalicelib.workflow import Turn

#: Seconds until the first check: a list of one batch is done by then.
FIRST_WAIT = 1


def split_batches(services: Services, job_id: str) -> Turn:
    """Cut the job's list into batches and hand them to the workers."""
    job = services.control.get_job(job_id)
    if not job.has_ended and not job.planned:
        job = _plan(services, job)
    if not job.has_ended and not job.dispatched:
        services.queue.send(job_id, range(job.total_batches))
        job = services.control.update_job(job, dispatched=True) or job
    failed = job.status == JobStatus.FAILED
    return Turn(job_id, 0, job.has_ended, failed, FIRST_WAIT)


def _plan(services: Services, job: Job) -> Job:
    """Write the contacts, the batches and the totals; a list that cannot be read ends the job."""
    control = services.control
    job = control.update_job(job, status=JobStatus.SPLITTING) or control.get_job(job.id)
    if job.has_ended:
        return job
    try:
        plan = _normalise(services, job)
    except UnreadableInputError as error:
        changes = {"error": str(error), "finished_at": iso_time(services.clock())}
        failed = control.update_job(job, status=JobStatus.FAILED, **changes)
        return failed or control.get_job(job.id)
    control.plan_batches(job.id, plan.batches, services.clock())
    planned = control.update_job(
        job,
        status=JobStatus.ENRICHING,
        columns=tuple(plan.columns),
        total_rows=plan.rows,
        total_batches=len(plan.batches),
        planned=True,
    )
    return planned or control.get_job(job.id)


@dataclass
class _Plan:
    """What a list comes to. ``columns`` as the keys of a dictionary: in the order first seen."""

    columns: dict[str, None] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
    rows: int = 0


def _normalise(services: Services, job: Job) -> _Plan:
    chunks = services.bucket.chunks(job.input_key, job.input_etag)
    rows = read_rows(chunks, job.layout)
    if job.layout.kind == "csv":
        plan = _Plan()
        columns = list(job.layout.columns)
    else:
        plan = _Plan()
        rows = _gathering_columns(rows, plan.columns)
        columns = []
    with services.bucket.writer(job.contacts_key, "application/x-ndjson") as file:
        _write(rows, plan, file, services.settings.max_rows)
    plan.columns.update(dict.fromkeys(columns))
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
