"""Attacks with methods and types that no route takes: the answer has the form of all errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app import app
from tests.functional.api.gateway_events import event
from tests.functional.api.routes import ROUTES, parameters_of, path_of
from tests.functional.checks import check_answer
from tests.functional.resources import SIGNED

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "x" * 50)


def ask(path: str, method: str, **headers: str) -> dict[str, Any]:
    """The function's answer to a method that API Gateway may or may not pass on."""
    sent = event(path_of(path))
    sent["httpMethod"] = sent["requestContext"]["httpMethod"] = method
    sent["requestContext"]["resourcePath"] = sent["resource"] = path
    sent["pathParameters"] = parameters_of(path)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    sent["headers"] = {**SIGNED, **given}
    sent["multiValueHeaders"] = {name: [value] for name, value in sent["headers"].items()}
    return dict(app(sent, None))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", app.routes)
def test_a_method_that_the_route_does_not_take(stack, path, method):
    if method in app.routes[path]:
        return
    given = ask(path, method)
    assert given["statusCode"] == 405
    if method == "HEAD":
        assert given["body"] == ""
        return
    body = json.loads(given["body"])
    assert body["code"] == "method_not_allowed"
    assert set(body) == {"code", "message"}
    assert given["headers"]["Allow"] in body["message"]
    assert len(body["message"]) < 100


def test_a_content_type_that_a_route_without_a_body_does_not_take(stack):
    answered = stack.client.http.get("/status/nothing", headers={"Content-Type": "text/x\u2028"})
    assert answered.status_code == 415
    assert "application/json" in answered.json_body["message"]
    check_answer(answered)


@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_no_answer_may_be_stored(stack, path, method):
    for given in (ask(path, method), ask(path, "TRACE"), ask(path, method, Content_Type="x/y")):
        assert given["headers"]["Cache-Control"] == "no-store"
        assert given["headers"]["X-Content-Type-Options"] == "nosniff"
