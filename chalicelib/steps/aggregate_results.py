"""AggregateResults: writes the rows of all batches, in their order, into one file and ends the job."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from chalicelib.aws import keys
from chalicelib.files.rows import OutputRow, read_batch
from chalicelib.files.writers import Writer, create_writer
from chalicelib.model.batches import Batch, BatchState, Progress, add_up
from chalicelib.model.jobs import Job, JobStatus, Result
from chalicelib.model.tallies import RowStatus, Tally
from chalicelib.services import Services

#: Batches fetched in one call, and calls ahead of the writing: at 350 KB a batch 70 MB at most.
_GROUP = 25
_AHEAD = 4


class RowsMissingError(RuntimeError):
    """The rows of the batches do not add up to those of the list: a defect, never to be hidden."""


def aggregate_results(services: Services, job_id: str) -> None:
    """Write the job's file and end the job; nothing is done to a job that has ended."""
    job = services.jobs.find(job_id)
    if job is None or job.has_ended:
        return
    batches = list(services.batches.all(job_id))
    result_key = keys.result_file(job_id, job.run, job.options.output)
    writer = create_writer(job.options, job.columns)
    tallies = []
    with services.bucket.writer(result_key, writer.content_type) as file:
        file.write(writer.header())
        for data, tally in _rows_in_order(services, job, batches, writer):
            file.write(data)
            tallies.append(tally)
    progress = add_up(
        replace(batch, tally=tally) for batch, tally in zip(batches, tallies, strict=True)
    )
    rows = sum(progress.tally.counts.values())
    if rows != job.total_rows:
        raise RowsMissingError(f"{rows} rows of {job.total_rows} are there.")
    services.jobs.update(
        job,
        status=_end_of(job, progress),
        progress=progress,
        result=Result(result_key, rows, file.bytes),
        finished_at=services.clock(),
    )


def _end_of(job: Job, progress: Progress) -> JobStatus:
    if job.cancelled_at:
        return JobStatus.CANCELLED
    return JobStatus.COMPLETED_WITH_ERRORS if progress.failed else JobStatus.COMPLETED


def _rows_in_order(
    services: Services, job: Job, batches: list[Batch], writer: Writer
) -> Iterator[tuple[bytes, Tally]]:
    groups = [batches[start : start + _GROUP] for start in range(0, len(batches), _GROUP)]

    def fetch(group: list[Batch]) -> list[tuple[bytes, Tally]]:
        done = [batch.number for batch in group if batch.state == BatchState.DONE]
        stored = dict(zip(done, services.results.get(job.id, done), strict=True))
        return [
            (stored[batch.number].data, stored[batch.number].tally)
            if batch.number in stored
            else _unenriched_rows(services, job, batch, writer)
            for batch in group
        ]

    for rows in fetched_ahead(fetch, groups, _AHEAD):
        yield from rows


def fetched_ahead(
    fetch: Callable[[Any], Any], arguments: Iterable[Any], ahead: int
) -> Iterator[Any]:
    """The results of ``fetch`` in order, up to ``ahead`` of them fetched before they are taken."""
    waiting: list[Future[Any]] = []
    with ThreadPoolExecutor(ahead) as pool:
        for argument in arguments:
            waiting.append(pool.submit(fetch, argument))
            if len(waiting) > ahead:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def _unenriched_rows(
    services: Services, job: Job, batch: Batch, writer: Writer
) -> tuple[bytes, Tally]:
    """The rows of a batch that was given up or skipped, as they were given, with the reason."""
    status = RowStatus.SKIPPED if batch.state == BatchState.SKIPPED else RowStatus.FAILED
    rows = [
        OutputRow(row, status, {}, batch.error) for row in read_batch(services.bucket, job, batch)
    ]
    return writer.rows(rows), Tally({status.value: len(rows)}, batch.tally.uses)
