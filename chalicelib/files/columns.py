"""Checks the columns of a list: few and short enough, as the mapping says, and at least one known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from chalicelib.files import limits
from chalicelib.model.contacts import COLUMN_FIELDS
from chalicelib.model.errors import InvalidRequestError, UnreadableInputError
from chalicelib.model.layout import MAX_COLUMNS, Columns


def check_columns(found: Columns, mapping: Mapping[str, str]) -> None:
    """InvalidRequestError for columns that cannot be used, or that lack one of ``mapping``, UnreadableInputError
    for names that are too long.
    """
    columns = found.names
    if len(columns) > MAX_COLUMNS:
        raise InvalidRequestError(
            f"The header has {len(columns):,} columns; at most {MAX_COLUMNS:,} are read."
        )
    check_names_size(names_size(columns))
    known = set(columns)
    missing = [name for name in mapping if name not in known]
    if missing:
        raise InvalidRequestError(
            f"mapping: there is no column {_quoted(missing)}; the columns are {_quoted(columns)}."
        )


def check_known(found: Columns) -> None:
    """InvalidRequestError for columns of which none is known."""
    if not found.fields:
        raise InvalidRequestError(
            f"The service knows no column of this list. Columns found: {_quoted(found.names)}. It knows, "
            f"among others: {_quoted(COLUMN_FIELDS)}. Rename a column, or say what it holds "
            'with the option mapping: {"<column>": "email"}.'
        )


def names_size(names: Iterable[str]) -> int:
    """The size of the names as they are stored: as JSON, in bytes."""
    return len(json.dumps(list(names)))


def check_names_size(size: int) -> None:
    """UnreadableInputError for names that are too long together, by their ``names_size``."""
    if size > limits.MAX_NAMES_BYTES:
        raise UnreadableInputError(
            f"The names of the columns have more than {limits.MAX_NAMES_BYTES:,} characters "
            "together; are contacts' data used as names?"
        )


def _quoted(names: Sequence[str]) -> str:
    """Names for a message, cut to a length that people read."""
    shown = ", ".join(f'"{name[:40]}"' for name in names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown or "none"
