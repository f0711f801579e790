"""Ground floor: JSON in. Text goes in, values come out, or why they cannot be kept as they are.

Python's own reader takes NaN, which is no JSON, drops the first of two values under one key, and gives up
with an error of its own at long numbers and deep nesting. All of that is told here in one way.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

#: Objects and arrays within each other. Far below what Python can read and write on any stack.
MAX_DEPTH = 100
_SIGNS = re.compile(r'"|[\[{]+|[\]}]+|,+')


class UnkeptError(ValueError):
    """JSON that cannot be kept as it is. The message says why, and holds nothing of it."""


def parse_json(text: str) -> Any:
    """Any JSON value. JSONDecodeError for what is none, UnkeptError for what cannot be kept."""
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise _reason(error) from None
    _check_depth(value, text.count("[") + text.count("{"))
    return value


def parse_object(text: str) -> dict[str, Any] | str:
    """The object that a text holds, or the text as it is where it holds none that can be kept."""
    try:
        value = parse_json(text)
    except ValueError:
        return text
    return value if isinstance(value, dict) else text


def object_at(text: str, start: int) -> tuple[dict[str, Any] | str, int] | None:
    """The element of an array that begins at ``start``, and where it ends.

    It is an object, or the text of the element where it is none that can be kept. None where the text
    ends before the element does, or where it is no JSON.
    """
    try:
        value, end = _DECODER.raw_decode(text, start)
        _check_depth(value, text.count("[", start, end) + text.count("{", start, end))
    except json.JSONDecodeError:
        return None
    except (ValueError, RecursionError):
        end = _end_of_element(text, start)
        return (text[start:end].rstrip(), end) if end else None
    if end == len(text):  # a number may go on in what follows
        return None
    return value if isinstance(value, dict) else text[start:end], end


def _end_of_element(text: str, start: int) -> int:
    """Where the comma or bracket after an element is, found without reading it; 0 if nowhere."""
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


def _reason(error: ValueError | RecursionError) -> ValueError:
    if isinstance(error, json.JSONDecodeError | UnkeptError):
        return error
    if isinstance(error, RecursionError):
        return UnkeptError(_TOO_DEEP)
    # Python's own limit (4,300 digits): what lies beyond it takes time in the square of the digits.
    return UnkeptError("a number has too many digits")


_TOO_DEEP = f"it is nested more than {MAX_DEPTH} levels deep"


def _check_depth(value: Any, brackets: int) -> None:
    """``brackets``: how many open in the text; counting them is much faster than looking inside."""
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
        raise UnkeptError("a key stands twice in one object")
    return value


def _no_constant(name: str) -> float:
    raise UnkeptError(f"{name} is no JSON")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise UnkeptError("a number is too large")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite
)
