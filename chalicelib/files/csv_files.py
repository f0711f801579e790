"""Finds the layout of CSV files and reads their rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import islice

from chalicelib.files import limits
from chalicelib.files.contents import SAMPLE
from chalicelib.files.csv_header import Reading, find_header
from chalicelib.files.rows import Row
from chalicelib.files.streams import BoundedLines
from chalicelib.model.errors import UnreadableInputError
from chalicelib.model.layout import Layout

DELIMITERS = ",;\t|"


def csv_layout(text: str, encoding: str, whole: bool, mapping: Mapping[str, str]) -> Layout:
    """The layout of a CSV file from the start of its text. ``whole``: whether that is all of it.

    The header is the record that, with its delimiter, gives the most known columns, then the most columns (see
    csv_header.py). A list without a header gets the names "Column 1" and on. UnreadableInputError if the header is
    too long.
    """
    readings = [Reading(each, _first_records(text, whole, each)) for each in DELIMITERS]
    header = find_header(readings, mapping)
    if header is None:
        raise UnreadableInputError(
            f"The header is longer than {limits.HEAD_BYTES // 1024} KB; is this a CSV file?"
        )
    return Layout(
        "csv", encoding, header.names, header.delimiter, header.position, fields=header.fields
    )


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


def _first_records(text: str, whole: bool, delimiter: str) -> list[list[str]]:
    """The first records that are complete, blank ones included."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    records = list(islice(_records(reader), limits.MAX_PREAMBLE + SAMPLE))
    return records if whole else records[:-1]


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
