"""Opens a list, text or workbook, wherever it lies: its layout, and its bytes as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import BinaryIO

from chalicelib.files.detection import detect_layout, is_workbook
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


def find_layout(file: ListFile, options: Options) -> Layout:
    """The layout of a list from its beginning.

    InvalidRequestError for a list without contacts, and for a ``sheet`` that is not there. Others are those of
    detect_layout and open_workbook.
    """
    if is_workbook(file.start):
        from chalicelib.files.sheets import open_sheet

        sheet = open_sheet(file.open(), file.size, options.sheet)
        start = bytearray()
        whole = add_head(start, sheet.chunks())
        head = bytes(start)
        layout = replace(detect_layout(head, whole, options.mapping), sheet=sheet.name)
    elif options.sheet:
        raise InvalidRequestError("sheet: this list is no workbook, so that it has no sheets.")
    else:
        head, whole = read_head(file.start, len(file.start) == file.size)
        layout = detect_layout(head, whole, options.mapping)
    if whole and next(read_rows([head], layout), None) is None:
        raise InvalidRequestError("The list has a header but no contacts.")
    return layout


def open_text(file: ListFile, layout: Layout) -> ListText:
    """A list of this layout as text; a workbook's sheet becomes a CSV file. Errors are those of open_workbook."""
    if not layout.sheet:
        return ListText(file.chunks(), lambda: file.size)
    from chalicelib.files.sheets import open_sheet

    sheet = open_sheet(file.open(), file.size, layout.sheet)
    return ListText(sheet.chunks(), lambda: sheet.expected_bytes)
