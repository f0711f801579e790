"""Stores what each owner has begun lately: an entry for each job and day, in the control table.

Open jobs, rows and credits are counted from these entries, so that nothing is counted twice whatever is
repeated. An entry outlives its job: erasing jobs gives nothing back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.dynamodb import EXISTS, NEW, update_of
from chalicelib.aws.table import Table
from chalicelib.model.clock import DAY, iso_time

#: Entries are kept for today and yesterday; no job runs for longer than a day.
_KEPT = 3 * DAY


@dataclass(frozen=True)
class Entry:
    """What a job counts for on a day. ``credits``: what it may spend, or what it has spent if it is
    ``done``. ``rows``: 0 until its list is split.
    """

    job_id: str
    day: str
    credits: float = 0.0
    rows: int = 0
    done: bool = False


def day_of(now: float) -> str:
    """The day of a time, in UTC: ``"2026-11-27"``."""
    return iso_time(now)[:10]


class Usage:
    """The entries of all owners."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def begin(self, owner: str, job_id: str, credits: float, now: float) -> Entry | None:
        """Enter a job that begins, or begins again, and may spend so many credits; what was entered before
        for the job and this day.
        """
        changes = {
            "job_id": job_id,
            "credits": credits,
            "done": False,
            "expires_at": int(now) + _KEPT,
        }
        key = keys.usage(owner, day_of(now), job_id)
        always = f"{NEW} OR {EXISTS}"
        before = self._table.update_if(key, always, ReturnValues="ALL_OLD", **update_of(changes))
        return _entry_of({**key, **before}) if before else None

    def set_rows(self, owner: str, job_id: str, rows: int, began_at: float) -> None:
        """Enter the rows of a job's list. ``began_at``: when the job was entered."""
        key = keys.usage(owner, day_of(began_at), job_id)
        self._table.update_if(key, EXISTS, **update_of({"rows": rows}))

    def finish(self, owner: str, entry: Entry, credits: float) -> None:
        """Enter that a job has ended, and what it has spent."""
        key = keys.usage(owner, entry.day, entry.job_id)
        self._table.update_if(key, EXISTS, **update_of({"credits": credits, "done": True}))

    def forget(self, owner: str, job_id: str, now: float) -> None:
        """Take back the entry of a job that did not begin."""
        self._table.delete_many([keys.usage(owner, day_of(now), job_id)])

    def recent(self, owner: str, now: float) -> list[Entry]:
        """The entries of yesterday and today, the older ones first."""
        first = keys.usage(owner, day_of(now - DAY), "")
        found = self._table.query_from(first["pk"], first["sk"], f"{keys.USAGE_PREFIX}~")
        return [_entry_of(item) for item in found]


def _entry_of(item: Mapping[str, Any]) -> Entry:
    return Entry(
        job_id=item["job_id"],
        day=item["sk"].split("#")[1],
        credits=item["credits"],
        rows=item.get("rows", 0),
        done=item["done"],
    )


def rows_on(entries: Iterable[Entry], day: str) -> int:
    """The rows of all lists that were sent on a day."""
    return sum(entry.rows for entry in entries if entry.day == day)
