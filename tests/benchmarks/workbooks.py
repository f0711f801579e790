"""Workbooks in and out, through the real steps, beside the libraries for them: python workbooks.py [rows ...]

A workbook of 12 columns is split, and its result is written as a workbook, each step in a process of its own. Every cell is
compared: those that were read with those that were written, and those of the result, as python-calamine reads it, with
the list. Prints how long a step takes against python-calamine and XlsxWriter, and its peak memory.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from chalicelib.aws.bucket import Bucket
from chalicelib.files.column_map import map_columns
from chalicelib.model.jobs import JobStatus
from chalicelib.model.layout import Columns, Layout
from chalicelib.model.options import Options
from chalicelib.steps import aggregate_results, split_batches
from tests.benchmarks import steps

NAMES = ("Email", "Full Name", "Phone", "Company", *(f"Note {n}" for n in range(1, 9)))
SHEET = "Contacts"


def table(rows: int) -> Iterator[list[str]]:
    """A row is a person, with long and short texts, zeros in front, and letters outside ASCII."""
    for n in range(rows):
        yield [
            f"person.{n}@department{n % 997}.example.org",
            f"Jos\u00e9 Example {n}",
            f"+120255501{n % 100:02}",
            f"Company {n % 997} GmbH & Co. KG",
            f"{n:09}",
            *(f"text {n * k % 999_983}" for k in range(1, 8)),
        ]


class Store(steps.FileStore):
    def head_object(self, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803 (boto3's names)
        return {"ContentLength": self.path(Key).stat().st_size, "ETag": "etag"}


def services(folder: Path, control: steps.MemoryControl, records: Any = None) -> Any:
    bucket = Bucket(Store(folder), "bucket")  # type: ignore[arg-type]
    parts = steps.services(folder, control, records)
    return replace(parts, bucket=bucket, layouts=type(parts.layouts)(bucket))


def write_by_library(folder: Path, rows: int) -> None:
    """The list; and what the writing of a result is measured against."""
    with Workbook(str(folder / "input"), {"constant_memory": True}) as book:
        sheet = book.add_worksheet(SHEET)
        sheet.write_row(0, 0, NAMES)
        for at, row in enumerate(table(rows), 1):
            for column, text in enumerate(row):
                sheet.write_string(at, column, text)


def read_by_library(folder: Path, rows: int) -> None:
    sheet = CalamineWorkbook.from_path(str(folder / "input")).get_sheet_by_index(0)
    with (folder / "bare").open("w") as target:
        for row in sheet.iter_rows():
            target.write(json.dumps(row) + "\n")


def split(folder: Path, rows: int) -> None:
    control = steps.MemoryControl(steps.job_of(rows), [])
    parts = services(folder, control)
    layout = Layout("csv", "utf-8", NAMES, fields=map_columns(NAMES), sheet=SHEET)
    parts.layouts.put("j", layout)
    assert not split_batches.split_batches(parts, "j").failed, control.job.error
    assert control.job.total_rows == rows


def aggregate(folder: Path, rows: int) -> None:
    batches = steps.batches_of(folder / steps.CONTACTS)
    job = replace(steps.job_of(rows), total_rows=rows, options=Options(output="xlsx"))
    control = steps.MemoryControl(job, batches)
    parts = services(folder, control, steps.PackedRecords(steps.packed_rows()))
    parts.layouts.put("j", Layout("csv", "utf-8", NAMES))
    parts.layouts.put_columns("j", Columns(NAMES, map_columns(NAMES)))
    aggregate_results.aggregate_results(parts, "j")
    assert control.job.status == JobStatus.COMPLETED


def compare(folder: Path, rows: int) -> None:
    """Every cell that was read, and every cell of the list in the result."""
    with (folder / steps.CONTACTS).open("rb") as read:
        for line, row in zip(read, table(rows), strict=True):
            assert json.loads(line) == row, (json.loads(line), row)
    (result,) = folder.glob("jobs_j_*enriched*.xlsx")
    given = CalamineWorkbook.from_path(str(result)).get_sheet_by_index(0).iter_rows()
    assert next(given)[: len(NAMES)] == list(NAMES)
    for cells, row in zip(given, table(rows), strict=True):
        assert cells[: len(NAMES)] == row, (cells[: len(NAMES)], row)


def main() -> None:
    for rows in map(int, sys.argv[1:] or ("2000", "20000", "100000")):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            written, _ = steps.measured(write_by_library, folder, rows)
            read, _ = steps.measured(read_by_library, folder, rows)
            for part, library, seconds in (
                (split, "python-calamine", read),
                (aggregate, "XlsxWriter", written),
            ):
                own, megabytes = steps.measured(part, folder, rows)
                print(
                    f"{part.__name__}: {rows:,} rows x {len(NAMES)} columns in {own:.1f} s, {own / seconds:.2f} times "
                    f"what {library} takes, peak {megabytes:.0f} MB",
                    flush=True,
                )
            compare(folder, rows)
            print(f"all {rows * len(NAMES):,} cells are the same on both ways", flush=True)


if __name__ == "__main__":
    main()
