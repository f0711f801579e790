"""Parses JSON and refuses what Python would change, lose or fail on.

Python's own parser accepts NaN, which is not JSON, keeps only the last value of a repeated key, and fails
in different ways on long numbers and deep nesting. Here each of these is an UnkeptError.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

#: Levels of objects and arrays. Python can parse and write far more on any stack.
MAX_DEPTH = 100
#: Objects and arrays in one contact. Each takes 200 bytes of memory and some microseconds in each step, so
#: that a row of four megabytes would take far more than a row of contacts ever needs.
MAX_CONTAINERS = 100_000
_SIGNS = re.compile(r'"|[\[{]+|[\]}]+|,+')


class UnkeptError(ValueError):
    """JSON that cannot be kept as it is. The message says why, without any of the content."""


def parse_json(text: str) -> Any:
    """Any JSON value. JSONDecodeError for text that is not JSON, UnkeptError for JSON that cannot be kept."""
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise _as_json_error(error) from None
    _check_depth(value, brackets_in(text))
    return value


def parse_object(text: str) -> dict[str, Any] | str:
    """The object in a text, or the text itself if it holds no object that can be kept."""
    if brackets_in(text) > MAX_CONTAINERS:
        return text
    try:
        value = parse_json(text)
    except ValueError:
        return text
    return value if isinstance(value, dict) else text


def object_at(text: str, start: int) -> tuple[dict[str, Any] | str, int] | None:
    """The element of an array that begins at ``start``, and where it ends.

    The element is an object, or its text if it is not an object that can be kept. None if the text ends
    before the element does, or if it is not JSON.
    """
    try:
        value, end = _DECODER.raw_decode(text, start)
        brackets = brackets_in(text, start, end)
        _check_depth(value, brackets)
    except json.JSONDecodeError:
        return None
    except (ValueError, RecursionError):
        end = _end_of_element(text, start)
        return (text[start:end].rstrip(), end) if end else None
    if end == len(text):  # the text that follows may continue a number
        return None
    kept = isinstance(value, dict) and brackets <= MAX_CONTAINERS
    return value if kept else text[start:end], end


def brackets_in(text: str, start: int = 0, end: int | None = None) -> int:
    """At most how many objects and arrays a part of a text holds."""
    return text.count("[", start, end) + text.count("{", start, end)


def _end_of_element(text: str, start: int) -> int:
    """The position of the comma or bracket after an element that cannot be parsed; 0 if there is none."""
    depth, position = 0, start
    while sign := _SIGNS.search(text, position):
        position = sign.end()
        kind, length = text[sign.start()], position - sign.start()
        if kind == '"':
            try:
                _, position = _DECODER.raw_decode(text, sign.start())
            except ValueError:
                return 0
        elif kind in "[{":
            depth += length
        elif kind in "]}" and length <= depth:
            depth -= length
        elif kind != "," or not depth:
            return sign.start() + depth
    return 0


def _as_json_error(error: ValueError | RecursionError) -> ValueError:
    if isinstance(error, json.JSONDecodeError | UnkeptError):
        return error
    if isinstance(error, RecursionError):
        return UnkeptError(_TOO_DEEP)
    # Python refuses more than 4,300 digits, since parsing them takes quadratic time.
    return UnkeptError("a number has too many digits")


_TOO_DEEP = f"it has more than {MAX_DEPTH} levels of nesting"


def _check_depth(value: Any, brackets: int) -> None:
    """UnkeptError for too many levels. ``brackets``: the opening ones in the text, as a fast first test."""
    level = [value] if brackets > MAX_DEPTH and isinstance(value, dict | list) else []
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise UnkeptError(_TOO_DEEP)
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise UnkeptError("an object has a key twice")
    return value


def _no_constant(name: str) -> float:
    raise UnkeptError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise UnkeptError("a number is too large")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite
)
