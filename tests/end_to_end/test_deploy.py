"""Deploying to the embedded AWS as a package: again, planned, refused, with roles, deleted."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from deploy import DIRECT, Deployed, main
from local_stack import LocalStack
from packaged_app import build
from project import clean_copy, read_config, with_outputs
from stacks import Stacks, Wanted
from stage import DeployError, Stage, UsageError

STAGE = "packaged"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def packaged(deployed_stack: LocalStack) -> Iterator[Deployed]:
    """A stage of its own, for the tests that break it."""
    yield deployed_stack.deploy(STAGE)
    deployed_stack.deployment(STAGE).delete()


def left_of(stack: LocalStack, stage: str) -> list[str]:
    """Everything in the account that has the stage's name."""
    assert stack.target is not None
    client = stack.target.client
    found = [
        client("dynamodb").list_tables()["TableNames"],
        client("sqs").list_queues().get("QueueUrls", []),
        client("s3").list_buckets()["Buckets"],
        client("lambda").list_functions()["Functions"],
        client("lambda").list_event_source_mappings()["EventSourceMappings"],
        client("lambda").list_layers()["Layers"],
        client("stepfunctions").list_state_machines()["stateMachines"],
        client("cloudformation").describe_stacks()["Stacks"],
        client("logs").describe_log_groups()["logGroups"],
        client("iam").list_roles()["Roles"],
        client("cloudwatch").describe_alarms()["MetricAlarms"],
        client("sns").list_topics()["Topics"],
        apis(stack),
    ]
    texts = [json.dumps(item, default=str) for items in found for item in items]
    return [text for text in texts if f"contact-enrichment-{stage}" in text]


def apis(stack: LocalStack) -> list[Any]:
    """With their methods: an API has the name of the app only."""
    assert stack.target is not None
    client = stack.target.client("apigateway")
    ids = [api["id"] for api in client.get_rest_apis()["items"]]
    return [client.get_resources(restApiId=id, embed=["methods"])["items"] for id in ids]


def state_of(stack: LocalStack, stage: str) -> dict[str, Any]:
    """What a change would change."""
    assert stack.target is not None
    functions = stack.target.client("lambda").list_functions()["Functions"]
    stacks = stack.target.client("cloudformation").describe_stacks()["Stacks"]
    return {
        **{f["FunctionName"]: (f["CodeSha256"], f["LastModified"]) for f in functions},
        **{s["StackName"]: (s["StackStatus"], s.get("LastUpdatedTime")) for s in stacks},
    }


def test_the_api_answers_by_way_of_its_function(packaged: Deployed) -> None:
    assert packaged.changed == ("resources", "app", "state machine")
    assert requests.get(f"{packaged.api_url}/health", timeout=30).status_code == 200


def test_deploying_again_changes_nothing(packaged: Deployed, deployed_stack: LocalStack) -> None:
    before = state_of(deployed_stack, STAGE)
    again = deployed_stack.deploy(STAGE)
    assert again.changed == ()
    assert again.api_url == packaged.api_url
    assert state_of(deployed_stack, STAGE) == before


def test_a_plan_says_what_new_code_changes_and_touches_nothing(
    packaged: Deployed, deployed_stack: LocalStack
) -> None:
    before = state_of(deployed_stack, STAGE)
    deployment = deployed_stack.deployment(STAGE)
    assert deployment.plan() == ()
    app = deployed_stack.copy_of(STAGE) / "app.py"
    original = app.read_text("utf-8")
    app.write_text(original + "\n# changed\n", "utf-8")
    try:
        planned = deployment.plan()
    finally:
        app.write_text(original, "utf-8")
    assert "app: modify Worker (AWS::Lambda::Function)" in planned
    assert not any(change.startswith("resources") for change in planned)
    assert state_of(deployed_stack, STAGE) == before


def test_a_plan_of_a_new_stage_leaves_no_trace(deployed_stack: LocalStack) -> None:
    planned = deployed_stack.deployment("unborn").plan()
    assert "resources: add ControlTable (AWS::DynamoDB::Table)" in planned
    assert left_of(deployed_stack, "unborn") == []


def test_the_other_way_of_deploying_is_refused_before_anything_is_touched(
    packaged: Deployed, deployed_stack: LocalStack
) -> None:
    before = state_of(deployed_stack, STAGE)
    for attempt in (
        deployed_stack.deployment(STAGE, DIRECT).apply,
        deployed_stack.deployment(STAGE, DIRECT).plan,
    ):
        with pytest.raises(UsageError, match="--package"):
            attempt()
    assert state_of(deployed_stack, STAGE) == before


def test_a_function_does_only_what_its_role_allows(
    packaged: Deployed, deployed_stack: LocalStack
) -> None:
    assert deployed_stack.target is not None
    iam = deployed_stack.target.client("iam")
    role = packaged.outputs["ApiRoleArn"].rsplit("/", 1)[-1]
    policy = iam.get_role_policy(RoleName=role, PolicyName="api")["PolicyDocument"]
    unknown = f"{packaged.api_url}/status/00000000000000000000000000000000"
    assert requests.get(unknown, timeout=30).status_code == 404
    iam.delete_role_policy(RoleName=role, PolicyName="api")
    try:
        assert requests.get(unknown, timeout=30).status_code == 500
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="api", PolicyDocument=json.dumps(policy))
    assert requests.get(unknown, timeout=30).status_code == 404


def test_a_failed_stack_says_which_resource_and_can_be_deployed_again(
    deployed_stack: LocalStack,
) -> None:
    assert deployed_stack.target is not None
    client = deployed_stack.target.client("cloudformation")
    stacks = Stacks(client, 0.1, say=lambda _: None)
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "broken-queue"}}
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/b"}
    document = {"Version": "2012-10-17", "Statement": [allow]}
    policy = {"PolicyName": "any", "PolicyDocument": document, "Roles": ["nobody"]}
    refused = {"Type": "AWS::IAM::Policy", "Properties": policy}
    broken = json.dumps({"Resources": {"Queue": queue, "Broken": refused}})
    with pytest.raises(DeployError, match=r"Broken.*nobody"):
        stacks.apply(Wanted("broken", broken))
    assert stacks.apply(Wanted("broken", json.dumps({"Resources": {"Queue": queue}})))
    assert stacks.delete("broken")


def test_the_package_holds_the_libraries_and_nothing_of_the_tests(
    deployed_stack: LocalStack, packaged: Deployed
) -> None:
    """The embedded AWS has the libraries anyway, so that only looking finds one that is missing."""
    assert deployed_stack.target is not None
    stage = Stage("contact-enrichment", STAGE)
    config = with_outputs(read_config(ROOT), stage, packaged.outputs)
    with clean_copy(ROOT, config) as project:
        package = build(deployed_stack.target, project, stage, "a-bucket")
    names = {
        name
        for archive in package.archives.values()
        for name in zipfile.ZipFile(io.BytesIO(archive)).namelist()
    }
    assert {"app.py", "chalicelib/settings.py"} <= names
    for library in ("phonenumbers", "email_validator", "nameparser", "publicsuffixlist"):
        assert any(f"site-packages/{library}/__init__.py" in name for name in names), library
    assert not any("boto3" in name or "__pycache__" in name for name in names)
    assert sum(map(len, package.archives.values())) < 50_000_000


def test_a_deleted_stage_leaves_nothing_also_when_half_is_missing(
    deployed_stack: LocalStack,
) -> None:
    deployed = deployed_stack.deploy("doomed")
    assert deployed_stack.target is not None
    bucket = deployed.outputs["BucketName"]
    s3 = deployed_stack.target.client("s3")
    s3.put_object(Bucket=bucket, Key="jobs/1/input", Body=b"x")
    s3.create_multipart_upload(Bucket=bucket, Key="jobs/1/output")
    requests.get(f"{deployed.api_url}/health", timeout=30)  # so that there are logs
    deployed_stack.target.client("stepfunctions").delete_state_machine(
        stateMachineArn=deployed.outputs["StateMachineArn"]
    )
    deployment = deployed_stack.deployment("doomed")
    for _ in range(2):
        deployment.delete()
        assert left_of(deployed_stack, "doomed") == []
    own = read_config(deployed_stack.copy_of("doomed"))["stages"]["doomed"]
    assert "iam_role_arn" not in own


def test_the_command_says_what_does_not_fit(
    deployed_stack: LocalStack,
    packaged: Deployed,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert deployed_stack.target is not None
    for name, value in deployed_stack.target.environ.items():
        monkeypatch.setenv(name, value)
    project = ["--project-dir", str(deployed_stack.copy_of(STAGE))]
    assert main(["--stage", "No Such", *project]) == 2
    assert main(["--stage", STAGE, *project]) == 2
    assert "with --package" in capsys.readouterr().err
    assert main(["--stage", STAGE, "--package", "--plan", *project]) == 0
    assert capsys.readouterr().out == "nothing would change\n"
    assert main(["--stage", STAGE, "--package", "--project-dir", "/nowhere"]) == 1
    assert "config.json" in capsys.readouterr().err
