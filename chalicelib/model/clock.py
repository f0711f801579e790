"""Turns times in seconds since the epoch into ISO 8601 text and back."""

from __future__ import annotations

from datetime import datetime, timezone

#: Seconds.
DAY = 24 * 3600


def iso_time(seconds: float) -> str:
    """UTC to the millisecond: ``"2026-11-22T15:04:05.123Z"``."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_of(text: str) -> float:
    """Seconds since the epoch from the text that ``iso_time`` gives."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
