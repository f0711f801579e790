"""First floor: what a vendor answered. Bytes and headers go in, JSON and numbers come out.

Errors tell the vendor's name and the kind of trouble, never a part of the answer: some vendors repeat
the key in it.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from chalicelib.model.errors import MalformedAnswerError

Json = Any


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
            raise MalformedAnswerError(
                f"{self.vendor} answered with something else than JSON."
            ) from None

    def table(self) -> dict[str, Json]:
        """The body as a JSON object; MalformedAnswerError for anything else."""
        value = self.json()
        if not isinstance(value, dict):
            raise MalformedAnswerError(
                f"{self.vendor} answered with something else than an object."
            )
        return value

    def table_if_any(self) -> dict[str, Json]:
        """The body as a JSON object; an empty one for anything else: for errors, which proxies
        between here and the vendor may word in their own way.
        """
        try:
            return self.table()
        except MalformedAnswerError:
            return {}

    def number(self, header: str) -> float | None:
        """A header that holds a number, not below 0; None where it is missing, empty (Apollo's word
        for "no limit") or holds something else.
        """
        try:
            number = float(self.headers.get(header) or "")
        except ValueError:
            return None
        return max(number, 0.0) if math.isfinite(number) else None

    def seconds(self, header: str) -> float | None:
        """A header that holds seconds, or the date when they are over: both are allowed in
        Retry-After (RFC 9110). None where it holds something else.
        """
        number = self.number(header)
        return _seconds_until(self.headers.get(header) or "") if number is None else number


def _seconds_until(date: str) -> float | None:
    """None if it is no HTTP date."""
    try:
        return max(parsedate_to_datetime(date).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
