"""Opens a list, text or workbook, wherever it lies: its layout, and its bytes as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import BinaryIO

from chalicelib.files import detection
from chalicelib.files.columns import check_known
from chalicelib.files.inflating import add_head, read_head
from chalicelib.files.readers import read_rows
from chalicelib.model.errors import InvalidRequestError
from chalicelib.model.layout import Layout
from chalicelib.model.options import Options


@dataclass(frozen=True)
class ListFile:
    """A list as it was sent. ``start``: its first 64 KB at least, or all of it. ``size``: its bytes.

    ``chunks``: gives all of its bytes in their order. ``open``: gives it as a file that is read from any place.
    """

    start: bytes
    size: int
    chunks: Callable[[], Iterable[bytes]]
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class ListText:
    """A list as text, gzipped or not; what read_rows reads. ``size``: its bytes, as far as is known by now."""

    chunks: Iterable[bytes]
    size: Callable[[], float]


@dataclass(frozen=True)
class Start:
    """The beginning of a list as text. ``whole``: whether ``head`` is all of it."""

    head: bytes
    whole: bool
    layout: Layout


def read_start(file: ListFile, options: Options) -> Start:
    """The beginning of a list and its layout, whether it can be enriched or not.

    InvalidRequestError for a ``sheet`` that is not there. Others are those of detection.find_layout and
    open_workbook.
    """
    if detection.is_workbook(file.start):
        from chalicelib.files.sheets import open_sheet

        sheet = open_sheet(file.open(), file.size, options.sheet)
        start = bytearray()
        whole = add_head(start, sheet.chunks())
        layout = detection.find_layout(bytes(start), whole, options.mapping)
        return Start(bytes(start), whole, replace(layout, sheet=sheet.name))
    if options.sheet:
        raise InvalidRequestError("sheet: this list is no workbook, so that it has no sheets.")
    head, whole = read_head(file.start, len(file.start) == file.size)
    return Start(head, whole, detection.find_layout(head, whole, options.mapping, options.charset))


def find_layout(file: ListFile, options: Options) -> Layout:
    """The layout of a list that can be enriched; as read_start, and InvalidRequestError for a list without
    contacts, or without a column that is known.
    """
    start = read_start(file, options)
    check_known(start.layout.read_as)
    if start.whole and next(read_rows([start.head], start.layout), None) is None:
        raise InvalidRequestError("The list has a header but no contacts.")
    return start.layout


def open_text(file: ListFile, layout: Layout) -> ListText:
    """A list of this layout as text; a workbook's sheet becomes a CSV file. Errors are those of open_workbook."""
    if not layout.sheet:
        return ListText(file.chunks(), lambda: file.size)
    from chalicelib.files.sheets import open_sheet

    sheet = open_sheet(file.open(), file.size, layout.sheet)
    return ListText(sheet.chunks(), lambda: sheet.expected_bytes)
