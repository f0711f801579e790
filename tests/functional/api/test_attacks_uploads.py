"""Attacks with what POST /uploads repeats in its answer and in the form."""

from __future__ import annotations

import json

import pytest


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
