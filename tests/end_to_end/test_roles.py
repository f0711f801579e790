"""Each role, probed with what is not its own: on the emulator, which asks IAM as AWS does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from machine.local_stack import LocalStack

NAME = "contact-enrichment-local"
TRUST = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
ROLES = (
    "api_handler",
    "worker",
    "split_batches",
    "check_completion",
    "aggregate_results",
    "erase_job",
    "send_callback",
)
ITEM = {"pk": {"S": "x#000000"}, "sk": {"S": "JOB"}}
Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def stored(deployed_stack: LocalStack) -> Iterator[None]:
    """Secrets and parameters of the stage: one of a provider, one that is not."""
    ssm, secrets = deployed_stack.client("ssm"), deployed_stack.client("secretsmanager")
    names = [f"contact-enrichment/local/{name}" for name in ("providers/pdl", "ledger")]
    for name in names:
        ssm.put_parameter(Name=f"/{name}", Value="invented", Type="SecureString")
        secrets.create_secret(Name=name, SecretString="invented")
    yield
    for name in names:
        ssm.delete_parameter(Name=f"/{name}")
        secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(deployed_stack: LocalStack, stored: None, role: str) -> Iterator[Client]:
    """Clients with the credentials of a function's role."""
    function = NAME if role == "api_handler" else f"{NAME}-{role}"
    described = deployed_stack.client("lambda").get_function_configuration(FunctionName=function)
    iam, name = deployed_stack.client("iam"), described["Role"].rpartition("/")[2]
    trusted = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(TRUST))
    given = deployed_stack.client("sts").assume_role(
        RoleArn=described["Role"], RoleSessionName="probe"
    )
    of_role = given["Credentials"]
    session = boto3.Session(
        of_role["AccessKeyId"],
        of_role["SecretAccessKey"],
        of_role["SessionToken"],
        region_name="us-east-1",
    )
    yield lambda service: session.client(service, endpoint_url=deployed_stack.aws_url)  # type: ignore[call-overload]
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trusted))


def calls(client: Client, variables: dict[str, str]) -> dict[str, Callable[[], Any]]:
    """What somebody who has taken over a function might try, by name."""
    dynamodb, s3, sqs = client("dynamodb"), client("s3"), client("sqs")
    records, control = variables["DYNAMO_TABLE_NAME"], variables["CONTROL_TABLE_NAME"]
    bucket, queue = variables["S3_BUCKET_NAME"], variables["SQS_QUEUE_URL"]
    access, rows = variables["ACCESS_TABLE_NAME"], {"pk": ITEM["pk"]}

    def put(key: str) -> Callable[[], Any]:
        return lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"x")

    def forge(item: Any) -> Callable[[], Any]:
        return lambda: dynamodb.batch_write_item(
            RequestItems={records: [{"PutRequest": {"Item": item}}]}
        )

    def secret(name: str) -> Callable[[], Any]:
        return lambda: client("secretsmanager").get_secret_value(
            SecretId=f"contact-enrichment/local/{name}"
        )

    def parameter(name: str) -> Callable[[], Any]:
        return lambda: client("ssm").get_parameter(Name=f"/contact-enrichment/local/{name}")

    return {
        "read a provider's secret": secret("providers/pdl"),
        "read a provider's parameter": parameter("providers/pdl"),
        "read another secret": secret("ledger"),
        "read another parameter": parameter("ledger"),
        "read the secret of the stage": lambda: client("secretsmanager").get_secret_value(
            SecretId=variables["LEDGER_SECRET_ARN"]
        ),
        "change the secret of the stage": lambda: client("secretsmanager").put_secret_value(
            SecretId=variables["LEDGER_SECRET_ARN"], SecretString="x"
        ),
        "look up an API key": lambda: dynamodb.get_item(TableName=access, Key=rows),
        "list the API keys": lambda: dynamodb.scan(TableName=access),
        "make an API key": lambda: dynamodb.put_item(TableName=access, Item=rows),
        "delete an API key": lambda: dynamodb.delete_item(TableName=access, Key=rows),
        "look up a job": lambda: dynamodb.get_item(TableName=control, Key=ITEM),
        "put rows": lambda: dynamodb.put_item(TableName=records, Item=rows),
        "put many rows": forge(rows),
        "put an answer of a vendor": forge({"pk": {"S": "pdl#x"}}),
        "change rows": lambda: dynamodb.update_item(TableName=records, Key=rows),
        "delete rows": lambda: dynamodb.delete_item(TableName=records, Key=rows),
        "read the whole ledger": lambda: dynamodb.scan(TableName=records),
        "read all jobs": lambda: dynamodb.scan(TableName=control),
        "put a job": lambda: dynamodb.put_item(TableName=control, Item=ITEM),
        "delete a job": lambda: dynamodb.delete_item(TableName=control, Key=ITEM),
        "delete a table": lambda: dynamodb.delete_table(TableName=control),
        "put a result": put("jobs/x/enriched.csv"),
        "put rows into the bucket": put("jobs/x/rows/000000-x"),
        "put contacts": put("jobs/x/contacts.jsonl"),
        "put duplicates": put("jobs/x/duplicates"),
        "put a list": put("jobs/x/input"),
        "put code": put("deploy/x.zip"),
        "read code": lambda: s3.get_object(Bucket=bucket, Key="deploy/x.zip"),
        "delete a file": lambda: s3.delete_object(Bucket=bucket, Key="jobs/x/input"),
        "send a message": lambda: sqs.send_message(QueueUrl=queue, MessageBody="{}"),
        "take a message": lambda: sqs.receive_message(QueueUrl=queue),
        "start an execution": lambda: client("stepfunctions").start_execution(
            stateMachineArn=variables["STATE_MACHINE_ARN"], name="x-probe", input="{}"
        ),
        "call a function": lambda: client("lambda").invoke(FunctionName=f"{NAME}-erase_job"),
        "read a function's environment": lambda: client("lambda").get_function_configuration(
            FunctionName=f"{NAME}-worker"
        ),
        "make itself an administrator": lambda: client("iam").list_roles(),
        "take on another role": lambda: client("sts").assume_role(
            RoleArn=f"arn:aws:iam::000000000000:role/{NAME}", RoleSessionName="probe"
        ),
    }


#: What each role needs; everything else of the list above is refused.
OWN = {
    "api_handler": {
        *("delete rows", "put a job", "delete a job", "put a list", "delete a file"),
        *("start an execution", "read the secret of the stage", "look up an API key"),
        "look up a job",
    },
    "worker": {
        *("read a provider's secret", "read a provider's parameter", "put rows", "put many rows"),
        *("put an answer of a vendor", "delete rows", "put a job", "delete a job"),
        *("put rows into the bucket", "send a message", "take a message"),
        *("read the secret of the stage", "look up a job"),
    },
    "split_batches": {
        "put a job",
        "look up a job",
        "put contacts",
        "put duplicates",
        "send a message",
    },
    "check_completion": {"look up a job", "send a message"},
    "aggregate_results": {"look up a job", "put a result", "read the secret of the stage"},
    "erase_job": {
        *("delete rows", "delete a job", "put a job", "look up a job", "delete a file"),
        *("start an execution", "read the secret of the stage"),
    },
    "send_callback": {"look up a job", "read the secret of the stage"},
}
#: Not tried: the emulator would carry out what they allow, and others use it.
_WITH_EFFECT = {"send a message", "take a message", "start an execution"}


def test_a_role_does_what_is_its_own_and_nothing_else(
    deployed_stack: LocalStack, client: Client, role: str
) -> None:
    allowed = set()
    for name, call in calls(client, deployed_stack.variables).items():
        if name in OWN[role] & _WITH_EFFECT:
            continue
        try:
            call()
            allowed.add(name)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in ("AccessDenied", "AccessDeniedException"):
                raise
    assert allowed == OWN[role] - _WITH_EFFECT
