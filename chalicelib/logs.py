"""Writes log lines of JSON that hold no personal data and no key.

Log jobs, batches, counts and kinds of errors. Never log the message of an error from elsewhere: it may
quote the data that it failed on.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from chalicelib.model.errors import EnrichmentError


class FunctionFailedError(Exception):
    """The failure of a step or of the worker, without data of anybody."""


def log_event(event: str, **facts: str | int | float) -> None:
    """One line of JSON on standard error, which Lambda keeps in the function's log group."""
    sys.stderr.write(json.dumps({"event": event, **facts}) + "\n")


def describe_error(error: BaseException) -> str:
    """What went wrong and where, without the message: ``"KeyError at rows.py:88 in _given"``.

    The service's own errors keep their message, which holds no data. An AWS error keeps its code.
    """
    if isinstance(error, EnrichmentError):
        return str(error)
    kind = type(error).__name__
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        kind = f"{kind} {response.get('Error', {}).get('Code', '')}".strip()
    frames = list(traceback.extract_tb(error.__traceback__))
    # The first frame is where the error was caught, the others lead to where it was raised.
    frames = frames[1:] or frames
    ours = [frame for frame in frames if "chalicelib" in frame.filename] or frames
    if not ours:
        return kind
    return f"{kind} at {Path(ours[-1].filename).name}:{ours[-1].lineno} in {ours[-1].name}"


def hide_messages(function: Callable[..., Any]) -> Callable[..., Any]:
    """Log the function's errors and raise them without their messages, since Lambda logs those too."""

    @wraps(function)
    def guarded(*args: Any) -> Any:
        try:
            return function(*args)
        except Exception as error:
            description = describe_error(error)
            log_event("function_failed", function=function.__name__, error=description)
            raise FunctionFailedError(description) from None

    return guarded
