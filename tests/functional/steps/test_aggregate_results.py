"""The file of a job has all of its rows, or there is none."""

from __future__ import annotations

import boto3
import pytest

from tests.functional.jobs import LIST, numbers


def test_a_file_that_lacks_rows_is_never_given_out(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    stack.work()
    boto3.client("dynamodb").update_item(
        TableName="test-control",
        Key={"pk": {"S": job_id}, "sk": {"S": "JOB"}},
        UpdateExpression="SET total_rows = :more",
        ExpressionAttributeValues={":more": {"N": "251"}},
    )
    state = stack.invoke("check_completion", state)
    with pytest.raises(Exception, match=r"RowsMissingError at aggregate_results\.py"):
        stack.invoke("aggregate_results", state)
    assert stack.status(job_id)["result"] is None


def test_large_output_is_written_in_parts(stack, monkeypatch):
    monkeypatch.setattr("chalicelib.aws.bucket.PART_BYTES", 5 * 1024 * 1024)
    note = "x" * 30_000
    rows = "".join(f"p{n}@example.org,{n},{note}\n" for n in range(250))
    upload = stack.post("/uploads", {}).json_body
    boto3.client("s3").put_object(
        Bucket="test-bucket", Key=upload["fields"]["key"], Body=f"email,n,note\n{rows}".encode()
    )
    job_id = stack.post("/process", {"upload_id": upload["upload_id"]}).json_body["id"]
    status = stack.run(job_id)
    assert numbers(stack, status) == [str(n) for n in range(250)]
    assert status["result"]["bytes"] > 7_000_000
