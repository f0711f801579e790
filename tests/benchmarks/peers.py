"""The work of a job without the service, in bare processes and by Celery on Redis, for a comparison.

Both read the list, enrich batches of 100 rows with the provider `offline` and write the same file as the
service. Neither keeps a list, the state of a job or its rows anywhere: that is what the service adds.
"""

from __future__ import annotations

import csv
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]

from chalicelib.files.column_map import map_columns
from chalicelib.files.enriched import pack, unpack
from chalicelib.files.rows import given_row, parse_row
from chalicelib.files.writers import create_writer
from chalicelib.lookups.lookup import Lookups
from chalicelib.lookups.waterfall import run_waterfall
from chalicelib.model.batches import BATCH_ROWS
from chalicelib.model.options import Options
from chalicelib.providers import ProviderFactory

#: Processes that work, of the peers.
PROCESSES = 2

#: Makes the result file of a list.
Way = Callable[[Path, Path], None]
Batch = list[list[str]]


@cache
def _parts() -> tuple[Any, Any]:
    run: Any = SimpleNamespace(job=SimpleNamespace(health=None))  # all that it needs for `offline`
    return ProviderFactory().create("offline"), Lookups(run)


def enrich_rows(columns: list[str], rows: Batch) -> str:
    """A batch: cells in, its part of the result file out."""
    provider, lookups = _parts()
    options, column_map = Options(), map_columns(columns)
    parsed = [parse_row(row, columns, column_map) for row in rows]
    enriched, _ = run_waterfall(parsed, [provider], options, lookups.ask)
    writer, results = create_writer(options, columns), unpack(pack(enriched))
    written = (writer.row(given_row(row, columns), next(results)) for row in rows)
    return b"".join(written).decode()


def _batches(rows: Iterator[list[str]]) -> Iterator[Batch]:
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def _file(source: Path, target: Path, work: Callable[[list[str], Iterator[Batch]], Any]) -> None:
    with source.open(newline="", encoding="utf-8") as given, target.open("w", newline="") as out:
        rows = csv.reader(given)
        columns = next(rows)
        out.write(create_writer(Options(), columns).header().decode())
        out.writelines(work(columns, _batches(rows)))


@contextmanager
def bare_processes() -> Iterator[Way]:
    """Processes of Python's multiprocessing that have loaded what they need."""
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:

        def work(columns: list[str], batches: Iterable[Batch]) -> Iterator[str]:
            return pool.imap(_one, ((columns, batch) for batch in batches))

        yield lambda source, target: _file(source, target, work)


def _one(given: tuple[list[str], Batch]) -> str:
    return enrich_rows(*given)


def missing_of_celery() -> str:
    """Why there can be no Celery on Redis here; "" if there can."""
    if not shutil.which("redis-server"):
        return "there is no redis-server (on Debian: apt install redis-server)"
    lacks = [name for name in ("celery", "redis") if not find_spec(name)]
    return f"there is no {lacks[0]} (see tests/benchmarks/requirements.txt)" if lacks else ""


@contextmanager
def celery_on_redis(folder: Path) -> Iterator[Way]:
    """A worker of Celery with its processes, and a Redis of its own that saves nothing."""
    socket = folder / "redis.sock"
    os.environ["BENCHMARK_REDIS"] = f"redis+socket://{socket}"
    redis = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", ""]
    worker = [sys.executable, "-m", "celery", "-A", "tests.benchmarks.celery_tasks", "worker"]
    worker += ["--concurrency", str(PROCESSES), "--loglevel", "ERROR", "--without-mingle"]
    with _program(redis, folder), _until(socket.exists), _program(worker, folder):
        from tests.benchmarks.celery_tasks import enrich

        def work(columns: list[str], batches: Iterable[Batch]) -> Iterator[str]:
            for sent in [enrich.delay(columns, batch) for batch in batches]:
                yield sent.get(timeout=600)

        yield lambda source, target: _file(source, target, work)


@contextmanager
def _program(command: list[str], folder: Path) -> Iterator[None]:
    with (folder / "peers.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def _until(condition: Callable[[], bool]) -> Iterator[None]:
    end = time.monotonic() + 30
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError("redis-server does not start")
        time.sleep(0.05)
    yield
