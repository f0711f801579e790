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
