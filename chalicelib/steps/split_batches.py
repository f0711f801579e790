"""SplitBatches: normalises a job's list, cuts it into batches and sends a message for each.

Safe to repeat: the same list gives the same batches, those that are there keep their state, and no
message is sent before all batches and the totals are written. In a later run of a job, which a retry
has begun, the batches are there, and those that failed are opened again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from chalicelib.aws import keys
from chalicelib.aws.bucket import PartsWriter
from chalicelib.aws.queue import Message
from chalicelib.aws.ranges import open_stored
from chalicelib.aws.usage import day_of, rows_on
from chalicelib.aws.workflow import Check
from chalicelib.files.contents import SAMPLE
from chalicelib.files.growth import check_batch, check_growth, check_rows
from chalicelib.files.json_files import map_objects
from chalicelib.files.readers import read_rows
from chalicelib.files.rows import Row, encode_row
from chalicelib.files.watching import Watcher, watched
from chalicelib.identity.duplicates import Duplicates
from chalicelib.identity.list_country import ListCountry
from chalicelib.identity.list_facts import Gathering
from chalicelib.model.batches import BATCH_ROWS, Batch, BatchState
from chalicelib.model.errors import UnreadableInputError
from chalicelib.model.jobs import Job, JobStatus
from chalicelib.model.layout import MAX_COLUMNS, Columns, Layout
from chalicelib.providers.base import Informed
from chalicelib.services import Services

#: Characters of a cell that tell what it is.
_LONG = 400
#: Seconds until the first check: a list of one batch is done by then.
FIRST_WAIT = 1
_MANY = (
    "The list has more people than can be remembered: its last rows are compared with those before them, but not with "
    "each other."
)
_COUNTRY = (
    "Nearly all rows with a country are from {0}: phone numbers without a country code are read as numbers of {0} "
    "where a row's country is blank. Say another country with the option default_country."
)


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
        _count_rows(services, splitting, plan.rows)
    except UnreadableInputError as error:
        changes = {"error": str(error), "unreadable": True, "finished_at": services.clock()}
        return services.jobs.update(splitting, status=JobStatus.FAILED, **changes)
    country = plan.countries.country() if plan.countries is not None else ""
    if country and plan.countries is not None and plan.countries.is_blank_somewhere():
        plan.warnings[_COUNTRY.format(country)] = None
    if plan.duplicates is not None and plan.duplicates.was_full:
        plan.warnings[_MANY] = None
    columns = plan.columns_of(job.options.mapping)
    services.layouts.put_columns(job.id, replace(columns, country=country))
    if plan.gathering is not None:
        services.layouts.put_facts(job.id, plan.gathering.facts())
    if plan.duplicates is not None:
        services.bucket.put(keys.duplicates_file(job.id), plan.duplicates.to_bytes())
    services.batches.plan(job.id, plan.batches, services.clock())
    return services.jobs.update(
        splitting,
        total_rows=plan.rows,
        total_batches=len(plan.batches),
        planned=True,
    )


def _count_rows(services: Services, job: Job, rows: int) -> None:
    """Count the rows among those of the owner's day; UnreadableInputError where they are too many for it."""
    usage, most, began_at = services.usage, services.settings.max_rows_per_day, job.created_at
    usage.set_rows(job.owner, job.id, rows, began_at)
    if most is None:
        return
    # The job is entered before all are counted: of two that come at once, both count.
    left = most + rows - rows_on(usage.recent(job.owner, began_at), day_of(began_at))
    if rows > left:
        usage.set_rows(job.owner, job.id, 0, began_at)
        raise UnreadableInputError(
            f"The list has {rows:,} rows. Of the {most:,} rows that you may send on a day, {max(left, 0):,} "
            "were left. Send fewer, or send the list when a new day begins at midnight UTC."
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
    """What a list comes to. ``columns``: of JSON, all keys in the order first seen, as a dictionary's.
    ``first``: of JSON, the first contacts. ``gathering``: what the list tells, if a provider wants to know it.
    ``duplicates``: the rows about the same people, if the job looks for them. ``countries``: those that the rows
    name, if phone numbers may depend on them. ``warnings``: what turned out, in order, as a dictionary's keys.
    ``read``: bytes that were read of the file as it is stored.
    """

    layout: Layout
    columns: dict[str, None] = field(default_factory=dict)
    first: list[Row] = field(default_factory=list)
    warnings: dict[str, None] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
    gathering: Gathering | None = None
    countries: ListCountry | None = None
    duplicates: Duplicates | None = None
    rows: int = 0
    read: int = 0

    @property
    def names(self) -> Sequence[str]:
        """The names of all columns so far."""
        return self.layout.columns if self.layout.kind == "csv" else tuple(self.columns)

    def columns_of(self, mapping: Mapping[str, str]) -> Columns:
        """All columns, with what each is read as."""
        columns = self.layout.read_as
        if self.layout.kind != "csv":
            names = tuple(self.columns)
            columns = Columns(names, map_objects(names, mapping, self.first))
        return replace(columns, warnings=tuple(self.warnings))

    @property
    def watchers(self) -> list[Watcher]:
        all_three = (self.gathering, self.countries, self.duplicates)
        return [watcher for watcher in all_three if watcher is not None]


def _normalise(services: Services, job: Job) -> _Plan:
    plan = _Plan(services.layouts.get(job.id))
    rows = read_rows(_chunks(services, job, plan), plan.layout, plan.warnings)
    if plan.layout.kind != "csv":
        rows = _gathering_columns(rows, plan.columns, plan.first)
    if any(isinstance(services.providers.create(n), Informed) for n in job.options.providers):
        plan.gathering = Gathering()
    if plan.layout.fields.keys() >= {"phone", "country"} and not job.options.default_country:
        plan.countries = ListCountry()
    if job.options.finds_duplicates:
        plan.duplicates = Duplicates()
    if plan.watchers:
        rows = watched(rows, plan.layout, plan.watchers)
    with services.bucket.writer(keys.contacts_file(job.id), "application/x-ndjson") as file:
        while (batch := _write_batch(rows, len(plan.batches), file)).rows:
            plan.batches.append(batch)
            plan.rows += batch.rows
            check_rows(plan.rows, plan.read, services.settings.max_rows)
            check_growth(plan.layout, job.options, plan.names, plan.rows, file.bytes)
        if not plan.rows:
            raise UnreadableInputError("The list has no contacts.")
    return plan


def _chunks(services: Services, job: Job, plan: _Plan) -> Iterable[bytes]:
    """The bytes of the list; of a workbook, the CSV file that its sheet makes."""
    stored = services.bucket.find(job.input_key) if plan.layout.sheet else None
    if stored is None:
        return _counted(services.bucket.chunks(job.input_key), plan)
    from chalicelib.files.sheets import open_sheet

    plan.read = stored.bytes
    file = open_stored(services.bucket, stored)
    return open_sheet(file, stored.bytes, plan.layout.sheet).chunks()


def _counted(chunks: Iterable[bytes], plan: _Plan) -> Iterator[bytes]:
    for chunk in chunks:
        plan.read += len(chunk)
        yield chunk


def _gathering_columns(
    rows: Iterable[Row], columns: dict[str, None], first: list[Row]
) -> Iterator[Row]:
    for row in rows:
        if isinstance(row, dict) and not row.keys() <= columns.keys():
            columns.update(dict.fromkeys(row))
            if len(columns) > MAX_COLUMNS:
                raise UnreadableInputError(
                    f"The contacts have more than {MAX_COLUMNS:,} different keys in all; is the "
                    "data of a contact used as keys?"
                )
        if len(first) < SAMPLE and isinstance(row, dict):
            first.append({n: cell[:_LONG] for n, cell in row.items() if isinstance(cell, str)})
        yield row


def _write_batch(rows: Iterator[Row], number: int, file: PartsWriter) -> Batch:
    """Write the next rows, one at a time: 100 of the longest would not fit the memory."""
    start, count = file.bytes, 0
    for row in islice(rows, BATCH_ROWS):
        file.write(f"{encode_row(row)}\n".encode("ascii"))
        check_batch(file.bytes - start)
        count += 1
    return Batch(number, start, file.bytes, count)
