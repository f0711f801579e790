"""JSON and NDJSON files: any contacts come back as they were, and what cannot be kept as its text."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.files import limits
from chalicelib.files.inflating import read_head
from chalicelib.files.readers import read_rows
from chalicelib.files.rows import cell_text
from chalicelib.model import strict_json
from chalicelib.model.errors import UnreadableInputError
from tests.layouts import detect_layout
from tests.unit.files.lists import (
    as_json,
    cut,
    fuzzed,
    given_rows,
    packed,
    read,
    rows_of,
    sizes,
    texts,
    values,
    written,
)

contacts = st.lists(
    st.dictionaries(texts, values, max_size=4).map(lambda each: {"email": "a@example.org", **each}),
    min_size=1,
    max_size=6,
)


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
    inputs = given_rows(rows, columns)
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
    inputs = given_rows(rows, ["email"])
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


def test_json_array_is_read_piece_by_piece():
    contacts = [{"email": f"{n}@example.org", "n": n, "x": [1, {"y": "],["}]} for n in range(50)]
    assert rows_of(json.dumps(contacts, indent=2).encode()) == contacts
    assert rows_of(json.dumps({"contacts": contacts}).encode()) == contacts


def test_large_json_array(monkeypatch):
    contacts = [{"email": f"{n}@example.org", "pad": "x" * 500} for n in range(3000)]
    assert rows_of(json.dumps(contacts).encode(), chunk=100_000) == contacts


def test_ndjson_keeps_lines_that_are_no_objects():
    lines = ['{"email": "a"}', "", "[1]", "oops", '{"email": NaN}', '{"email": 1e999}']
    assert rows_of("\n".join(lines).encode()) == [
        {"email": "a"},
        "[1]",
        "oops",
        '{"email": NaN}',
        '{"email": 1e999}',
    ]


@pytest.mark.parametrize("at", range(1, 8))
def test_a_number_that_is_cut_where_the_reader_fetches_more_is_one_row(monkeypatch, at):
    monkeypatch.setattr(limits, "PIECE", 64)
    start = b'[{"email": "a@example.org"},'
    data = start + b" " * (64 - len(start) - at) + b"12345678, 9]"
    assert rows_of(data) == [{"email": "a@example.org"}, "12345678", "9"]
