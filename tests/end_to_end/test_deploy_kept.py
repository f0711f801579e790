"""Stages called prod* on the embedded AWS: their tables and their bucket outlive them."""

from __future__ import annotations

import pytest
from machine.local_stack import LocalStack

from tests.end_to_end.test_deploy import deploy, how_to_begin, left_of, outputs_of

STAGE = "prod-kept"


def test_deleting_a_production_stage_keeps_its_data_and_says_how_to_delete_it(
    deployed_stack: LocalStack,
) -> None:
    stage = ("--stage", STAGE)
    dynamodb, s3 = deployed_stack.client("dynamodb"), deployed_stack.client("s3")
    said = deploy(deployed_stack, *stage)
    assert deploy(deployed_stack, *stage) == ["nothing to change", how_to_begin(STAGE), said[-1]]
    outputs = outputs_of(deployed_stack, STAGE)
    bucket = outputs["S3BucketName"]
    tables = [outputs[f"{of}TableName"] for of in ("Control", "Dynamo", "Access")]
    s3.put_object(Bucket=bucket, Key="jobs/1/input", Body=b"a")
    for table in tables:
        with pytest.raises(dynamodb.exceptions.ClientError, match="protect"):
            dynamodb.delete_table(TableName=table)

    (deleted, *commands) = deploy(deployed_stack, *stage, "--delete", "--yes")
    assert deleted.startswith(
        f"Stage {STAGE} is deleted. Its tables, its bucket and its secret are kept,"
    )
    left = left_of(deployed_stack, STAGE)
    assert len(left) == 4, left
    assert s3.get_object(Bucket=bucket, Key="jobs/1/input")["Body"].read() == b"a"
    (refused,) = deploy(deployed_stack, *stage, status=1)  # nothing is put in their place
    assert refused.startswith(f"contact-enrichment-{STAGE}-resources failed: ")
    assert s3.get_object(Bucket=bucket, Key="jobs/1/input")["Body"].read() == b"a"
    assert set(left) <= set(left_of(deployed_stack, STAGE))

    # What the commands that it printed do.
    assert commands[0].endswith(f"s3 rb --force s3://{bucket}")
    for item in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        s3.delete_object(Bucket=bucket, Key=item["Key"])
    s3.delete_bucket(Bucket=bucket)
    for number, table in enumerate(tables):
        assert f"--no-deletion-protection-enabled --table-name {table}" in commands[1 + 2 * number]
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
        assert commands[2 + 2 * number].endswith(f"dynamodb delete-table --table-name {table}")
        dynamodb.delete_table(TableName=table)
    assert not [text for text in left_of(deployed_stack, STAGE) if text in left]
