"""First floor: templates of requests. A template with ``{placeholders}`` and values go in, what is to
be sent comes out.

Templates are data, not text: a value is put into a JSON string or a part of a URL whole, and cannot
break out of it. Braces around anything but one small word are only braces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

_LACKING: Any = object()
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def placeholders(template: Any) -> set[str]:
    """The names of all placeholders in a template: a text, or lists and objects of them."""
    return {name for text in _texts(template) for name in _PLACEHOLDER.findall(text)}


def fill(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with its values. Parts of lists and objects that lack one are left out.

    A text that is nothing but one placeholder becomes the value as it is: ``"{contacts}"`` a list.
    """
    if isinstance(template, dict):
        filled = {key: fill(inner, values) for key, inner in template.items()}
        return {key: inner for key, inner in filled.items() if inner is not _LACKING}
    if isinstance(template, list):
        filled_list = [fill(inner, values) for inner in template]
        return [inner for inner in filled_list if inner is not _LACKING]
    if not isinstance(template, str):
        return template
    only = _PLACEHOLDER.fullmatch(template)
    if only:
        return values.get(only[1], _LACKING)
    text = _fill_text(template, values, str)
    return _LACKING if text is None else text


def fill_path(template: str, values: Mapping[str, Any]) -> str | None:
    """The same for the path of a URL, each value percent-encoded; None if one is lacking."""
    return _fill_text(template, values, _quoted)


def _fill_text(
    template: str, values: Mapping[str, Any], encode: Callable[[Any], str | None]
) -> str | None:
    told = {name: values.get(name) for name in _PLACEHOLDER.findall(template)}
    encoded = {name: encode(value) for name, value in told.items() if value is not None}
    if None in encoded.values() or encoded.keys() != told.keys():
        return None
    return _PLACEHOLDER.sub(lambda found: str(encoded[found[1]]), template)


def _quoted(value: Any) -> str | None:
    """Dots alone would be steps up in the path ("..") and cannot be encoded."""
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
