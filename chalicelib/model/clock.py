"""Turns times into the text of the API and back; everywhere else a time is seconds since the epoch."""

from __future__ import annotations

from datetime import datetime, timezone

#: Seconds.
DAY = 24 * 3600


def iso_time(seconds: float) -> str:
    """UTC to the millisecond: ``"2026-11-22T15:04:05.123Z"``; "" for 0.0, which stands for never."""
    if not seconds:
        return ""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str) -> float:
    """The reverse of ``iso_time``; ValueError for any other text."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else 0.0
