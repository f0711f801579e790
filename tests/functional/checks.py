"""Sends lists to a stack and checks what every answer and every ended job must have."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import boto3
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from chalicelib.files import limits
from tests.functional.conftest import Stack

# The stack stays from example to example: the jobs of one mean nothing to the next.
fuzzed = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
nasty = st.sampled_from(
    [
        *("\0", '"', "\n", "\r", ",", "\t", "\ud800", "\ufeff", "\u2028", "=1+1", "-0", "e\u0301"),
        *("[", "{"),
    ]
)
texts = st.lists(nasty | st.text(max_size=5), max_size=3).map("".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)

ENDED = ("COMPLETED", "COMPLETED_WITH_ERRORS")


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
    text = stack.download(status).decode("utf-8-sig")
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
        assert status["finished_at"]
        assert status["result"] is None
    else:
        assert status["status"] in ENDED, status["error"]
        assert status["contacts"]["total"] == status["contacts"]["processed"] == rows
        assert len(output_rows(stack, status)) == status["result"]["rows"] == rows
    return status
