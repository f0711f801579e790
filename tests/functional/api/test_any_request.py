"""Whatever is sent: an answer below 500; a job that was accepted ends, with every row or with a reason;
nothing that was in a cell is told or logged.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib.api.submission import LIST_TYPES
from chalicelib.files import limits
from chalicelib.files.detection import detect_layout
from chalicelib.files.inflating import read_head
from chalicelib.files.readers import read_rows
from chalicelib.model.errors import EnrichmentError
from tests.functional.conftest import Stack

# The stack stays from example to example: the jobs of one mean nothing to the next.
fuzzed = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
#: In every cell of a test; what is told and logged must not hold it.
SECRET = "zq7secret"
ENDED = ("COMPLETED", "COMPLETED_WITH_ERRORS")
MEGABYTE = 1024**2


def upload(stack: Stack, data: bytes) -> str:
    """The id of an upload whose file is there."""
    answer = stack.post("/uploads", {}).json_body
    boto3.client("s3").put_object(Bucket="test-bucket", Key=answer["fields"]["key"], Body=data)
    return str(answer["upload_id"])


def check_answer(answer: Any) -> str:
    """The id of the job that an answer is about, "" for none; its shape is what the API promises."""
    body = answer.json_body
    if answer.status_code == 202:
        return str(body["id"])
    if answer.status_code == 200:
        assert list(body) == ["estimate"]
        return ""
    assert 400 <= answer.status_code < 500, body
    assert set(body) == {"code", "message"}
    assert all(isinstance(text, str) and text for text in body.values())
    assert len(json.dumps(body)) < 20_000
    return ""


def output_rows(stack: Stack, status: dict[str, Any]) -> list[Any]:
    """The rows of the file that came out: objects of JSONL, lists of cells of CSV."""
    text = stack.download(status).decode()
    if status["result"]["format"] == "jsonl":
        return [json.loads(line) for line in text.split("\n")[:-1]]
    csv.field_size_limit(limits.MAX_RECORD * 16)
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def check_end(stack: Stack, job_id: str, rows: int | None) -> dict[str, Any]:
    """Run a job to its end: all of its rows, or, if ``rows`` is None, the reason why there are none."""
    stack.deliveries = 1
    stack.delivered.clear()
    status = stack.run(job_id)
    if rows is None:
        assert status["status"] == "FAILED"
        assert status["error"]
        assert status["result"] is None
    else:
        assert status["status"] in ENDED, status["error"]
        assert status["contacts"]["total"] == status["contacts"]["processed"] == rows
        assert len(output_rows(stack, status)) == status["result"]["rows"] == rows
    return status


def rows_in(data: bytes) -> int | None:
    """How many rows the readers find in a list, None if it cannot be read to its end."""
    try:
        return sum(1 for _ in read_rows([data], detect_layout(*read_head(data, True))))
    except EnrichmentError:
        return None


# Any request


nasty = st.sampled_from(
    [
        "\0",
        '"',
        "\n",
        "\r",
        ",",
        "\t",
        "\ud800",
        "\ufeff",
        "\u2028",
        "=1+1",
        "-0",
        "e\u0301",
        "[",
        "{",
    ]
)
texts = st.lists(nasty | st.text(max_size=5), max_size=3).map("".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    [
        *("contacts", "upload_id", "estimate", "providers", "fields", "output", "csv_safety"),
        *("mapping", "min_confidence", "max_credits", "cache_days", "sample"),
    ]
)
sensible: dict[str, Any] = {
    "contacts": [{"email": "a@example.org"}, {"email": "", "x": {"y": [1, None]}}],
    "mapping": {"email": "email"},
    "fields": ["email"],
    "output": "jsonl",
    "sample": 1,
    "estimate": True,
}
requests_ = st.fixed_dictionaries({}, optional={n: st.just(v) for n, v in sensible.items()}) | (
    st.dictionaries(names, values, max_size=2)
)
rows_ = st.lists(values, max_size=4)
objects = (
    st.dictionaries(names, values, max_size=1).map(
        lambda request: {"contacts": sensible["contacts"], **request}
    )
    | requests_
)
lists = (
    st.lists(texts, min_size=1, max_size=5).map(lambda rows: "\n".join(["email,note", *rows]))
    | rows_.map(lambda rows: "\n".join(map(json.dumps, [{"email": "a"}, *rows])))
    | rows_.map(lambda rows: json.dumps([{"email": "a"}, *rows]))
)
others = (
    requests_.map(json.dumps) | values.map(json.dumps) | texts | st.binary(max_size=60).map(repr)
)
json_types = st.sampled_from(["application/json", "APPLICATION/JSON; charset=x"])


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


#: A body and its content type, which mostly fit each other.
bodies = (
    st.tuples(objects.map(json.dumps).map(encoded), json_types)
    | st.tuples(lists.map(encoded), st.sampled_from(LIST_TYPES))
    | st.tuples(
        (lists | others).map(encoded) | st.binary(max_size=60),
        json_types | st.sampled_from(LIST_TYPES),
    )
)
queries = st.dictionaries(
    names | st.just("colour"),
    st.sampled_from(
        ["true", "1e400", "NaN", "9" * 5_000, '{"email": "email"}', '"\\ud800"', "[" * 9_000]
    )
    | texts.filter(str.isascii),
    max_size=1,
)


def query_of(options: dict[str, str]) -> str:
    return "?" + "&".join(f"{name}={quote(value)}" for name, value in options.items())


@given(bodies, st.just({}) | queries, st.booleans())
@settings(fuzzed, max_examples=80)
@example((b"email\na\n", ""), {}, False)
@example((b"email\na\n", ";"), {}, False)
@example((b"email\na\n", "x" * 3_000), {}, False)
@example((b"email\na\n", "multipart/form-data; boundary=x"), {}, False)
@example((b'{"upload_id": ""}', "application/json"), {}, False)
@example((json.dumps({"upload_id": "x" * 3_000}).encode(), "application/json"), {}, False)
@example((b'{"contacts": ' + b"[" * 100_000, "application/json"), {}, False)
@example((b'{"contacts": [{"a": ' + b"9" * 5_000 + b"}]}", "application/json"), {}, True)
@example((b'{"contacts": [' + b"[" * 900 + b"]" * 900 + b"]}", "application/json"), {}, False)
@example((b"email\na\n", "text/csv"), {"mapping": "[" * 9_000}, False)
@example((b"email\na\n", "text/csv"), {"mapping": '{"\\ud800": "email"}'}, False)
@example((b"\n" * 65_536 + b'{"email": "a"}\n', "application/x-ndjson"), {}, False)
@example(('{"email": "a\u2028b"}\n{}'.encode(), "application/x-ndjson"), {}, False)
def test_every_request_gets_an_answer_and_every_job_an_end(stack, body, options, zipped):
    data, kind = body
    sent = gzip.compress(data, mtime=0) if zipped else data
    answer = stack.post(f"/process{query_of(options)}", sent, kind)
    if job_id := check_answer(answer):
        stack.delivered.clear()  # Hypothesis writes down all arguments, this one too
        assert stack.run(job_id)["status"] in (*ENDED, "FAILED")


# Any list


secret_cells = st.lists(nasty | st.just(SECRET) | st.text(max_size=4), max_size=4).map("".join)


@given(
    st.lists(secret_cells, max_size=6),
    st.integers(0, 400),
    st.sampled_from(["", "flip", "cut", "gzip", "cut gzip", "twice", "open"]),
)
@settings(fuzzed, max_examples=40)
@example(["a@example.org,x"] * 250, 0, "")
@example([f'a,"{SECRET}', "b,c"], 0, "open")
def test_every_row_of_a_list_comes_back_and_nothing_of_it_is_told(stack, capsys, lines, at, damage):
    data = bytearray("\n".join(["email,note", *lines]).encode("utf-8", "replace"))
    place = 11 + at % max(len(data) - 10, 1)
    if damage == "flip" and place < len(data):
        data[place] ^= 0x81
    elif damage == "cut":
        del data[place : place + 3]
    elif damage == "open":
        data[place:place] = b',"'
    file = bytes(data) * (2 if damage == "twice" else 1)
    if damage.endswith("gzip"):
        whole = gzip.compress(file, mtime=0)
        file = whole[: 1 + at % len(whole)] if damage == "cut gzip" else whole
    expected = rows_in(file)
    capsys.readouterr()

    answer = stack.post("/process", {"upload_id": upload(stack, file)})
    told = json.dumps(answer.json_body)
    if job_id := check_answer(answer):
        told += json.dumps(check_end(stack, job_id, expected))
    else:
        assert not expected

    assert SECRET not in told
    assert SECRET not in "".join(capsys.readouterr())


contacts_ = st.lists(
    st.dictionaries(
        texts | st.just("phone"), values.filter(lambda v: "NaN" not in json.dumps(v)), max_size=3
    ),
    min_size=1,
    max_size=4,
).map(lambda all_: [{"email": "a@example.org"}, *all_])


@given(contacts_, st.sampled_from(["csv", "jsonl"]))
@fuzzed
@example([{"email": "a", "\ud800": "\udfff", "": {"\ud800": [None]}}], "jsonl")
@example([{"email": "a", "\ud800": "\udfff", "": {"\ud800": [None]}}], "csv")
def test_every_contact_of_a_program_comes_back_as_it_was(stack, contacts, output):
    body = json.dumps({"contacts": contacts, "output": output}).replace("Infinity", "1e300")
    job_id = check_answer(stack.post("/process", body))
    status = check_end(stack, job_id, len(contacts))
    if output == "jsonl":
        back = [row["input"] for row in output_rows(stack, status)]
        assert json.dumps(back) == json.dumps(json.loads(body)["contacts"])


# Hostile lists


def table(*rows: bytes) -> bytes:
    return b"\n".join([b"email,note", b"a@example.org,x", *rows, b"b@example.org,y", b""])


def lines(*rows: bytes) -> bytes:
    return b"\n".join([b'{"email": "a@example.org"}', *rows, b'{"email": "b@example.org"}'])


def array(*elements: bytes) -> bytes:
    return b"[" + b",\n".join([b'{"email": "a@example.org"}', *elements]) + b"]"


def deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


TEN_MEGABYTES = b"x" * (10 * MEGABYTE)
FINE = {
    "a cell of a megabyte": (table(b"a," + b"x" * MEGABYTE), 3),
    "a million cells": (table(b"a" + b"," * 1_000_000), 3),
    "only a byte-order mark": (table(b"\xef\xbb\xbf", b"\xef\xbb\xbfa,b"), 4),
    "other encodings": (table("é,è".encode("cp1252"), "é,è".encode(), "é,è".encode("utf-16")), 5),
    "line ends of old": (b"email,note\ra@example.org,x\r\rb,y\r", 2),
    "deep values": (lines(b'{"email": ' + deep(900) + b"}", b'{"x": ' + deep(100_000) + b"}"), 4),
    "deep elements": (array(b'{"email": ' + deep(900) + b"}", deep(100_000), deep(99)), 4),
    "long numbers": (array(b'{"n": ' + b"9" * 5_000 + b"}", b'{"n": -0}', b'{"n": 1e400}'), 4),
    "a key twice": (lines(b'{"email": "a", "email": "b"}'), 3),
    "accents": (table("\u0316\u0301".encode() * 8_000 + b"," + "\u0301\u0316".encode() * 8_000), 3),
    "a name of accents": (lines(json.dumps({"\u0316\u0301" * 8_000: 1}).encode()), 3),
}


@pytest.mark.parametrize("output", ["csv", "jsonl"])
def test_hostile_rows_come_back_beside_the_others(stack, subtests, output):
    for name, (data, rows) in FINE.items():
        with subtests.test(name):
            answer = stack.post("/process", {"upload_id": upload(stack, data), "output": output})
            status = check_end(stack, check_answer(answer), rows)
            assert status["status"] == "COMPLETED"
            assert status["contacts"]["partial"] >= 1


def test_columns_of_the_same_name_are_all_there(stack):
    job_id = stack.submit_csv("email,note,email\na@example.org,x,b@example.org\n")
    status = check_end(stack, job_id, 1)
    assert status["contacts"]["invalid"] == 0
    assert output_rows(stack, status)[0][:3] == ["a@example.org", "x", "b@example.org"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="csv reads no NUL characters before 3.11")
def test_nul_characters_stay_in_cells_and_names(stack):
    status = check_end(stack, stack.submit_csv(b"em\0ail,n\0ote\na@example.org,\0\0\0\n\0,\n"), 2)
    assert [row[:2] for row in output_rows(stack, status)] == [
        ["a@example.org", "\0\0\0"],
        ["\0", ""],
    ]


REFUSED = {
    "a header of a million columns": (b"email" + b",email" * 1_000_000 + b"\n", "header is longer"),
    "a header of 2,000 columns": (b"email" + b",email" * 2_000 + b"\na\n", "2,001 columns"),
    "a header of blanks": (b" , ,\t\n1,2,3\n", "knows no column of this list"),
    "names that are data": (b"email," + "é".encode() * 20_000 + b"\na,b\n", "names of the columns"),
    "a first line of ten megabytes": (
        b'{"email": "' + TEN_MEGABYTES + b'"}\n',
        "longer than 64 KB",
    ),
    "a first element of ten megabytes": (
        b'[{"email": "' + TEN_MEGABYTES + b'"}]',
        "longer than 64 KB",
    ),
    "zeros": (gzip.compress(b"\0" * 50 * MEGABYTE, mtime=0), "not text"),
    "a bomb in a bomb": (
        gzip.compress(gzip.compress(b"\0" * 50 * MEGABYTE, mtime=0), mtime=0),
        "not text",
    ),
    "a damaged start": (b"\x1f\x8b" + b"garbage" * 20_000, "damaged"),
    "only empty members": (gzip.compress(b"", mtime=0) * 2_000, "empty"),
    "a workbook, gzipped": (gzip.compress(b"PK\x03\x04" + b"x" * 90, mtime=0), "Excel workbook"),
}


def test_hostile_lists_are_refused_at_once(stack, subtests):
    for name, (data, says) in REFUSED.items():
        with subtests.test(name):
            answer = stack.post("/process", {"upload_id": upload(stack, data)})
            assert check_answer(answer) == ""
            assert says in answer.json_body["message"]
            if len(data) < 5 * MEGABYTE:
                inline = stack.post("/process", data, "application/octet-stream")
                assert says in inline.json_body["message"]


FAILING = {
    "a cell of ten megabytes": (table(b"a," + TEN_MEGABYTES), "never closed"),
    "ten megabytes in quotes": (table(b'a,"' + TEN_MEGABYTES + b'"'), "never closed"),
    "a line of ten megabytes": (
        lines(b'{"x": "' + TEN_MEGABYTES + b'"}'),
        "one object on each line",
    ),
    "an element of ten megabytes": (array(b'{"x": "' + TEN_MEGABYTES + b'"}'), "Contact number 2"),
    "an element without end": (array(b"[" * 5_000_000), "Contact number 2"),
    "a million keys": (
        lines(b"{" + b",".join(b'"k%d":1' % n for n in range(300_000)) + b"}"),
        "names of the columns",
    ),
    "2,000 keys": (
        lines(*(b'{"k%d": 1}' % n for n in range(2_000))),
        "more than 1,000 different keys",
    ),
    "a line bomb": (gzip.compress(table(b"x" * 50 * MEGABYTE), mtime=0), "never closed"),
    "a cell bomb": (gzip.compress(table(b'"\n",' * 10 * MEGABYTE), mtime=0), "never closed"),
    "a blank bomb": (gzip.compress(table(b"\n" * 10 * MEGABYTE), mtime=0), "never closed"),
    "a batch bomb": (gzip.compress(table(*[b"x" * MEGABYTE] * 40), mtime=0), "more than 16 MB"),
    "a damaged end": (gzip.compress(table(b"a,b") * 9_000, 0, mtime=0) + b"xyz", "damaged"),
}


def test_hostile_lists_end_the_job_with_the_reason(stack, subtests):
    for name, (data, says) in FAILING.items():
        with subtests.test(name):
            answer = stack.post("/process", {"upload_id": upload(stack, data)})
            assert says in check_end(stack, check_answer(answer), None)["error"]


def test_a_list_that_inflates_without_end_is_stopped(stack, monkeypatch):
    monkeypatch.setattr(limits, "MAX_INFLATED_BYTES", 20 * MEGABYTE)
    rows = (b"a@example.org," + b"x" * 1_000 + b"\n") * 1_000
    bomb = gzip.compress(table(b"a,b"), mtime=0) + gzip.compress(rows, mtime=0) * 400
    job_id = stack.submit(bomb, "application/gzip")
    assert "more than 20 MB" in check_end(stack, job_id, None)["error"]


def test_a_bomb_as_json_is_refused(stack, subtests):
    for value in (b" " * 50 * MEGABYTE, b"[]," * 4 * MEGABYTE, b'"' + b"x" * 20 * MEGABYTE):
        with subtests.test(value[:2]):
            body = gzip.compress(b'{"contacts": [' + value + b"]}", mtime=0)
            answer = stack.post("/process", body)
            assert check_answer(answer) == ""
            assert answer.status_code == 400
            assert "more than 8 MB" in answer.json_body["message"]


def test_names_in_answers_are_few_and_short(stack):
    many: dict[str, Callable[[list[str]], Any]] = {
        "providers": lambda each: each,
        "fields": lambda each: each,
        "mapping": lambda each: dict.fromkeys(each, "email"),
        "min_confidence": lambda each: dict.fromkeys(each, 0.5),
    }
    given_names = [f"{n}" * 20 for n in range(20_000)]
    for option, value_of in many.items():
        body = {"contacts": [{"email": "a"}], option: value_of(given_names)}
        answer = stack.post("/process", body)
        assert answer.status_code == 400
        assert check_answer(answer) == ""
