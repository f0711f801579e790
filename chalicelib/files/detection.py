"""Finds the layout of a file from its first bytes: kind, encoding, delimiter and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.files.columns import check_columns, check_known
from chalicelib.files.csv_files import csv_layout
from chalicelib.files.encodings import decode_head, detect_encoding
from chalicelib.files.json_files import json_layout
from chalicelib.model.errors import UnreadableInputError, UnsupportedFormatError
from chalicelib.model.layout import Layout

#: What the service reads, for messages.
READABLE = (
    "CSV (text/csv), NDJSON (application/x-ndjson) and JSON (application/json), each also gzipped "
    "(application/gzip)"
)
_WORKBOOK_OR_ZIP = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def detect_layout(
    head: bytes, whole: bool, mapping: Mapping[str, str] | None = None, charset: str = ""
) -> Layout:
    """The layout of a list that can be enriched: as ``find_layout``, and InvalidRequestError if no column of it
    is known.
    """
    layout = find_layout(head, whole, mapping, charset)
    check_known(layout.read_as)
    return layout


def find_layout(
    head: bytes, whole: bool, mapping: Mapping[str, str] | None = None, charset: str = ""
) -> Layout:
    """The layout of a file from its first bytes, already inflated.

    ``whole``: whether ``head`` is the whole file. ``mapping``: column name → field.
    ``charset``: the encoding as the sender says, "" for nothing. Raises
    UnsupportedFormatError for an Excel workbook and for anything that is not text,
    UnreadableInputError for an empty or damaged file, InvalidRequestError when one of ``mapping`` is not there.
    """
    if head.startswith(_WORKBOOK_OR_ZIP):
        raise UnsupportedFormatError(
            "This is an Excel workbook or a zip archive. Save the sheet as "
            f'"CSV UTF-8 (comma delimited)"; the service reads {READABLE}.'
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
