"""Runs one step of a job on files instead of AWS, and prints how much memory its process has taken:
``python -m tests.functional.steps.heavy <folder> split|work|aggregate``.

The steps, the stores and the formats of items are the service's own; below them, a folder stands for S3 and
DynamoDB, so that their data is not in this process.
"""

from __future__ import annotations

import base64
import json
import pickle
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3

from chalicelib.aws.bucket import Bucket
from chalicelib.aws.layouts import Layouts
from chalicelib.aws.queue import Message
from chalicelib.aws.results import Results
from chalicelib.aws.table import Table
from chalicelib.aws.vault import Vault
from chalicelib.model.batches import Batch, BatchState
from chalicelib.model.jobs import Job
from chalicelib.model.layout import Layout
from chalicelib.providers import ProviderFactory
from chalicelib.services import Services
from chalicelib.steps import aggregate_results, enrich_batch, split_batches
from tests.benchmarks.steps import FileStore, MemoryControl, services


class DiskDynamo:
    """The calls of a DynamoDB client that Results makes; items travel as text, as they do on AWS."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put_item(self, Item: dict[str, Any], **_: Any) -> None:  # noqa: N803 (boto3's name)
        texts = {
            name: {kind: base64.b64encode(value).decode() if kind == "B" else value}
            for name, typed in Item.items()
            for kind, value in typed.items()
        }
        (self._folder / Item["pk"]["S"]).write_text(json.dumps(texts))

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        ((table, asked),) = RequestItems.items()
        text = ",".join((self._folder / key["pk"]["S"]).read_text() for key in asked["Keys"])
        items = json.loads(f"[{text}]")
        for item in items:
            for typed in item.values():
                if "B" in typed:
                    typed["B"] = base64.b64decode(typed["B"])
        return {"Responses": {table: items}}


class Control(MemoryControl):
    """Jobs and batches that are kept between the steps."""

    def __init__(self, job: Job, batches: list[Batch], file: Path) -> None:
        super().__init__(job, batches)
        self._file = file

    def recent(self, job_id: str, now: float) -> Job:
        return self.job

    def finish(self, job_id: str, batch: Batch) -> bool:
        self._batches[batch.number] = batch
        return True

    def save(self) -> None:
        self._file.write_bytes(pickle.dumps((self.job, self._batches)))


def prepare(folder: Path, job: Job, layout: Layout) -> None:
    """Before the first step. The list is the file ``input`` in the folder."""
    Control(job, [], folder / "control").save()
    Layouts(Bucket(FileStore(folder), "bucket")).put(job.id, layout)  # type: ignore[arg-type]


def outcome(folder: Path) -> tuple[Job, list[Batch]]:
    """What the steps have made of the job so far."""
    job, batches = pickle.loads((folder / "control").read_bytes())
    return job, batches


def parts(folder: Path, control: Control) -> Services:
    for service in ("s3", "dynamodb", "sqs", "stepfunctions"):  # their descriptions take memory
        boto3.client(service, "us-east-1")
    bucket = Bucket(FileStore(folder), "bucket")  # type: ignore[arg-type]
    records = Table(DiskDynamo(folder), "records")  # type: ignore[arg-type]
    made = services(folder, control, Results(records, bucket, Vault(str), 86_400))
    factory = ProviderFactory(lambda word: word)
    return replace(made, providers=factory, clock=time.time)


def run(folder: Path, step: str) -> int:
    """Run a step; how many bytes it has written to the bucket."""
    control = Control(*outcome(folder), folder / "control")
    made = parts(folder, control)
    if step == "split":
        split_batches.split_batches(made, control.job.id)
    elif step == "work":
        for batch in control.all(control.job.id):
            enrich_batch.enrich_batch(made, Message.about(control.job.id, batch), 1)
            assert control.all(control.job.id)[batch.number].state == BatchState.DONE
    else:
        aggregate_results.aggregate_results(made, control.job.id)
    control.save()
    return made.bucket._client.written


def most_memory() -> int:
    """The megabytes that this process has had at once.

    Linux hands down the figure of getrusage from the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024**2


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2])
    sys.stdout.write(f"{most_memory()}\n")
