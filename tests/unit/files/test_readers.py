"""Rows of any file: garbage gives rows or a reason, the same ones however the file is cut into chunks."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.files.csv_files import DELIMITERS
from chalicelib.files.inflating import read_head
from chalicelib.files.readers import read_rows
from chalicelib.files.rows import Row
from chalicelib.model.errors import EnrichmentError, UnreadableInputError
from chalicelib.model.layout import Layout
from tests.layouts import detect_layout
from tests.unit.files.lists import (
    HEADER,
    as_csv,
    as_json,
    cells,
    cut,
    encodings,
    fuzzed,
    given_rows,
    packed,
    rows_of,
    sizes,
    written,
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A valid list in some format."""
    table = draw(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=4))
    kind = draw(st.sampled_from(["csv", "ndjson", "array", "object"]))
    if kind == "csv":
        text = as_csv([HEADER, *table], draw(st.sampled_from(DELIMITERS)))
    else:
        text = as_json([dict(zip(HEADER, row, strict=True)) for row in table], kind, False, None)
    data = text.encode(draw(encodings), "replace")
    return packed(data, draw(st.sampled_from(["", "gzip", "members"])), draw(st.integers(0, 999)))


@st.composite
def garbage(draw: st.DrawFn) -> bytes:
    """Bytes that were a list, or several, before something happened to them."""
    data = bytearray(draw(files() | st.binary(max_size=300)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        what = draw(st.sampled_from(["flip", "cut", "insert", "append", "repeat", "wrap"]))
        if what == "flip" and at < len(data):
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif what == "cut":
            del data[at : at + draw(st.integers(1, 40))]
        elif what == "insert":
            data[at:at] = draw(
                st.binary(max_size=20) | st.sampled_from([b'"', b"\0", b"\xff\xfe", b"\r"])
            )
        elif what == "append":
            data += draw(files())
        elif what == "repeat":
            data[at:at] = data[:at]
        elif what == "wrap":
            data = bytearray(gzip.compress(bytes(data), mtime=0))
    return bytes(data)


def outcome(data: bytes, lengths: Iterable[int]) -> tuple[list[Row], str]:
    """The rows up to the end or the first error, and the error, which must be one for people."""
    rows: list[Row] = []
    try:
        layout = detect_layout(*read_head(data, True))
        for row in read_rows(cut(data, lengths), layout):
            rows.append(row)
    except EnrichmentError as error:
        return rows, f"{error.code}: {error}"
    return rows, ""


@given(garbage(), sizes, sizes)
@settings(fuzzed, max_examples=120)
@example(b"\n" * 65_000 + b'{"email": "a"}' * 100, [9], [10])
@example(b'{"email": "a\xe2\x80\xa8b"}\n{}', [9], [10])
@example(gzip.compress(b"email\na\n", mtime=0), [1], [3])  # the two bytes that say gzip, one by one
@example(b'[{"email": "a"},' + b"[" * 100_000, [999], [100_000])
@example(b"email\n\0a\0b\0\n", [1], [2])
def test_garbage_gives_rows_or_a_reason_however_it_is_cut(data, some, others):
    rows, error = outcome(data, some)
    assert (rows, error) == outcome(data, others)
    assert len(error) < 5_000
    columns = ["email", "note"]
    assert len(written(given_rows(rows, columns), columns, "csv")) == len(rows)
    assert len(written(given_rows(rows, columns), columns, "jsonl")) == len(rows)


@given(garbage(), st.integers(0, 500))
@fuzzed
def test_the_start_of_garbage_gives_a_layout_or_a_reason(data, length):
    with suppress(EnrichmentError):
        layout = detect_layout(*read_head(data[:length], False))
        assert Layout.from_json(layout.to_json()) == layout


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b'email,note\na,"never closed\nb,c\n', "never closed"),
        (b"email\n\x81 \x8d\n", "not valid text"),
        (b"email\n" + b"a\n" * 40_000 + b"\x81\n", "not valid text"),
        (gzip.compress(b"email\na\n", mtime=0)[:-9], "ends early"),
        (b"\x1f\x8b\x08" + b"garbage" * 9, "damaged"),
        (b'{"a": 1,\n"b": 2}', "Line 1 is not"),
        (b'[{"email": "a"}, {"email": ', "Contact number 2"),
        (b'[{"email": "a"}] and more', "goes on"),
        (b'{"contacts": [{"email": "a"}], "providers": []}', "goes on"),
    ],
)
def test_what_cannot_be_read_is_said(data, says):
    with pytest.raises(UnreadableInputError, match=says):
        rows_of(data, chunk=1000)


def test_stray_windows_1252_bytes_far_into_a_utf_8_file():
    data = b"name\n" + "Jörg\n".encode() * 20_000 + "Jörg\n".encode("cp1252")
    rows = rows_of(data, chunk=65536)
    assert rows[-1] == ["Jörg"]
    assert rows[0] == ["Jörg"]
