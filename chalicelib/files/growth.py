"""Bounds what a list may grow to on its way to a result, so that no small file causes large work."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.files import limits
from chalicelib.files.columns import names_size
from chalicelib.model.batches import BATCH_ROWS
from chalicelib.model.errors import UnreadableInputError
from chalicelib.model.layout import Layout
from chalicelib.model.options import Options


def check_rows(rows: int, file_bytes: int, most: int) -> None:
    """UnreadableInputError for too many rows, or for more than a list of this size can have.

    ``file_bytes``: the bytes that were read so far of the file as it is stored, gzipped or not.
    """
    if rows > most:
        raise UnreadableInputError(f"The list has more than {most:,} rows; split it into several.")
    if rows > limits.FREE_ROWS + file_bytes:
        raise UnreadableInputError(
            f"The list has more than {rows:,} rows in {file_bytes:,} bytes. No contacts compress so "
            "well; are most rows copies of each other, or blank?"
        )


def check_batch(line_bytes: int) -> None:
    """UnreadableInputError for rows of one batch that are too long as lines of the contacts."""
    if line_bytes > limits.MAX_LINES_BYTES:
        raise UnreadableInputError(
            f"The list has up to {BATCH_ROWS} rows, one after another, that hold more than "
            f"{limits.MAX_LINES_BYTES // 1024**2} MB as JSON: too much for contacts. Leave out pictures "
            "and documents, and control characters."
        )


def check_growth(
    layout: Layout, options: Options, columns: Sequence[str], rows: int, line_bytes: int
) -> None:
    """UnreadableInputError where so many rows with so many columns would make too large a result.

    ``line_bytes``: what the rows hold themselves, as lines of the contacts. What is added to them is the
    names of a CSV file's columns, which JSONL repeats in each row, and the blank cells of CSV.
    """
    added = rows * _added_per_row(layout, options, columns)
    most = min(limits.FREE_GROWTH + limits.MAX_GROWTH * line_bytes, limits.MAX_ADDED_BYTES)
    if added > most:
        each = "repeats the names of all" if options.output == "jsonl" else "has cells for all"
        raise UnreadableInputError(
            f"The result would be more than {most // 1024**2:,} MB larger than the list: each of its "
            f"{rows:,} rows {each} {len(columns):,} columns. Leave out columns that are not needed, "
            "shorten their names, choose another output, or split the list."
        )


def _added_per_row(layout: Layout, options: Options, columns: Sequence[str]) -> int:
    if options.output == "jsonl":
        # An object comes back with its own keys, not with those of the other objects.
        return names_size(columns) if layout.kind == "csv" else 0
    return len(columns)
