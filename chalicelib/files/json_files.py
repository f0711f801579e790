"""Finds the layout of JSON and NDJSON files and reads their rows."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from chalicelib.files import limits
from chalicelib.files.column_map import map_columns
from chalicelib.files.columns import check_names_size, names_size
from chalicelib.files.contents import SAMPLE
from chalicelib.files.rows import Row, given_row
from chalicelib.files.streams import BoundedLines
from chalicelib.model.errors import UnreadableInputError
from chalicelib.model.layout import MAX_COLUMNS, Layout
from chalicelib.model.strict_json import (
    MAX_CONTAINERS,
    brackets_in,
    object_at,
    parse_json,
    parse_object,
)

#: The start of a document that holds its contacts in a field. The match ends before the array.
_CONTACTS_PREFIX = re.compile(r'\s*\{\s*"contacts"\s*:\s*(?=\[)')
_BETWEEN_ELEMENTS = re.compile(r"[\s,]*")


def json_layout(text: str, encoding: str, whole: bool, mapping: Mapping[str, str]) -> Layout:
    """The layout of a file that begins with a bracket, from the start of its text.

    ``whole``: whether that is all of it. The columns are the keys seen so far. UnreadableInputError if
    the first contact is too long or the first line of NDJSON is not JSON.
    """
    if text.lstrip().startswith("[") or _CONTACTS_PREFIX.match(text):
        kind, start = "json", text.index("[") + 1
        elements = list(_complete_elements(text, start))
    else:
        kind, elements = "ndjson", list(map(parse_object, _complete_lines(text, whole)))
    if not elements and not whole:
        raise UnreadableInputError(
            f"The first contact is longer than {limits.HEAD_BYTES // 1024} KB. NDJSON has one object "
            "on each line; a JSON document must be an array of objects."
        )
    keys = _keys(elements)
    objects = [element for element in elements if isinstance(element, dict)]
    return Layout(kind, encoding, keys, fields=map_objects(keys, mapping, objects))


def map_objects(
    keys: Sequence[str], mapping: Mapping[str, str], objects: Sequence[Row]
) -> dict[str, tuple[int, ...]]:
    """Which keys hold which field (see ``map_columns``); ``objects``: the first contacts of the list."""
    return map_columns(keys, mapping, [given_row(row, keys).cells for row in objects[:SAMPLE]])


def ndjson_rows(text: io.TextIOWrapper, layout: Layout) -> Iterator[Row]:
    """The lines that are not blank, as objects where they hold one."""
    lines = BoundedLines(text, "NDJSON has one object on each line.")
    rows = map(parse_object, filter(None, map(str.strip, lines)))
    for row in _with_bounded_names(rows):
        lines.start_row()
        yield row


def json_rows(text: io.TextIOWrapper, layout: Layout) -> Iterator[Row]:
    """The elements of the array, one by one. UnreadableInputError for JSON that is not valid."""
    return _with_bounded_names(_elements(text))


def _complete_elements(text: str, position: int) -> Iterator[object]:
    while match := _BETWEEN_ELEMENTS.match(text, position):
        found = object_at(text, match.end())
        if found is None:
            return
        element, position = found
        yield element


def _complete_lines(text: str, whole: bool) -> list[str]:
    """The lines that are not blank or cut; UnreadableInputError if the first one is not JSON."""
    # Divided as the reader divides them, not at everything that Unicode calls a line end.
    lines = list(io.StringIO(text, newline=""))
    complete = [line.strip() for line in (lines if whole else lines[:-1]) if line.strip()]
    if complete and not _is_json(complete[0]):
        raise UnreadableInputError(
            "Line 1 is not a JSON object. NDJSON has one object on each line; a JSON document must "
            'be an array of objects, or an object with such an array in "contacts".'
        )
    return complete


def _is_json(line: str) -> bool:
    try:
        parse_json(line)
    except ValueError as error:
        # JSON that the service cannot keep is JSON all the same; its row will say so.
        return not isinstance(error, json.JSONDecodeError)
    return True


def _keys(elements: Iterable[object]) -> tuple[str, ...]:
    keys = (key for element in elements if isinstance(element, dict) for key in element)
    return tuple(islice(dict.fromkeys(keys), MAX_COLUMNS))


def _elements(text: io.TextIOWrapper) -> Iterator[Row]:
    """The elements of an array, decoded one by one from a sliding window."""
    window = text.read(limits.PIECE)
    prefix = _CONTACTS_PREFIX.match(window)
    position = window.index("[", prefix.end() if prefix else 0) + 1
    count = 0
    while True:
        start = _BETWEEN_ELEMENTS.match(window, position).end()  # type: ignore[union-attr]
        if window.startswith("]", start):
            _check_end(window[start + 1 :], text, "}" if prefix else "")
            return
        if found := object_at(window, start):
            row, position = found
            count += 1
            yield row
            continue
        if brackets_in(window, start) > MAX_CONTAINERS:  # decoding more of it would take long
            raise UnreadableInputError(
                f"Contact number {count + 1:,} has more than {MAX_CONTAINERS:,} lists and objects."
            )
        # At least as much again, so that a long element is not decoded anew for every piece.
        more = text.read(max(limits.PIECE, len(window) - start))
        if not more or len(window) - start > limits.MAX_RECORD:
            raise UnreadableInputError(
                f"Contact number {count + 1:,} is not valid JSON, or the file ends within it, or it "
                f"is longer than {limits.MAX_RECORD:,} characters."
            )
        window, position = window[start:] + more, 0


def _check_end(rest: str, text: io.TextIOWrapper, expected: str) -> None:
    rest = rest.strip()
    while len(rest) <= len(expected) and (more := text.read(limits.PIECE)):
        rest += more.strip()
    if rest != expected:
        raise UnreadableInputError(
            "The JSON goes on after the array of contacts. A file can hold contacts only; give the "
            "options in the query string of POST /process, or beside the upload_id."
        )


def _with_bounded_names(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows; UnreadableInputError when the keys of all objects get too long to be columns."""
    names: set[str] = set()
    size = 0
    for row in rows:
        if isinstance(row, dict) and not row.keys() <= names:
            new = row.keys() - names
            names |= new
            size += names_size(new)
            check_names_size(size)
        yield row
