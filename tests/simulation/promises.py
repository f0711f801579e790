"""What the service promises, checked on a world that has come to rest."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import Any

import boto3

from chalicelib.api.status import describe_job
from chalicelib.identity.fingerprint import fingerprint
from chalicelib.lookups.ledger import Book
from chalicelib.model.jobs import Job, JobStatus
from chalicelib.providers.base import Ticket
from tests.simulation.world import OWNER, World

COMPLETED = frozenset({JobStatus.COMPLETED})
ENDS = COMPLETED | {JobStatus.COMPLETED_WITH_ERRORS, JobStatus.CANCELLED}
KINDS = ("matched", "partial", "not_found", "invalid", "failed", "skipped")


#: What a list can name its people by: the column → its cell for the person of a number.
BY_EMAIL, BY_PROFILE = "Email", "LinkedIn"
_CELLS = {BY_EMAIL: "person.{}@example.org", BY_PROFILE: "https://www.linkedin.com/in/person-{}"}
_FIELDS = {BY_EMAIL: "email", BY_PROFILE: "linkedin_url"}


def contacts(rows: int, by: str = BY_EMAIL) -> str:
    """A list of people, with a running number."""
    return f"{by},Number\n" + "".join(f"{_CELLS[by].format(n)},{n}\n" for n in range(rows))


def check_promises(
    world: World, job_id: str, rows: int, ends: frozenset[JobStatus] = COMPLETED
) -> dict[str, Any]:
    """Raises AssertionError for the first promise that is broken; else the job's status."""
    job = world.services.jobs.get(OWNER, job_id)
    assert job.status in ends, f"the job ended as {job.status.value}: {job.error}"
    status: dict[str, Any] = describe_job(world.services, OWNER, job_id).body
    lines = rows_of(world, job_id)
    assert [line["Number"] for line in lines] == [str(n) for n in range(rows)]
    found = Counter(line["enriched_status"] for line in lines)
    assert dict(found) == {kind: status["contacts"][kind] for kind in KINDS if kind in found}
    assert sum(status["contacts"][kind] for kind in KINDS) == status["contacts"]["total"] == rows
    assert status["contacts"]["processed"] == rows
    _check_bills(world, status, lines)
    _check_nothing_open(world, job)
    return status


def check_erased(world: World, job_id: str) -> None:
    """Nothing names the job any more but its tombstone, the key of its request and what it counts for
    among what its owner has used.
    """
    settings = world.services.settings
    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
    files = s3.list_objects_v2(Bucket=settings.bucket).get("Contents", [])
    assert not [file["Key"] for file in files if job_id in file["Key"]]
    assert not s3.list_multipart_uploads(Bucket=settings.bucket).get("Uploads")
    rows = dynamodb.scan(TableName=settings.records_table)["Items"]
    assert not [item["pk"] for item in rows if item["pk"]["S"].startswith(job_id)]
    kept = dynamodb.scan(TableName=settings.control_table)["Items"]
    left = [item for item in kept if job_id in json.dumps(item)]
    counted = [item for item in left if item["pk"]["S"].startswith("OWNER#")]
    assert len(counted) <= 1
    places = sorted(item["sk"]["S"] for item in left if item not in counted)
    assert places in (["JOB"], ["JOB", "KEY"])
    assert not any("options" in item for item in left)
    assert not world.queue
    assert not world.running()


def rows_of(world: World, job_id: str) -> list[dict[str, str]]:
    """The rows of the job's file."""
    job = world.services.jobs.get(OWNER, job_id)
    assert job.result is not None
    stored = boto3.client("s3").get_object(
        Bucket=world.services.settings.bucket, Key=job.result.key
    )
    return list(csv.DictReader(io.StringIO(stored["Body"].read().decode("utf-8-sig"), newline="")))


def _check_bills(world: World, status: dict[str, Any], lines: list[dict[str, str]]) -> None:
    """Nobody is billed twice, but for lookups that the status and the row say are uncertain."""
    uncertain = sum(use["uncertain"] for use in status["providers"])
    accounts = [world.vendors[use["name"]].account for use in status["providers"]]
    lookups = [item for account in accounts for item in account.lookups.items()]
    twice = [identity for identity, times in lookups if times > 1]
    again = sum(times - 1 for _, times in lookups)
    assert again <= uncertain, f"{again} lookups were made again, {uncertain} are listed"
    by = BY_EMAIL if BY_EMAIL in lines[0] else BY_PROFILE
    noted = [line[by] for line in lines if "may have charged" in line.get("enriched_error", "")]
    # A vendor knows a profile by the end of its address.
    people = [identity.removeprefix("in/") for identity in twice]
    assert all(any(cell.endswith(person) for cell in noted) for person in people)


def _check_nothing_open(world: World, job: Job) -> None:
    assert not world.queue
    assert not world.running()
    assert all(batch.is_finished for batch in world.services.batches.all(job.id))
    people = [
        fingerprint({_FIELDS[by]: cell.format(n)})
        for by, cell in _CELLS.items()
        for n in range(job.total_rows)
    ]
    books = [Book(OWNER, provider) for provider in job.options.providers]
    found = [world.services.ledger.get(book, people).values() for book in books]
    claims = [entry for entries in found for entry in entries if entry.outcome is None]
    tickets = [entry for entries in found for entry in entries if isinstance(entry.outcome, Ticket)]
    if job.status == JobStatus.COMPLETED:
        assert not claims, f"{len(claims)} claims are open"
        assert not tickets, f"{len(tickets)} answers were not collected"
    if job.options.max_credits is not None:
        assert world.services.budget.committed(job.id) <= job.options.max_credits
    for claim in claims:
        assert claim.lease <= world.now, "a claim will never end"
