"""First floor: the door to jobs in the control table. Jobs go in and come out.

The table's key: ``pk`` = job id, ``sk`` = "JOB". An index finds an owner's jobs by their age. Every item
expires.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chalicelib.aws.dynamodb import (
    NEW,
    from_item,
    get_item,
    put_if,
    read_items,
    to_item,
    update_if,
    update_of,
)
from chalicelib.aws.items import job_attributes, job_of, provider_attribute
from chalicelib.model.errors import NotFoundError
from chalicelib.model.jobs import ENDED, Job, JobStatus

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

#: The index of jobs by owner and age (statemachine/resources.yaml).
JOBS_INDEX = "jobs-by-owner"
_ENDS = {f":end{n}": {"S": status.value} for n, status in enumerate(sorted(ENDED))}
#: A job that has ended keeps its end, and a step of an earlier run has no say in a later one.
_STILL_RUNS = f"#run = :this_run AND NOT #status IN ({', '.join(_ENDS)})"
_NO_JOB = "There is no job of this id; it may have expired."


@dataclass(frozen=True)
class Tombstone:
    """What is kept of an erased job, so that all of it can be found and nothing of it comes back."""

    job_id: str
    owner: str
    input_key: str
    batches: int


@dataclass(frozen=True)
class Place:
    """A place in the list of an owner's jobs: that of the job last seen."""

    created_at: str
    job_id: str


class ControlTable:
    """All jobs. ``retention``: seconds that items are kept."""

    def __init__(self, client: DynamoDBClient, table: str, retention: int) -> None:
        self._client = client
        self._table = table
        self._retention = retention

    # Jobs

    def create_job(self, job: Job, now: float) -> bool:
        """Write a new job; False when there is, or was, one of that id already."""
        item = {"pk": job.id, "sk": "JOB", "expires_at": int(now) + self._retention}
        return put_if(self._client, self._table, item | job_attributes(job), NEW)

    def find_job(self, job_id: str) -> Job | None:
        """The job as last written; None when there is none, or none any more."""
        item = self._get(job_id)
        return None if item is None or _is_erased(item) else job_of(item)

    def get_job(self, owner: str, job_id: str) -> Job:
        """The owner's job; NotFoundError for an unknown one and for somebody else's alike."""
        job = self.find_job(job_id)
        if job is None or job.owner != owner:
            raise NotFoundError(_NO_JOB)
        return job

    def list_jobs(
        self, owner: str, limit: int, after: Place | None
    ) -> tuple[list[Job], Place | None]:
        """Up to ``limit`` of the owner's jobs, newest first, and where the list goes on, if it does."""
        options: dict[str, Any] = {}
        if after is not None:
            place = {"owner": owner, "created_at": after.created_at, "pk": after.job_id}
            options["ExclusiveStartKey"] = to_item({**place, "sk": "JOB"})
        answer = self._client.query(
            TableName=self._table,
            IndexName=JOBS_INDEX,
            KeyConditionExpression="#owner = :owner",
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues={":owner": {"S": owner}},
            ScanIndexForward=False,
            Limit=limit,
            **options,
        )
        last = from_item(answer.get("LastEvaluatedKey", {}))
        jobs = self._read_jobs([from_item(item)["pk"] for item in answer["Items"]])
        return jobs, Place(last["created_at"], last["pk"]) if last else None

    def _read_jobs(self, ids: Sequence[str]) -> list[Job]:
        keys = [_key(job_id) for job_id in ids]
        items = {item["pk"]: item for item in read_items(self._client, self._table, keys)}
        # The index is a little behind: a job in it may be gone.
        there = (items[job_id] for job_id in ids if job_id in items)
        return [job_of(item) for item in there if not _is_erased(item)]

    def update_job(self, job: Job, **changes: Any) -> Job | None:
        """The job with some fields changed; only what differs is written, so that two writers of
        different fields do not undo each other. None, and nothing written, when the stored job has
        ended or begun another run meanwhile.
        """
        return self._change(job, changes, _STILL_RUNS)

    def cancel_job(self, job: Job, now: str) -> Job | None:
        """Ask for the end of a job; None, and nothing written, when it has ended, begun another run or
        come to the putting together of its file meanwhile.
        """
        late = {":late": {"S": JobStatus.AGGREGATING.value}}
        return self._change(job, {"cancelled_at": now}, f"{_STILL_RUNS} AND #status <> :late", late)

    def _change(
        self,
        job: Job,
        changes: Mapping[str, Any],
        condition: str,
        values: Mapping[str, Any] | None = None,
    ) -> Job | None:
        changed = replace(job, **changes)
        if changed == job:
            return job
        before = job_attributes(job)
        after = job_attributes(changed)
        update = update_of({name: after[name] for name in after if after[name] != before[name]})
        update["ExpressionAttributeNames"] |= {"#status": "status", "#run": "run"}
        this_run = {":this_run": {"N": str(job.run)}}
        update["ExpressionAttributeValues"] |= {**_ENDS, **this_run, **(values or {})}
        return changed if self._update(job.id, update, condition) else None

    def restart_job(self, job: Job, now: str) -> Job | None:
        """Begin the next run of a job that has ended; None when it is not as it was read any more.

        Providers that were given up get another chance; credits that were spent stay spent.
        """
        again = replace(
            job,
            status=JobStatus.QUEUED,
            run=job.run + 1,
            started_at=now,
            dispatched=False,
            cancelled_at="",
            finished_at="",
            error="",
        )
        names = (
            "status",
            "run",
            "started_at",
            "dispatched",
            "cancelled_at",
            "finished_at",
            "error",
        )
        after = job_attributes(again)
        past = {"this_run": job.run, "this_status": job.status.value}
        update = update_of({name: after[name] for name in names}, **past)
        _forget_providers(update, job)
        condition = "#run = :this_run AND #status = :this_status"
        if not self._update(job.id, update, condition):
            return None
        return replace(again, stopped={}, failures={}, throttled={})

    def is_over(self, job_id: str) -> bool:
        """Whether nothing more is to be done for the job: it was cancelled, has ended or is gone."""
        answer = self._client.get_item(
            TableName=self._table,
            Key=to_item(_key(job_id)),
            ProjectionExpression="#status, cancelled_at",
            ExpressionAttributeNames={"#status": "status"},
            ConsistentRead=True,
        )
        item = from_item(answer.get("Item", {}))
        return not item or bool(item.get("cancelled_at")) or JobStatus(item["status"]) in ENDED

    # Erased jobs

    def bury_job(self, job: Job, now: float) -> bool:
        """Put a tombstone in the place of a job; False when its batches are not as they were read."""
        item = {
            "pk": job.id,
            "sk": "JOB",
            "status": JobStatus.ERASED.value,
            "owner": job.owner,
            "input_key": job.input_key,
            "total_batches": job.total_batches,
            "expires_at": int(now) + self._retention,
        }
        condition = "#status <> :erased AND total_batches = :batches"
        values = {":erased": JobStatus.ERASED.value, ":batches": job.total_batches}
        return put_if(
            self._client,
            self._table,
            item,
            condition,
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=to_item(values),
        )

    def find_tombstone(self, job_id: str) -> Tombstone | None:
        """What is left of an erased job; None of any other."""
        item = self._get(job_id)
        if item is None or not _is_erased(item):
            return None
        return Tombstone(job_id, item["owner"], item["input_key"], item["total_batches"])

    # The calls themselves

    def _get(self, job_id: str) -> dict[str, Any] | None:
        return get_item(self._client, self._table, _key(job_id))

    def _update(self, job_id: str, update: Mapping[str, Any], condition: str) -> bool:
        """Whether the condition held."""
        done = update_if(self._client, self._table, _key(job_id), condition, **update)
        return done is not None


def _key(job_id: str) -> dict[str, str]:
    return {"pk": job_id, "sk": "JOB"}


def _is_erased(item: Mapping[str, Any]) -> bool:
    return bool(item["status"] == JobStatus.ERASED.value)


def _forget_providers(update: dict[str, Any], job: Job) -> None:
    names = [
        *(provider_attribute("stopped", name) for name in job.stopped),
        *(provider_attribute("failures", name) for name in job.failures),
        *(provider_attribute("throttled", name) for name in job.throttled),
    ]
    if names:
        placeholders = {f"#provider{n}": name for n, name in enumerate(names)}
        update["UpdateExpression"] += " REMOVE " + ", ".join(placeholders)
        update["ExpressionAttributeNames"] |= placeholders
