"""Books calls to vendors, so that all workers together keep within the limits that a vendor publishes.

All workers share one schedule per vendor, in the control table: calls are spread evenly (the generic
cell rate algorithm, without bursts), so that no window of the vendor's, wherever it begins, holds
more calls than it allows. Windows of more than a minute are counted instead: whoever comes first may
use them up at once.

Each job has a schedule of its own besides, for the turns of its batches: it says when a batch should ask for
the shared one. It can be hours ahead, and it ends with its job, so that nobody waits for a job that is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.dynamodb import to_item
from chalicelib.aws.table import Table
from chalicelib.model.batches import Turn
from chalicelib.model.clock import DAY
from chalicelib.model.jobs import Job
from chalicelib.providers.base import Limit

#: Use 98 % of the published rate: clocks and networks are not exact.
_USED = 0.98
#: Seconds; windows up to this length are paced, longer ones counted.
_PACED_SECONDS = 60
_KEPT = 2 * DAY
_TRIES = 10


@dataclass(frozen=True)
class Slot:
    """When calls may be made: the first at ``at`` (seconds since the epoch) if they are ``booked``; else
    nothing is free before ``at``.
    """

    booked: bool
    at: float


class Pace:
    """The schedules of all vendors."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def book(
        self, vendor: str, limits: Sequence[Limit], calls: int, now: float, patience: float
    ) -> Slot:
        """Book so many calls, the ``interval`` apart, if the first can begin within ``patience`` seconds."""
        for limit in limits:
            if limit.seconds > _PACED_SECONDS:
                free_at = self._count(vendor, limit, calls, now)
                if free_at > now:
                    return Slot(False, free_at)
        return self._reserve(keys.pace(vendor), calls * interval(limits), now, now + patience)

    def free_at(self, vendor: str) -> float:
        """From when the vendor takes further calls, as far as calls are spread."""
        return float(self._get(keys.pace(vendor)).get("tat", 0.0))

    def take_turn(
        self,
        job: Job,
        vendor: str,
        limits: Sequence[Limit],
        calls: int,
        earliest: float,
        latest: float,
    ) -> Turn | None:
        """Take the job's next turn at a vendor, for so many calls, not before ``earliest``; None if they
        would not be made by ``latest``.
        """
        span = calls * interval(limits)
        key = keys.turns(job.id, job.run, vendor)
        slot = self._reserve(key, span, earliest, latest - span)
        return Turn(slot.at, slot.at + span) if slot.booked else None

    def forget(self, job_id: str) -> None:
        """Delete the turns of an erased job."""
        self._table.delete_many(self._table.query_keys(job_id, keys.TURNS_PREFIX))

    def pause(self, vendor: str, until: float) -> None:
        """No call before then: the vendor said so."""
        self._update(
            keys.pace(vendor),
            "SET tat = :until, expires_at = :expires",
            "attribute_not_exists(tat) OR tat < :until",
            {":until": until, ":expires": int(until) + _KEPT},
        )

    def _reserve(self, key: keys.Key, span: float, earliest: float, latest: float) -> Slot:
        """Take ``span`` seconds of a schedule, beginning between these times. ``tat``: the time from which the
        schedule is free (theoretical arrival time).
        """
        values = {":span": span, ":earliest": earliest, ":expires": int(latest + span) + _KEPT}
        free_at = earliest
        for _ in range(_TRIES):
            if free_at > latest:
                break
            item = self._update(
                key,
                "SET tat = tat + :span, expires_at = :expires",
                "tat >= :earliest AND tat <= :latest",
                {**values, ":latest": latest},
            )
            if item is not None:
                return Slot(True, item["tat"] - span)
            item = self._update(
                key,
                "SET tat = :earliest + :span, expires_at = :expires",
                "attribute_not_exists(tat) OR tat < :earliest",
                values,
            )
            if item is not None:
                return Slot(True, earliest)
            # It is too far ahead, or somebody else came between the two.
            free_at = self._get(key).get("tat", earliest)
        return Slot(False, free_at)

    def _count(self, vendor: str, limit: Limit, calls: int, now: float) -> float:
        """Take calls from a long window; when to try again, ``now`` if they were taken."""
        key = keys.window(vendor, limit.seconds)
        values = {":calls": calls, ":most": limit.calls - calls, ":since": now - limit.seconds}
        if self._update(
            key, "SET used = used + :calls", "opened > :since AND used <= :most", values
        ):
            return now
        fresh = {":calls": calls, ":now": now, ":since": now - limit.seconds}
        fresh[":expires"] = int(now + limit.seconds) + _KEPT
        if self._update(
            key,
            "SET used = :calls, opened = :now, expires_at = :expires",
            "attribute_not_exists(opened) OR opened <= :since",
            fresh,
        ):
            return now
        return float(self._get(key).get("opened", now)) + limit.seconds

    def _update(
        self, key: keys.Key, update: str, condition: str, values: dict[str, Any]
    ) -> dict[str, Any] | None:
        return self._table.update_if(
            key,
            condition,
            UpdateExpression=update,
            ExpressionAttributeValues=to_item(values),
            ReturnValues="ALL_NEW",
        )

    def _get(self, key: keys.Key) -> dict[str, Any]:
        return self._table.get(key) or {}


def interval(limits: Sequence[Limit]) -> float:
    """Seconds between two calls, so that the tightest of the short limits holds."""
    paces = [limit.seconds / limit.calls for limit in limits if limit.seconds <= _PACED_SECONDS]
    return max(paces, default=0.0) / _USED
