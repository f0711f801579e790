"""Every row of the design's table of bad input: what it gets, and that the message helps."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re

import boto3
import pytest

from chalicelib.services import services


@pytest.mark.parametrize(
    ("body", "content_type", "status", "says"),
    [
        (b"{", "application/json", 400, r"not valid JSON.*line 1"),
        (b'{"contacts": [NaN]}', "application/json", 400, "not valid JSON"),
        (b"[1]", "application/json", 400, "must be an object"),
        (b"{}", "application/json", 400, "no contacts"),
        (b'{"contacts": []}', "application/json", 400, "no contacts"),
        (b'{"contacts": [{"email": "a"}], "colour": 1}', "application/json", 400, '"colour"'),
        (
            b'{"contacts": [{"email": "a"}], "providers": ["nobody"]}',
            "application/json",
            400,
            '"nobody".*"offline"',
        ),
        (b'{"contacts": [{"email": "a"}], "fields": ["fax"]}', "application/json", 400, '"fax"'),
        (b'{"contacts": [{"email": "a"}], "upload_id": "x"}', "application/json", 400, "either"),
        (b'{"contacts": [{"colour": "a"}]}', "application/json", 400, '"colour".*"email"'),
        (b"", "text/csv", 400, "empty"),
        (b"email\n", "text/csv", 400, "no contacts"),
        (b"Foo,Bar\n1,2\n", "text/csv", 400, '"Foo", "Bar".*"email"'),
        (b"email\n" + b"x" * 5 * 1024 * 1024, "text/csv", 413, "POST /uploads"),
        (b"<a/>", "application/xml", 415, "text/csv"),
        (b"PK\x03\x04...", "text/csv", 415, "Excel workbook.*CSV"),
        (b"\x00" * 900 + b"\x01" * 99, "text/csv", 415, "not text"),
        (gzip.compress(b"email\na\n", mtime=0)[:-4], "application/gzip", 400, "ends early"),
    ],
)
def test_refused_at_once(stack, body, content_type, status, says):
    answer = stack.post("/process", body, content_type)
    assert answer.status_code == status
    assert set(answer.json_body) == {"code", "message"}
    assert re.search(says, answer.json_body["message"], re.DOTALL), answer.json_body["message"]


def test_unknown_ids(stack):
    assert stack.client.http.get("/status/nothing").status_code == 404
    answer = stack.post("/process", {"upload_id": "nothing"})
    assert answer.status_code == 404
    assert "POST /uploads" in answer.json_body["message"]


def test_an_upload_that_is_not_there_yet(stack):
    upload = stack.post("/uploads", {}).json_body
    answer = stack.post("/process", {"upload_id": upload["upload_id"]})
    assert answer.status_code == 409
    assert "not arrived" in answer.json_body["message"]


def test_wrong_upload_requests(stack):
    assert "contenttype" in stack.post("/uploads", {"contenttype": "x"}).json_body["message"]
    assert stack.post("/uploads", {"content_type": 1}).status_code == 400


def run_csv(stack, text: str) -> list[dict[str, str]]:
    status = stack.run(stack.submit_csv(text))
    assert status["status"] == "COMPLETED"
    data = stack.download(status).decode()
    return list(csv.DictReader(io.StringIO(data, newline="")))


@pytest.mark.parametrize(
    ("line", "cells", "says"),
    [
        ("a@example.org", ["a@example.org", ""], "too few cells: 1 where the header has 2"),
        ("a@example.org,x,y,z", ["a@example.org", "x"], 'too many cells.*left over: ["y", "z"]'),
        (f"a@example.org,{'x' * 32_768}", ["a@example.org", "x" * 32_768], 'column "note"'),
        (",only a note", ["", "only a note"], "nothing to identify"),
    ],
)
def test_rows_that_cannot_be_used_come_back_invalid_with_the_reason(stack, line, cells, says):
    good = "b@example.org,fine"
    rows = run_csv(stack, f"email,note\n{good}\n{line}\n{good}\n")
    assert [row["enriched_status"] for row in rows] == ["partial", "invalid", "partial"]
    assert [rows[1]["email"], rows[1]["note"]] == cells
    for part in says.split(".*"):
        assert part in rows[1]["enriched_error"]


def test_json_lines_that_are_no_objects_come_back_invalid(stack):
    body = b'{"email": "a@example.org"}\n[1, 2]\n{"email": \n'
    status = stack.run(stack.submit(body, "application/x-ndjson", "?output=jsonl"))
    lines = [json.loads(line) for line in stack.download(status).splitlines()]
    assert [line["enriched"]["status"] for line in lines] == ["partial", "invalid", "invalid"]
    assert "[1, 2]" in json.dumps(lines[1]["input"])
    assert "not a JSON object" in lines[2]["enriched"]["error"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"email\n" + b"a@example.org\n" * 2_000, "more than 1,000 rows"),
        (b"email\n" + b"a@example.org\n" * 20_000 + b"\x81", "not valid text"),
        (gzip.compress(b"email\n" + b"a@example.org\n" * 200_000, mtime=0)[:-200], "ends early"),
    ],
)
def test_lists_that_turn_out_unreadable_end_the_job_with_the_reason(stack, monkeypatch, data, says):
    limit = "1000" if "rows" in says else "1000000"
    monkeypatch.setenv("MAX_ROWS", limit)
    services.cache_clear()
    upload = stack.post("/uploads", {"filename": "list.csv"}).json_body
    boto3.client("s3").put_object(Bucket="test-bucket", Key=upload["fields"]["key"], Body=data)
    answer = stack.post("/process", {"upload_id": upload["upload_id"]})
    assert answer.status_code == 202, answer.json_body

    status = stack.run(answer.json_body["id"])

    assert status["status"] == "FAILED"
    assert says in status["error"]
    assert status["finished_at"]
    assert status["result"] is None


def test_an_upload_that_is_replaced_after_the_start_is_noticed(stack):
    s3 = boto3.client("s3")
    upload = stack.post("/uploads", {}).json_body
    key = upload["fields"]["key"]
    s3.put_object(Bucket="test-bucket", Key=key, Body=b"email\na@example.org\n")
    job_id = stack.post("/process", {"upload_id": upload["upload_id"]}).json_body["id"]
    s3.put_object(Bucket="test-bucket", Key=key, Body=b"email\nother@example.org\n")
    status = stack.run(job_id)
    assert status["status"] == "FAILED"
    assert "replaced" in status["error"]
