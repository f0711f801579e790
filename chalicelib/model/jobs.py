"""Ground floor: a job, its batches and their states; the words of the status, and what they add up to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum

from chalicelib.model.layout import Layout
from chalicelib.model.options import Options

#: What is said of rows that were not enriched any more.
CANCELLED = "the job was cancelled"
#: Rows in a batch: one SQS message, one worker call, one item of results.
BATCH_ROWS = 100


class JobStatus(str, Enum):
    """QUEUED → SPLITTING → ENRICHING → AGGREGATING → one of the ends; a retry begins again.

    Of an ERASED job nothing is left; to its owner it does not exist.
    """

    QUEUED = "QUEUED"
    SPLITTING = "SPLITTING"
    ENRICHING = "ENRICHING"
    AGGREGATING = "AGGREGATING"
    COMPLETED = "COMPLETED"
    COMPLETED_WITH_ERRORS = "COMPLETED_WITH_ERRORS"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    ERASED = "ERASED"


#: Ends: a job in one of these changes no more, unless it is retried or erased.
ENDED = frozenset(
    {
        *(JobStatus.COMPLETED, JobStatus.COMPLETED_WITH_ERRORS),
        *(JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.ERASED),
    }
)
#: Ends after which failed batches can be tried again.
RETRIABLE = frozenset({JobStatus.COMPLETED_WITH_ERRORS, JobStatus.FAILED})


class BatchState(str, Enum):
    """PENDING → RUNNING (possibly several times) → DONE or FAILED, or SKIPPED: the job was cancelled."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


FINISHED = frozenset({BatchState.DONE, BatchState.FAILED, BatchState.SKIPPED})


class RowStatus(str, Enum):
    """What became of one row."""

    MATCHED = "matched"
    PARTIAL = "partial"
    NOT_FOUND = "not_found"
    INVALID = "invalid"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class ProviderUse:
    """What a provider was asked and what it cost, in its own credits.

    ``cached``: answers that were paid for before, or for another row. ``uncertain``: lookups of which
    the answer was lost, so that they may have been charged twice.
    """

    lookups: int = 0
    matches: int = 0
    cached: int = 0
    credits: float = 0.0
    uncertain: int = 0

    def __add__(self, other: ProviderUse) -> ProviderUse:
        return ProviderUse(
            self.lookups + other.lookups,
            self.matches + other.matches,
            self.cached + other.cached,
            round(self.credits + other.credits, 6),
            self.uncertain + other.uncertain,
        )


@dataclass(frozen=True)
class Tally:
    """What became of some rows: how many have which status, and what each provider was asked."""

    counts: Mapping[str, int] = field(default_factory=dict)
    uses: Mapping[str, ProviderUse] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Tally:
        stored = json.loads(text)
        uses = {name: ProviderUse(**use) for name, use in stored["uses"].items()}
        return cls(stored["counts"], uses)


def add_tallies(tallies: Iterable[Tally]) -> Tally:
    """The sum of tallies."""
    counts: Counter[str] = Counter()
    uses: dict[str, ProviderUse] = {}
    for tally in tallies:
        counts.update(tally.counts)
        for name, use in tally.uses.items():
            uses[name] = uses.get(name, ProviderUse()) + use
    return Tally(dict(counts), uses)


@dataclass(frozen=True)
class Batch:
    """A stretch of the list: rows ``number * BATCH_ROWS`` and on, bytes ``start`` to ``end`` of the
    normalised contacts. ``turn``: how often it was postponed. ``run``: the job's run that it was last
    planned for. Times are seconds since the epoch, 0 for never.
    """

    number: int
    start: int
    end: int
    rows: int
    state: BatchState = BatchState.PENDING
    attempts: int = 0
    turn: int = 0
    run: int = 0
    started_at: float = 0.0
    finished_at: float = 0.0
    tally: Tally = Tally()
    error: str = ""

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED


@dataclass(frozen=True)
class Progress:
    """How many batches of a job ended in which way, and what their rows add up to."""

    done: int = 0
    failed: int = 0
    skipped: int = 0
    tally: Tally = Tally()

    @property
    def finished(self) -> int:
        return self.done + self.failed + self.skipped


def add_up(batches: Iterable[Batch]) -> Progress:
    """The progress of a job from its batches."""
    finished = [batch for batch in batches if batch.is_finished]
    states = Counter(batch.state for batch in finished)
    tally = add_tallies(batch.tally for batch in finished)
    return Progress(
        states[BatchState.DONE], states[BatchState.FAILED], states[BatchState.SKIPPED], tally
    )


@dataclass(frozen=True)
class Result:
    """The finished file: where it is and how large."""

    key: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class Job:
    """One list on its way. Times are ISO 8601, "" for not yet.

    ``run``: how often it was begun again by a retry; ``started_at``: when this run began.
    ``cancelled_at``: when somebody asked for its end. ``resent_at``: when the messages of unfinished
    batches were last sent again, in seconds since the epoch.
    """

    id: str
    owner: str
    created_at: str
    options: Options
    layout: Layout
    input_key: str
    input_etag: str
    status: JobStatus = JobStatus.QUEUED
    columns: tuple[str, ...] = ()
    total_rows: int = 0
    total_batches: int = 0
    #: Split has written all batches and the totals; nothing was sent before.
    planned: bool = False
    #: Split has sent all messages.
    dispatched: bool = False
    progress: Progress = Progress()
    result: Result | None = None
    error: str = ""
    finished_at: str = ""
    run: int = 0
    started_at: str = ""
    cancelled_at: str = ""
    resent_at: float = 0.0
    #: What is known of the providers during the job, by name: why one is used no more; failures in a
    #: row; until when (seconds since the epoch) one asked for rest.
    stopped: dict[str, str] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    throttled: dict[str, float] = field(default_factory=dict)

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED

    @property
    def began_at(self) -> str:
        """When this run of the job began."""
        return self.started_at or self.created_at

    @property
    def result_key(self) -> str:
        """Where the finished file goes: each run has its own, so that a late one spoils no other."""
        run = f"-{self.run}" if self.run else ""
        return f"jobs/{self.id}/enriched{run}.{self.options.output}"

    @property
    def contacts_key(self) -> str:
        """Where the normalised contacts lie in the bucket: one line of JSON a row (see rows.py)."""
        return f"jobs/{self.id}/contacts.jsonl"
