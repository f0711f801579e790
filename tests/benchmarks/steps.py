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
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from chalicelib.aws.bucket import Bucket
from chalicelib.aws.layouts import Layouts
from chalicelib.aws.queue import Message
from chalicelib.aws.results import BatchRows
from chalicelib.aws.suppressions import Suppressed
from chalicelib.aws.vault import Vault
from chalicelib.files.column_map import map_columns
from chalicelib.files.enriched import Filled, OutputRow, pack
from chalicelib.model.batches import BATCH_ROWS, Batch, BatchState
from chalicelib.model.contacts import FIELDS
from chalicelib.model.jobs import Job, JobStatus
from chalicelib.model.layout import Columns, Layout
from chalicelib.model.options import Options
from chalicelib.model.tallies import Fill, RowStatus, Tally
from chalicelib.providers import ProviderFactory
from chalicelib.services import Services
from chalicelib.settings import Settings
from chalicelib.steps import aggregate_results, split_batches
from tests.benchmarks.running import COLUMNS, write_list

#: Every field has a value in some row.
FILLS = dict.fromkeys(FIELDS, Fill(given=1))
#: The file that the split leaves to the aggregation.
CONTACTS = "jobs_j_contacts.jsonl"
SETTINGS = Settings("", "", "", "", "", "", max_rows=10_000_000)


class FileStore:
    """The calls of an S3 client that Bucket makes, on a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.written = 0

    def path(self, key: str) -> Path:
        return self._folder / key.replace("/", "_")

    def get_object(self, Key: str, Range: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803 (boto3's names)
        return {"Body": FileBody(self.path(Key), Range)}

    def put_object(self, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.path(Key).write_bytes(Body)
        self.written += len(Body)
        return {"ETag": "etag"}

    def create_multipart_upload(self, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.path(Key).write_bytes(b"")
        return {"UploadId": "upload"}

    def upload_part(self, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803
        with self.path(Key).open("ab") as file:
            file.write(Body)
        self.written += len(Body)
        return {"ETag": "etag"}

    def complete_multipart_upload(self, **_: Any) -> None:
        return None

    def abort_multipart_upload(self, Key: str, **_: Any) -> None:  # noqa: N803
        self.path(Key).unlink()


class FileBody:
    """A file, or the bytes ``bytes=<first>-<last>`` of it."""

    def __init__(self, path: Path, asked: str) -> None:
        self._path = path
        first, _, last = asked.removeprefix("bytes=").partition("-")
        self._first, self._last = int(first or 0), int(last or path.stat().st_size)

    def read(self) -> bytes:
        with self._path.open("rb") as file:
            file.seek(self._first)
            return file.read(self._last + 1 - self._first)

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
    """The calls of Results that aggregation makes."""

    def __init__(self, packed: list[bytes]) -> None:
        self._packed = packed
        self._tally = Tally({RowStatus.PARTIAL.value: BATCH_ROWS}, fills=FILLS)

    def get(self, job_id: str, numbers: list[int]) -> list[BatchRows]:
        return [BatchRows(self._packed[n % len(self._packed)], self._tally) for n in numbers]

    def packed(self, job_id: str, rows: BatchRows) -> bytes:
        return rows.packed

    def fields(self, job_id: str, batch: Batch) -> frozenset[str]:
        return batch.tally.filled

    def put_summary(self, job_id: str, tally: Tally) -> None:
        pass


class SilentQueue:
    def send(self, messages: Iterable[Message]) -> None:
        for _ in messages:
            pass


class UncountedUsage:
    """The call of Usage that the split makes."""

    def set_rows(self, owner: str, job_id: str, rows: int, began_at: float) -> None:
        pass


def job_of(rows: int) -> Job:
    return Job("j", "o", 1_800_000_000.0, Options(), "input")


class NobodyErased:
    """A suppression list without anybody on it."""

    def of(self, owner: str, now: float, age: float = 0) -> Suppressed:
        return Suppressed(Vault(str), owner)


def services(folder: Path, control: MemoryControl, records: Any = None) -> Services:
    unused = (
        *("idempotency_keys", "uploads", "health", "workflow", "ledger", "budget"),
        *("pace", "api_keys", "callbacks", "callback_secrets"),
    )
    parts: dict[str, Any] = {
        **dict.fromkeys(unused),
        "queue": SilentQueue(),
        "usage": UncountedUsage(),
    }
    bucket = Bucket(FileStore(folder), "bucket")  # type: ignore[arg-type]
    return Services(
        settings=SETTINGS,
        providers=ProviderFactory(),
        suppressions=NobodyErased(),  # type: ignore[arg-type]
        jobs=control,  # type: ignore[arg-type]
        batches=control,  # type: ignore[arg-type]
        results=records,
        bucket=bucket,
        layouts=Layouts(bucket),
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
    parts = services(folder, control)
    parts.layouts.put("j", Layout("csv", "utf-8", COLUMNS))
    turn = split_batches.split_batches(parts, "j")
    assert not turn.failed, control.job.error
    assert control.job.total_rows == rows


def packed_rows() -> list[bytes]:
    """Results as the offline provider gives them: 20 values a row, in a few combinations."""
    return [
        pack(output_row(batch * BATCH_ROWS + n) for n in range(BATCH_ROWS)) for batch in range(50)
    ]


def output_row(n: int) -> OutputRow:
    own = {
        "email": f"person.{n}@department{n % 997}.example.org",
        "phone": f"+120255501{n % 100:02}",
        "linkedin_url": f"https://www.linkedin.com/in/example-{n}",
    }
    found = {name: "true" for name in FIELDS[3 : 20 - n % 3] if name not in own}
    values = {name: Filled(value, "input", 1.0) for name, value in own.items()}
    values |= {name: Filled(value, "offline", 0.9) for name, value in found.items()}
    return OutputRow(RowStatus.PARTIAL, values)


def bare_aggregate(folder: Path, rows: int) -> None:
    """What the aggregation is measured against: parse each row and its result, write both."""
    packed = packed_rows()
    with (
        (folder / CONTACTS).open("rb") as source,
        (folder / "bare").open("w", newline="", encoding="utf-8") as target,
    ):
        writer = csv.writer(target)
        for number in range(rows // BATCH_ROWS):
            _, *lines = zlib.decompress(packed[number % len(packed)]).splitlines()
            for line in lines:
                writer.writerow(json.loads(next(source)) + json.loads(line))


def real_aggregate(folder: Path, rows: int) -> None:
    batches = batches_of(folder / CONTACTS)
    control = MemoryControl(replace(job_of(rows), total_rows=rows), batches)
    records = PackedRecords(packed_rows())
    parts = services(folder, control, records)
    parts.layouts.put("j", Layout("csv", "utf-8", tuple(COLUMNS)))
    parts.layouts.put_columns("j", Columns(tuple(COLUMNS), map_columns(COLUMNS)))
    aggregate_results.aggregate_results(parts, "j")
    assert control.job.status == JobStatus.COMPLETED


def batches_of(contacts: Path) -> list[Batch]:
    """The batches of normalised contacts, as the split has planned them."""
    batches: list[Batch] = []
    start = 0
    with contacts.open("rb") as file:
        while lines := list(islice(file, BATCH_ROWS)):
            end = start + sum(map(len, lines))
            counted = Tally({RowStatus.PARTIAL.value: len(lines)}, fills=FILLS)
            batches.append(
                Batch(len(batches), start, end, len(lines), BatchState.DONE, tally=counted)
            )
            start = end
    return batches


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
