"""Attacks with requests that say two things at once: none of them starts a job."""

from __future__ import annotations

import json

import pytest

from tests.functional.api.gateway_events import answer, event

LIST = b"email\njane@example.org\n"


def jobs(stack) -> list[dict[str, object]]:
    return list(stack.client.http.get("/jobs").json_body["jobs"])


@pytest.mark.parametrize(
    "query",
    [
        "estimate=true&estimate=false",
        "estimate=true&estimate=true",
        "max_credits=1&max_credits=1000",
        "providers=offline&providers=pdl",
        "estimate=true&estimate=",
        "%65stimate=true&estimate=false",
    ],
)
@pytest.mark.parametrize("kind", ["text/csv", "application/json"])
def test_a_parameter_twice(stack, query, kind):
    body = LIST if kind == "text/csv" else b'{"contacts": [{"email": "jane@example.org"}]}'
    answered = stack.post(f"/process?{query}", body, kind)
    assert answered.status_code == 400
    assert "more than once" in answered.json_body["message"]
    status, content, _ = answer(event("/process", body, kind, query=query))
    assert (status, content) == (400, answered.json_body)
    assert jobs(stack) == []


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("estimate=true", {"estimate": False}),
        ("max_credits=1", {"max_credits": 1_000}),
        ("max_credits=1", {"max_credits": 1}),
        ("contacts=x", {}),
    ],
)
def test_one_thing_in_the_query_and_another_in_the_body(stack, query, options):
    body = json.dumps({"contacts": [{"email": "jane@example.org"}], **options})
    answered = stack.post(f"/process?{query}", body)
    assert answered.status_code == 400
    assert "in one of them" in answered.json_body["message"]
    assert jobs(stack) == []


def test_a_cursor_twice(stack):
    assert stack.client.http.get("/jobs?limit=1&limit=2").status_code == 400


def test_options_in_the_query_beside_a_json_body(stack):
    body = {"contacts": [{"email": "jane@example.org"}]}
    assert "estimate" in stack.post("/process?estimate=true", body).json_body
