"""First floor: the door to the vendors' limits. Calls go in, the time at which they may be made comes out.

All workers share one schedule per vendor, in the control table: calls are spread evenly (the generic
cell rate algorithm, without bursts), so that no window of the vendor's, wherever it begins, holds
more than it allows. Windows of more than a minute are counted instead: whoever comes first may use
them up at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.aws.dynamodb import get_item, to_item, update_if
from chalicelib.providers.base import Limit

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

#: Of a vendor's rate so much is used: clocks and networks are not exact.
_SHARE = 0.98
_PACED_SECONDS = 60
_KEPT = 2 * 24 * 3600


class Rates:
    """The schedules of all vendors."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def reserve(
        self, vendor: str, limits: Sequence[Limit], calls: int, now: float, patience: float
    ) -> tuple[bool, float]:
        """Reserve so many calls: ``(True, start)``, the first at ``start``, the others at the
        ``interval`` after it; or ``(False, until)``: nothing is free within ``patience`` seconds, but
        may be at ``until``. Times are seconds since the epoch.
        """
        for limit in limits:
            if limit.seconds > _PACED_SECONDS:
                free_at = self._count(vendor, limit, calls, now)
                if free_at > now:
                    return False, free_at
        return self._pace(vendor, calls * interval(limits), now, patience)

    def pause(self, vendor: str, until: float) -> None:
        """No call before then: the vendor said so."""
        self._update(
            vendor,
            "PACE",
            "SET tat = :until, expires_at = :expires",
            "attribute_not_exists(tat) OR tat < :until",
            {":until": until, ":expires": int(until) + _KEPT},
        )

    def _pace(self, vendor: str, span: float, now: float, patience: float) -> tuple[bool, float]:
        """``tat``: the time at which the schedule is free (theoretical arrival time)."""
        values = {":span": span, ":expires": int(now) + _KEPT}
        item = self._update(
            vendor,
            "PACE",
            "SET tat = tat + :span, expires_at = :expires",
            "tat >= :now AND tat <= :latest",
            {**values, ":now": now, ":latest": now + patience},
        )
        if item is not None:
            return True, item["tat"] - span
        item = self._update(
            vendor,
            "PACE",
            "SET tat = :end, expires_at = :expires",
            "attribute_not_exists(tat) OR tat < :now",
            {":end": now + span, ":now": now, ":expires": values[":expires"]},
        )
        if item is not None:
            return True, now
        return False, self._read(vendor, "PACE").get("tat", now + 1)

    def _count(self, vendor: str, limit: Limit, calls: int, now: float) -> float:
        """Take calls from a long window; when to try again, ``now`` if they were taken."""
        sk = f"WINDOW#{limit.seconds:g}"
        values = {":calls": calls, ":most": limit.calls - calls, ":since": now - limit.seconds}
        if self._update(
            vendor, sk, "SET used = used + :calls", "opened > :since AND used <= :most", values
        ):
            return now
        fresh = {":calls": calls, ":now": now, ":since": now - limit.seconds}
        fresh[":expires"] = int(now + limit.seconds) + _KEPT
        if self._update(
            vendor,
            sk,
            "SET used = :calls, opened = :now, expires_at = :expires",
            "attribute_not_exists(opened) OR opened <= :since",
            fresh,
        ):
            return now
        return float(self._read(vendor, sk).get("opened", now)) + limit.seconds

    def _update(
        self, vendor: str, sk: str, update: str, condition: str, values: dict[str, Any]
    ) -> dict[str, Any] | None:
        return update_if(
            self._client,
            self._table,
            {"pk": f"RATE#{vendor}", "sk": sk},
            condition,
            UpdateExpression=update,
            ExpressionAttributeValues=to_item(values),
            ReturnValues="ALL_NEW",
        )

    def _read(self, vendor: str, sk: str) -> dict[str, Any]:
        return get_item(self._client, self._table, {"pk": f"RATE#{vendor}", "sk": sk}) or {}


def interval(limits: Sequence[Limit]) -> float:
    """Seconds between two calls, so that the tightest of the short limits holds."""
    paces = [limit.seconds / limit.calls for limit in limits if limit.seconds <= _PACED_SECONDS]
    return max(paces, default=0.0) / _SHARE
