"""First floor: how jobs and batches lie in the control table. Values go in, attributes come out, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chalicelib.model.jobs import Batch, BatchState, Job, JobStatus, Progress, Result, Tally
from chalicelib.model.layout import Layout
from chalicelib.model.options import Options


def batch_sk(number: int) -> str:
    """The sort key of a batch; the digits make the order of keys that of the batches."""
    return f"BATCH#{number:06d}"


#: So many batches share a partition key: a Query for more of them would hold up who reads beside it
#: (on the embedded AWS), and a partition takes 1,000 writes a second.
SHELF_BATCHES = 500


def shelf_pk(job_id: str, shelf: int) -> str:
    """The partition key of the ``shelf``-th stretch of a job's batches; the first lie with the job."""
    return f"{job_id}#{shelf:03d}" if shelf else job_id


def batch_key(job_id: str, number: int) -> dict[str, str]:
    """The key of a batch."""
    return {"pk": shelf_pk(job_id, number // SHELF_BATCHES), "sk": batch_sk(number)}


def job_attributes(job: Job) -> dict[str, Any]:
    """The attributes of a job's item."""
    return {
        "owner": job.owner,
        "created_at": job.created_at,
        "options": job.options.to_json(),
        "layout": job.layout.to_json(),
        "input_key": job.input_key,
        "input_etag": job.input_etag,
        "status": job.status.value,
        "columns": json.dumps(job.columns),
        "total_rows": job.total_rows,
        "total_batches": job.total_batches,
        "planned": job.planned,
        "dispatched": job.dispatched,
        "done": job.progress.done,
        "failed": job.progress.failed,
        "skipped": job.progress.skipped,
        "tally": job.progress.tally.to_json(),
        "result": json.dumps(asdict(job.result)) if job.result else None,
        "error": job.error,
        "finished_at": job.finished_at,
        "run": job.run,
        "started_at": job.started_at,
        "cancelled_at": job.cancelled_at,
        "resent_at": job.resent_at,
    }


_AS_IT_IS = (
    *("owner", "created_at", "input_key", "input_etag", "total_rows", "total_batches"),
    *("planned", "dispatched", "error", "finished_at"),
    *("run", "started_at", "cancelled_at", "resent_at"),
)


def job_of(item: Mapping[str, Any]) -> Job:
    """The job that an item holds."""
    tally = Tally.from_json(item["tally"])
    return Job(
        id=item["pk"],
        options=Options.from_json(item["options"]),
        layout=Layout.from_json(item["layout"]),
        status=JobStatus(item["status"]),
        columns=tuple(json.loads(item["columns"])),
        progress=Progress(item["done"], item["failed"], item["skipped"], tally),
        result=Result(**json.loads(item["result"])) if "result" in item else None,
        **{name: item[name] for name in _AS_IT_IS},
        stopped=_by_provider(item, "stopped"),
        failures=_by_provider(item, "failures"),
        throttled=_by_provider(item, "throttled"),
    )


def provider_attribute(kind: str, provider: str) -> str:
    """The attribute of a job's item that holds something of one provider: an attribute each, so that
    workers write them without knowing of each other.
    """
    return f"{kind}#{provider}"


def _by_provider(item: Mapping[str, Any], kind: str) -> dict[str, Any]:
    prefix = provider_attribute(kind, "")
    return {
        name.removeprefix(prefix): value for name, value in item.items() if name.startswith(prefix)
    }


def batch_attributes(batch: Batch) -> dict[str, Any]:
    """The attributes of a batch's item, beside its key."""
    return {
        "start": batch.start,
        "end": batch.end,
        "rows": batch.rows,
        "state": batch.state.value,
        "attempts": batch.attempts,
        "turn": batch.turn,
        "run": batch.run,
        "started_at": batch.started_at,
        "finished_at": batch.finished_at,
        "tally": batch.tally.to_json(),
        "error": batch.error,
    }


def batch_of(item: Mapping[str, Any]) -> Batch:
    """The batch that an item holds."""
    counts = ("start", "end", "rows", "attempts", "turn", "run")
    return Batch(
        number=int(item["sk"].removeprefix("BATCH#")),
        state=BatchState(item["state"]),
        tally=Tally.from_json(item["tally"]),
        **{name: item[name] for name in (*counts, "started_at", "finished_at", "error")},
    )
