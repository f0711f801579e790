"""The faults of the soak: a service and its vendors in; now and then, until it is told to stop, something
goes wrong with them.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

from tests.end_to_end.workers import function_processes, messages_of
from tests.vendors.server import VendorServer

#: Vendors and how they misbehave: the most calls in a row that it takes, and for how many seconds.
VENDORS = ("pdl", "hunter")
VENDOR_FAULTS = {
    "throttle": (3, 2.0),
    "broken": (3, 0.0),
    "hang_up_before": (3, 0.0),
    "hang_up_after": (2, 0.0),
    "not_json": (1, 0.0),
    "lag": (20, 1.5),
}
STEPS = ("split_batches", "check_completion", "aggregate_results")
#: On average there is a fault every so many seconds.
PAUSE = 3.0
#: A process counts as busy if it used the processor in so many seconds; one is waited for so long.
_GLANCE, _PATIENCE = 0.05, 3.0
#: Processes of less age may be starting yet. Where one of those dies, the emulator ends all others of the
#: function as well, which AWS does not, and a step that fails three times in a row fails its job.
_STARTED = 15.0


class Faults:
    """``counts``: what went wrong so far, by kind. ``running``: gives the id and the number of batches
    of the jobs that are being enriched.
    """

    def __init__(
        self,
        stack: Any,
        vendors: VendorServer,
        random: Random,
        running: Callable[[], list[tuple[str, int]]],
        kills: bool = True,
    ) -> None:
        self._stack, self._vendors, self._random = stack, vendors, random
        self._running = running
        self._sqs, self._queue = stack.client("sqs"), stack.variables["SQS_QUEUE_URL"]
        self.counts: Counter[str] = Counter()
        chances: list[tuple[int, Callable[[], None]]] = [(5, self._spoil), (3, self._deliver_again)]
        if kills:
            chances += [(2, self._kill_worker), (2, self._kill_step)]
        self._weights = [weight for weight, _ in chances]
        self._kinds = [kind for _, kind in chances]

    def run(self, over: Event) -> None:
        """Until it is over."""
        while not over.wait(min(self._random.expovariate(1 / PAUSE), 4 * PAUSE)):
            self._random.choices(self._kinds, self._weights)[0]()

    def _spoil(self) -> None:
        """A vendor has a bad moment."""
        vendor = self._random.choice(VENDORS)
        kind = self._random.choice(list(VENDOR_FAULTS))
        most, longest = VENDOR_FAULTS[kind]
        times = self._random.randint(1, most)
        seconds = self._random.uniform(0.2, longest) if longest else 0.0
        every = self._random.choice((1, 1, 2))
        self._vendors[vendor].faults.add(kind, times=times, every=every, seconds=seconds)
        self.counts[f"{vendor} {kind}"] += times

    def _deliver_again(self) -> None:
        """Messages come twice."""
        running = self._running()
        if not running:
            return
        bodies = messages_of(self._stack, self._random.choice(running)[0])
        for body in self._random.sample(bodies, min(len(bodies), 5)):
            self._sqs.send_message(QueueUrl=self._queue, MessageBody=body)
            self.counts["message again"] += 1

    def _kill_worker(self) -> None:
        self._kill("worker")

    def _kill_step(self) -> None:
        self._kill(*STEPS)

    def _kill(self, *functions: str) -> None:
        """Kill one of the functions' processes while it works; none where none does."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            processes = {p: f for f in functions for p in function_processes(self._stack, f)}
            if busy := busy_ones([each for each in processes if age(each) > _STARTED]):
                with suppress(ProcessLookupError):
                    os.kill(busy[0], signal.SIGKILL)
                    self.counts[f"kill {processes[busy[0]]}"] += 1
                return


def busy_ones(processes: Collection[int]) -> list[int]:
    """Those that use the processor, most first."""
    before = {each: _ticks(each) for each in processes}
    time.sleep(_GLANCE)
    used = {each: _ticks(each) - before[each] for each in processes}
    return sorted((each for each in used if used[each] > 0), key=lambda each: -used[each])


def age(process: int) -> float:
    """For how many seconds a process has been there; 0 if it has ended."""
    started = _stat(process)[_STARTED_AT]
    up = float(Path("/proc/uptime").read_text("ascii").split()[0])
    return up - started / os.sysconf("SC_CLK_TCK") if started else 0.0


def _ticks(process: int) -> int:
    """The processor's time that a process used so far."""
    fields = _stat(process)
    return fields[_USER] + fields[_SYSTEM]


#: Places in /proc/<process>/stat after the name (proc(5)), in ticks of the clock.
_USER, _SYSTEM, _STARTED_AT = 11, 12, 19


def _stat(process: int) -> list[int]:
    """The numbers of a process; zeros if it has ended."""
    try:
        text = Path(f"/proc/{process}/stat").read_text("ascii", "replace")
    except OSError:
        return [0] * (_STARTED_AT + 1)
    return [0, *map(int, text.rpartition(")")[2].split()[1:])]
