"""A vendor's own books: calls, lookups and credits go in, a record to compare with comes out."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from threading import RLock
from typing import Any


class OutOfCreditsError(Exception):
    """The account cannot pay for this lookup."""


@dataclass
class Account:
    """Usable by threads. ``credits_left`` None: more than can be used up. ``polls``: calls for what came of
    a submission; all other calls are ``calls``.

    ``lookups``: how often each person was looked up; ``billed``: how often that cost something.
    People are called by what they were asked for with (``people.Asked.identity``).
    """

    credits_left: float | None = None
    calls: int = 0
    polls: int = 0
    throttled: int = 0
    refused: int = 0
    credits: float = 0.0
    lookups: Counter[str] = field(default_factory=Counter)
    billed: Counter[str] = field(default_factory=Counter)
    #: Allowed and throttled calls by the second of the clock.
    allowed_at: Counter[int] = field(default_factory=Counter)
    throttled_at: Counter[int] = field(default_factory=Counter)
    lock: RLock = field(default_factory=RLock, repr=False)

    def count_call(self, is_poll: bool = False) -> None:
        with self.lock:
            self.polls += is_poll
            self.calls += not is_poll

    def count_allowed(self) -> None:
        with self.lock:
            self.allowed_at[int(time.time())] += 1

    def count_throttled(self) -> None:
        with self.lock:
            self.throttled += 1
            self.throttled_at[int(time.time())] += 1

    def count_refused(self) -> None:
        with self.lock:
            self.refused += 1

    def look_up(self, identity: str, price: float) -> None:
        """One lookup of one person; OutOfCreditsError, and nothing written, if it cannot be paid."""
        with self.lock:
            if self.credits_left is not None:
                if self.credits_left < price:
                    raise OutOfCreditsError
                self.credits_left -= price
            self.credits += price
            self.lookups[identity] += 1
            if price:
                self.billed[identity] += 1

    def hold(self, credits: float) -> None:
        """Takes credits that may be given back; OutOfCreditsError, and nothing taken, if there are too few."""
        with self.lock:
            if self.credits_left is not None:
                if self.credits_left < credits:
                    raise OutOfCreditsError
                self.credits_left -= credits

    def release(self, credits: float) -> None:
        """Gives back what was held."""
        with self.lock:
            if self.credits_left is not None:
                self.credits_left += credits

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is left to pay with."""
        with self.lock:
            return self.credits_left is not None and self.credits_left <= 0

    @property
    def billed_twice(self) -> dict[str, int]:
        with self.lock:
            return {identity: times for identity, times in self.billed.items() if times > 1}

    def as_json(self) -> dict[str, Any]:
        with self.lock:
            return {
                "calls": self.calls,
                "polls": self.polls,
                "throttled": self.throttled,
                "refused": self.refused,
                "credits": round(self.credits, 6),
                "credits_left": self.credits_left,
                "lookups": sum(self.lookups.values()),
                "people": dict(self.lookups),
                "billed": dict(self.billed),
                "billed_twice": self.billed_twice,
                "timeline": {
                    str(second): {
                        "allowed": self.allowed_at[second],
                        "throttled": self.throttled_at[second],
                    }
                    for second in sorted({*self.allowed_at, *self.throttled_at})
                },
            }
