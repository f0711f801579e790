"""What all answers have in common: HEAD is GET without the body; an accepted job says when to look."""

from __future__ import annotations

import pytest

from app import app
from tests.functional.api.test_attacks_methods import ask


@pytest.mark.parametrize("path", [path for path, methods in app.routes.items() if "GET" in methods])
def test_head_answers_as_get_does_without_the_body(stack, path):
    given, expected = ask(path, "HEAD"), ask(path, "GET")
    assert given["statusCode"] == expected["statusCode"]
    assert given["headers"] == expected["headers"]
    assert (given["body"], bool(expected["body"])) == ("", True)


def test_an_accepted_job_says_when_to_look(stack):
    answer = stack.post("/process", b"email\njane@example.org\n", "text/csv")
    assert answer.headers["Retry-After"] == "1"
    cancelled = stack.post(f"/jobs/{answer.json_body['id']}/cancel", {})
    assert (cancelled.status_code, cancelled.headers["Retry-After"]) == (202, "1")


PAGE = "https://app.example.org"


@pytest.fixture
def pages(monkeypatch):
    monkeypatch.setenv("CORS_ORIGINS", f"https://other.example.org, {PAGE}")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        *(("GET", "/status/nothing", 404), ("POST", "/process", 400), ("PUT", "/health", 405)),
        *(("POST", "/uploads", 201), ("HEAD", "/providers", 200)),
    ],
)
def test_a_page_of_the_operator_can_read_answers_and_errors(stack, pages, method, path, status):
    answer = stack.client.http.request(method, path, headers={"Origin": PAGE}, body=b"{}")
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    "origin", ["https://example.org", "null", "*", "", "https://app.example.org.evil.example", None]
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_any_other_page_can_read_nothing(stack, pages, method, origin):
    headers = {} if origin is None else {"Origin": origin}
    answer = stack.client.http.request(method, "/health", headers=headers)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_by_default_no_page_can_read_anything(stack):
    answer = stack.client.http.get("/health", headers={"Origin": PAGE})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", app.routes)
def test_a_browser_may_ask_before_it_sends_a_request(stack, pages, path):
    given = ask(path, "OPTIONS", Origin=PAGE, Access_Control_Request_Method="POST")
    assert (given["statusCode"], given["body"]) == (204, "")
    assert given["headers"]["Access-Control-Allow-Origin"] == PAGE
    allowed = given["headers"]["Access-Control-Allow-Methods"].split(", ")
    assert {*allowed, "OPTIONS"} == set(app.routes[path])
    for header in ("Authorization", "Content-Type", "Idempotency-Key"):
        assert header in given["headers"]["Access-Control-Allow-Headers"]
