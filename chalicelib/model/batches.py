"""Describes a batch of a job's rows, and how far the batches of a job are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from itertools import takewhile

from chalicelib.model.tallies import Tally, add_tallies

#: Rows in a batch: one SQS message, one worker call, one item of results.
BATCH_ROWS = 100


class BatchState(str, Enum):
    """PENDING → RUNNING (possibly several times) → DONE or FAILED, or SKIPPED: the job was cancelled."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


FINISHED = frozenset({BatchState.DONE, BatchState.FAILED, BatchState.SKIPPED})


@dataclass(frozen=True)
class Batch:
    """A part of the list: rows ``number * BATCH_ROWS`` and on, bytes ``start`` to ``end`` of the
    normalised contacts. ``attempts``: how often its message was delivered. ``postponements``: how often
    it was put off until a provider could answer. ``run``: the job's run that it was last planned for.
    Times are seconds since the epoch, 0.0 for never.
    """

    number: int
    start: int
    end: int
    rows: int
    state: BatchState = BatchState.PENDING
    attempts: int = 0
    postponements: int = 0
    run: int = 0
    started_at: float = 0.0
    finished_at: float = 0.0
    tally: Tally = field(default_factory=Tally)
    #: Which fields its rows have, encrypted (aws/results.py), where the tally must not say it.
    sealed_fields: bytes = b""
    error: str = ""

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED


@dataclass(frozen=True)
class Turn:
    """When a batch may call a provider that limits its calls: from ``at`` to ``end`` (seconds since the epoch)."""

    at: float
    end: float


@dataclass(frozen=True)
class Progress:
    """How many batches of a job ended in which way, and what their rows add up to."""

    done: int = 0
    failed: int = 0
    skipped: int = 0
    tally: Tally = field(default_factory=Tally)

    @property
    def finished(self) -> int:
        return self.done + self.failed + self.skipped

    def __add__(self, other: Progress) -> Progress:
        return Progress(
            self.done + other.done,
            self.failed + other.failed,
            self.skipped + other.skipped,
            add_tallies((self.tally, other.tally)),
        )


@dataclass(frozen=True)
class Settled:
    """The first batches of a job that have all ended: how many, their progress, and when the last of them moved.

    Nothing happens to them any more in this run of the job, so nobody need read them again to count.
    """

    batches: int = 0
    progress: Progress = field(default_factory=Progress)
    moved: float = 0.0


def add_up(batches: Iterable[Batch]) -> Progress:
    """The progress of a job from its batches."""
    finished = [batch for batch in batches if batch.is_finished]
    states = Counter(batch.state for batch in finished)
    tally = add_tallies(batch.tally for batch in finished)
    return Progress(
        states[BatchState.DONE], states[BatchState.FAILED], states[BatchState.SKIPPED], tally
    )


def settle(settled: Settled, batches: Iterable[Batch]) -> Settled:
    """What is settled once the next batches, in order, are as they are."""
    ended = list(takewhile(lambda batch: batch.is_finished, batches))
    return Settled(
        settled.batches + len(ended),
        settled.progress + add_up(ended),
        max([settled.moved, *(batch.finished_at for batch in ended)]),
    )
