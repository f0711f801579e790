"""Makes lists of any cells and values, reads them and writes them again, for the tests of this folder."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from chalicelib.files.column_map import map_columns
from chalicelib.files.csv_files import DELIMITERS
from chalicelib.files.enriched import StoredRow
from chalicelib.files.inflating import read_head
from chalicelib.files.readers import read_rows
from chalicelib.files.rows import GivenRow, InputRow, Row, decode_rows, encode_row, given_row
from chalicelib.files.writers import create_writer
from chalicelib.model.layout import Layout
from chalicelib.model.options import Options
from chalicelib.model.tallies import RowStatus
from tests.layouts import detect_layout

#: The same examples in every run.
fuzzed = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)

#: csv reads NUL characters from Python 3.11 on; before that such a list ends with a reason.
NUL = "\0" if sys.version_info >= (3, 11) else "\1"
#: What readers and spreadsheets trip over.
NASTY = [
    *(NUL, '"', '""', "\n", "\r", "\r\n", *DELIMITERS, "'", "\\", " "),
    *("\ufeff", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\xa0", "\u200b", "\ud7ff"),
    *("=1+1", "@x", "+49 30", "-1", "{", "[", "]", "}", "😀", "e\u0301", "sep=;", "end,end"),
]
plain = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="" if NUL == "\0" else "\0")
)
cells = st.lists(st.sampled_from(NASTY) | plain, max_size=4).map("".join)
western = st.text(
    st.sampled_from(
        [chr(c) for c in range(1, 128)] + [bytes([b]).decode("cp1252") for b in range(160, 256)]
    )
)
sizes = st.lists(st.integers(1, 60) | st.just(100_000), min_size=1, max_size=4)
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])

HEADER = ["email", "Full Name", "größe"]
#: Two bytes a character, so that the pattern of UTF-16 without its mark shows in the first 1,024.
LONG_HEADER = ["email", "Full Name", "x" * 520]

texts = st.text(st.characters() | st.characters(categories=["Cs"])) | cells
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def cut(data: bytes, lengths: Iterable[int]) -> Iterator[bytes]:
    """The data in chunks of these lengths, over and over."""
    start = 0
    for length in cycle(lengths):
        if start >= len(data):
            return
        yield data[start : start + length]
        start += length


def read(
    data: bytes, lengths: Iterable[int] = (100_000,), charset: str = ""
) -> tuple[Layout, list[Row]]:
    layout = detect_layout(*read_head(data, True), None, charset)
    return layout, list(read_rows(cut(data, lengths), layout))


def rows_of(data: bytes, chunk: int = 7, **mapping: str) -> list[Row]:
    """The rows of a file that comes in chunks of one length. ``mapping``: column → field."""
    layout = detect_layout(*read_head(data, True), mapping)
    return list(read_rows(cut(data, [chunk]), layout))


def as_csv(table: list[list[str]], delimiter: str = ",", line_end: str = "\r\n") -> str:
    text = io.StringIO(newline="")
    # Quotes wherever a reader could divide, not only at the line ends that this file happens to have.
    csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(
        table
    )
    return text.getvalue()


def packed(data: bytes, how: str, at: int) -> bytes:
    if how == "gzip":
        return gzip.compress(data, mtime=0)
    if how == "members":
        middle = at % (len(data) + 1)
        members = (data[:middle], b"", data[middle:])
        return b"".join(gzip.compress(each, mtime=0) for each in members)
    return data


def input_rows(rows: Iterable[Row], columns: list[str]) -> list[InputRow]:
    """The rows as a worker gets them: through the normalised contacts and back."""
    lines = "".join(encode_row(row) + "\n" for row in rows).encode("ascii")
    return list(decode_rows(lines, columns, map_columns(columns)))


def as_stored(row: Row) -> Row:
    """A row as AggregateResults gets it: through the normalised contacts and back."""
    stored: Row = json.loads(encode_row(row))
    return stored


def given_rows(rows: Iterable[Row], columns: list[str]) -> list[GivenRow]:
    """Rows as they come back, with what is wrong with them."""
    return [given_row(as_stored(row), columns) for row in rows]


def written(rows: Iterable[GivenRow], columns: list[str], output: str) -> list[Any]:
    """What a program reads in the file that comes out, rows alone."""
    writer = create_writer(Options(output=output, csv_safety="raw"), columns)
    given_up = StoredRow(RowStatus.FAILED.value)
    text = (writer.header() + b"".join(writer.row(row, given_up) for row in rows)).decode()
    if output == "jsonl":
        return [json.loads(line)["input"] for line in text.split("\n")[:-1]]
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def as_json(objects: list[Any], kind: str, ascii_only: bool, indent: int | None) -> str:
    if kind == "ndjson":
        return "\n".join(json.dumps(each, ensure_ascii=ascii_only) for each in objects)
    whole = objects if kind == "array" else {"contacts": objects}
    return json.dumps(whole, ensure_ascii=ascii_only, indent=indent)


def endless(start: bytes, again: bytes, size: int) -> Iterator[bytes]:
    """Gzipped, in chunks, as it is made: ``start``, then ``again`` up to ``size`` bytes."""
    packer = zlib.compressobj(wbits=31)
    block = again * (2**16 // len(again))
    for each in (start, *(block for _ in range(size // len(block)))):
        if chunk := packer.compress(each):
            yield chunk
    yield packer.flush()
