"""First floor: how People Data Labs says no. Its answers go in, what they mean comes out.

Sources: docs.peopledatalabs.com/docs/errors and usage-limits; where its SDKs know other forms, both
are read. The Go SDK (model/error.go) has ``error.type`` as a list, and of a 404 no ``error`` at all; the
JS SDK takes single quotes in the JSON of headers for double ones.
"""

from __future__ import annotations

import json
import math
import time
from datetime import datetime, timezone

from chalicelib.model.errors import (
    BadKeyError,
    OutOfCreditsError,
    ProviderError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.answer import Answer
from chalicelib.providers.values import Json, value_at

#: error.type → status, for answers that only give the former.
_STATUSES = {
    **{"invalid_request_error": 400, "authentication_error": 401, "payment_required": 402},
    **{"not_found": 404, "rate_limit_error": 429, "api_error": 500},
}
#: Windows are of fixed lengths; the name of the one that is used up tells how long to wait at most.
_WINDOWS = {"minute": 60.0, "day": 86_400.0, "month": 31 * 86_400.0}
_EPOCH = 1e9  # numbers above this are points in time, those below seconds


def status_of(item: Json) -> int:
    """What became of one request of a bulk; 0 if it does not say."""
    status = value_at(item, "status")
    if isinstance(status, int) and not isinstance(status, bool):
        return status
    types = value_at(item, "error", "type")
    words = types if isinstance(types, list) else [types]
    return next((_STATUSES[w] for w in words if isinstance(w, str) and w in _STATUSES), 0)


def is_trouble(status: int) -> bool:
    """Whether this says nothing of the person: ask again, or not at all."""
    return status in (401, 402, 403, 429) or status >= 500


def is_miss(answer: Answer) -> bool:
    """A 404 in PDL's own words, of which there are two forms."""
    if answer.status != 404:
        return False
    return status_of(answer.table_if_any()) == 404


def trouble_of(status: int, answer: Answer) -> ProviderError:
    """The error for a call, or an item, with this status."""
    if status in (401, 403):
        return BadKeyError("pdl does not accept the key (PDL_API_KEY).")
    if status == 402:
        return OutOfCreditsError("pdl says that the account is out of credits.")
    if status == 429:
        return ThrottledError("pdl wants fewer calls.", retry_after(answer))
    return UnavailableError(f"pdl answered with status {status}.")


def retry_after(answer: Answer) -> float | None:
    """Seconds, from whatever PDL says: Retry-After (v4), the reset of the window (v5, a time), the
    window that is used up; None if it says nothing.
    """
    wait = answer.seconds("retry-after")
    if wait is None:
        wait = _until(answer.headers.get("x-ratelimit-reset") or "")
    return (
        _longest_window(answer.headers.get("x-ratelimit-remaining") or "") if wait is None else wait
    )


def _until(reset: str) -> float | None:
    text = reset.strip().strip("\"'")
    try:
        number = float(text)
        seconds = number - time.time() if number > _EPOCH else number
        if math.isnan(seconds):
            return None
    except ValueError:
        try:
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            return None
        zone = moment.tzinfo or timezone.utc
        seconds = moment.replace(tzinfo=zone).timestamp() - time.time()
    return min(max(seconds, 0.0), _WINDOWS["month"])


def _longest_window(remaining: str) -> float | None:
    """``{"minute": 0, "day": null}``, as JSON or as Python writes it, or a number."""
    text = remaining.replace("'", '"').replace("None", "null")
    try:
        left = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if left == 0:
        return _WINDOWS["minute"]
    windows = left.items() if isinstance(left, dict) else ()
    return max((_WINDOWS.get(name, 0.0) for name, number in windows if number == 0), default=None)
