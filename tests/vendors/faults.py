"""The vendor server's bad days: what a vendor is told to do wrong goes in, what is due comes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

#: What every vendor can be told. Those above the line refuse the call: nothing is looked up.
REFUSALS = ("bad_key", "throttle", "out_of_credits", "broken", "redirect", "hang_up_before")
#: Those below it spoil the answer: the lookups have happened and are in the account.
SPOILS = (
    *("hang_up_after", "broken_after", "not_json", "html", "wrong_shape", "huge"),
    *("reorder", "shorten", "repeat"),
)
KINDS = frozenset({"lag", *REFUSALS, *SPOILS})


@dataclass
class Fault:
    """``kind``, at every ``every``-th call, ``times`` times (None: for good).

    ``seconds``: how long to lag, or when to come back after a throttled call. ``of``: the kind of calls
    that it concerns (``Vendor.kind_of``); "" for all.
    """

    kind: str
    times: int | None = 1
    every: int = 1
    seconds: float = 0.0
    of: str = ""
    calls: int = 0

    def is_due(self, call: str) -> bool:
        """Counts one call, if it is of the kind that the fault concerns."""
        if self.of not in ("", call):
            return False
        self.calls += 1
        if self.times == 0 or self.calls % self.every:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """What one vendor has been told. Usable by threads.

    ``quirks``: the words that this vendor understands beside ``KINDS``: its own dialects.
    """

    def __init__(self, quirks: Iterable[str] = ()) -> None:
        self._kinds = KINDS.union(quirks)
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(
        self,
        kind: str,
        times: int | None = 1,
        every: int = 1,
        seconds: float = 0.0,
        of: str = "",
    ) -> None:
        """Raises ValueError for a word that this vendor does not understand."""
        if kind not in self._kinds:
            raise ValueError(f"no such fault {kind!r}; there are {sorted(self._kinds)}")
        with self._lock:
            self._faults.append(Fault(kind, times, every, seconds, of))

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def due(self, call: str = "") -> dict[str, float]:
        """What this call, of this kind, gets: kind of fault → seconds."""
        with self._lock:
            return {fault.kind: fault.seconds for fault in self._faults if fault.is_due(call)}
