"""The same list through two bare processes, Celery on Redis and this service, in turn on this machine:
``python tests/benchmarks/compare.py [contacts ...]`` (2,000, 20,000 and 100,000 unless told).

All three have started and have enriched a list before their time is taken. The time of the service is that
of its client, from the beginning of the upload to the end of the download.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import requests

from tests import signed
from tests.benchmarks.peers import Way, bare_processes, celery_on_redis, missing_of_celery
from tests.benchmarks.running import (
    INTERRUPTED,
    Figure,
    batches_of,
    download,
    running_stack,
    submit,
    write_list,
)

SIZES = (2_000, 20_000, 100_000)
#: Small lists are enriched three times, because a moment of other work shows.
SMALL, TIMES = 5_000, 3
WARM_UP = 1_000

#: Goals: times the seconds of Celery, for lists that are not small; the end of a job after its last batch.
TIMES_CELERY = 2.0
TIMES_LAST_BATCH, SECONDS_MORE = 1.1, 1.5

#: The client asks for the status after a pause of this share of the time so far. On this machine the answers come
#: from the cores that do the work: asked ten times a second, they were 8 % of it.
LEAST_PAUSE, PAUSE_SHARE = 0.1, 0.02

BARE, CELERY, SERVICE = "two bare processes", "Celery on Redis", "this service"


class Service:
    """A way for a list through the service. ``ends``: seconds until the last batch and the end, by job."""

    def __init__(self, stack: Any) -> None:
        self._stack = stack
        self.ends: list[tuple[float, float]] = []

    def __call__(self, source: Path, target: Path) -> None:
        began = time.monotonic()
        job_id = submit(self._stack.api_url, source)
        with requests.Session() as session:
            session.headers.update(signed.headers_for(self._stack.api_url))
            while True:
                answer = session.get(f"{self._stack.api_url}/status/{job_id}", timeout=60)
                status = answer.json()
                if status["finished_at"]:
                    break
                time.sleep(max(LEAST_PAUSE, (time.monotonic() - began) * PAUSE_SHARE))
        if status["status"] != "COMPLETED":
            raise RuntimeError(f"the job did not complete: {status}")
        download(status["result"]["url"], target)
        created, end = (_seconds(status[name]) for name in ("created_at", "finished_at"))
        batches = batches_of(self._stack, job_id)
        last = max(float(item["finished_at"]["N"]) for item in batches)
        self.ends.append((last - created, end - created))


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def timed(way: Way, source: Path, rows: int) -> float:
    """Seconds of a way. RuntimeError unless its file has all rows."""
    target = source.with_suffix(".result")
    start = time.monotonic()
    way(source, target)
    seconds = time.monotonic() - start
    with target.open(newline="", encoding="utf-8-sig") as file:
        found = sum(1 for _ in file) - 1  # no cell of this list has a line break
    if found != rows:
        raise RuntimeError(f"{found} rows came back of {rows}")
    return seconds


def compare(ways: dict[str, Way], folder: Path, rows: int) -> dict[str, float]:
    """The seconds of each way, the median of several times for a small list; a line for each."""
    source = folder / "list.csv"
    write_list(source, rows)
    times = TIMES if rows <= SMALL else 1
    taken = [{name: timed(way, source, rows) for name, way in ways.items()} for _ in range(times)]
    return {name: statistics.median(each[name] for each in taken) for name in ways}


def figures_of(seconds: dict[str, float], rows: int) -> Iterator[Figure]:
    for name, taken in seconds.items():
        told = f"{taken:.1f} s, {taken / seconds[BARE]:.2f} x the bare processes"
        goal, held = "", None
        if name == SERVICE and CELERY in seconds:
            ratio = taken / seconds[CELERY]
            told += f", {ratio:.2f} x Celery"
            if rows > SMALL:
                goal, held = f"at most {TIMES_CELERY} x Celery", ratio <= TIMES_CELERY
        yield Figure(f"{rows:,} contacts: {name}", told, goal, held)


def end_figure(ends: list[tuple[float, float]], rows: int) -> Figure:
    """How soon after its last batch a job ended; of several jobs the one that took longest for that."""
    last, end = max(ends, key=lambda job: job[1] - TIMES_LAST_BATCH * job[0])
    allowed = TIMES_LAST_BATCH * last + SECONDS_MORE
    told = f"{end:.1f} s after its beginning, its last batch {last:.1f} s"
    return Figure(
        f"{rows:,} contacts: end of the job", told, f"at most {allowed:.1f} s", end <= allowed
    )


@contextmanager
def _celery(folder: Path) -> Iterator[dict[str, Way]]:
    if why := missing_of_celery():
        print(f"{CELERY}: skipped, {why}", flush=True)
        yield {}
    else:
        with celery_on_redis(folder) as way:
            yield {CELERY: way}


def run(sizes: list[int]) -> None:
    with running_stack() as (stack, folder), bare_processes() as bare, _celery(folder) as celery:
        service = Service(stack)
        ways: dict[str, Way] = {BARE: bare, **celery, SERVICE: service}
        compare(ways, folder, WARM_UP)
        for rows in sizes:
            service.ends.clear()
            for figure in figures_of(compare(ways, folder, rows), rows):
                print(figure, flush=True)
            print(end_figure(service.ends, rows), flush=True)


def main() -> int:
    try:
        run([int(text) for text in sys.argv[1:]] or list(SIZES))
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
