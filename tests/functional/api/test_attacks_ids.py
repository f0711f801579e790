"""Attacks with ids, keys and cursors that nobody gave out: 400 or 404, never a failure of the service."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from tests.functional.api.gateway_events import answer, event
from tests.functional.checks import check_answer

NO_IDS = ["\ud800", "", "x" * 3_000, "ü" * 200, "\0", "../jobs"]
GOOD = {"created_at": "2026-11-22T15:04:05.123Z", "job_id": "0d5a1e0c7e0f4f0c9a0c51f2c1f5f3a7"}
NO_PLACES = [
    *({**GOOD, "job_id": text} for text in ("\ud800", "x" * 3_000, "", None, ["x"], {"S": "x"})),
    *({**GOOD, "created_at": text} for text in ("\ud800", "x" * 3_000, "", "yesterday", 5)),
    {**GOOD, "owner": "somebody"},
    {"job_id": "x"},
    [1],
    "text",
    None,
]


@pytest.mark.parametrize("upload_id", NO_IDS)
def test_an_upload_id_that_no_key_can_be(stack, upload_id):
    answered = stack.post("/process", json.dumps({"upload_id": upload_id}))
    assert answered.status_code == 404
    check_answer(answered)


@pytest.mark.parametrize("job_id", ["\ud800", "x" * 3_000, "ü" * 200, "\0"])
def test_a_job_id_that_no_key_can_be(stack, job_id):
    sent = event("/jobs/id/cancel")
    sent["pathParameters"]["job_id"] = job_id
    assert answer(sent)[0] == 404


def test_an_idempotency_key_that_is_no_text(stack):
    sent = event("/process", b"email\njane@example.org\n", "text/csv")
    sent["headers"]["Idempotency-Key"] = "\ud800"
    sent["multiValueHeaders"]["Idempotency-Key"] = ["\ud800"]
    status, first, _ = answer(sent)
    assert (status, answer(sent)[1]["id"]) == (202, first["id"])


@pytest.mark.parametrize("place", NO_PLACES)
def test_a_cursor_that_no_answer_held(stack, place):
    cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
    answered = stack.client.http.get(f"/jobs?cursor={quote(cursor)}")
    assert answered.status_code == 400
    assert "next_cursor" in answered.json_body["message"]


@pytest.mark.parametrize("cursor", ["x", "%FF", "ü", "e30"])
def test_a_cursor_that_is_no_cursor(stack, cursor):
    assert stack.client.http.get(f"/jobs?cursor={quote(cursor)}").status_code == 400


def test_a_cursor_of_an_answer_goes_on(stack):
    for _ in range(2):
        stack.submit_csv("email\njane@example.org\n")
    first = stack.client.http.get("/jobs?limit=1").json_body
    second = stack.client.http.get(f"/jobs?limit=1&cursor={quote(first['next_cursor'])}").json_body
    assert first["jobs"][0]["id"] != second["jobs"][0]["id"]
