"""The tables, the bucket and the queues of statemachine/resources.yaml, made in moto as they are there."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import yaml

from chalicelib.aws import keys
from chalicelib.aws.dynamodb import to_item
from chalicelib.model.callers import SCOPES

TEMPLATE = Path(__file__).parents[2] / "statemachine" / "resources.yaml"
NAMES = {
    "DYNAMO_TABLE_NAME": "test-records",
    "CONTROL_TABLE_NAME": "test-control",
    "ACCESS_TABLE_NAME": "test-access",
    "S3_BUCKET_NAME": "test-bucket",
    "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:test-enrichment",
}
ENVIRONMENT = {
    **NAMES,
    "LEDGER_SECRET": "an invented secret of the tests",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}
TABLES = {
    "ControlTable": "test-control",
    "RecordsTable": "test-records",
    "AccessTable": "test-access",
}
#: The key of the owner "default", with every scope.
KEY_ID, KEY_SECRET = "0123456789abcdef", "feedc0de" * 8
API_KEY = f"ce_{KEY_ID}_{KEY_SECRET}"
SIGNED = {"Authorization": f"Bearer {API_KEY}"}
_FOR_MOTO = (
    *("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes"),
    "TableName",
)


class _Template(yaml.SafeLoader):
    """YAML in which the intrinsic functions (``!Sub x``) are nothing."""


_Template.add_multi_constructor("!", lambda *_: None)


@cache  # a session reads the descriptions of the services once, which is most of a client's making
def aws_session() -> boto3.Session:
    """The session of all tests of this process."""
    return boto3.Session()


@cache  # to read the template takes longer than to make the tables
def _tables() -> list[dict[str, Any]]:
    resources = yaml.load(TEMPLATE.read_text("utf-8"), _Template)["Resources"]
    return [
        {key: value for key, value in properties.items() if key in _FOR_MOTO}
        for properties in (
            {**resources[resource]["Properties"], "TableName": name}
            for resource, name in TABLES.items()
        )
    ]


def create_tables() -> None:
    """All tables, with their keys and indexes."""
    client = boto3.client("dynamodb")
    for table in _tables():
        client.create_table(**table)


def put_key(key_id: str = KEY_ID, **changes: Any) -> None:
    """The key as the access table has it. ``changes``: of its attributes, None to leave one out."""
    item = {
        **keys.api_key(key_id),
        "id": key_id,
        "digest": hashlib.sha256(KEY_SECRET.encode()).hexdigest(),
        "owner": "default",
        "name": "tests",
        "scopes": " ".join(SCOPES),
        "created_at": 1_800_000_000,
        **changes,
    }
    boto3.client("dynamodb").put_item(TableName="test-access", Item=to_item(item))


def create_resources() -> str:
    """Everything that the app needs; the URL of its queue."""
    create_tables()
    put_key()
    boto3.client("s3").create_bucket(Bucket=NAMES["S3_BUCKET_NAME"])
    boto3.client("stepfunctions").create_state_machine(
        name="test-enrichment",
        definition='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
        roleArn="arn:aws:iam::123456789012:role/test",
    )
    return str(boto3.client("sqs").create_queue(QueueName="test-batches")["QueueUrl"])
