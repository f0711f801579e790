"""Small requests that ask for large work: a line for each kind, with the most work that it can cause."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chalicelib.files.inflating import read_head
from chalicelib.model.errors import EnrichmentError
from chalicelib.model.jobs import Job, JobStatus
from chalicelib.model.option_parsing import parse_options
from chalicelib.model.options import Options
from tests.functional.steps.heavy import outcome, prepare, run
from tests.layouts import detect_layout

KB, MB = 1024, 1024**2


@dataclass(frozen=True)
class Bomb:
    """A request and what becomes of it. ``says``: why it is refused, "" if it is taken.

    ``request``: bytes of the request, at most. ``rows``: of the list. ``contacts``: bytes of the normalised
    contacts that are written, even if they are thrown away. ``result``: bytes of the result.
    """

    data: Callable[[], bytes]
    request: int
    says: str = ""
    rows: int = 0
    contacts: int = 0
    result: int = 0
    output: str = "csv"


def packed(*pieces: bytes) -> bytes:
    return gzip.compress(b"".join(pieces), mtime=0)


def header(columns: int, length: int) -> bytes:
    names = ",".join(f"{n:0{length}}" for n in range(columns - 1))
    return f"email,{names}\n".encode()


def keys(count: int) -> bytes:
    return json.dumps({"email": "a@example.org", **{f"key {n}": 1 for n in range(count)}}).encode()


EMAIL = b'{"email": "a@example.org"}\n'
#: Refused by their first 64 KB, before anything is stored.
AT_ONCE = {
    "a gzip bomb": Bomb(lambda: packed(b"\0" * 60 * MB), 60 * KB, "not text"),
    "a bomb in a bomb": Bomb(lambda: packed(packed(b"a,b\n" * 9 * MB)), 10 * KB, "not valid text"),
    "a header without end": Bomb(lambda: packed(b"email," * 9 * MB), 90 * KB, "header is longer"),
    "brackets without end": Bomb(lambda: packed(b"[" * 60 * MB), 60 * KB, "longer than 64 KB"),
    "a first cell without end": Bomb(
        lambda: packed(b'[{"email": "' + b"x" * 60 * MB), 60 * KB, "longer than 64 KB"
    ),
}
#: Refused while they are split: what was written is thrown away, and no batch is made.
AT_SPLIT = {
    "a cell without end": Bomb(
        lambda: packed(b"email\na\n", b"x" * 60 * MB), 60 * KB, "longer than", contacts=KB
    ),
    "a quote that is never closed": Bomb(
        lambda: packed(b'email\na\n"', b"x,\n" * 20 * MB), 70 * KB, "never closed", contacts=KB
    ),
    "brackets without end, later": Bomb(
        lambda: packed(b"[" + EMAIL + b",", b"[" * 60 * MB), 60 * KB, "number 2", contacts=KB
    ),
    "megabyte cells": Bomb(
        lambda: packed(b"email,n\n", (b"a," + b"x" * MB + b"\n") * 20),
        30 * KB,
        "more than 16 MB",
        contacts=16 * MB,
    ),
    "characters that grow": Bomb(
        lambda: packed(b"email,n\n", (b"a," + b"\1" * MB + b"\n") * 10),
        20 * KB,
        "more than 32 MB",
        contacts=40 * MB,
    ),
    "keys without end": Bomb(
        lambda: packed(EMAIL, keys(30_000)), 90 * KB, "names of the columns", contacts=KB
    ),
    "other keys in each row": Bomb(
        lambda: packed(EMAIL, *(b'{"k%d": 1}\n' % n for n in range(9_000))),
        40 * KB,
        "more than 1,000 different keys",
        contacts=30 * KB,
    ),
    "a long name above many rows": Bomb(
        lambda: packed(b"email," + b"x" * 60_000 + b"\na\n" * 15_000),
        250,
        "repeats the names of all 2 columns",
        contacts=10 * KB,
        output="jsonl",
    ),
    "a long header above many rows": Bomb(
        lambda: packed(header(900, 60), b"a\n" * 60_000),
        10 * KB,
        "repeats the names of all 900 columns",
        contacts=10 * KB,
        output="jsonl",
    ),
    "a wide header above short rows": Bomb(
        lambda: packed(header(900, 4), b"a\n" * 49_000),
        10 * KB,
        "has cells for all 900 columns",
        contacts=400 * KB,
    ),
    "one object with many keys, many with none": Bomb(
        lambda: packed(keys(990), b"\n", b"{}\n" * 49_000),
        10 * KB,
        "has cells for all 991 columns",
        contacts=200 * KB,
    ),
    "a million tiny rows": Bomb(
        lambda: packed(b"email\n", b"a\n" * 1_000_000),
        4 * KB,
        "compress so well",
        contacts=400 * KB,
    ),
}
#: Taken, because a list may be like this.
TAKEN = {
    "one cell of a megabyte": Bomb(
        lambda: packed(b"email,n\na@example.org," + b"x" * MB), 2 * KB, "", 1, 2 * MB, 2 * MB
    ),
    "a million cells": Bomb(
        lambda: packed(b"email,n\na@example.org" + b"," * MB), 2 * KB, "", 1, 5 * MB, 7 * MB
    ),
    "a million objects in one": Bomb(
        lambda: packed(EMAIL, b'{"email": [' + b"{}," * MB + b"0]}"), 4 * KB, "", 2, 4 * MB, 4 * MB
    ),
    "text with quotes": Bomb(
        lambda: packed(EMAIL, b'"' * MB + b"\n"), 2 * KB, "", 2, 3 * MB, 7 * MB, "jsonl"
    ),
    "rows of commas": Bomb(
        lambda: packed(header(1_000, 4), (b"," * 999 + b"\n") * 500),
        9 * KB,
        "",
        500,
        3 * MB,
        2 * MB,
    ),
    "as many tiny rows as a small file may have": Bomb(
        lambda: packed(b"email\n", b"a\n" * 1_000), 100, "", 1_000, 6 * KB, 800 * KB, "jsonl"
    ),
}


@pytest.mark.parametrize("name", AT_ONCE)
def test_refused_before_anything_is_stored(name):
    bomb = AT_ONCE[name]
    data = bomb.data()
    assert len(data) < bomb.request
    with pytest.raises(EnrichmentError, match=bomb.says):
        detect_layout(*read_head(data, True))


def job_of(folder: Path, bomb: Bomb) -> bytes:
    data = bomb.data()
    assert len(data) < bomb.request
    (folder / "input").write_bytes(data)
    layout = detect_layout(*read_head(data, True))
    prepare(folder, Job("j", "o", 0.0, Options(output=bomb.output), "input"), layout)
    return data


@pytest.mark.parametrize("name", AT_SPLIT)
def test_refused_while_it_is_split_before_a_batch_is_made(tmp_path, name):
    bomb = AT_SPLIT[name]
    job_of(tmp_path, bomb)
    written = run(tmp_path, "split")
    job, batches = outcome(tmp_path)
    assert job.status == JobStatus.FAILED
    assert bomb.says in job.error
    assert len(job.error) < 500
    assert batches == []
    assert written <= bomb.contacts
    assert not (tmp_path / "jobs_j_contacts.jsonl").exists()


@pytest.mark.parametrize("name", TAKEN)
def test_taken_with_bounded_work(tmp_path, name):
    bomb = TAKEN[name]
    job_of(tmp_path, bomb)
    for step in ("split", "work", "aggregate"):
        run(tmp_path, step)
    job, batches = outcome(tmp_path)
    assert job.status == JobStatus.COMPLETED, job.error
    assert (job.total_rows, len(batches)) == (bomb.rows, -(-bomb.rows // 100))
    assert (tmp_path / "jobs_j_contacts.jsonl").stat().st_size <= bomb.contacts
    assert job.result is not None
    assert job.result.bytes <= bomb.result


HUGE = 100_000
OPTIONS: dict[str, Mapping[str, Any]] = {
    "providers": {"providers": [f"vendor {n}" for n in range(HUGE)]},
    "fields": {"fields": ["x" * HUGE] * HUGE},
    "output": {"output": "x" * HUGE},
    "mapping": {"mapping": {f"column {n}": f"field {n}" for n in range(HUGE)}},
    "min_confidence": {"min_confidence": {f"field {n}": 0 for n in range(HUGE)}},
    "unknown options": {f"option {n}": 1 for n in range(HUGE)},
    "a long number": {"max_credits": "9" * HUGE},
    "deep JSON": {"mapping": "[" * HUGE},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options_with_huge_lists_are_refused_with_a_short_message(name):
    with pytest.raises(EnrichmentError) as refused:
        parse_options(OPTIONS[name], ("offline", "pdl"))
    assert len(str(refused.value)) < 5_000


def test_a_mapping_of_many_columns_is_refused_with_a_short_message():
    mapping = {f"column {n}": "email" for n in range(HUGE)}
    with pytest.raises(EnrichmentError, match="there is no column") as refused:
        detect_layout(b"email\na@example.org\n", True, mapping)
    assert len(str(refused.value)) < 5_000
