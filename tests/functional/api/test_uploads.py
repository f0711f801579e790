"""Uploads: a form that is bound to one key, and lists that are sent with it."""

from __future__ import annotations


def test_an_upload_form_is_bound_to_its_key(stack):
    answer = stack.post("/uploads", {"filename": "list.csv"})
    assert answer.status_code == 201
    form = answer.json_body
    assert form["fields"]["key"] == f"uploads/{form['upload_id']}"
    assert form["expires_at"].endswith("Z")
    assert {"policy", "x-amz-signature"} <= {name.lower() for name in form["fields"]}


def test_wrong_upload_requests(stack):
    assert "contenttype" in stack.post("/uploads", {"contenttype": "x"}).json_body["message"]
    assert stack.post("/uploads", {"content_type": 1}).status_code == 400


def test_an_upload_that_is_not_there_yet(stack):
    upload = stack.post("/uploads", {}).json_body
    answer = stack.post("/process", {"upload_id": upload["upload_id"]})
    assert answer.status_code == 409
    assert "not arrived" in answer.json_body["message"]
