"""Stores jobs in the control table, and what is kept of erased ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.dynamodb import EXISTS, NEW, to_item, update_of
from chalicelib.aws.items import (
    callback_attribute,
    health_attributes,
    job_attributes,
    job_of,
)
from chalicelib.aws.table import Table
from chalicelib.events import job_began, job_ended
from chalicelib.model.batches import Settled
from chalicelib.model.callbacks import Callback
from chalicelib.model.errors import NotFoundError
from chalicelib.model.jobs import ENDED, Job, JobStatus, ProviderHealth

#: The index of jobs by owner and age (statemachine/resources.yaml).
JOBS_INDEX = "jobs-by-owner"
_ENDS = {f":end{n}": {"S": status.value} for n, status in enumerate(sorted(ENDED))}
#: Seconds for which a process remembers a job.
_RECENT = 5
#: A job that has ended keeps its end, and a step of an earlier run has no say in a later one.
_STILL_RUNS = f"#run = :this_run AND NOT #status IN ({', '.join(_ENDS)})"
_RESTARTED = (
    *("status", "run", "restarted_at", "dispatched", "cancelled_at", "finished_at", "error"),
    "settled",
)


@dataclass(frozen=True)
class Tombstone:
    """What is kept of an erased job, so that all of it can be found and nothing of it comes back."""

    job_id: str
    owner: str
    input_key: str
    batches: int
    upload_id: str


@dataclass(frozen=True)
class Cursor:
    """Where a page of an owner's jobs ended: at this job. ``created_at``: as in the index, ISO text."""

    created_at: str
    job_id: str


class Jobs:
    """All jobs. ``retention``: seconds that items are kept."""

    def __init__(self, table: Table, retention: int) -> None:
        self._table = table
        self._retention = retention
        self._recent: dict[str, tuple[float, Job]] = {}

    def create(self, job: Job, now: float) -> bool:
        """Write a new job; False when there is, or was, one of that id already."""
        expires_at = int(now) + self._retention
        created = self._table.put_if(
            {**keys.job(job.id), **job_attributes(job), "expires_at": expires_at}, NEW
        )
        if created:
            job_began(job)
        return created

    def find(self, job_id: str) -> Job | None:
        """The job as last written; None when it never existed or was erased."""
        item = self._table.get(keys.job(job_id))
        return None if item is None or _is_erased(item) else job_of(item)

    def find_again(self, job_id: str, now: float) -> Job | None:
        """The job as last written. If it is under way, this process remembers it for some seconds."""
        job = self.find(job_id)
        under_way = job is not None and not job.has_ended and not job.cancelled_at
        self._recent = {job_id: (now, job)} if job is not None and under_way else {}
        return job

    def recent(self, job_id: str, now: float) -> Job | None:
        """The job as this process read it some seconds ago; None if it did not."""
        if job_id not in self._recent:
            return None
        read_at, job = self._recent[job_id]
        return job if 0 <= now - read_at <= _RECENT else None

    def get(self, owner: str, job_id: str) -> Job:
        """The owner's job; NotFoundError for an unknown one and for somebody else's alike."""
        job = self.find(job_id)
        if job is None or job.owner != owner:
            raise no_such_job()
        return job

    def ended(self, job_ids: Sequence[str]) -> dict[str, bool]:
        """Which of these jobs have ended, and whether each was erased."""
        items = {item["pk"]: item for item in self._table.get_many(list(map(keys.job, job_ids)))}
        statuses = {name: JobStatus(item["status"]) for name, item in items.items()}
        return {name: _is_erased(items[name]) for name in items if statuses[name] in ENDED}

    def page(self, owner: str, limit: int, after: Cursor | None) -> tuple[list[Job], Cursor | None]:
        """Up to ``limit`` of the owner's jobs, newest first, and where the list goes on, if it does."""
        start = None
        if after is not None:
            start = {**keys.job(after.job_id), "owner": owner, "created_at": after.created_at}
        found, last = self._table.query_index(JOBS_INDEX, "owner", owner, limit, start)
        items = {
            item["pk"]: item
            for item in self._table.get_many([keys.job(item["pk"]) for item in found])
        }
        # An index lags behind its table: a job in it may be gone.
        there = [items[item["pk"]] for item in found if item["pk"] in items]
        jobs = [job_of(item) for item in there if not _is_erased(item)]
        return jobs, Cursor(last["created_at"], last["pk"]) if last else None

    def update(self, job: Job, **changes: Any) -> Job | None:
        """Change some fields of a job. Only what differs is written, so that two writers of different
        fields do not undo each other. None, and nothing written, when the stored job has ended or
        begun another run in the meantime.
        """
        return self._change(job, changes, _STILL_RUNS)

    def cancel(self, job: Job, now: float) -> Job | None:
        """Ask for the end of a job; None, and nothing written, when it has ended, begun another run
        or reached the step that writes its file.
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
        before, after = job_attributes(job), job_attributes(changed)
        different = {name: after[name] for name in after if after[name] != before[name]}
        if not different:
            return job
        update = update_of(different)
        update["ExpressionAttributeNames"] |= {"#status": "status", "#run": "run"}
        this_run = {":this_run": {"N": str(job.run)}}
        update["ExpressionAttributeValues"] |= {**_ENDS, **this_run, **(values or {})}
        if self._table.update_if(keys.job(job.id), condition, **update) is None:
            return None
        if changed.has_ended:
            job_ended(changed)
        return changed

    def restart(self, job: Job, now: float) -> Job | None:
        """Begin the next run of a job that has ended; None when somebody else changed it.

        Providers that were given up get another chance; credits that were spent stay spent.
        """
        again = replace(
            job,
            status=JobStatus.QUEUED,
            run=job.run + 1,
            restarted_at=now,
            dispatched=False,
            cancelled_at=0.0,
            finished_at=0.0,
            error="",
            settled=Settled(),
            health=ProviderHealth(),
        )
        after = job_attributes(again)
        update = update_of(
            {name: after[name] for name in _RESTARTED},
            this_run=job.run,
            this_status=job.status.value,
        )
        _remove(update, health_attributes(job.health))
        condition = "#run = :this_run AND #status = :this_status"
        if self._table.update_if(keys.job(job.id), condition, **update) is None:
            return None
        job_began(again)
        return again

    def is_over(self, job_id: str) -> bool:
        """Whether nothing more is to be done for the job: it was cancelled, has ended or is gone."""
        item = self._table.get(
            keys.job(job_id),
            ProjectionExpression="#status, cancelled_at",
            ExpressionAttributeNames={"#status": "status"},
        )
        return not item or bool(item.get("cancelled_at")) or JobStatus(item["status"]) in ENDED

    def note_callback(self, job_id: str, callback: Callback) -> None:
        """Write how far a job's callback has come, and nothing else; nothing at all for one that is gone."""
        update = update_of(callback_attribute(callback))
        self._table.update_if(keys.job(job_id), EXISTS, **update)

    # Erased jobs

    def bury(self, job: Job, now: float) -> bool:
        """Replace a job by a tombstone; False when the number of its batches has changed."""
        item = {
            **keys.job(job.id),
            "status": JobStatus.ERASED.value,
            "owner": job.owner,
            "input_key": job.input_key,
            "upload_id": job.upload_id,
            "total_batches": job.total_batches,
            "expires_at": int(now) + self._retention,
        }
        values = {":erased": JobStatus.ERASED.value, ":batches": job.total_batches}
        return self._table.put_if(
            item,
            "#status <> :erased AND total_batches = :batches",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=to_item(values),
        )

    def find_tombstone(self, job_id: str) -> Tombstone | None:
        """The tombstone of an erased job; None for any other id."""
        item = self._table.get(keys.job(job_id))
        if item is None or not _is_erased(item):
            return None
        upload_id = item.get("upload_id", "")  # tombstones of earlier versions lack it
        return Tombstone(job_id, item["owner"], item["input_key"], item["total_batches"], upload_id)


def no_such_job() -> NotFoundError:
    """The error for a job that does not exist, or belongs to somebody else."""
    return NotFoundError("There is no job of this id; it may have expired.")


def _is_erased(item: Mapping[str, Any]) -> bool:
    return bool(item["status"] == JobStatus.ERASED.value)


def _remove(update: dict[str, Any], attributes: list[str]) -> None:
    """Let an update remove attributes as well."""
    if attributes:
        placeholders = {f"#removed{n}": name for n, name in enumerate(attributes)}
        update["UpdateExpression"] += " REMOVE " + ", ".join(placeholders)
        update["ExpressionAttributeNames"] |= placeholders
