"""Shows how a list is read (POST /preview); nothing is stored or started."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from chalicelib.files.lists import Start
from chalicelib.files.readers import read_rows
from chalicelib.files.rows import Row, given_row, parse_row
from chalicelib.model.errors import UnreadableInputError
from chalicelib.model.layout import NO_HEADER, Columns

#: Rows that are shown.
SHOWN = 10


def preview(start: Start, default_country: str = "") -> dict[str, Any]:
    """How a list is read: kind, sheet, encoding, columns, and its first rows. ``default_country``: the option."""
    layout, rows = start.layout, _first_rows(start)
    return {
        "kind": layout.kind,
        "sheet": layout.sheet or None,
        "encoding": layout.encoding,
        "encoding_certain": layout.encoding_certain,
        "delimiter": layout.delimiter if layout.kind == "csv" else None,
        "has_header": layout.header_at != NO_HEADER,
        **describe_columns(layout.read_as),
        "rows": [_describe_row(row, layout.read_as, default_country) for row in rows],
        "warnings": list(layout.warnings),
    }


def describe_columns(columns: Columns) -> dict[str, Any]:
    """What each column is read as, None for nothing, and the names of those that are ignored."""
    field_of = columns.field_of
    names = list(enumerate(columns.names))
    return {
        "columns": [{"column": name, "field": field_of.get(at)} for at, name in names],
        "ignored": [name for at, name in names if at not in field_of],
    }


def _first_rows(start: Start) -> Sequence[Row]:
    rows: list[Row] = []
    try:
        rows.extend(islice(read_rows([start.head], start.layout), SHOWN))
    except UnreadableInputError:
        if start.whole and not rows:
            raise
        return rows  # the rest is not there, or cannot be read: then the job will say so
    # The last row of a part may be cut.
    return rows if start.whole or len(rows) == SHOWN else rows[:-1]


def _describe_row(row: Row, columns: Columns, default_country: str) -> dict[str, Any]:
    """A row: its cells, in the order of the columns, the values that are read from them, and what is wrong."""
    given = given_row(row, columns.names)
    parsed = parse_row(row, columns.names, columns.fields, default_country)
    contact = parsed.contact
    return {
        "cells": list(given.cells),
        "contact": dict(contact.known) if contact is not None else {},
        "problems": dict(contact.problems) if contact is not None else {},
        "error": given.problem or parsed.problem or None,
    }
