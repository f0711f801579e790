"""Any table of any cells comes back as it was, however it was written, packed and cut; garbage gives a
reason and never another error; and nothing is ever held whole that somebody made endless.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import time
import tracemalloc
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import cycle, islice
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from chalicelib.files import limits
from chalicelib.files.csv_files import DELIMITERS
from chalicelib.files.detection import detect_layout
from chalicelib.files.inflating import inflated, read_head
from chalicelib.files.readers import read_rows
from chalicelib.files.rows import InputRow, OutputRow, Row, cell_text, decode_rows, encode_row
from chalicelib.files.writers import create_writer
from chalicelib.identity import read_contact
from chalicelib.model import strict_json
from chalicelib.model.contacts import FIELDS, map_columns
from chalicelib.model.errors import EnrichmentError, InvalidRequestError, UnreadableInputError
from chalicelib.model.jobs import BATCH_ROWS, RowStatus
from chalicelib.model.layout import Layout
from chalicelib.model.options import Options, parse_options

# The same examples each time; the first one of a process builds Hypothesis' alphabet.
fuzzed = settings(
    max_examples=120,
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

HEADER = ["email", "Full Name", "größe"]
#: Two bytes a character, so that the pattern of UTF-16 without its mark shows in the first 1,024.
LONG_HEADER = ["email", "Full Name", "x" * 520]


def cut(data: bytes, lengths: Iterable[int]) -> Iterator[bytes]:
    """The data in chunks of these lengths, over and over."""
    start = 0
    for length in cycle(lengths):
        if start >= len(data):
            return
        yield data[start : start + length]
        start += length


def read(data: bytes, lengths: Iterable[int] = (100_000,)) -> tuple[Layout, list[Row]]:
    layout = detect_layout(*read_head(data, True))
    return layout, list(read_rows(cut(data, lengths), layout))


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


def written(rows: list[InputRow], columns: list[str], output: str) -> list[Any]:
    """What a program reads in the file that comes out, rows alone."""
    writer = create_writer(Options(output=output, csv_safety="raw"), columns)
    given_up = (OutputRow(row, RowStatus.FAILED, {}, row.problem) for row in rows)
    text = (writer.header() + writer.rows(given_up)).decode()
    if output == "jsonl":
        return [json.loads(line)["input"] for line in text.split("\n")[:-1]]
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


# Tables


encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])


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

    layout, rows = read(file, lengths)

    assert list(layout.columns) == header
    assert rows == table
    inputs = input_rows(rows, header)
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
    inputs = input_rows(rows, header)
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
    assert len(input_rows(rows, ["email", "note"])) == len(expected)


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


# JSON


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
contacts = st.lists(
    st.dictionaries(texts, values, max_size=4).map(lambda each: {"email": "a@example.org", **each}),
    min_size=1,
    max_size=6,
)


def as_json(objects: list[Any], kind: str, ascii_only: bool, indent: int | None) -> str:
    if kind == "ndjson":
        return "\n".join(json.dumps(each, ensure_ascii=ascii_only) for each in objects)
    whole = objects if kind == "array" else {"contacts": objects}
    return json.dumps(whole, ensure_ascii=ascii_only, indent=indent)


@given(
    contacts,
    st.sampled_from(["ndjson", "array", "object"]),
    st.sampled_from([None, 0, 3]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["", "gzip", "members"]),
    st.integers(0, 10_000),
    sizes,
)
@fuzzed
def test_all_json_comes_back_as_it_was(objects, kind, indent, encoding, how, at, lengths):
    text = as_json(objects, kind, False, indent)
    try:
        raw = text.encode(encoding)
    except UnicodeEncodeError:  # a lone surrogate can be written as an escape alone
        raw = as_json(objects, kind, True, indent).encode(encoding)
    # A window of a few characters ends everywhere: in numbers, in escapes, between elements.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "PIECE", 16)
        layout = detect_layout(*read_head(packed(raw, how, at), True))
        patch.setattr(limits, "PIECE", at % 40 + 24)
        rows = list(read_rows(cut(packed(raw, how, at), lengths), layout))

    assert json.dumps(rows) == json.dumps(objects)
    columns = list(dict.fromkeys(key for each in objects for key in each))
    inputs = input_rows(rows, columns)
    assert json.dumps(written(inputs, columns, "jsonl")) == json.dumps(objects)
    expected = [
        # UTF-8 has no lone surrogates: in CSV they come out as "?".
        [cell_text(each.get(name)).encode("utf-8", "replace").decode() for name in columns]
        for each in objects
    ]
    assert [row[: len(columns)] for row in written(inputs, columns, "csv")] == expected


@given(st.lists(texts.map(lambda text: " ".join(text.split())).filter(bool)), sizes)
@fuzzed
@example(["[" * 100_000, '{"a":' * 100_000, "9" * 5_000, '{"n": 1e400}', '{"a": 1, "a": 2}'], [100])
@example(['{"email": "a\u2028b"}', "\ufeff{}", "-0", "NaN", '{"email": "\0"}'], [1])
def test_lines_that_hold_no_object_come_back_as_they_are(lines, lengths):
    first = json.dumps({"email": "a\u2028b\x85c"}, ensure_ascii=False)
    data = "\n".join([first, *lines]).encode("utf-8", "replace")
    _, rows = read(data, lengths)
    assert len(rows) == 1 + len(lines)
    for row, line in zip(rows[1:], lines, strict=True):
        if isinstance(row, str):
            assert row == line.encode("utf-8", "replace").decode().strip()
        else:
            assert row == json.loads(line)


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


#: JSON that cannot be kept: it comes back as the text it was.
UNKEPT = [
    f'{{"email": {nested(100)}}}',
    f'{{"email": "a", "x": [{nested(900)}, "]", {{"y": ","}}]}}',
    '{"email": ' + '{"a": ' * 9_000 + "1" + "}" * 9_000 + "}",
    '{"email": "a", "n": ' + "9" * 5_000 + "}",
    '{"email": "a", "n": -1e400}',
    '{"email": "a", "n": NaN}',
    '{"email": "a", "email": "b\\"]"}',
    "9" * 5_000,
    nested(50_000),
    "[]",
    "-0",
    '"]"',
    "null",
]
KEPT = [
    {"email": "\ud800", "\udfff": "\0"},
    {"email": "a", "deep": json.loads(nested(strict_json.MAX_DEPTH - 1))},
    {"email": "a", "wide": [[]] * 500},
    {"email": "a", "n": int("9" * 4_300), "-0": -0.0, "least": 5e-324},
]


@pytest.mark.parametrize("kind", ["ndjson", "array", "object"])
def test_json_that_cannot_be_kept_comes_back_as_text(kind):
    kept = [json.dumps(each) for each in KEPT]
    elements = [kept[0], *UNKEPT, *kept[1:]]
    whole = {"ndjson": "{0}", "array": "[{1}]", "object": '{{"contacts": [{1}]}}'}[kind]
    data = whole.format("\n".join(elements), " ,\n".join(elements)).encode()
    _, rows = read(data, [1000])
    assert rows == [KEPT[0], *UNKEPT, *KEPT[1:]]
    inputs = input_rows(rows, ["email"])
    assert [row.record for row in inputs] == [KEPT[0], *({"": text} for text in UNKEPT), *KEPT[1:]]
    assert (
        len(written(inputs, ["email"], "csv"))
        == len(written(inputs, ["email"], "jsonl"))
        == len(rows)
    )


@pytest.mark.parametrize("first", UNKEPT[:7])
def test_the_first_contact_decides_nothing_by_what_cannot_be_kept(first):
    for data in (f'{first}\n{{"email": "b"}}', f'[{first}, {{"email": "b"}}]'):
        layout, rows = read(data.encode())
        assert layout.columns == ("email",)
        assert rows == [first, {"email": "b"}]


def test_what_follows_the_array_is_noticed_however_far_away():
    space = " " * 600_000
    array = b'[{"email": "a"}]'
    assert read(array + space.encode())[1] == [{"email": "a"}]
    assert read(b'{"contacts": ' + array + space.encode() + b"}")[1] == [{"email": "a"}]
    with pytest.raises(UnreadableInputError, match="goes on"):
        read(array + space.encode() + array)


def test_names_that_are_data_are_refused():
    with pytest.raises(UnreadableInputError, match="names of the columns"):
        read(",".join(["email", *(f"{n}é" * 100 for n in range(150))]).encode() + b"\na\n")
    rows = [json.dumps({"email": "a", "é" * 10_000 + str(n): 1}) for n in range(30)]
    with pytest.raises(UnreadableInputError, match="names of the columns"):
        read("\n".join(['{"email": "a"}', *rows]).encode())


# Garbage


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
@settings(fuzzed, max_examples=400)
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
    assert len(written(input_rows(rows, columns), columns, "csv")) == len(rows)
    assert len(written(input_rows(rows, columns), columns, "jsonl")) == len(rows)


@given(garbage(), st.integers(0, 500))
@fuzzed
def test_the_start_of_garbage_gives_a_layout_or_a_reason(data, length):
    with suppress(EnrichmentError):
        layout = detect_layout(*read_head(data[:length], False))
        assert Layout.from_json(layout.to_json()) == layout


def test_a_header_that_is_not_there_wholly_is_no_header():
    header = ",".join(["email", *(f"{n:0130}" for n in range(600))])
    data = f"{header}\n".encode() + b"a," * 600 + b"x\n"
    with pytest.raises(UnreadableInputError, match="header is longer than 64 KB"):
        detect_layout(data[: limits.HEAD_BYTES], False)


def test_the_start_of_damaged_gzip_is_told_at_once():
    with pytest.raises(UnreadableInputError, match="damaged"):
        read_head(b"\x1f\x8b" + b"garbage" * 10_000, False)


option_names = st.sampled_from(
    ["providers", "fields", "output", "csv_safety", "mapping", "min_confidence", "max_credits"]
) | st.sampled_from(["cache_days", "sample"])


@given(st.dictionaries(option_names | texts, values | values.map(json.dumps), max_size=3))
@fuzzed
@example({"mapping": "[" * 100_000})
@example({"mapping": '{"\ud800": "email"}'})
@example({"sample": "9" * 5_000})
@example({"max_credits": "1e400", "min_confidence": "NaN"})
@example({"providers": [str(n) for n in range(100_000)]})
@example({str(n): n for n in range(100_000)})
def test_options_are_read_or_refused_in_few_words(raw):
    error = ""
    try:
        options = parse_options(raw, ("offline",))
        assert Options.from_json(options.to_json()) == options
    except InvalidRequestError as refusal:
        error = str(refusal)
    assert len(error) < 5_000


# Endless things


def peak(work: Callable[[], object]) -> int:
    """The most bytes that Python holds at once meanwhile."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def endless(start: bytes, again: bytes, size: int) -> Iterator[bytes]:
    """Gzipped, in chunks, as it is made: ``start``, then ``again`` up to ``size`` bytes."""
    packer = zlib.compressobj(wbits=31)
    block = again * (2**20 // len(again))
    for each in (start, *(block for _ in range(size // len(block)))):
        if chunk := packer.compress(each):
            yield chunk
    yield packer.flush()


CSV_LAYOUT = Layout("csv", "utf-8", ("email", "note"))
ENDLESS = {
    "cell": (CSV_LAYOUT, b'email,note\na,"', b"x\n"),
    "line": (CSV_LAYOUT, b"email,note\na,b\n", b"x"),
    "cells": (CSV_LAYOUT, b"email,note\na,b\n", b"x,"),
    "lines in cells": (CSV_LAYOUT, b"email,note\na,b\n", b'"\n",'),
    "blank lines": (CSV_LAYOUT, b"email,note\na,b\n", b"\n" * 16),
    "zeros": (CSV_LAYOUT, b"email,note\na,b\n", b"\0"),
    "ndjson": (Layout("ndjson", "utf-8", ("email",)), b'{"email": "a"}\n', b" "),
    "blank ndjson": (Layout("ndjson", "utf-8", ("email",)), b'{"email": "a"}\n', b"\n" * 16),
    "json text": (Layout("json", "utf-8", ("email",)), b'[{"email": "', b"x"),
    "json keys": (Layout("json", "utf-8", ("email",)), b'[{"email": {', b'"\\"":1,'),
    "json depth": (Layout("json", "utf-8", ("email",)), b"[{}", b",[["),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_no_row_is_endless(name, monkeypatch):
    limit = 256 * 1024
    monkeypatch.setattr(limits, "MAX_RECORD", limit)
    layout, start, again = ENDLESS[name]

    def work() -> None:
        with pytest.raises(UnreadableInputError, match="longer than 262,144 characters"):
            for _ in read_rows(endless(start, again, 160 * limit), layout):
                pass

    # A window, its double, what csv or json makes of it: small objects take 30 bytes a character.
    assert peak(work) < 40 * limit


def test_the_spaces_between_elements_are_endless_at_no_cost():
    chunks = endless(b'[{"email": "a"}', b" ", 64 * 2**20)
    layout = Layout("json", "utf-8", ("email",))

    def work() -> None:
        with pytest.raises(UnreadableInputError, match="hold more than 16 MB"):
            list(read_rows(chunks, layout))

    assert peak(work) < 16 * limits.PIECE


def test_short_rows_without_end_are_stopped_at_the_limit_of_the_file(monkeypatch):
    monkeypatch.setattr(limits, "MAX_INFLATED_BYTES", 8 * 2**20)
    row = b"a@example.org" * 99 + b"\n"
    rows = read_rows(endless(b"email\n", row, 10**9), CSV_LAYOUT)
    passed = []

    def work() -> None:
        passed.append(sum(1 for _ in islice(rows, 5_000)))
        with pytest.raises(UnreadableInputError, match="more than 8 MB"):
            deque(rows, maxlen=0)

    assert peak(work) < 16 * limits.PIECE
    assert passed == [5_000]


def test_a_batch_of_the_largest_rows_is_too_much_for_a_worker(monkeypatch):
    monkeypatch.setattr(limits, "MAX_BATCH_BYTES", 2**20)
    row = b"a," + b"x" * (2**20 // BATCH_ROWS)
    # Rows of that size are fine as long as others are shorter.
    mixed = b"email,note\n" + b"\n".join(([row] * 50 + [b"a,b"] * 50) * 6)
    assert len(list(read_rows(cut(mixed, [50_000]), CSV_LAYOUT))) == 600
    with pytest.raises(UnreadableInputError, match="hold more than 1 MB"):
        list(read_rows([b"email,note\n", *([row + b"\n"] * 300)], CSV_LAYOUT))


@pytest.mark.parametrize("levels", [1, 2])
def test_the_head_of_a_bomb_is_all_that_is_inflated_at_first(levels):
    bomb = b"".join(endless(b"email\n", b"0", 200 * 2**20))
    for _ in range(levels - 1):
        bomb = gzip.compress(bomb, mtime=0)
    assert len(bomb) < 2**20

    def work() -> None:
        head, whole = read_head(bomb, True)
        assert len(head) <= limits.HEAD_BYTES
        if levels == 1:
            assert not whole

    assert peak(work) < 8 * limits.PIECE


def test_what_is_inflated_is_counted_in_small_pieces():
    bomb = b"".join(endless(b"", b"0", 64 * 2**20))
    largest = max(len(piece) for piece in inflated([bomb], 2**30))
    assert 0 < largest <= limits.PIECE
    with pytest.raises(UnreadableInputError, match="more than 1 MB"):
        list(inflated([bomb], limit=2**20))


# Work that grows no faster than the input


def growth(work: Callable[[int], object], size: int) -> float:
    """How much longer four times as much takes: about 4 where time is in proportion, 16 in the square."""

    def seconds(of_size: int) -> float:
        start = time.process_time()
        work(of_size)
        return time.process_time() - start

    work(size)
    return min(seconds(4 * size) for _ in range(2)) / max(
        min(seconds(size) for _ in range(3)), 1e-4
    )


def test_many_small_members_are_read_in_proportion():
    member = gzip.compress(b"a@example.org\n", mtime=0)
    assert growth(lambda n: sum(map(len, inflated([member * n], 2**30))), 6_000) < 9


@pytest.mark.parametrize("name", FIELDS)
def test_no_cell_takes_time_in_the_square_of_its_length(name):
    for pattern in ("\u0316\u0301", "a@", "a.", "<a@b", "1-", "://", ";", "linkedin.com/in/a."):
        long = pattern * 8_000
        assert growth(lambda n, long=long: read_contact({name: long[: 2 * n]}), 2_000) < 12, pattern


def test_names_of_columns_take_time_in_proportion():
    accents = "\u0316\u0301" * 200_000
    assert growth(lambda n: map_columns([accents[:n]]), 4_000) < 12

    def mapped(size: int) -> None:
        map_columns(["email"] * size, dict.fromkeys(map(str, range(size)), "phone"))

    assert growth(mapped, 1_000) < 9


def test_an_element_is_not_decoded_again_for_every_piece(monkeypatch):
    monkeypatch.setattr(limits, "PIECE", 256)
    layout = Layout("json", "utf-8", ("email",))

    def work(size: int) -> None:
        data = b'[{"email": "' + b"x" * size + b'"}]'
        assert sum(1 for _ in read_rows([data], layout)) == 1

    assert growth(work, 50_000) < 9


@given(
    st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(NASTY).map(lambda text: text * 900))
)
@settings(fuzzed, max_examples=25)
def test_long_cells_are_read(row):
    contact = read_contact(row)
    assert all(value == " ".join(value.split()) for value in contact.known.values())
    assume(contact.problems)
    assert all(len(problem) < 200 for problem in contact.problems.values())
