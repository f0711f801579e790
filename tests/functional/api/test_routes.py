"""The small routes, through pytest-chalice's client."""

from __future__ import annotations

import pytest

import app as app_module
from chalicelib.model.contacts import FIELDS
from chalicelib.services import services


@pytest.fixture
def app(stack):
    """What pytest-chalice's ``client`` fixture drives; ``stack`` puts AWS below it."""
    return app_module.app


def test_health(client):
    response = client.get("/health")
    assert response.status_code == 200
    assert response.json == {"status": "ok"}


def test_providers_say_what_they_fill(client):
    offline, *vendors = client.get("/providers").json["providers"]
    assert offline["name"] == "offline"
    assert {vendor["name"] for vendor in vendors} >= {"pdl", "apollo", "hunter", "zerobounce"}
    assert not any(vendor["configured"] for vendor in vendors if vendor["name"] != "gravatar")
    assert set(offline["fields"]) < set(FIELDS)


def test_an_upload_form_is_bound_to_its_key_and_size(client):
    response = client.post("/uploads", body="{}", headers={"Content-Type": "application/json"})
    assert response.status_code == 201
    assert response.json["fields"]["key"] == f"uploads/{response.json['upload_id']}"
    assert response.json["expires_at"].endswith("Z")
    assert {"policy", "x-amz-signature"} <= {name.lower() for name in response.json["fields"]}


def test_what_breaks_inside_is_not_told_outside(stack, monkeypatch, capsys):
    monkeypatch.setenv("CONTROL_TABLE_NAME", "no-such-table")
    services.cache_clear()
    answer = stack.client.http.get("/status/some-job")
    assert answer.status_code == 500
    assert answer.json_body["code"] == "internal"
    assert "no-such-table" not in str(answer.json_body)
    assert "ResourceNotFoundException" in capsys.readouterr().err
