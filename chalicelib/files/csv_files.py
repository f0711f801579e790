"""Finds the layout of CSV files and reads their rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import islice

from chalicelib.files import limits
from chalicelib.files.rows import Row
from chalicelib.files.streams import BoundedLines
from chalicelib.model.contacts import map_columns
from chalicelib.model.errors import UnreadableInputError
from chalicelib.model.layout import Layout

DELIMITERS = ",;\t|"


def csv_layout(text: str, encoding: str, whole: bool, mapping: Mapping[str, str]) -> Layout:
    """The layout of a CSV file from the start of its text. ``whole``: whether that is all of it.

    The header is the record that, with its delimiter, gives the most known columns, then the most
    columns. A record after the first is a header only if it has two known columns or more: any list
    has cells that could be the name of one. UnreadableInputError if the header is too long.
    """
    best, best_score = None, (-1, 0)
    for delimiter in DELIMITERS:
        for position, record, is_first in _first_records(text, whole, delimiter):
            score = (len(map_columns(record, mapping)), len(record))
            if score > best_score and (is_first or score[0] > max(best_score[0], 1)):
                best = Layout("csv", encoding, tuple(record), delimiter, position)
                best_score = score
    if best is None:
        raise UnreadableInputError(
            f"The header is longer than {limits.HEAD_BYTES // 1024} KB; is this a CSV file?"
        )
    return best


def csv_rows(text: io.TextIOWrapper, layout: Layout) -> Iterator[Row]:
    """The records after the header. UnreadableInputError where a quote is never closed."""
    csv.field_size_limit(limits.MAX_RECORD)
    lines = BoundedLines(text, "Is there a quote before it that is never closed?")
    reader = csv.reader(lines, delimiter=layout.delimiter)
    try:
        for row in islice(reader, layout.header_at + 1, None):
            if lines.at_end:  # csv asks for a line after the last one only if a quote is open
                _check_open_cell(row[-1], lines.number)
            if row:
                lines.start_row()
                yield row
    except csv.Error as error:
        raise UnreadableInputError(
            f"Line {lines.number:,} of the CSV file cannot be read ({error}). Is there a quote before "
            "it that is never closed?"
        ) from None


def _first_records(text: str, whole: bool, delimiter: str) -> Iterator[tuple[int, list[str], bool]]:
    """The first records that are not blank: position, cells, and whether it is the first of them."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    records = list(islice(_records(reader), limits.MAX_PREAMBLE + 1))
    complete = records if whole else records[:-1]
    is_first = True
    for position, record in enumerate(complete[: limits.MAX_PREAMBLE]):
        # Excel's own hint "sep=;" is not a header.
        if any(record) and not record[0].startswith("sep="):
            yield position, record, is_first
            is_first = False


def _records(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """Records, blank ones included, up to the first that is too long to be one."""
    try:
        yield from reader
    except csv.Error:
        return


def _check_open_cell(cell: str, line: int) -> None:
    """A quote that is open at the end of the last line does no harm; an earlier one swallows rows."""
    if "\n" in cell or "\r" in cell:
        raise UnreadableInputError(
            f"A quote is never closed in the record that ends in the last line, line {line:,}: "
            "everything after it would be one cell. Close the quote, or double it if it belongs to "
            "the text."
        )
