"""Reads the several forms in which People Data Labs writes statuses and waiting times.

Sources: docs.peopledatalabs.com/docs/errors and usage-limits. Where its SDKs know other forms, both are
read: in the Go SDK (model/error.go) ``error.type`` is a list, and a 404 has no ``error`` at all; the JS SDK
replaces single quotes by double ones in the JSON of headers.
"""

from __future__ import annotations

import json

from chalicelib.providers.answer import Answer, Json
from chalicelib.providers.values import value_at

#: error.type → status, for answers that give only the former.
_STATUSES = {
    **{"invalid_request_error": 400, "authentication_error": 401, "payment_required": 402},
    **{"not_found": 404, "rate_limit_error": 429, "api_error": 500},
}
#: Seconds. Windows are of fixed lengths: the name of the used-up one gives the longest wait.
_WINDOWS = {"minute": 60.0, "day": 86_400.0, "month": 31 * 86_400.0}


def item_status(item: Json) -> int:
    """The status of one request of a bulk call, or of an error; 0 if there is none."""
    status = value_at(item, "status")
    if isinstance(status, int) and not isinstance(status, bool):
        return status
    types = value_at(item, "error", "type")
    words = types if isinstance(types, list) else [types]
    return next((_STATUSES[w] for w in words if isinstance(w, str) and w in _STATUSES), 0)


def seconds_to_wait(answer: Answer) -> float | None:
    """Seconds until the next call, None if PDL does not say.

    From Retry-After (v4), the time at which the window ends (v5), or the window that is used up.
    """
    wait = answer.seconds("retry-after")
    if wait is None:
        wait = answer.seconds_until("x-ratelimit-reset", _WINDOWS["month"])
    if wait is None:
        wait = _longest_used_up(answer.headers.get("x-ratelimit-remaining") or "")
    return wait


def _longest_used_up(remaining: str) -> float | None:
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
