"""Fills the ``{placeholders}`` of request templates with values.

Templates are data, not text: a value becomes a JSON value or an encoded part of a URL, and cannot break
out of it. Braces around anything but one word in small letters are ordinary text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

_MISSING: Any = object()
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def placeholders(template: Any) -> set[str]:
    """The names of all placeholders in a template: a text, or lists and objects of them."""
    return {name for text in _texts(template) for name in _PLACEHOLDER.findall(text)}


def fill(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with its values. Parts of lists and objects whose value is missing are left out.

    A text that is only one placeholder becomes the value itself: ``"{contacts}"`` becomes a list.
    """
    if isinstance(template, dict):
        filled = {key: fill(inner, values) for key, inner in template.items()}
        return {key: inner for key, inner in filled.items() if inner is not _MISSING}
    if isinstance(template, list):
        filled_list = [fill(inner, values) for inner in template]
        return [inner for inner in filled_list if inner is not _MISSING]
    if not isinstance(template, str):
        return template
    placeholder = _PLACEHOLDER.fullmatch(template)
    if placeholder:
        return values.get(placeholder[1], _MISSING)
    text = _fill_text(template, values, str)
    return _MISSING if text is None else text


def fill_path(template: str, values: Mapping[str, Any]) -> str | None:
    """The path of a URL with its values percent-encoded; None if one is missing or cannot be encoded."""
    return _fill_text(template, values, _quoted)


def _fill_text(
    template: str, values: Mapping[str, Any], encode: Callable[[Any], str | None]
) -> str | None:
    found = {name: values.get(name) for name in _PLACEHOLDER.findall(template)}
    encoded = {name: None if value is None else encode(value) for name, value in found.items()}
    if None in encoded.values():
        return None
    return _PLACEHOLDER.sub(lambda match: str(encoded[match[1]]), template)


def _quoted(value: Any) -> str | None:
    """None for dots alone: ".." is the parent folder in a path, and dots cannot be encoded."""
    return quote(str(value), safe="") if str(value).strip(".") else None


def _texts(template: Any) -> Iterator[str]:
    if isinstance(template, str):
        yield template
    elif isinstance(template, dict):
        for inner in template.values():
            yield from _texts(inner)
    elif isinstance(template, list):
        for inner in template:
            yield from _texts(inner)
