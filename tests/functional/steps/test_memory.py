"""The widest lists that are accepted: every step takes them in bounded memory, each in a process of its own."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chalicelib.files import limits
from chalicelib.files.inflating import read_head
from chalicelib.model.jobs import Job, JobStatus
from chalicelib.model.options import Options
from tests.functional.steps.heavy import outcome, prepare
from tests.layouts import detect_layout

ROOT = Path(__file__).parents[3]
#: Of a function's memory limit, in megabytes (.chalice/config.json).
LIMITS = {"split": 500, "work": 400, "aggregate": 300}
#: Characters of a row: a little less than it may have.
RECORD = limits.MAX_RECORD * 9 // 10


def wide() -> Iterator[bytes]:
    """1,000 columns with long names; 800 rows of 140 KB, 100 of which are as much as a batch can hold."""
    chance = random.Random(1)
    yield (",".join(["email", *(f"column {n} {'x' * 45}" for n in range(999))]) + "\n").encode()
    letters = "abcdefghijklmnopqrstuvwxyz0123456789é"
    cells = ["".join(chance.choices(letters, k=140)) for _ in range(999)]
    for n in range(800):
        yield (",".join([f"p{n}@example.org", *cells[n:], *cells[:n]]) + "\n").encode()


def long_identities() -> Iterator[bytes]:
    """Cells of the largest size that are looked at, in the columns whose values come back."""
    chance = random.Random(1)
    names = ("email", "title", "company", "city", "full_name")
    yield (",".join(names) + "\n").encode()
    letters = "abcdefghijklmnopqrstuvwxyz          "
    for n in range(90):
        cells = ("".join(chance.choices(letters, k=8_000)) * 4 for _ in names[1:])
        yield (",".join([f"p{n}@example.org", *cells]) + "\n").encode()


def long_lines(start: bytes, again: bytes, end: bytes, size: int, lines: int) -> Iterator[bytes]:
    """NDJSON: a short object, then rows with ``again`` in them until they have ``size`` characters."""
    yield b'{"email": "a@example.org"}\n'
    count = (size - len(start) - len(end)) // len(again.decode())
    yield from [start + again * count + end + b"\n"] * lines


def surplus_cells() -> Iterator[bytes]:
    """Rows of the largest size, with a million cells and more than the header has."""
    yield b"email,note\n"
    row = b"a@example.org" + b',""""' * (RECORD // 5)
    yield from [row + b"\n"] * 3


LISTS: dict[str, Callable[[], Iterator[bytes]]] = {
    "wide": wide,
    "long identities": long_identities,
    "surplus cells": surplus_cells,
    "many objects": lambda: long_lines(b'{"email": [', b"{},", b"0]}", 300_000, 20),
    "deep objects": lambda: long_lines(b'{"email": [', DEEP, b"0]}", 490_000, 5),
    "too many objects": lambda: long_lines(b'{"email": [', DEEP, b"0]}", RECORD, 3),
    "no objects": lambda: long_lines(b"", '😀"'.encode(), b"", RECORD, 1),
    "control characters": lambda: long_lines(b'{"email": "', b"\\u0001", b'"}', RECORD, 3),
}
#: 90 objects in each other.
DEEP = b'{"":' * 90 + b"0" + b"}" * 90 + b","


def run(folder: Path, step: str) -> int:
    """Run a step in a process of its own; the megabytes that it has taken."""
    command = [sys.executable, "-m", "tests.functional.steps.heavy", str(folder), step]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return int(done.stdout.split()[-1])


def read_back(path: Path, output: str) -> int:
    """How many rows a program finds in a result."""
    if output == "jsonl":
        with path.open("rb") as file:
            return sum(1 for line in file if json.loads(line)["enriched"])
    csv.field_size_limit(limits.MAX_RECORD * 8)
    with path.open(newline="", encoding="utf-8") as text:
        return sum(1 for _ in csv.reader(text)) - 1


@pytest.mark.parametrize(
    ("name", "output"),
    [*((name, "csv") for name in LISTS), ("wide", "jsonl"), ("no objects", "jsonl")],
)
def test_the_widest_lists_take_bounded_memory_in_every_step(tmp_path, name, output):
    with (tmp_path / "input").open("wb") as file:
        file.writelines(LISTS[name]())
    with (tmp_path / "input").open("rb") as file:
        layout = detect_layout(*read_head(file.read(2**20), False))
    prepare(tmp_path, Job("j", "o", 0.0, Options(output=output), "input"), layout)
    taken = {step: run(tmp_path, step) for step in LIMITS}
    job, batches = outcome(tmp_path)
    assert (job.status, len(batches)) == (JobStatus.COMPLETED, -(-job.total_rows // 100)), job.error
    assert read_back(tmp_path / f"jobs_j_enriched.{output}", output) == job.total_rows
    assert all(taken[step] < LIMITS[step] for step in LIMITS), taken
