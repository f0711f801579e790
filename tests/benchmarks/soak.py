"""Many jobs of mixed sizes at once while things go wrong:
``python tests/benchmarks/soak.py [--minutes 15] [--jobs 20] [--seed 1]``, on the embedded AWS and the vendor
server. Linux only: the processes to be killed are found in /proc.

So many jobs are kept under way, and some of their batches queue before a slow vendor; vendors throttle, break
and hang up, messages come twice, processes are killed in the middle of their work, users cancel and erase.
When the time is up all jobs must end. Of each the file is checked row by row, and the vendors' bills are
compared with the ledger and the statuses. The last line tells how many problems there were; the exit status
is 1 if any.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import requests

from tests.benchmarks.running import INTERRUPTED, running_stack
from tests.benchmarks.soak_books import Books, audit
from tests.benchmarks.soak_faults import Faults
from tests.benchmarks.soak_jobs import KINDS, SLOW, SLOW_CALLS_PER_MINUTE, Plan, plan_of, wrong_with
from tests.benchmarks.soak_steering import (
    ONCE_ENDED,
    WHILE_RUNNING,
    Action,
    Ticket,
    chosen,
    what_can_be_done,
)
from tests.end_to_end.workers import make_redelivery_quick
from tests.vendors.server import VendorServer

#: A dropped message comes back after so many seconds.
REDELIVERY = 15
#: A job that has not ended by then is stuck: the service's own limit for one in which nothing moves is
#: 20 minutes.
LONGEST = 25 * 60
REPORT_SECONDS = 30.0
#: Between the first jobs.
START_SECONDS = 0.5
#: Problems of one kind that are printed.
MOST_TOLD = 20


@dataclass(frozen=True)
class Ended:
    """A job that has ended, with its last status."""

    plan: Plan
    status: dict[str, Any]
    seconds: float

    @property
    def rows_lost(self) -> int:
        there: int = self.status["result"]["rows"] if self.status["result"] else 0
        return len(self.plan.rows) - there


@dataclass
class Soak:
    """What happens. ``running``: how many batches the jobs under way have, by id; 0: not known yet."""

    api: str
    seed: int
    known: set[Action]
    over: threading.Event = field(default_factory=threading.Event)
    interrupted: bool = False
    numbers: Iterator[int] = field(default_factory=count)
    running: dict[str, int] = field(default_factory=dict)
    started: int = 0
    ended: list[Ended] = field(default_factory=list)
    steered: Counter[str] = field(default_factory=Counter)
    stuck: int = 0
    #: While they were under way; others had ended.
    erased: int = 0
    problems: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def being_enriched(self) -> list[tuple[str, int]]:
        return [(job_id, batches) for job_id, batches in list(self.running.items()) if batches]

    @contextmanager
    def ending(self) -> Iterator[None]:
        """However the block ends, no job is begun after it; one that breaks off then is no problem."""
        try:
            yield
        finally:
            self.interrupted = not self.over.is_set()
            self.over.set()

    # A thread of jobs, one after the other

    def run_jobs(self) -> None:
        while not self.over.is_set():
            with self.lock:
                number = next(self.numbers)
                self.started += 1
            ticket = Ticket(plan_of(self.seed, number), self.api)
            try:
                self._run(ticket)
            except Exception as error:
                if self.interrupted:
                    return
                ticket.problems.append(f"{type(error).__name__}: {error}")
                time.sleep(1)
            finally:
                self.running.pop(ticket.job_id, None)
            with self.lock:
                self.steered.update(ticket.done)
            self.tell(*(f"job {number} {ticket.job_id}: {each}" for each in ticket.problems))

    def tell(self, *problems: str) -> None:
        """Problems are told at once: the job's traces may be there no longer in the end."""
        self.problems += problems
        for problem in problems[:MOST_TOLD]:
            print(f"PROBLEM  {problem[:500]}", flush=True)

    def _run(self, ticket: Ticket) -> None:
        random = Random(f"{self.seed} {ticket.plan.number} steering")
        begun = time.monotonic()
        ticket.job_id = ticket.submit()
        self.running[ticket.job_id] = 0
        for action in chosen(WHILE_RUNNING, self.known, random):
            time.sleep(random.uniform(0, 4))
            self._steer(ticket, action)
        status = self._wait(ticket, begun)
        if status is not None:
            ended = Ended(ticket.plan, status, time.monotonic() - begun)
            self._check(ticket, status)
            self.ended.append(self._afterwards(ticket, ended, random))
            return
        with self.lock:
            self.erased += ticket.erased
            self.stuck += not ticket.erased

    def _afterwards(self, ticket: Ticket, ended: Ended, random: Random) -> Ended:
        """What is done to a job that has ended, which may make it run again."""
        for action in chosen(ONCE_ENDED, self.known, random):
            self._steer(ticket, action)
        again = self._wait(ticket, time.monotonic())
        if again is None or again["finished_at"] == ended.status["finished_at"]:
            return ended
        self._check(ticket, again)
        return replace(ended, status=again)

    def _steer(self, ticket: Ticket, action: Action) -> None:
        if not ticket.erased:
            ticket.done.append(action.__name__)
            action(ticket)

    def _wait(self, ticket: Ticket, begun: float) -> dict[str, Any] | None:
        """The status of the job once it has ended; None for one that is erased, or stuck."""
        while not ticket.erased:
            answer = ticket.call("GET", f"/status/{ticket.job_id}")
            status: dict[str, Any] = answer.json()
            answer.raise_for_status()
            self.running[ticket.job_id] = status["batches"]["total"]
            if status["finished_at"]:
                return status
            if time.monotonic() - begun > LONGEST:
                ticket.problems.append(f"stuck: {status}")
                return None
            time.sleep(0.5 + len(self.running) / 20)
        return None

    def _check(self, ticket: Ticket, status: dict[str, Any]) -> None:
        if status["status"] not in ticket.endings:
            done = ", ".join(ticket.done) or "nothing was done to it"
            told = f"{status['status']} ({done}): {status['error']}"
            ticket.problems.append(f"ended {told}")
        if not status["result"]:
            ticket.problems.append("it has no file")
            return
        answer = requests.get(status["result"]["url"], timeout=60)
        answer.raise_for_status()
        ticket.problems += wrong_with(ticket.plan, status, answer.content)


@contextmanager
def vendors_told() -> Iterator[VendorServer]:
    """The vendor server, of which the environment tells the stack."""
    with VendorServer() as vendors:
        os.environ.update(vendors.environment())
        for name in vendors.vendors:
            os.environ[f"{name.upper()}_CALLS_PER_MINUTE"] = "60000"
        os.environ[f"{SLOW.upper()}_CALLS_PER_MINUTE"] = str(SLOW_CALLS_PER_MINUTE)
        vendors[SLOW].configure(limits=[(SLOW_CALLS_PER_MINUTE, 60)])
        yield vendors


def keep_going(soak: Soak, faults: Faults, minutes: float, jobs: int) -> None:
    """Jobs and faults for so long; then until all jobs have ended."""
    began = time.monotonic()
    trouble = threading.Thread(target=faults.run, args=(soak.over,), daemon=True)
    threads = [threading.Thread(target=soak.run_jobs, daemon=True) for _ in range(jobs)]
    trouble.start()
    for thread in threads:  # each has the functions start processes: not all in one moment
        thread.start()
        time.sleep(START_SECONDS)
    while (left := began + 60 * minutes - time.monotonic()) > 0:
        time.sleep(min(REPORT_SECONDS, left))
        _tell(soak, faults, began)
    soak.over.set()
    trouble.join()
    while any(thread.is_alive() for thread in threads):
        next(thread for thread in threads if thread.is_alive()).join(REPORT_SECONDS)
        _tell(soak, faults, began)


def _tell(soak: Soak, faults: Faults, began: float) -> None:
    rows = sum(len(each.plan.rows) for each in soak.ended)
    print(
        f"  {time.monotonic() - began:6.0f} s  {len(soak.running)} jobs under way, {len(soak.ended)} "
        f"ended, {rows:,} rows, {sum(faults.counts.values())} faults, {len(soak.problems)} problems",
        flush=True,
    )


def left_running(stack: Any) -> list[str]:
    """Executions of the state machine that go on although all jobs have ended; erasures may."""
    pages = stack.client("stepfunctions").get_paginator("list_executions")
    found = pages.paginate(
        stateMachineArn=stack.variables["STATE_MACHINE_ARN"], statusFilter="RUNNING"
    )
    names = [each["name"] for page in found for each in page["executions"]]
    return [name for name in names if not name.endswith("-erase")]


def report(soak: Soak, faults: Faults, books: Books) -> int:
    """Print what happened; the exit status."""
    lines = {
        **_of_jobs(soak),
        "faults": _counts(faults.counts),
        "done by users": _counts(soak.steered),
        "lookups": f"{books.lookups:,}, {books.billed:,} billed, {books.twice} again, "
        f"{books.uncertain} uncertain by the statuses",
    }
    print("\n".join(f"{name:<14} {line}" for name, line in lines.items()))
    rows = sum(len(each.plan.rows) for each in soak.ended)
    total = sum(faults.counts.values())
    print(
        f"soak: {soak.started} jobs, {rows:,} rows, {total} faults, {len(soak.problems)} problems",
        flush=True,
    )
    return int(bool(soak.problems))


def _of_jobs(soak: Soak) -> dict[str, str]:
    statuses = [each.status for each in soak.ended]
    by_status = Counter(status["status"] for status in statuses)
    seconds = sorted(each.seconds for each in soak.ended) or [0.0]
    kinds = Counter({kind: sum(each["contacts"][kind] for each in statuses) for kind in KINDS})
    batches = [each["batches"] for each in statuses]
    lost = sum(each.rows_lost for each in soak.ended)
    return {
        "jobs": f"{soak.started} started, {len(statuses)} ended: {_counts(by_status)}; "
        f"{soak.erased} erased before that, {soak.stuck} stuck",
        "rows": f"{sum(kinds.values()):,}, {lost} lost: {_counts(kinds)}",
        "batches": f"{sum(each['total'] for each in batches):,}, "
        f"{sum(each['failed'] for each in batches)} failed",
        "seconds a job": f"{statistics.median(seconds):.1f} median, {seconds[-1]:.1f} at most",
    }


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{n:,} {name}" for name, n in sorted(counter.items())) or "none"


def run(options: argparse.Namespace) -> int:
    with vendors_told() as vendors, running_stack() as (stack, _):
        make_redelivery_quick(stack, REDELIVERY)
        first = Plan(
            -1, (("0", "A Person", "person@first.example.org"),), "", "offline", "csv", None
        )
        soak = Soak(stack.api_url, options.seed, what_can_be_done(stack.api_url, first))
        random = Random(f"{options.seed} faults")
        faults = Faults(stack, vendors, random, soak.being_enriched, kills=options.kills)
        print(
            f"  seed {options.seed}, with {', '.join(a.__name__ for a in soak.known) or 'no'} steering"
        )
        with soak.ending():
            keep_going(soak, faults, options.minutes, options.jobs)
        soak.tell(*(f"execution {each} goes on" for each in left_running(stack)))
        books = audit(stack, vendors, [(each.plan, each.status) for each in soak.ended])
        soak.tell(*books.problems)
        return report(soak, faults, books)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--jobs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-kills", dest="kills", action="store_false")
    try:
        return run(parser.parse_args())
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
