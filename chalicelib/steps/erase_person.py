"""Erases the caller's jobs that hold anything of a person (part of the step EraseJob).

Before it runs, POST /people/erase put the person on the owner's suppression list. A worker that had read the list
before may still write something, so all is searched twice, the second time when every function that was running
has reached its time limit. Only keyed hashes of the person's e-mail, phone and LinkedIn URL are known here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

from botocore.exceptions import ClientError

from chalicelib.aws import keys
from chalicelib.aws.jobs import Cursor
from chalicelib.aws.suppressions import Erasure, identifiers
from chalicelib.files.enriched import StoredRow, unpack
from chalicelib.files.rows import ColumnMap, Row, given_row, parse_row
from chalicelib.identity.countries import country_code
from chalicelib.identity.emails import parse_email
from chalicelib.identity.fingerprint import fingerprint
from chalicelib.identity.linkedin import parse_linkedin_url
from chalicelib.identity.phones import possible_phone
from chalicelib.logs import log_event
from chalicelib.lookups.ledger import Book
from chalicelib.model.batches import Batch, BatchState
from chalicelib.model.clock import iso_time
from chalicelib.model.jobs import Job
from chalicelib.services import Services
from chalicelib.steps import erase_job

#: Seconds that one call of the function searches, of the 900 that it may run.
_AT_A_TIME = 600
#: Jobs that are looked at in one page.
_PAGE = 20
#: What may be an e-mail address or a LinkedIn profile anywhere in a cell.
_EMAIL = re.compile(r"[^\s@<>,;:|\"'()\[\]]{1,64}@[^\s@<>,;:|\"'()\[\]]{1,255}")
_LINKEDIN = re.compile(r"[\w.:/-]*linkedin\.com/[^\s<>,;|\"'()\[\]]{1,300}", re.IGNORECASE)


def erase(services: Services, erasure_id: str, sweep_number: int) -> erase_job.Sweep:
    """The step EraseJob, for a job or for a person. ``sweep_number``: how many sweeps came before this one."""
    erasure = services.suppressions.find(erasure_id, sweep_number)
    if erasure is None:
        return erase_job.erase_job(services, erasure_id, sweep_number)
    if not erase_person(services, erasure, _AT_A_TIME).complete:
        return erase_job.Sweep(erasure_id, sweep_number, done=False, wait_seconds=1)
    return erase_job.Sweep(erasure_id, sweep_number + 1, done=sweep_number > 0)


@dataclass(frozen=True)
class Search:
    """What a search came to: the ids of the jobs that were erased, and whether all were searched."""

    erased: list[str]
    complete: bool


def erase_person(services: Services, erasure: Erasure, seconds: float) -> Search:
    """Erase all jobs of the owner that were there when this was asked for and hold anything of the person.
    Where ``seconds`` do not suffice, the next call goes on.
    """
    end, erased = services.clock() + seconds, list[str]()
    services.ledger.erase(erasure.answers)
    while True:
        jobs, next_page = services.jobs.page(erasure.owner, _PAGE, erasure.after)
        for job in jobs:
            if job.created_at <= erasure.asked_at:
                erasure = _search(services, erasure, job, end)
                if erasure.batch:
                    services.suppressions.go_on(erasure)
                    return Search(erased, complete=False)
                if erasure.is_found:
                    erase_job.erase_at_once(services, job.id)
                    erased.append(job.id)
            after = Cursor(iso_time(job.created_at), job.id)
            erasure = replace(erasure, after=after, is_found=False)
            if services.clock() > end:
                services.suppressions.go_on(erasure)
                return Search(erased, complete=False)
        erasure = replace(erasure, after=next_page or erasure.after)
        services.suppressions.go_on(erasure)
        if next_page is None:
            log_event("person_erased", erasure=erasure.id, sweep=erasure.sweep, jobs=len(erased))
            return Search(erased, complete=True)


def _search(services: Services, erasure: Erasure, job: Job, end: float) -> Erasure:
    """Search a job for the person, up to a time. ``is_found`` of what comes back: it holds something of them;
    ``batch``: where to go on, 0 for nowhere.
    """
    if not job.planned:
        # Nobody could read its list, or has read it yet: then the second search can.
        return replace(erasure, is_found=job.has_ended or erasure.sweep > 0)
    try:
        columns = services.layouts.columns(job.id)
        country = job.options.default_country or columns.country
        for batch in services.batches.all(job.id, erasure.batch):
            if batch.number > erasure.batch and services.clock() > end:
                return replace(erasure, batch=batch.number)
            answers = [
                answer
                for row, stored in _rows(services, job, batch)
                for answer in _answers(
                    services,
                    erasure,
                    job,
                    _Row(row, columns.names, columns.fields, stored, country),
                )
            ]
            if answers:
                services.ledger.erase(dict.fromkeys(answers))
                erasure = replace(erasure, is_found=True)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        erasure = replace(erasure, is_found=True)  # its files have expired: the rest goes as well
    return replace(erasure, batch=0)


@dataclass(frozen=True)
class _Row:
    """A row of a list, with what was found out about it, None for nothing yet."""

    row: Row
    columns: Sequence[str]
    column_map: ColumnMap
    stored: StoredRow | None
    default_country: str

    @property
    def found(self) -> dict[str, tuple[str, str]]:
        """Provider and value, by field."""
        if self.stored is None:
            return {}
        return {
            field: (provider, value)
            for (field, provider, _), value in zip(
                self.stored.origins, self.stored.values, strict=True
            )
        }


def _rows(services: Services, job: Job, batch: Batch) -> Iterator[tuple[Row, StoredRow | None]]:
    """The rows of a batch, each with its result, if it has one."""
    content = services.bucket.read(keys.contacts_file(job.id), batch.start, batch.end)
    results: Iterable[StoredRow | None] = repeat(None)
    if batch.state == BatchState.DONE:
        (rows,) = services.results.get(job.id, [batch.number])
        results = unpack(services.results.packed(job.id, rows))
    for line, stored in zip(content.splitlines(), results, strict=False):
        yield json.loads(line), stored


def _answers(services: Services, erasure: Erasure, job: Job, row: _Row) -> Iterator[str]:
    """The keys of all answers that may have been given for a row, if it is about the person."""
    contact = parse_row(row.row, row.columns, row.column_map, row.default_country).contact
    known = dict(contact.known) if contact is not None else {}
    alone = {*_in_cells(row), *identifiers(known)}
    alone |= {*identifiers({field: value for field, (_, value) in row.found.items()})}
    if not any(services.suppressions.hashed(erasure.owner, p) in erasure.people for p in alone):
        return
    people = {*alone, fingerprint(known)}
    for provider in job.options.providers:  # each was asked with what those before it had found
        known |= {f: value for f, (source, value) in row.found.items() if source == provider}
        people.add(fingerprint(known))
    for provider in services.providers.names:
        yield from services.ledger.keys_of(Book(erasure.owner, provider), people)


def _in_cells(row: _Row) -> Iterator[str]:
    """The fingerprints of all that may identify somebody, also in columns that are used for nothing."""
    given = given_row(row.row, row.columns)
    text = row.row if isinstance(row.row, str) else "\n".join(given.cells)
    if "@" in text:
        for email in _EMAIL.findall(text):
            yield from identifiers({"email": parse_email(email).value})
    if "linkedin" in text.lower():
        for url in _LINKEDIN.findall(text):
            yield from identifiers({"linkedin_url": parse_linkedin_url(url).value})
    for position in row.column_map.get("phone", ()):
        country = next((given.cells[n] for n in row.column_map.get("country", ())), "")
        country = country_code(country) or row.default_country
        phone = possible_phone(given.cells[position], country).value
        yield from identifiers({"phone": phone})
