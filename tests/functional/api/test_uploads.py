"""Uploads: a form that is bound to one key, and lists that are sent with it."""

from __future__ import annotations

import boto3
import pytest

from chalicelib.model.errors import NotReadyError
from chalicelib.services import services
from tests.functional.checks import upload
from tests.functional.jobs import LIST, ROWS


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


def files() -> list[str]:
    listed = boto3.client("s3").list_objects_v2(Bucket="test-bucket")
    return [item["Key"] for item in listed.get("Contents", [])]


def start(stack, upload_id: str) -> str:
    answer = stack.post("/process", {"upload_id": upload_id})
    assert answer.status_code == 202, answer.json_body
    return str(answer.json_body["id"])


def test_a_deleted_upload_is_gone_and_unknown(stack):
    upload_id = upload(stack, LIST.encode())
    assert stack.client.http.delete(f"/uploads/{upload_id}").status_code == 204
    assert files() == []
    assert stack.post("/process", {"upload_id": upload_id}).status_code == 404
    for unknown in (upload_id, "nothing"):
        assert stack.client.http.delete(f"/uploads/{unknown}").status_code == 404


@pytest.mark.parametrize("delete_first_job", [True, False])
def test_two_jobs_from_one_upload_do_not_depend_on_each_other(stack, delete_first_job):
    upload_id = upload(stack, LIST.encode())
    one, other = start(stack, upload_id), start(stack, upload_id)
    gone = f"/jobs/{one}" if delete_first_job else f"/uploads/{upload_id}"
    assert stack.client.http.delete(gone).status_code == 204
    assert f"uploads/{upload_id}" not in files()
    assert stack.run(other)["contacts"]["total"] == ROWS


def test_a_large_upload_is_copied_in_parts(stack, monkeypatch):
    monkeypatch.setattr("chalicelib.aws.bucket.COPY_BYTES", 5 * 1024**2)
    content = b"".join(b"%09d\n" % n for n in range(1_200_000))
    stored = services().bucket.put("uploads/u", content)
    services().bucket.copy(stored, "jobs/j/input")
    assert services().bucket.read("jobs/j/input") == content
    assert services().bucket.find("jobs/j/input").etag.endswith('-3"')


@pytest.mark.parametrize("size", [10, 11 * 1024**2])
def test_an_upload_that_is_replaced_or_deleted_while_it_is_copied_is_noticed(
    stack, monkeypatch, size
):
    monkeypatch.setattr("chalicelib.aws.bucket.COPY_BYTES", 5 * 1024**2)
    bucket = services().bucket
    stored = bucket.put("uploads/u", b"a" * size)
    bucket.put("uploads/u", b"b" * size)
    with pytest.raises(NotReadyError, match="replaced or deleted"):
        bucket.copy(stored, "jobs/j/input")
    bucket.delete_all("uploads/u")
    with pytest.raises(NotReadyError, match="replaced or deleted"):
        bucket.copy(stored, "jobs/j/input")
    assert files() == []
