"""Ground floor: how a file is laid out. Its first bytes go in; kind, encoding, delimiter and columns come out."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from chalicelib.model.contacts import HEADER_ALIASES, map_columns
from chalicelib.model.errors import (
    InvalidRequestError,
    UnreadableInputError,
    UnsupportedFormatError,
)
from chalicelib.model.layout import MAX_COLUMNS, Layout
from chalicelib.model.strict_json import object_at, parse_json, parse_object

#: How much of a file is looked at to find its layout.
HEAD_BYTES = 64 * 1024
#: What the names of the columns may come to as JSON, in bytes: a job's item, of at most 400 KB, holds them
#: three times over (the layout, the columns, the mapping).
MAX_NAMES_BYTES = 100_000
#: Notes before the header, as in LinkedIn's export, take a few lines.
MAX_PREAMBLE = 30
DELIMITERS = ",;\t|"

READS = "CSV (text/csv), NDJSON (application/x-ndjson) and JSON (application/json), also gzipped"
_LEGIBLE = re.compile(rb"[\t\n\r -~]{2}")
_EXCEL_MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: The start of a JSON document that holds its contacts in a field; group 0 ends before the array.
CONTACTS_PREFIX = re.compile(r'\s*\{\s*"contacts"\s*:\s*(?=\[)')
#: What may stand before an element of an array.
BETWEEN_ELEMENTS = re.compile(r"[\s,]*")


def detect_layout(head: bytes, whole: bool, mapping: Mapping[str, str] | None = None) -> Layout:
    """The layout of a file from its first bytes (already inflated).

    ``whole``: whether ``head`` is all there is. Raises UnsupportedFormatError for an Excel workbook,
    UnreadableInputError for an empty or binary file, InvalidRequestError when no column is known or
    one of ``mapping`` is not there.
    """
    if head.startswith(_EXCEL_MAGIC):
        raise UnsupportedFormatError(
            "This is an Excel workbook or a zip archive. Save the sheet as "
            f'"CSV UTF-8 (comma delimited)"; the service reads {READS}.'
        )
    encoding = _encoding(head)
    text = _decode(head, encoding)
    if not text.strip():
        raise UnreadableInputError("The list is empty: it has no header and no contacts.")
    if text.lstrip()[0] in "[{":
        layout = _json_layout(text, encoding, whole)
    else:
        layout = _csv_layout(text, encoding, whole, mapping or {})
    _check_columns(layout.columns, mapping or {})
    return layout


def _encoding(head: bytes) -> str:
    """UTF-8 or UTF-16 by byte-order mark or by their pattern, else Windows-1252.

    Excel's "CSV" is Windows-1252 and its "Unicode Text" UTF-16 (glific#5657).
    """
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    sample = head[:1024]
    # In UTF-16 every other byte of Latin text is zero; in other text those of NUL characters are.
    if not _LEGIBLE.match(sample):
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        if min(even, odd) > len(sample) // 20:
            raise UnsupportedFormatError(f"This is not text. The service reads {READS}.")
        if max(even, odd) > len(sample) // 8:
            return "utf-16-le" if odd > even else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _decode(head: bytes, encoding: str) -> str:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError as error:
        raise undecodable(encoding, error.start) from None


def undecodable(encoding: str, position: int) -> UnreadableInputError:
    """The error for bytes that are no text, with the byte position where known (else -1)."""
    where = f" at byte {position}" if position >= 0 else ""
    return UnreadableInputError(
        f"The file is not valid text{where}: it was read as {encoding.removesuffix('-sig')}. "
        "UTF-8, UTF-16 and Windows-1252 are read; save it as UTF-8."
    )


def _json_layout(text: str, encoding: str, whole: bool) -> Layout:
    if text.lstrip().startswith("[") or CONTACTS_PREFIX.match(text):
        kind, start = "json", text.index("[") + 1
        elements = list(_array_elements(text, start))
    else:
        kind, elements = "ndjson", list(map(parse_object, _lines(text, whole)))
    if not elements and not whole:
        raise UnreadableInputError(
            f"The first contact is longer than {HEAD_BYTES // 1024} KB. NDJSON has one object on each "
            "line; a JSON document must be an array of objects."
        )
    return Layout(kind, encoding, _keys(elements))


def _array_elements(text: str, position: int) -> Iterator[object]:
    while match := BETWEEN_ELEMENTS.match(text, position):
        found = object_at(text, match.end())
        if found is None:
            return
        element, position = found
        yield element


def _lines(text: str, whole: bool) -> list[str]:
    """The lines of NDJSON that are there completely; UnreadableInputError if the first is no JSON."""
    # As the reader divides them, not by everything that Unicode calls a line end.
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
    except ValueError as error:  # JSON that cannot be kept is some: its row will say so
        return not isinstance(error, json.JSONDecodeError)
    return True


def _keys(elements: Iterable[object]) -> tuple[str, ...]:
    keys = (key for element in elements if isinstance(element, dict) for key in element)
    return tuple(islice(dict.fromkeys(keys), MAX_COLUMNS))


def _csv_layout(text: str, encoding: str, whole: bool, mapping: Mapping[str, str]) -> Layout:
    """The record and delimiter that give the most known columns, then the most columns.

    Notes before the header are believed in only where a later record knows two columns or more: any
    list has cells that could pass for the name of one.
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
            f"The header is longer than {HEAD_BYTES // 1024} KB; is this a CSV file?"
        )
    return best


def _first_records(text: str, whole: bool, delimiter: str) -> Iterator[tuple[int, list[str], bool]]:
    """Records that say something: their position among all, and whether it is the first such."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    records = list(islice(_records(reader), MAX_PREAMBLE + 1))
    complete = records if whole else records[:-1]
    is_first = True
    for position, record in enumerate(complete[:MAX_PREAMBLE]):
        # Excel's own hint "sep=;" is no header.
        if any(record) and not record[0].startswith("sep="):
            yield position, record, is_first
            is_first = False


def _records(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """Records, blank ones included, up to the first that is too long to be one."""
    try:
        yield from reader
    except csv.Error:
        return


def _check_columns(columns: tuple[str, ...], mapping: Mapping[str, str]) -> None:
    if len(columns) > MAX_COLUMNS:
        raise InvalidRequestError(
            f"The header has {len(columns):,} columns; at most {MAX_COLUMNS:,} are read."
        )
    check_names(names_bytes(columns))
    known = set(columns)
    missing = [name for name in mapping if name not in known]
    if missing:
        raise InvalidRequestError(
            f"mapping: there is no column {_shown(missing)}; the columns are {_shown(columns)}."
        )
    if not map_columns(columns, mapping):
        raise InvalidRequestError(
            f"No column of the list is known. Columns found: {_shown(columns)}. Understood are, "
            f"among others: {_shown(tuple(HEADER_ALIASES))}. Rename a column or name it with the "
            'option mapping: {"<column>": "email"}.'
        )


def names_bytes(names: Iterable[str]) -> int:
    """How long the names are where they are stored: as JSON, in bytes."""
    return len(json.dumps(list(names)))


def check_names(size: int) -> None:
    """UnreadableInputError for names that are too long all together, by their ``names_bytes``."""
    if size > MAX_NAMES_BYTES:
        raise UnreadableInputError(
            f"The names of the columns are longer than {MAX_NAMES_BYTES:,} characters together; is "
            "the data of a contact used as names?"
        )


def _shown(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(f'"{name[:40]}"' for name in names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown or "none"
