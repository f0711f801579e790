"""Keeps each owner within what the operator allows: open jobs, rows a day, credits a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.aws.usage import Entry, day_of, rows_on
from chalicelib.model.clock import DAY
from chalicelib.model.errors import LimitReachedError
from chalicelib.model.options import Options
from chalicelib.services import Services

#: Seconds until a job may have ended.
_SOON = 60


def admit(services: Services, owner: str, job_id: str, options: Options) -> Options:
    """Let a job begin, or begin again: its options, with the owner's remaining credits as ``max_credits``
    if they name none and the operator limits the credits of a day.

    LimitReachedError where the owner has too many open jobs, or has used up the day's rows or credits. The job
    is entered before all are counted: of two that come at once, both count.
    """
    now, limit = services.clock(), services.settings.max_credits_per_day
    costs = any(services.providers.create(name).terms.credits > 0 for name in options.providers)
    if costs and limit is not None and options.max_credits is None:
        others = _others(services, owner, job_id, now)
        left = limit - _credits(_settled(services, owner, others), now)
        options = replace(options, max_credits=max(round(left, 6), 0.0))
    asked = options.max_credits if costs and options.max_credits is not None else 0.0
    before = services.usage.begin(owner, job_id, asked, now)
    try:
        _check(services, owner, job_id, asked if costs else None, now)
    except LimitReachedError:
        if before is None:
            services.usage.forget(owner, job_id, now)
        elif before.done:  # what it has used today stays used
            services.usage.finish(owner, before, before.credits)
        raise
    return options


def _check(services: Services, owner: str, job_id: str, credits: float | None, now: float) -> None:
    """``credits``: what the job may spend, None for one that costs nothing."""
    settings, others = services.settings, _others(services, owner, job_id, now)
    limit, rows = settings.max_credits_per_day, settings.max_rows_per_day
    open_jobs = _open(others, job_id)
    is_dear = credits is not None and limit is not None
    if open_jobs >= settings.max_open_jobs or (is_dear and _credits(others, now) > 0):
        others = _settled(services, owner, others)
        open_jobs = _open(others, job_id)
    if open_jobs >= settings.max_open_jobs:
        raise LimitReachedError(
            f"You have {open_jobs:,} jobs that have not ended; {settings.max_open_jobs:,} are allowed at "
            "a time. Wait until one has ended, or cancel one.",
            _SOON,
        )
    if rows is not None and rows_on(others, day_of(now)) >= rows:
        raise LimitReachedError(
            f"You have sent the {rows:,} rows that are allowed on a day. A new day begins at "
            "midnight UTC.",
            _until_midnight(now),
        )
    if credits is not None and limit is not None:
        _check_credits(credits, limit - _credits(others, now), limit, now)


def _check_credits(asked: float, left: float, limit: float, now: float) -> None:
    if left <= 0 or asked > left + 1e-9:
        raise LimitReachedError(
            f"Your jobs may spend {limit:,g} credits on a day, of which {max(left, 0):,g} are left. Jobs "
            "that have not ended count with their max_credits. Name a lower max_credits, or wait until a "
            "new day begins at midnight UTC.",
            _until_midnight(now),
        )


def _others(services: Services, owner: str, job_id: str, now: float) -> list[Entry]:
    entries = services.usage.recent(owner, now)
    return [entry for entry in entries if (entry.job_id, entry.day) != (job_id, day_of(now))]


def _settled(services: Services, owner: str, entries: Sequence[Entry]) -> list[Entry]:
    """The entries, those of jobs that have ended meanwhile with what they spent. An erased job counts with
    what it was allowed to spend: of the rest nothing is known any more.
    """
    ended = services.jobs.ended([entry.job_id for entry in entries if not entry.done])
    settled = []
    for entry in entries:
        if entry.job_id in ended and not entry.done:
            erased = ended[entry.job_id]
            spent = entry.credits if erased else services.budget.committed(entry.job_id)
            services.usage.finish(owner, entry, spent)
            entry = replace(entry, credits=spent, done=True)  # noqa: PLW2901
        settled.append(entry)
    return settled


def _open(entries: Sequence[Entry], job_id: str) -> int:
    """How many other jobs have not ended."""
    return len({entry.job_id for entry in entries if not entry.done} - {job_id})


def _credits(entries: Sequence[Entry], now: float) -> float:
    return sum(entry.credits for entry in entries if entry.day == day_of(now))


def _until_midnight(now: float) -> float:
    return DAY - now % DAY
