"""What fits into an event of Lambda is taken, and what does not is refused, wherever the service runs."""

from __future__ import annotations

import gzip
import json

import pytest

from chalicelib.api.submission import LIST_TYPES
from chalicelib.services import services
from tests.functional.api.gateway_events import answer, event

#: What Lambda takes: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, as measured in
#: its message "Request must be smaller than 6291456 bytes".
LAMBDA_BYTES = 6_291_456
#: What API Gateway lets through beside the body: 10,240 bytes of headers and a request line, each twice.
ENVELOPE = 3 * 2 * 10_240
CONTACTS = [{"email": "a@example.org"}]


def csv_of(size: int) -> bytes:
    return b"email\n" + b"a@example.org\n" + b"," * (size - 20)


def json_of(size: int, quotes: int) -> bytes:
    """A request of this many bytes, this many of them quotes."""
    start = b'{"contacts": [{"email": "a@example.org"}], "x": [' + b'"",' * ((quotes - 8) // 2)
    return start + b" " * (size - len(start) - 3) + b"1]}"


def said(body: bytes, content_type: str) -> tuple[int, str]:
    """The status of the answer and its code; what is accepted here would have reached the function."""
    sent = event("/process", body, content_type)
    status, given, _ = answer(sent)
    if status != 413:
        assert len(json.dumps(sent)) + ENVELOPE < LAMBDA_BYTES
    return status, given.get("code", "")


@pytest.mark.parametrize("content_type", ["text/csv", "application/gzip"])
def test_a_list_of_four_and_a_half_megabytes_is_taken(stack, content_type):
    assert said(csv_of(4_500_000), content_type) == (202, "")
    assert said(csv_of(4_500_001), content_type) == (413, "too_large")


def test_the_same_goes_for_json(stack):
    assert said(json_of(4_500_000, 8), "application/json") == (400, "invalid_request")  # "x"
    assert said(json_of(4_500_001, 8), "application/json") == (413, "too_large")


def test_quotes_count_twice_in_json(stack):
    body = json_of(4_500_000, 1_500_000)
    assert body.count(b'"') == 1_500_000
    assert said(body, "application/json") == (400, "invalid_request")
    assert said(body[:-2] + b'""]}', "application/json") == (413, "too_large")
    _, refused, _ = answer(event("/process", body[:-3] + b'"]}', "application/json"))
    assert "POST /uploads" in refused["message"]
    assert "1,500,001 quotes" in refused["message"]


def test_every_type_of_a_list_is_binary():
    """Otherwise API Gateway would take it for UTF-8, and it would count as JSON does."""
    for content_type in LIST_TYPES:
        assert event("/process", b"\xff", content_type)["isBase64Encoded"], content_type


@pytest.mark.parametrize(
    "text",
    [
        "email,n\na@example.org,1\n",
        '{"email": "a@example.org"}\n',
        json.dumps(CONTACTS),
        json.dumps({"contacts": CONTACTS}),
    ],
)
def test_a_gzipped_list_of_any_kind_is_told_by_its_content(stack, text):
    packed = gzip.compress(text.encode(), mtime=0)
    sent = event("/process", packed, "application/gzip", query="output=jsonl")
    status, job, _ = answer(sent)
    assert status == 202
    assert services().jobs.get("default", job["id"]).options.output == "jsonl"
    ended = stack.run(job["id"])
    assert (ended["status"], ended["contacts"]["total"]) == ("COMPLETED", 1)
    status, refused, _ = answer(event("/process", packed, "application/json"))
    assert (status, refused["code"]) == (415, "unsupported_format")
