"""Holds what a vendor answered, and reads JSON, numbers and waiting times from it.

Errors name the vendor and the kind of failure, never a part of the answer: some vendors repeat the key
in it.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from chalicelib.model.errors import MalformedAnswerError

Json = Any

#: Numbers above this are Unix times, numbers below it are seconds to wait.
_UNIX_TIMES_FROM = 1e9


@dataclass(frozen=True)
class Answer:
    """What a vendor answered. Header names are case-insensitive."""

    vendor: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Json:
        """The body as JSON; MalformedAnswerError for anything else."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise MalformedAnswerError(f"{self.vendor} did not answer with JSON.") from None

    def json_object(self) -> dict[str, Json]:
        """The body as a JSON object; MalformedAnswerError for anything else."""
        value = self.json()
        if not isinstance(value, dict):
            raise MalformedAnswerError(f"{self.vendor} did not answer with a JSON object.")
        return value

    def json_object_or_empty(self) -> dict[str, Json]:
        """The body as a JSON object; an empty one for anything else.

        For errors: a proxy between here and the vendor may have written them.
        """
        try:
            return self.json_object()
        except MalformedAnswerError:
            return {}

    def number(self, header: str) -> float | None:
        """A header that holds a number, 0 if it is negative.

        None if it is missing, holds something else, or is empty (with Apollo that means "no limit").
        """
        number = _finite(self.headers.get(header) or "")
        return None if number is None else max(number, 0.0)

    def seconds(self, header: str) -> float | None:
        """The seconds to wait, from a header with a number of seconds or an HTTP date.

        RFC 9110 allows both in Retry-After. None if the header holds something else.
        """
        number = self.number(header)
        return _until_http_date(self.headers.get(header) or "") if number is None else number

    def seconds_until(self, header: str, most: float) -> float | None:
        """The seconds to wait, from a header with a Unix time, an ISO 8601 time or a number of seconds.

        Never more than ``most``. None if the header holds something else.
        """
        text = (self.headers.get(header) or "").strip().strip("\"'")
        number = _finite(text)
        if number is not None:
            wait = number - time.time() if number > _UNIX_TIMES_FROM else number
        else:
            moment = _iso_time(text)
            if moment is None:
                return None
            wait = moment - time.time()
        return min(max(wait, 0.0), most)


def _until_http_date(date: str) -> float | None:
    """None if it is no HTTP date."""
    try:
        return max(parsedate_to_datetime(date).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _finite(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _iso_time(text: str) -> float | None:
    """Seconds since 1970; a time without a zone is UTC. None if it is no ISO 8601 time."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return moment.replace(tzinfo=moment.tzinfo or timezone.utc).timestamp()
    except (ValueError, OverflowError):
        return None
