"""Turns jobs and batches into the attributes of their items in the control table, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chalicelib.aws import keys
from chalicelib.model.batches import Batch, BatchState, Progress, Settled
from chalicelib.model.callbacks import Callback
from chalicelib.model.clock import iso_time, parse_time
from chalicelib.model.jobs import Job, JobStatus, ProviderHealth, Result
from chalicelib.model.options import Options
from chalicelib.model.tallies import Tally

#: Of the JOB item: times as ISO text. ``created_at`` is the sort key of an index, and the state machine,
#: which knows only such text, writes ``finished_at`` itself where a step keeps failing.
_JOB_TIMES = ("created_at", "finished_at", "restarted_at", "cancelled_at")
_JOB_PLAIN = (
    *("owner", "input_key", "total_rows", "total_batches", "planned", "dispatched"),
    *("error", "run", "resent_at"),
)
_BATCH_PLAIN = (
    *("start", "end", "rows", "attempts", "postponements", "run", "started_at", "finished_at"),
    "error",
)
_HEALTH = ("stopped", "failures", "throttled", "too_slow")


def job_attributes(job: Job) -> dict[str, Any]:
    """The attributes of a job's item beside its key. The health of providers is not among them: workers
    write that, each attribute by itself (lookups/health.py). Nor is the callback, which is written alone.
    """
    return {
        **{name: getattr(job, name) for name in _JOB_PLAIN},
        **{name: iso_time(getattr(job, name)) for name in _JOB_TIMES},
        "options": job.options.to_json(),
        "status": job.status.value,
        "unreadable": job.unreadable,
        "upload_id": job.upload_id,
        "done": job.progress.done,
        "failed": job.progress.failed,
        "skipped": job.progress.skipped,
        "tally": job.progress.tally.outline.to_json(),
        "settled": _settled_text(job.settled),
        "result": json.dumps(asdict(job.result)) if job.result else None,
    }


def job_of(item: Mapping[str, Any]) -> Job:
    """The job that an item holds."""
    tally = Tally.from_json(item["tally"])
    times: dict[str, Any] = {name: parse_time(item[name]) for name in _JOB_TIMES}
    return Job(
        id=item["pk"],
        options=Options.from_json(item["options"]),
        status=JobStatus(item["status"]),
        unreadable=item.get("unreadable", False),  # jobs of earlier versions lack it
        progress=Progress(item["done"], item["failed"], item["skipped"], tally),
        settled=_settled_of(item.get("settled", "")),  # and this
        upload_id=item.get("upload_id", ""),  # and this
        result=Result(**json.loads(item["result"])) if "result" in item else None,
        callback=Callback(**json.loads(item["callback"])) if "callback" in item else None,
        health=ProviderHealth(**{kind: _by_provider(item, kind) for kind in _HEALTH}),
        **{name: item[name] for name in _JOB_PLAIN},
        **times,
    )


def callback_attribute(callback: Callback) -> dict[str, str]:
    """The one attribute of a job's item that SendCallback writes, and may write."""
    return {"callback": json.dumps(asdict(callback))}


def _settled_text(settled: Settled) -> str:
    if not settled.batches:
        return ""
    progress = settled.progress
    ended = [progress.done, progress.failed, progress.skipped]
    return json.dumps([settled.batches, settled.moved, ended, progress.tally.outline.to_json()])


def _settled_of(text: str) -> Settled:
    if not text.startswith("["):  # none, or as an earlier version wrote it: all is counted again
        return Settled()
    batches, moved, ended, tally = json.loads(text)
    done, failed, skipped = ended
    return Settled(batches, Progress(done, failed, skipped, Tally.from_json(tally)), moved)


def _by_provider(item: Mapping[str, Any], kind: str) -> dict[str, Any]:
    prefix = keys.provider_attribute(kind, "")
    return {
        name.removeprefix(prefix): value for name, value in item.items() if name.startswith(prefix)
    }


def health_attributes(health: ProviderHealth) -> list[str]:
    """The names of the attributes that hold the health of providers."""
    return [
        keys.provider_attribute(kind, provider)
        for kind in _HEALTH
        for provider in getattr(health, kind)
    ]


def batch_attributes(batch: Batch) -> dict[str, Any]:
    """The attributes of a batch's item beside its key."""
    return {
        **{name: getattr(batch, name) for name in _BATCH_PLAIN},
        "state": batch.state.value,
        "tally": batch.tally.to_json(),
        "sealed_fields": batch.sealed_fields,
    }


def batch_of(item: Mapping[str, Any]) -> Batch:
    """The batch that an item holds."""
    return Batch(
        number=keys.batch_number(item["sk"]),
        state=BatchState(item["state"]),
        tally=Tally.from_json(item["tally"]),
        sealed_fields=item.get("sealed_fields", b""),  # batches of earlier versions lack it
        **{name: item[name] for name in _BATCH_PLAIN},
    )
