"""AggregateResults: writes the rows of all batches, in their order, into one file and ends the job.

The rows as they were given come from the normalised contacts, read from the beginning to the end; what was found
out about them comes from the batches' results. Both are fetched a little ahead, in bounded memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import repeat
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.bucket import PartsWriter
from chalicelib.aws.results import BatchRows
from chalicelib.files.enriched import StoredRow, json_lines, unpack
from chalicelib.files.rows import GivenRow, given_row
from chalicelib.files.writers import Writer, create_writer
from chalicelib.model.batches import Batch, BatchState, Progress, add_up
from chalicelib.model.jobs import Job, JobStatus, Result
from chalicelib.model.tallies import ERROR, RowStatus, Tally, commonest
from chalicelib.services import Services

#: Batches whose results are fetched in one call, and calls ahead of the writing. A packed batch has at most
#: 350 KB (aws/results.py), so that up to 50 of them are 18 MB.
_GROUP = 10
_AHEAD = 4
#: Bytes of the contacts that are read in one call, and calls ahead of the writing.
_RANGE = 4 * 1024**2
_RANGES_AHEAD = 2


class RowsMissingError(RuntimeError):
    """The rows of the batches do not add up to those of the list: a defect, never to be hidden."""


def aggregate_results(services: Services, job_id: str) -> None:
    """Write the job's file and end the job; nothing is done to a job that has ended."""
    job = services.jobs.find(job_id)
    if job is None or job.has_ended:
        return
    batches = list(services.batches.all(job_id))
    result_key = keys.result_file(job_id, job.run, job.options.output)
    filled = _filled(services, job_id, batches)
    delimiter = services.layouts.get(job_id).delimiter
    columns = services.layouts.columns(job_id).names
    writer = create_writer(job.options, columns, delimiter, filled)
    with services.bucket.writer(result_key, writer.content_type) as file:
        file.write(writer.header())
        ended = _write_rows(services, job, batches, writer, file)
        for piece in writer.end():
            file.write(piece)
    progress = add_up(ended)
    rows = sum(progress.tally.counts.values())
    if rows != job.total_rows:
        raise RowsMissingError(f"{rows} rows of {job.total_rows} are there.")
    if not filled.issuperset(progress.tally.filled):
        raise RowsMissingError("There are values for which the file has no column.")
    services.results.put_summary(job_id, progress.tally)
    services.jobs.update(
        job,
        status=_end_of(job, progress),
        progress=progress,
        result=Result(result_key, rows, file.bytes),
        finished_at=services.clock(),
    )


def _write_rows(
    services: Services, job: Job, batches: Sequence[Batch], writer: Writer, file: PartsWriter
) -> list[Batch]:
    """Write the rows of all batches; the batches, with the counts of the rows that were written."""
    given = _given_rows(services, job, batches)
    ended = []
    for batch, results in _results_in_order(services, job, batches):
        count = 0
        for stored in results:
            # Nothing else holds a row: a wide one can take a hundred megabytes (zip would hold two).
            file.write(writer.row(next(given), stored))
            count += 1
        if count != batch.rows:
            raise RowsMissingError(
                f"Batch {batch.number} has {count} results for {batch.rows} rows."
            )
        ended.append(batch)
    return ended


def _filled(services: Services, job_id: str, batches: Iterable[Batch]) -> frozenset[str]:
    """The fields that at least one row has, as the batches say, and ERROR if one has a reason."""
    found = {ERROR for batch in batches if batch.state != BatchState.DONE}
    return frozenset(found.union(*(services.results.fields(job_id, batch) for batch in batches)))


def _end_of(job: Job, progress: Progress) -> JobStatus:
    if job.cancelled_at:
        return JobStatus.CANCELLED
    return JobStatus.COMPLETED_WITH_ERRORS if progress.failed else JobStatus.COMPLETED


def _given_rows(services: Services, job: Job, batches: Sequence[Batch]) -> Iterator[GivenRow]:
    """All rows of the list, as they were given; RowsMissingError where one more is asked for."""
    end = batches[-1].end
    key, columns = keys.contacts_file(job.id), services.layouts.columns(job.id).names

    def read(start: int) -> bytes:
        return services.bucket.read(key, start, min(start + _RANGE, end))

    for row in json_lines(fetched_ahead(read, range(0, end, _RANGE), _RANGES_AHEAD)):
        yield given_row(row, columns)
    raise RowsMissingError("There are more results than rows in the list.")


def _results_in_order(
    services: Services, job: Job, batches: Sequence[Batch]
) -> Iterator[tuple[Batch, Iterable[StoredRow]]]:
    """Each batch, with the counts of its rows as they are in the file, and what became of the rows."""
    groups = [batches[start : start + _GROUP] for start in range(0, len(batches), _GROUP)]

    def fetch(group: Sequence[Batch]) -> dict[int, BatchRows]:
        done = [batch.number for batch in group if batch.state == BatchState.DONE]
        return dict(zip(done, services.results.get(job.id, done), strict=True))

    for group, found in zip(groups, fetched_ahead(fetch, groups, _AHEAD), strict=True):
        for batch in group:
            if batch.number in found:
                rows = found.pop(batch.number)
                yield (
                    replace(batch, tally=rows.tally),
                    unpack(services.results.packed(job.id, rows)),
                )
            else:
                yield _unenriched(batch)


def fetched_ahead(
    fetch: Callable[[Any], Any], arguments: Iterable[Any], ahead: int
) -> Iterator[Any]:
    """The results of ``fetch`` in order, up to ``ahead`` of them fetched before they are taken."""
    waiting: deque[Future[Any]] = deque()
    with ThreadPoolExecutor(ahead) as pool:
        for argument in arguments:
            waiting.append(pool.submit(fetch, argument))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _unenriched(batch: Batch) -> tuple[Batch, Iterable[StoredRow]]:
    """A batch that was given up or skipped: its rows are as they were given, with the reason."""
    status = RowStatus.SKIPPED if batch.state == BatchState.SKIPPED else RowStatus.FAILED
    problems = commonest({batch.error: batch.rows})
    tally = Tally({status.value: batch.rows}, batch.tally.uses, problems=problems)
    return replace(batch, tally=tally), repeat(StoredRow(status.value, batch.error), batch.rows)
