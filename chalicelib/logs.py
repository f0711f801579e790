"""Writes log lines of JSON that hold no personal data and no key, and the figures of each call.

Log jobs, batches, counts and kinds of errors. Never log the message of an error from elsewhere: it may
quote the data that it failed on.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

from chalicelib.metrics import Figures
from chalicelib.model.errors import EnrichmentError
from chalicelib.settings import stage_name

#: A longer text is cut, so that no line is longer than 1 KB. In bytes.
_MAX_TEXT = 300


class FunctionFailedError(Exception):
    """The failure of a step or of the worker, without data of anybody."""


@dataclass(frozen=True)
class Invocation:
    """One call of a function. ``ids``: what all its log lines name. ``began``: by time.monotonic."""

    ids: dict[str, str | int] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    figures: Figures = field(default_factory=Figures)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return round(time.monotonic() - self.began, 3)


_current: ContextVar[Invocation] = ContextVar("invocation")


def this_invocation() -> Invocation:
    """The call that this thread serves. Outside of one (tests, benchmarks) one that nobody reads."""
    return _current.get(None) or Invocation()


@contextmanager
def invocation(**ids: str | int) -> Iterator[Invocation]:
    """One call of a function: log lines name its ids, and its figures are written when it ends, also
    when it fails.
    """
    begun = Invocation(ids)
    token = _current.set(begun)
    try:
        yield begun
    finally:
        _current.reset(token)
        if stage := stage_name():  # tests and benchmarks have none
            for document in begun.figures.documents(stage, time.time()):
                # On standard output, as AWS asks for, as a line of its own with nothing before it.
                sys.stdout.write(_json(document) + "\n")


def count(metric: str, value: float = 1, of: str = "") -> None:
    """Add to a figure of this call (metrics.METRICS); ``of``: its status or provider."""
    this_invocation().figures.add(metric, value, of)


def name_ids(**ids: str | int) -> None:
    """Let the log lines of this call name these ids too."""
    this_invocation().ids.update(ids)


def log_event(event: str, level: str = "INFO", **facts: str | float) -> None:
    """One line of JSON on standard error, which Lambda keeps in the function's log group as it is."""
    bounded = {name: _bounded(fact) for name, fact in facts.items()}
    line = {"level": level, "event": event, **this_invocation().ids, **bounded}
    sys.stderr.write(_json(line) + "\n")


def _json(line: dict[str, Any]) -> str:
    return json.dumps(line, separators=(",", ":"))


def _bounded(fact: str | float) -> str | float:
    while isinstance(fact, str) and (length := len(json.dumps(fact))) > _MAX_TEXT:
        fact = fact[: len(fact) * _MAX_TEXT // length]
    return fact


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
    """Serve each call of a function as an invocation; log its errors and raise them without their
    messages, since Lambda logs those too.
    """

    @wraps(function)
    def guarded(*args: Any) -> Any:
        with invocation(**_ids_of(*args)):
            try:
                return function(*args)
            except Exception as error:
                description = describe_error(error)
                name = function.__name__
                log_event("function_failed", level="ERROR", function=name, error=description)
                raise FunctionFailedError(description) from None

    return guarded


def _ids_of(event: Any = None, context: Any = None) -> dict[str, str | int]:
    """Of a step's event and context; an event of SQS has its context with it."""
    ids = {"request": getattr(getattr(event, "context", context), "aws_request_id", None)}
    if isinstance(event, dict):
        ids["job"] = event.get("job_id")
    return {name: value for name, value in ids.items() if value}
