"""Any list comes back with every row, or its job ends with a reason; no cell is in a message or a log."""

from __future__ import annotations

import gzip
import json
import sys

import boto3
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.files import limits
from chalicelib.files.inflating import read_head
from chalicelib.files.readers import read_rows
from chalicelib.model.errors import EnrichmentError
from chalicelib.services import services
from tests.functional.checks import (
    check_answer,
    check_end,
    fuzzed,
    nasty,
    output_rows,
    texts,
    upload,
    values,
)
from tests.layouts import detect_layout
from tests.unit.files.hostile import FAILING, FINE, REFUSED, lines, table

#: In every cell of a test; messages and logs must not hold it.
SECRET = "zq7secret"
#: Lists that are hard to read, and in which format their rows are asked for.
HARD = {"a cell of a megabyte": "csv", "deep values": "csv", "deep elements": "jsonl"}


def rows_in(data: bytes) -> int | None:
    """How many rows the readers find in a list, None if it cannot be read to its end."""
    try:
        return sum(1 for _ in read_rows([data], detect_layout(*read_head(data, True))))
    except EnrichmentError:
        return None


secret_cells = st.lists(nasty | st.just(SECRET) | st.text(max_size=4), max_size=4).map("".join)


@given(
    st.lists(secret_cells, max_size=6),
    st.integers(0, 400),
    st.sampled_from(["", "flip", "cut", "gzip", "cut gzip", "twice", "open"]),
)
@settings(fuzzed, max_examples=15)
@example(["a@example.org,x"] * 250, 0, "")
@example([f'a,"{SECRET}', "b,c"], 0, "open")
def test_every_row_of_a_list_comes_back_and_nothing_of_it_is_said(stack, capsys, lines, at, damage):
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
    said = json.dumps(answer.json_body)
    if job_id := check_answer(answer):
        said += json.dumps(check_end(stack, job_id, expected))
    else:
        assert not expected

    assert SECRET not in said
    assert SECRET not in "".join(capsys.readouterr())


contacts_ = st.lists(
    st.dictionaries(
        texts | st.just("phone"), values.filter(lambda v: "NaN" not in json.dumps(v)), max_size=3
    ),
    min_size=1,
    max_size=4,
).map(lambda all_: [{"email": "a@example.org"}, *all_])


@given(contacts_, st.sampled_from(["csv", "jsonl"]))
@settings(fuzzed, max_examples=6)
@example([{"email": "a", "\ud800": "\udfff", "": {"\ud800": [None]}}], "jsonl")
@example([{"email": "a", "\ud800": "\udfff", "": {"\ud800": [None]}}], "csv")
def test_every_contact_of_a_program_comes_back_as_it_was(stack, contacts, output):
    body = json.dumps({"contacts": contacts, "output": output}).replace("Infinity", "1e300")
    job_id = check_answer(stack.post("/process", body))
    status = check_end(stack, job_id, len(contacts))
    if output == "jsonl":
        back = [row["input"] for row in output_rows(stack, status)]
        assert json.dumps(back) == json.dumps(json.loads(body)["contacts"])


def test_hard_rows_come_back_beside_the_others(stack, subtests):
    for name, output in HARD.items():
        with subtests.test(name):
            data, rows = FINE[name]
            answer = stack.post("/process", {"upload_id": upload(stack, data), "output": output})
            status = check_end(stack, check_answer(answer), rows)
            assert status["status"] == "COMPLETED"
            assert status["contacts"]["partial"] >= 1


def test_lists_are_refused_at_once_inline_and_uploaded(stack, subtests):
    for name in ("a header of 2,000 columns", "zeros", "a workbook, gzipped"):
        data, says = REFUSED[name]
        with subtests.test(name):
            uploaded = stack.post("/process", {"upload_id": upload(stack, data)})
            inline = stack.post("/process", data, "application/octet-stream")
            for answer in (uploaded, inline):
                assert check_answer(answer) == ""
                assert says in answer.json_body["message"]


UNREADABLE = {
    "2,000 keys": (
        lines(*(b'{"k%d": 1}' % n for n in range(2_000))),
        "more than 1,000 different keys",
    ),
    "a batch bomb": FAILING["a batch bomb"],
    "a damaged end": FAILING["a damaged end"],
    "bytes that are no text": (
        b"email\n" + b"a@example.org\n" * 6_000 + b"\x81",
        "not valid text",
    ),
    "a part of a gzipped file": (
        gzip.compress(b"email\n" + b"a@example.org\n" * 20_000, mtime=0)[:-9],
        "ends early",
    ),
}


def test_lists_that_turn_out_unreadable_end_the_job_with_the_reason(stack, subtests):
    for name, (data, says) in UNREADABLE.items():
        with subtests.test(name):
            answer = stack.post("/process", {"upload_id": upload(stack, data)})
            assert says in check_end(stack, check_answer(answer), None)["error"]


def test_a_list_with_too_many_rows_ends_the_job_with_the_reason(stack, monkeypatch):
    monkeypatch.setenv("MAX_ROWS", "1000")
    services.cache_clear()
    job_id = stack.submit_csv(b"email\n" + b"a@example.org\n" * 1_001)
    assert "more than 1,000 rows" in check_end(stack, job_id, None)["error"]


def test_a_list_that_inflates_without_end_is_stopped(stack, monkeypatch):
    monkeypatch.setattr(limits, "MAX_INFLATED_BYTES", 20 * 1024**2)
    rows = (b"a@example.org," + b"x" * 1_000 + b"\n") * 1_000
    bomb = gzip.compress(table(b"a,b"), mtime=0) + gzip.compress(rows, mtime=0) * 400
    job_id = stack.submit(bomb, "application/gzip")
    assert "more than 20 MB" in check_end(stack, job_id, None)["error"]


def test_an_upload_that_is_replaced_after_the_start_changes_nothing(stack):
    s3 = boto3.client("s3")
    upload_id = upload(stack, b"email\na@example.org\n")
    job_id = check_answer(stack.post("/process", {"upload_id": upload_id}))
    key = f"uploads/{upload_id}"
    s3.put_object(Bucket="test-bucket", Key=key, Body=b"email\nother@example.org\n")
    assert output_rows(stack, check_end(stack, job_id, 1))[0][0] == "a@example.org"


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


def test_rows_that_cannot_be_used_come_back_invalid_with_the_reason(stack):
    given = ["a@example.org", "a@example.org,x,y", ",only a note", "b@example.org,fine"]
    status = check_end(stack, stack.submit_csv("\n".join(["email,note", *given])), 4)
    assert (status["contacts"]["invalid"], status["contacts"]["partial"]) == (3, 1)
    reasons = [row[-1] for row in output_rows(stack, status)]
    assert [reason.partition(":")[0] for reason in reasons] == [
        *("too few cells", "too many cells", "nothing to identify a person by", ""),
    ]
