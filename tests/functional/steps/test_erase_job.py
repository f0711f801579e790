"""An erased job leaves nothing, whatever was under way."""

from __future__ import annotations

import boto3

from chalicelib.services import services
from chalicelib.steps.erase_job import erase_job
from tests.functional.jobs import LIST, left_of


def test_nothing_is_left_of_an_erased_job_but_its_tombstone(stack, monkeypatch):
    monkeypatch.setattr("chalicelib.aws.results.MAX_ITEM_BYTES", 100)  # rows in the bucket as well
    kept, job_id = stack.submit_csv(LIST), stack.submit_csv(LIST)
    stack.run(kept)
    stack.run(job_id)
    before = len(left_of(kept))
    assert len(left_of(job_id)) > 5
    for _ in range(2):
        assert stack.client.http.delete(f"/jobs/{job_id}").status_code == 204
    (tombstone,) = left_of(job_id)
    assert "ERASED" in tombstone
    assert "email" not in tombstone
    for path in (f"/status/{job_id}", "/status/nothing"):
        assert stack.client.http.get(path).status_code == 404
    for path in (f"/jobs/{job_id}/cancel", f"/jobs/{job_id}/retry"):
        assert stack.post(path, "").status_code == 404
    assert stack.client.http.delete("/jobs/nothing").status_code == 404
    assert len(left_of(kept)) == before
    assert stack.status(kept)["status"] == "COMPLETED"


def test_the_steps_of_an_erased_job_do_nothing_and_what_they_left_is_swept(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    late = services().jobs.get("default", job_id)
    stack.client.http.delete(f"/jobs/{job_id}")
    stack.work()
    assert stack.invoke("check_completion", state)["failed"]
    stack.invoke("aggregate_results", state)
    assert stack.invoke("split_batches", {"job_id": job_id})["failed"]
    assert services().jobs.update(late, error="late") is None
    assert len(left_of(job_id)) == 1
    # A worker that was in the middle of it writes its rows, an aggregation its file.
    boto3.client("dynamodb").put_item(
        TableName="test-records", Item={"pk": {"S": f"{job_id}#000001"}, "rows": {"B": b"x"}}
    )
    place = {"Bucket": "test-bucket", "Key": f"jobs/{job_id}/enriched.csv"}
    boto3.client("s3").create_multipart_upload(**place)
    boto3.client("s3").put_object(**place, Body=b"x")
    first = erase_job(services(), job_id, 0)
    assert (first.done, first.wait_seconds > 900) == (False, True)
    assert erase_job(services(), job_id, first.sweep).done
    assert len(left_of(job_id)) == 1
    assert not boto3.client("s3").list_multipart_uploads(Bucket="test-bucket").get("Uploads")


def test_an_uploaded_list_is_erased_with_its_job(stack):
    upload = stack.post("/uploads", {}).json_body
    s3 = boto3.client("s3")
    s3.put_object(Bucket="test-bucket", Key=upload["fields"]["key"], Body=LIST.encode())
    job_id = stack.post("/process", {"upload_id": upload["upload_id"]}).json_body["id"]
    assert stack.client.http.delete(f"/jobs/{job_id}").status_code == 204
    left = s3.list_objects_v2(Bucket="test-bucket").get("Contents", [])
    assert [item["Key"] for item in left] == [], upload["fields"]["key"]
    assert stack.post("/process", {"upload_id": upload["upload_id"]}).status_code == 404
