"""Attacks with uploads: what the form repeats, and a file that is not the one of a moment ago."""

from __future__ import annotations

import json

import boto3
import pytest

from chalicelib.services import services
from tests.functional.checks import upload


@pytest.mark.parametrize(
    "content_type",
    [
        "x" * 7_000,
        "text/" + "x" * 96,
        "\x01" * 100,
        "text/csv\r\nX-Amz-Acl: public-read",
        "text/csv\n",
        "text/csv\0",
        "text/csv; charset=utf-8",
        "text",
        "/csv",
        "text/csv/x",
        "t\u00e4xt/csv",
        "\ud800/csv",
        "",
        0,
        False,
        ["text/csv"],
    ],
)
def test_a_content_type_that_is_none(stack, content_type):
    answer = stack.post("/uploads", json.dumps({"content_type": content_type}))
    assert answer.status_code == 400
    assert "text/csv" in answer.json_body["message"]
    assert len(json.dumps(answer.json_body)) < 500


@pytest.mark.parametrize(
    "content_type",
    [
        "text/csv",
        "application/x-ndjson",
        "application/vnd.ms-excel",
        "image/svg+xml",
        "a/" + "b" * 98,
    ],
)
def test_any_content_type_of_a_file_is_taken(stack, content_type):
    form = stack.post("/uploads", {"content_type": content_type}).json_body
    assert form["fields"]["Content-Type"] == content_type
    assert "Content-Type" in stack.post("/uploads", {"content_type": None}).json_body["fields"]


@pytest.mark.parametrize("becomes", [b"email\n" + b"x" * 99 + b"\n", None])
def test_a_file_that_is_replaced_between_two_looks_at_it(stack, becomes):
    """Whoever has the form can send another file at any time: the layout of one is not that of the next."""
    upload_id = upload(stack, b"name,email\nJane,jane@example.org\n")
    place, s3 = {"Bucket": "test-bucket", "Key": f"uploads/{upload_id}"}, boto3.client("s3")

    def replace(**_: object) -> None:
        if becomes is None:
            s3.delete_object(**place)
        else:
            s3.put_object(**place, Body=becomes)

    events = boto3._get_default_session().events  # of all tests of this process
    events.register("before-call.s3.GetObject", replace)
    services.cache_clear()
    try:
        answer = stack.post("/process", {"upload_id": upload_id})
    finally:
        events.unregister("before-call.s3.GetObject", replace)
    assert answer.status_code == 400
    assert "replaced or removed" in answer.json_body["message"]
    assert stack.client.http.get("/jobs").json_body["jobs"] == []
