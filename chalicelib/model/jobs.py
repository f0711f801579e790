"""Describes a job: its states, its options, how far it is, and how its providers are doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from chalicelib.model.batches import Progress, Settled
from chalicelib.model.callbacks import Callback
from chalicelib.model.options import Options

#: Why the rows of a cancelled job were not enriched.
JOB_CANCELLED = "the job was cancelled"


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


@dataclass(frozen=True)
class Result:
    """The finished file: where it is and how large."""

    key: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class ProviderHealth:
    """How the providers of a job are doing, by name. ``stopped``: why one is used no more.
    ``failures``: calls in a row that gave no answer. ``throttled``: until when one asked for a pause.
    ``too_slow``: 1 where the limits of one leave no time for all lookups before the job's deadline.
    """

    stopped: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)
    throttled: Mapping[str, float] = field(default_factory=dict)
    too_slow: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """One list on its way. Times are seconds since the epoch, 0.0 for never.

    ``planned``: all batches and the totals are written; no message is sent before. ``dispatched``: all
    messages are sent. ``settled``: the part of ``progress`` that a check need not count again. ``run``: how
    often a retry began the job again; ``restarted_at``: when the last one did. ``unreadable``: the list cannot
    be read, which no retry changes. ``cancelled_at``: when somebody asked for its end. ``resent_at``: when the
    messages of unfinished batches were last sent again. ``upload_id``: the upload whose copy is the list, ""
    for none. ``callback``: the last try to tell a receiver, perhaps of an earlier run.
    """

    id: str
    owner: str
    created_at: float
    options: Options
    input_key: str
    status: JobStatus = JobStatus.QUEUED
    total_rows: int = 0
    total_batches: int = 0
    planned: bool = False
    dispatched: bool = False
    progress: Progress = field(default_factory=Progress)
    settled: Settled = field(default_factory=Settled)
    result: Result | None = None
    error: str = ""
    unreadable: bool = False
    finished_at: float = 0.0
    run: int = 0
    restarted_at: float = 0.0
    cancelled_at: float = 0.0
    resent_at: float = 0.0
    health: ProviderHealth = field(default_factory=ProviderHealth)
    upload_id: str = ""
    callback: Callback | None = None

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED

    @property
    def began_at(self) -> float:
        """When this run of the job began."""
        return self.restarted_at or self.created_at
