"""One large job from end to end on the embedded AWS: ``python tests/benchmarks/big_job.py [rows]``
(1,000,000 unless told). Linux only: the memory of processes is read from /proc.

An invented list is uploaded, enriched by the provider that does least (`offline`, for one field) and
fetched. Every figure is printed with its target and whether that held; the exit status is 1 if one
was missed.
"""

from __future__ import annotations

import csv
import math
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from threading import Event, Thread
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import requests

from tests import signed
from tests.benchmarks.running import (
    INTERRUPTED,
    Figure,
    download,
    peak_megabytes,
    running_stack,
    submit,
)
from tests.end_to_end.workers import function_processes

#: Targets. That of GET /status is for 99 of 100: the emulator does one thing at a time, and who asks while
#: it hands out or puts together a file of 200 MB waits 0.4 s for it, as nobody does on AWS.
STATUS_SECONDS = 0.1
STEP_MEGABYTES = 200
EVENTS = 25_000

OPTIONS = {"providers": ["offline"], "fields": ["email"]}
COLUMNS = ["Number", "Full Name", "Email", "Notes"]
STEPS = ("split_batches", "aggregate_results")
FUNCTIONS = (*STEPS, "check_completion", "worker")
POLL_SECONDS = 0.5
KINDS = ("matched", "partial", "not_found", "invalid", "failed", "skipped")


# The list


def rows_of_list(rows: int) -> Iterator[list[str]]:
    """The list's rows, the same at each call: cells with quotes and commas, some people twice, some
    of whom nothing is known.
    """
    for n in range(rows):
        person = n - 7 if n % 1000 == 7 else n
        email = "" if n % 500 == 499 else f"person.{person}@department{n % 997}.example.org"
        note = f'Said "hello, {n}"' if n % 10 == 3 else "met at the fair"
        yield [str(n), f"Jürgen Example {person}", email, note]


def write_list(path: Path, rows: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows_of_list(rows))


# While it runs


@dataclass
class Watch:
    """What is seen of a running job: how long each GET /status took, and the phase it told of; each
    function's peak of memory.
    """

    latencies: list[tuple[float, str]] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=dict)
    peaks: Counter[str] = field(default_factory=Counter)

    def look_at_memory(self, stack: Any) -> None:
        for function in FUNCTIONS:
            peaks = [peak_megabytes(each) for each in function_processes(stack, function)]
            self.peaks[function] = max([self.peaks[function], *map(math.ceil, peaks)])

    def phase(self, status: dict[str, Any], now: float) -> None:
        if status["status"] not in self.phases:
            self.phases[status["status"]] = now
            print(f"  {now:7.1f} s  {status['status']}", flush=True)


@contextmanager
def memory_watched(stack: Any, watch: Watch) -> Iterator[None]:
    """Look at the functions' memory all the time, on a thread: a process may end between looks."""
    ended = Event()

    def look() -> None:
        while not ended.wait(POLL_SECONDS):
            watch.look_at_memory(stack)

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        watch.look_at_memory(stack)


def follow(api: str, job_id: str, watch: Watch, longest: float) -> dict[str, Any]:
    """Poll until the job has ended: its last status. RuntimeError after ``longest`` seconds."""
    began = time.monotonic()
    with requests.Session() as session:
        session.headers.update(signed.headers_for(api))
        while True:
            start = time.perf_counter()
            answer = session.get(f"{api}/status/{job_id}", timeout=60)
            seconds = time.perf_counter() - start
            status: dict[str, Any] = answer.json()
            answer.raise_for_status()
            now = time.monotonic() - began
            watch.latencies.append((seconds, status["status"]))
            watch.phase(status, now)
            if status["finished_at"]:
                return status
            if now > longest:
                raise RuntimeError(f"not done after {longest:.0f} s: {status}")
            time.sleep(max(POLL_SECONDS - seconds, 0))


def count_events(stack: Any, job_id: str) -> int:
    """The events in the history of the job's execution."""
    arn = stack.variables["STATE_MACHINE_ARN"].replace(":stateMachine:", ":execution:")
    pages = stack.client("stepfunctions").get_paginator("get_execution_history")
    found = pages.paginate(
        executionArn=f"{arn}:{job_id}", maxResults=1000, includeExecutionData=False
    )
    return sum(len(page["events"]) for page in found)


# Afterwards


def compare(result: Iterable[list[str]], rows: int) -> tuple[list[str], Counter[str]]:
    """What is wrong with the result, the first few of it, and how many rows have which status."""
    lines = iter(result)
    header = next(lines, [])
    wrong = [] if header[: len(COLUMNS)] == COLUMNS else [f"the header is {header}"]
    at = header.index("enriched_status") if "enriched_status" in header else -1
    counts: Counter[str] = Counter()
    for n, (given, got) in enumerate(zip_longest(rows_of_list(rows), lines)):
        if given is None or got is None or got[: len(COLUMNS)] != given:
            wrong.append(f"row {n}: {given} became {got}")
        if len(wrong) > 5:
            break
        counts[got[at] if got else "missing"] += 1
    return wrong, counts


def rows_figures(status: dict[str, Any], path: Path, rows: int) -> list[Figure]:
    with open(path, newline="", encoding="utf-8-sig") as file:
        wrong, counts = compare(csv.reader(file), rows)
    told = {kind: status["contacts"][kind] for kind in KINDS}
    agree = {kind: n for kind, n in told.items() if n} == dict(counts)
    total = status["contacts"]["total"] == status["result"]["rows"] == sum(told.values()) == rows
    whole = path.stat().st_size == status["result"]["bytes"]
    summary = ", ".join(f"{n:,} {kind}" for kind, n in counts.items())
    rows_told = wrong[0][:300] if wrong else f"{sum(counts.values()):,}, {path.stat().st_size:,} B"
    return [
        Figure("rows, each once, in order, as given", rows_told, f"{rows:,}", not wrong and whole),
        Figure("counts, of the status and the file", summary, "the same", agree and total),
    ]


def figures_of(status: dict[str, Any], watch: Watch, events: int, seconds: float) -> list[Figure]:
    rows, state = status["contacts"]["total"], status["status"]
    phases = ", ".join(f"{name} {at:.0f}" for name, at in watch.phases.items())
    return [
        Figure("job", f"{state} in {seconds:,.0f} s", "COMPLETED", state == "COMPLETED"),
        Figure("contacts a second", f"{rows / seconds:,.0f}"),
        Figure("seconds until each phase", phases),
        *(peak_of(function, watch.peaks[function]) for function in FUNCTIONS),
        latency_of(watch),
        Figure("events of the state machine", f"{events:,}", f"under {EVENTS:,}", events < EVENTS),
    ]


def peak_of(function: str, megabytes: int) -> Figure:
    name, value = f"peak of {function}", f"{megabytes} MB"
    if function not in STEPS:
        return Figure(name, value)
    held = 0 < megabytes < STEP_MEGABYTES
    return Figure(name, value, f"under {STEP_MEGABYTES} MB", held)


def latency_of(watch: Watch) -> Figure:
    times = sorted(seconds for seconds, _ in watch.latencies)
    slow = Counter(phase for seconds, phase in watch.latencies if seconds >= STATUS_SECONDS)
    most = times[math.ceil(0.99 * len(times)) - 1]
    shown = " / ".join(f"{1000 * each:.0f}" for each in (statistics.median(times), most, times[-1]))
    told = f"{shown} ms of {len(times)}" + (f", slow: {dict(slow)}" if slow else "")
    target = f"99 % under {1000 * STATUS_SECONDS:.0f} ms"
    return Figure("GET /status, median / 99 % / most", told, target, most < STATUS_SECONDS)


def run(rows: int) -> list[Figure]:
    with running_stack() as (stack, folder):
        write_list(folder / "list.csv", rows)
        watch, api = Watch(), stack.api_url
        signed.get(f"{api}/status/unknown", timeout=60)  # the first imports and connects
        with memory_watched(stack, watch):
            began = time.monotonic()
            job_id = submit(api, folder / "list.csv", **OPTIONS)
            print(f"  {time.monotonic() - began:7.1f} s  to send the list", flush=True)
            status = follow(api, job_id, watch, longest=600 + rows / 100)
            seconds = time.monotonic() - began
        figures = figures_of(status, watch, count_events(stack, job_id), seconds)
        if not status["result"]:
            return [*figures, Figure("result", f"none: {status['error']}", "a file", False)]
        download(status["result"]["url"], folder / "result.csv")
        return [*figures, *rows_figures(status, folder / "result.csv", rows)]


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    try:
        figures = run(rows)
    except KeyboardInterrupt:
        return INTERRUPTED
    print("\n".join(map(str, figures)))
    return int(any(figure.held is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
