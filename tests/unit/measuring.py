"""Measures the memory and time of some work, for tests of what must not grow with its input."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable


def peak(work: Callable[[], object]) -> int:
    """The most bytes that Python holds at once meanwhile."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def growth(work: Callable[[int], object], size: int) -> float:
    """How much longer four times as much takes: about 4 where time is in proportion, 16 in the square."""

    def seconds(of_size: int) -> float:
        start = time.process_time()
        work(of_size)
        return time.process_time() - start

    work(size)
    return min(seconds(4 * size) for _ in range(2)) / max(
        min(seconds(size) for _ in range(3)), 1e-4
    )
