"""Finds the layout of a file from its first bytes: kind, encoding, delimiter and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.files.columns import check_columns
from chalicelib.files.csv_files import csv_layout
from chalicelib.files.encodings import decode_head, detect_encoding
from chalicelib.files.json_files import json_layout
from chalicelib.model.errors import UnreadableInputError, UnsupportedFormatError
from chalicelib.model.layout import Layout

#: What the service reads, for messages.
READABLE = (
    "CSV (text/csv), NDJSON (application/x-ndjson) and JSON (application/json), each also gzipped "
    "(application/gzip), and Excel workbooks (.xlsx)"
)


#: How zip archives begin, and Office documents of before 2007 or with a password.
_ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def is_workbook(start: bytes) -> bool:
    """Whether a file that begins like this is a workbook, or another archive, which looks the same."""
    return start.startswith(_ARCHIVES)


def find_layout(
    head: bytes, whole: bool, mapping: Mapping[str, str] | None = None, charset: str = ""
) -> Layout:
    """The layout of a file from its first bytes, already inflated.

    ``whole``: whether ``head`` is the whole file. ``mapping``: column name → field.
    ``charset``: the encoding as the sender says, "" for nothing. Raises
    UnsupportedFormatError for a workbook (see sheets.py) and for anything that is not text,
    UnreadableInputError for an empty or damaged file, InvalidRequestError when one of ``mapping`` is not there.
    """
    if is_workbook(head):
        raise UnsupportedFormatError(
            "This is an Excel workbook or a zip archive, compressed once more. Send the workbook as it is."
        )
    encoding = detect_encoding(head, charset)
    if encoding is None:
        raise UnsupportedFormatError(f"This is not text. The service reads {READABLE}.")
    text = decode_head(head, encoding.name)
    if not text.strip():
        raise UnreadableInputError("The list is empty: it has no header and no contacts.")
    if text.lstrip()[0] in "[{":
        layout = json_layout(text, encoding.name, whole, mapping or {})
    else:
        layout = csv_layout(text, encoding.name, whole, mapping or {})
    check_columns(layout.read_as, mapping or {})
    return replace(layout, encoding_certain=encoding.certain)
