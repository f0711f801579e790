"""Reads the rows of a file one at a time, in constant memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping

from chalicelib.files import limits
from chalicelib.files.csv_files import csv_rows
from chalicelib.files.encodings import noting_strays, undecodable
from chalicelib.files.inflating import inflated
from chalicelib.files.json_files import json_rows, ndjson_rows
from chalicelib.files.rows import Row
from chalicelib.files.streams import ChunkStream
from chalicelib.model.batches import BATCH_ROWS
from chalicelib.model.layout import Layout

_READERS: Mapping[str, Callable[[io.TextIOWrapper, Layout], Iterator[Row]]] = {
    "csv": csv_rows,
    "ndjson": ndjson_rows,
    "json": json_rows,
}


def read_rows(
    chunks: Iterable[bytes], layout: Layout, warnings: dict[str, None] | None = None
) -> Iterator[Row]:
    """The rows of a file, in order; blank lines are not rows.

    ``chunks``: the bytes of the file as it is stored, gzipped or not. UnreadableInputError says where
    and why the file cannot be read on. ``warnings`` takes what turns out while the rows are read.
    """
    pieces = inflated(chunks, limits.MAX_INFLATED_BYTES)
    if warnings is not None and layout.encoding.startswith("utf-8"):
        pieces = noting_strays(pieces, warnings)
    stream = ChunkStream(pieces)
    text = stream.as_text(layout.encoding)
    try:
        for number, row in enumerate(_READERS[layout.kind](text, layout), 1):
            yield row
            if number % BATCH_ROWS == 0:
                stream.start_batch()
    except UnicodeError:
        raise undecodable(layout.encoding) from None
