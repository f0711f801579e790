"""How fast SplitBatches and AggregateResults are, as ratios to the barest loop over the same data, and
how much memory they take: ``python tests/benchmarks/steps.py [rows]``.

The steps themselves run; their stores are replaced by ones that keep everything in files and memory, so that
what is measured is the service's own work. Each part runs in a process of its own, for its own peak.
"""

from __future__ import annotations

import csv
import json
import multiprocessing
import resource
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from chalicelib.aws.bucket import Bucket
from chalicelib.aws.queue import Message
from chalicelib.aws.results import BatchRows
from chalicelib.model.batches import Batch, BatchState
from chalicelib.model.jobs import Job, JobStatus
from chalicelib.model.layout import Layout
from chalicelib.model.options import Options
from chalicelib.model.tallies import RowStatus, Tally
from chalicelib.services import Services
from chalicelib.settings import Settings
from chalicelib.steps import aggregate_results, split_batches
from tests.benchmarks.running import COLUMNS, write_list

SETTINGS = Settings("", "", "", "", "", max_rows=10_000_000)


class FileStore:
    """The calls of an S3 client that Bucket makes, on a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, key: str) -> Path:
        return self._folder / key.replace("/", "_")

    def get_object(self, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803 (boto3's name)
        return {"Body": FileBody(self.path(Key))}

    def put_object(self, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.path(Key).write_bytes(Body)
        return {"ETag": "etag"}

    def create_multipart_upload(self, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.path(Key).write_bytes(b"")
        return {"UploadId": "upload"}

    def upload_part(self, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803
        with self.path(Key).open("ab") as file:
            file.write(Body)
        return {"ETag": "etag"}

    def complete_multipart_upload(self, **_: Any) -> None:
        return None


class FileBody:
    def __init__(self, path: Path) -> None:
        self._path = path

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while chunk := file.read(size):
                yield chunk


class MemoryControl:
    """The calls of Jobs and Batches that the steps make."""

    def __init__(self, job: Job, batches: list[Batch]) -> None:
        self.job = job
        self._batches = batches

    def find(self, job_id: str) -> Job:
        return self.job

    def update(self, job: Job, **changes: Any) -> Job:
        self.job = replace(job, **changes)
        return self.job

    def plan(self, job_id: str, batches: list[Batch], now: float) -> None:
        self._batches = list(batches)

    def all(self, job_id: str) -> list[Batch]:
        return self._batches


class PackedRecords:
    """The call of Results that aggregation makes; unpacking included."""

    def __init__(self, packed: list[bytes], rows: int) -> None:
        self._packed = packed
        self._tally = Tally({RowStatus.PARTIAL.value: rows})

    def get(self, job_id: str, numbers: list[int]) -> list[BatchRows]:
        return [
            BatchRows(zlib.decompress(self._packed[n % len(self._packed)]), self._tally)
            for n in numbers
        ]


class SilentQueue:
    def send(self, messages: Iterable[Message]) -> None:
        for _ in messages:
            pass


def job_of(rows: int) -> Job:
    layout = Layout("csv", "utf-8", COLUMNS)
    return Job("j", "o", "2026-01-01T00:00:00.000Z", Options(), layout, "input", "etag")


def services(folder: Path, control: MemoryControl, records: Any = None) -> Services:
    unused = (
        *("idempotency_keys", "uploads", "health", "workflow", "providers", "ledger", "budget"),
        "pace",
    )
    parts: dict[str, Any] = {**dict.fromkeys(unused), "queue": SilentQueue()}
    bucket = Bucket(FileStore(folder), "bucket")  # type: ignore[arg-type]
    return Services(
        settings=SETTINGS,
        jobs=control,  # type: ignore[arg-type]
        batches=control,  # type: ignore[arg-type]
        results=records,
        bucket=bucket,
        **parts,
    )


def bare_split(folder: Path, rows: int) -> None:
    """What the split is measured against: read each row, write it as JSON."""
    with (
        (folder / "input").open(newline="", encoding="utf-8") as source,
        (folder / "bare").open("w") as target,
    ):
        for row in csv.reader(source):
            target.write(json.dumps(row) + "\n")


def real_split(folder: Path, rows: int) -> None:
    control = MemoryControl(job_of(rows), [])
    turn = split_batches.split_batches(services(folder, control), "j")
    assert not turn.failed, control.job.error
    assert control.job.total_rows == rows


def packed_rows() -> list[bytes]:
    row = "Jürgen Example,person.{n}@example.org,+12025550143,partial," + "x{n}," * 20 + "\r\n"
    return [
        zlib.compress("".join(row.format(n=n + k) for n in range(100)).encode(), 1)
        for k in range(50)
    ]


def bare_aggregate(folder: Path, rows: int) -> None:
    """What the aggregation is measured against: unpack each batch, write it."""
    packed = packed_rows()
    with (folder / "bare").open("wb") as target:
        for n in range(rows // 100):
            target.write(zlib.decompress(packed[n % len(packed)]))


def real_aggregate(folder: Path, rows: int) -> None:
    batches = [Batch(n, 0, 0, 100, state=BatchState.DONE) for n in range(rows // 100)]
    control = MemoryControl(replace(job_of(rows), total_rows=rows), batches)
    records = PackedRecords(packed_rows(), 100)
    aggregate_results.aggregate_results(services(folder, control, records), "j")
    assert control.job.status == JobStatus.COMPLETED


def measured(part: Callable[[Path, int], None], folder: Path, rows: int) -> tuple[float, float]:
    """Seconds and peak megabytes of a part in a process of its own."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(part, folder, rows, sender))
    process.start()
    sender.close()
    seconds, kilobytes = receiver.recv()
    process.join()
    return seconds, kilobytes / 1024


def _run(part: Callable[[Path, int], None], folder: Path, rows: int, sender: Any) -> None:
    start = time.perf_counter()
    part(folder, rows)
    seconds = time.perf_counter() - start
    sender.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_list(folder / "input", rows)
        for bare, real in ((bare_split, real_split), (bare_aggregate, real_aggregate)):
            ratios = []
            for _ in range(3):
                bare_seconds, _ = measured(bare, folder, rows)
                seconds, megabytes = measured(real, folder, rows)
                ratios.append(bare_seconds / seconds)
            print(
                f"{real.__name__}: {rows:,} rows, {min(ratios):.2f}-{max(ratios):.2f} of the bare "
                f"loop's speed, {seconds:.1f} s, peak {megabytes:.0f} MB"
            )


if __name__ == "__main__":
    main()
