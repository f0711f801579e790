"""Errors become answers with a code and a message, and what breaks inside is not shown outside."""

from __future__ import annotations

from chalicelib.services import services


def test_the_api_is_alive(stack):
    answer = stack.client.http.get("/health")
    assert (answer.status_code, answer.json_body) == (200, {"status": "ok"})


def test_what_breaks_inside_is_not_shown_outside(stack, monkeypatch, capsys):
    monkeypatch.setenv("CONTROL_TABLE_NAME", "no-such-table")
    services.cache_clear()
    answer = stack.client.http.get("/status/some-job")
    assert answer.status_code == 500
    assert answer.json_body["code"] == "internal"
    assert "no-such-table" not in str(answer.json_body)
    assert "ResourceNotFoundException" in capsys.readouterr().err


def test_unknown_ids(stack):
    assert stack.client.http.get("/status/nothing").status_code == 404
    answer = stack.post("/process", {"upload_id": "nothing"})
    assert answer.status_code == 404
    assert "POST /uploads" in answer.json_body["message"]
