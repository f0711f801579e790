"""Attacks on who may call: each test is named as the attack reads."""

from __future__ import annotations

import time

import boto3
import pytest
from chalice.test import Client

from app import app
from chalicelib.api import access
from chalicelib.aws import keys
from chalicelib.aws.api_keys import KEY_SECONDS
from chalicelib.aws.dynamodb import to_item, update_of
from chalicelib.model.callers import SCOPES
from chalicelib.services import services
from tests.functional.api.contract import DOCUMENT
from tests.functional.api.routes import ROUTES, path_of
from tests.functional.conftest import PROJECT
from tests.functional.resources import API_KEY, KEY_ID, KEY_SECRET, SIGNED, put_key

PUBLIC = {"/", "/health", "/openapi.json"}
OTHER_SECRET = "0" * 64
CLOSED = [route for route in ROUTES if route[0] not in PUBLIC]


def call(stack, method: str, path: str, authorization: str, body: bytes = b"{}"):
    """A request to a route; no header Authorization where it is ""."""
    sent = {"Content-Type": "application/json"}
    if authorization:
        sent["Authorization"] = authorization
    return Client(app, project_dir=str(PROJECT)).http.request(method, path_of(path), sent, body)


def refused(answer, status: int = 401) -> str:
    assert answer.status_code == status, answer.body
    assert set(answer.json_body) == {"code", "message"}
    assert answer.json_body["code"] == {401: "unauthenticated", 403: "forbidden"}[status]
    if status == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    return answer.json_body["message"]


@pytest.mark.parametrize(("path", "method"), CLOSED)
def test_calling_any_route_without_a_key(stack, method, path):
    answer = call(stack, method, path, "")
    if method == "HEAD":
        assert (answer.status_code, answer.body) == (401, b"")
    else:
        assert "no API key" in refused(answer)


@pytest.mark.parametrize("path", sorted(PUBLIC))
def test_asking_whether_the_service_is_alive_needs_no_key(stack, path):
    assert call(stack, "GET", path, "").status_code == 200


@pytest.mark.parametrize(("path", "method"), CLOSED)
def test_calling_any_route_with_a_key_that_may_do_nothing(stack, method, path):
    put_key(scopes="none")
    answer = call(stack, method, path, SIGNED["Authorization"])
    if method == "HEAD":
        assert (answer.status_code, answer.body) == (403, b"")
    else:
        message = refused(answer, 403)
        assert any(f'"{scope}"' in message for scope in SCOPES)


@pytest.mark.parametrize(("path", "method"), CLOSED)
def test_calling_a_route_with_a_key_that_may_do_everything_else(stack, method, path):
    ((needed,),) = (n["key"] for n in DOCUMENT["paths"][path][method.lower()]["security"])
    put_key(scopes=" ".join(scope for scope in SCOPES if scope != needed))
    answer = call(stack, method, path, SIGNED["Authorization"])
    assert answer.status_code == 403
    assert method == "HEAD" or f'"{needed}"' in answer.json_body["message"]


@pytest.mark.parametrize(
    "authorization",
    [
        f"Bearer ce_{KEY_ID}_{OTHER_SECRET}",
        f"Bearer ce_{'f' * 16}_{KEY_SECRET}",
        f"Bearer ce_{KEY_ID}_{KEY_SECRET[:-1]}",
        f"Bearer ce_{KEY_ID}_{KEY_SECRET}0",
        f"Bearer ce_{KEY_ID}_{KEY_SECRET.upper()}",
        f"Bearer ce_{KEY_ID}_",
        f"Bearer {KEY_SECRET}",
        f"Basic {API_KEY}",
        API_KEY,
        "Bearer",
        "Bearer " + "x" * 10_000,
        "Bearer ce_\u0661\ud800",
    ],
)
def test_guessing_a_key(stack, authorization):
    message = refused(call(stack, "GET", "/jobs", authorization))
    assert KEY_SECRET not in message
    assert len(message) < 200


def test_sending_the_hash_from_the_table_as_the_secret(stack):
    item = boto3.client("dynamodb").get_item(
        TableName="test-access", Key=to_item(keys.api_key(KEY_ID))
    )["Item"]
    assert KEY_SECRET not in str(item)
    refused(call(stack, "GET", "/jobs", f"Bearer ce_{KEY_ID}_{item['digest']['S']}"))


def test_using_another_item_of_the_access_table_as_a_key(stack):
    item = to_item({"pk": "OWNER#default", "secret": KEY_SECRET})
    boto3.client("dynamodb").put_item(TableName="test-access", Item=item)
    refused(call(stack, "GET", "/jobs", f"Bearer ce_OWNER#default_{KEY_SECRET}"))


def test_using_an_expired_key(stack):
    put_key(expires_at=int(time.time()) - 1)
    assert "expired on 20" in refused(call(stack, "GET", "/jobs", SIGNED["Authorization"]))


def test_using_a_revoked_key(stack):
    put_key(revoked_at=1_800_000_001)
    assert "revoked on 2027" in refused(call(stack, "GET", "/jobs", SIGNED["Authorization"]))


def test_finding_out_by_guesses_that_a_key_is_expired_or_revoked(stack):
    put_key(expires_at=1, revoked_at=1)
    guess = refused(call(stack, "GET", "/jobs", f"Bearer ce_{KEY_ID}_{OTHER_SECRET}"))
    assert guess == refused(call(stack, "GET", "/jobs", f"Bearer ce_{'f' * 16}_{OTHER_SECRET}"))


def test_using_a_revoked_key_for_longer_than_it_is_remembered(stack):
    known, start = services().api_keys, time.time()
    assert known.find(KEY_ID, start)
    boto3.client("dynamodb").update_item(
        TableName="test-access",
        Key=to_item(keys.api_key(KEY_ID)),
        **update_of({"revoked_at": 1_800_000_001}),
    )
    assert not known.find(KEY_ID, start + KEY_SECONDS - 1).revoked_at
    assert known.find(KEY_ID, start + KEY_SECONDS).revoked_at
    assert KEY_SECONDS <= 30


def test_using_a_key_that_expires_while_it_is_remembered(stack):
    put_key(expires_at=int(time.time()) + 60)
    assert call(stack, "GET", "/jobs", SIGNED["Authorization"]).status_code == 200
    known = services().api_keys.find(KEY_ID, time.time())
    with pytest.raises(access.UnauthenticatedError, match="expired"):
        access._check_times(known, time.time() + 61)


def test_having_the_body_looked_at_without_a_key(stack):
    answer = call(stack, "POST", "/process", "", b"[" * 5_000_000)
    assert "no API key" in refused(answer)


def test_finding_the_key_in_the_log(stack, capfd):
    assert call(stack, "GET", "/jobs", SIGNED["Authorization"]).status_code == 200
    refused(call(stack, "GET", "/jobs", f"Bearer ce_{KEY_ID}_{OTHER_SECRET}"))
    text = "".join(capfd.readouterr())
    assert KEY_ID in text
    assert KEY_SECRET not in text
    assert OTHER_SECRET not in text
