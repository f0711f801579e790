"""CSV files: any table comes back as it was, and an open quote swallows no rows in silence."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.files.column_map import map_columns
from chalicelib.files.csv_files import DELIMITERS
from chalicelib.model.errors import UnreadableInputError
from tests.layouts import detect_layout
from tests.unit.files.lists import (
    HEADER,
    LONG_HEADER,
    as_csv,
    cells,
    encodings,
    fuzzed,
    given_rows,
    packed,
    read,
    rows_of,
    sizes,
    western,
    written,
)


@given(
    st.data(),
    encodings,
    st.sampled_from(DELIMITERS),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "gzip", "members"]),
    st.integers(0, 10_000),
    sizes,
)
@fuzzed
def test_every_table_comes_back_as_it_was(data, encoding, delimiter, line_end, how, at, lengths):
    header = LONG_HEADER if encoding in ("utf-16-le", "utf-16-be") else HEADER
    cell = western if encoding == "cp1252" else cells
    table = data.draw(st.lists(st.lists(cell, min_size=3, max_size=3), max_size=5))
    file = packed(as_csv([header, *table], delimiter, line_end).encode(encoding), how, at)

    # Of single letters nobody could tell that they are Windows-1252.
    layout, rows = read(file, lengths, "cp1252" if encoding == "cp1252" else "")

    assert list(layout.columns) == header
    assert rows == table
    inputs = given_rows(rows, header)
    assert [list(row.cells) for row in inputs] == table
    assert [row[:3] for row in written(inputs, header, "csv")] == table
    assert [list(row.values()) for row in written(inputs, header, "jsonl")] == table


@given(st.lists(cells.filter(lambda name: not name.startswith("sep=")), max_size=5), sizes)
@fuzzed
@example([" ", "", ""], [1])
@example(["a\ud7ff", "a\ud7ff", "a\ud7ff (2)"], [7])
def test_every_header_comes_back_as_it_was(names, lengths):
    header = ["email", *names]
    layout, rows = read(as_csv([header, ["x"] * len(header)]).encode(), lengths)
    assert list(layout.columns) == header
    inputs = given_rows(rows, header)
    assert [row[: len(header)] for row in written(inputs, header, "csv")] == [["x"] * len(header)]
    assert len(written(inputs, header, "jsonl")[0]) == len(header)


@given(st.lists(cells, max_size=6).map("".join), sizes)
@fuzzed
@example('5" pipe,"x\ny"\n', [3])  # an odd number of quotes, all of them closed
@example('a,"x', [3])  # open to the end, but nothing lies beyond it
@example('"', [3])  # an open cell with nothing in it, not even a line end
@example("a\n\n\n \n", [1])
def test_any_text_below_a_header_gives_the_rows_that_csv_knows_in_it(body, lengths):
    text = f"email,note\n{body}"
    expected = [row for row in csv.reader(io.StringIO(text, newline="")) if row][1:]
    *_, last = csv.reader([*io.StringIO(text, newline=""), "e,f"])
    if last != ["e", "f"] and ("\n" in last[-1] or "\r" in last[-1]):
        with pytest.raises(UnreadableInputError, match="never closed"):
            read(text.encode(), lengths)
        return
    _, rows = read(text.encode(), lengths)
    assert rows == expected
    assert len(given_rows(rows, ["email", "note"])) == len(expected)


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("even", ["", '"'])
def test_an_open_quote_swallows_no_rows_in_silence(line_end, encoding, even):
    lines = [
        "email,größe",
        f'a@example.org,5{even} "',
        'b@example.org,"open',
        "c@example.org,x",
        "",
    ]
    with pytest.raises(UnreadableInputError, match="never closed"):
        read(line_end.join(lines).encode(encoding))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_delimiters_and_line_ends(delimiter, line_end):
    header = delimiter.join(["E-Mail", "Note"])
    rows = delimiter.join(["a@example.org", '"x, y; z' + line_end + 'w"'])
    assert rows_of(f"{header}{line_end}{rows}{line_end}".encode()) == [
        ["a@example.org", f"x, y; z{line_end}w"]
    ]


def test_blank_lines_are_no_rows_and_ragged_rows_stay():
    assert rows_of(b"\nemail,name\n\na,b\n,\n\nx\n1,2,3\n") == [
        ["a", "b"],
        ["", ""],
        ["x"],
        ["1", "2", "3"],
    ]


def test_excel_separator_hint():
    assert rows_of(b"sep=;\nEmail;Note\na;b\n") == [["a", "b"]]


def test_headers_of_the_same_name_are_both_kept():
    layout = detect_layout(b"email,note,email\n", True)
    assert layout.columns == ("email", "note", "email")
    assert map_columns(layout.columns)["email"] == (0, 2)
