"""A vendor's rate limits: calls go in, how long to wait comes out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock


@dataclass
class Window:
    """At most ``calls`` in ``seconds``; it opens at the first call, as with PDL and Apollo."""

    calls: int
    seconds: float
    opened: float = float("-inf")
    used: int = 0

    def wait(self, now: float) -> float:
        """0 if there is room for a call, else the seconds until the window closes."""
        if now >= self.opened + self.seconds:
            self.opened, self.used = now, 0
        return 0.0 if self.used < self.calls else self.opened + self.seconds - now


class Windows:
    """All windows of one vendor, held together. Usable by threads."""

    def __init__(
        self, limits: Sequence[tuple[int, float]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.windows = [Window(calls, seconds) for calls, seconds in limits]
        self._clock = clock
        self._lock = Lock()

    def admit(self) -> float:
        """0 and the call counts, or the seconds to wait and it does not."""
        with self._lock:
            now = self._clock()
            wait = max((window.wait(now) for window in self.windows), default=0.0)
            if wait <= 0:
                for window in self.windows:
                    window.used += 1
            return wait
