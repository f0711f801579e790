"""Deploying to the embedded AWS as a user does, by deploy.py: a stage from its plan to its end."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import requests
from local import LocalStack
from packing.archives import package
from packing.project import read_config, wired
from stacks import DeployError, Stacks

from tests.end_to_end.api_keys import make_key

STAGE = "packaged"
ROOT = Path(__file__).resolve().parents[2]


def deploy(stack: LocalStack, *options: str, status: int = 0) -> list[str]:
    """The lines that deploy.py printed: to stdout if all was well, to stderr otherwise."""
    done = stack.deploy(*options)
    assert done.returncode == status, done.stdout + done.stderr
    return (done.stderr if status else done.stdout).splitlines()


@dataclass(frozen=True)
class Deployed:
    url: str
    outputs: dict[str, str]


@pytest.fixture(scope="module")
def packaged(deployed_stack: LocalStack) -> Iterator[Deployed]:
    """A stage of its own, for the tests that break it."""
    url = deploy(deployed_stack, "--stage", STAGE)[-1]
    yield Deployed(url, outputs_of(deployed_stack, STAGE))
    deploy(deployed_stack, "--stage", STAGE, "--delete", "--yes")


def how_to_begin(stage: str) -> str:
    """What deploy.py says of a stage that has no API key yet."""
    first_key = f"make keys STAGE={stage} ARGS='create my-team --scopes all'"
    return f"It refuses everybody until you run {first_key}"


def outputs_of(stack: LocalStack, stage: str) -> dict[str, str]:
    stacks = Stacks(stack.client("cloudformation"), 1)
    return dict(stacks.find(f"contact-enrichment-{stage}-resources").outputs)


def left_of(stack: LocalStack, stage: str) -> list[str]:
    """Everything in the account that has the stage's name."""
    client = stack.client
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
        client("cloudwatch").list_dashboards()["DashboardEntries"],
        client("events").list_rules()["Rules"],
        client("sns").list_topics()["Topics"],
        apis(stack),
    ]
    texts = [json.dumps(item, default=str) for items in found for item in items]
    return [text for text in texts if f"contact-enrichment-{stage}" in text]


def apis(stack: LocalStack) -> list[Any]:
    """With their methods: an API has the name of the app only."""
    client = stack.client("apigateway")
    ids = [api["id"] for api in client.get_rest_apis()["items"]]
    return [client.get_resources(restApiId=id, embed=["methods"])["items"] for id in ids]


def state_of(stack: LocalStack, stage: str) -> dict[str, Any]:
    """What a change would change."""
    functions = stack.client("lambda").list_functions()["Functions"]
    stacks = stack.client("cloudformation").describe_stacks()["Stacks"]
    return {
        **{f["FunctionName"]: (f["CodeSha256"], f["LastModified"]) for f in functions},
        **{s["StackName"]: (s["StackStatus"], s.get("LastUpdatedTime")) for s in stacks},
        "config": (stack.project / ".chalice" / "config.json").read_text("utf-8"),
    }


def test_a_stage_from_its_plan_to_its_end(deployed_stack: LocalStack) -> None:
    stage = ("--stage", "whole")
    config = deployed_stack.project / ".chalice" / "config.json"
    app = deployed_stack.project / "app.py"
    config_before, code = config.read_text("utf-8"), app.read_text("utf-8")
    prefix = "contact-enrichment-whole"

    planned = deploy(deployed_stack, *stage, "--plan")
    assert f"{prefix}-resources: add StateMachine (AWS::StepFunctions::StateMachine)" in planned
    assert planned[-1] == f"{prefix}-app: add all of it"
    assert left_of(deployed_stack, "whole") == []

    *changes, url = deploy(deployed_stack, *stage)
    assert set(planned[:-1]) < set(changes)
    assert f"{prefix}-app: add Worker (AWS::Lambda::Function)" in changes
    assert requests.get(f"{url}/health", timeout=30).status_code == 200

    before = state_of(deployed_stack, "whole")
    assert deploy(deployed_stack, *stage) == ["nothing to change", how_to_begin("whole"), url]
    assert deploy(deployed_stack, *stage, "--plan") == ["nothing to change"]
    assert state_of(deployed_stack, "whole") == before

    app.write_text(code + "\n# changed\n", "utf-8")
    config.write_text(
        config_before.replace('"RETENTION_DAYS": "30"', '"RETENTION_DAYS": "7"'), "utf-8"
    )
    try:
        before = state_of(deployed_stack, "whole")
        planned = deploy(deployed_stack, *stage, "--plan")
        assert f"{prefix}-app: modify Worker (AWS::Lambda::Function)" in planned
        assert f"{prefix}-resources: modify Bucket (AWS::S3::Bucket)" in planned
        assert not any("ControlTable" in change for change in planned)
        assert state_of(deployed_stack, "whole") == before
        assert f"{prefix}-app: modify Worker (AWS::Lambda::Function)" in deploy(
            deployed_stack, *stage
        )
        assert deploy(deployed_stack, *stage) == ["nothing to change", how_to_begin("whole"), url]
    finally:
        config.write_text(config_before, "utf-8")
        app.write_text(code, "utf-8")

    bucket = outputs_of(deployed_stack, "whole")["S3BucketName"]
    s3, logs = deployed_stack.client("s3"), deployed_stack.client("logs")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"a", b"b"):
        s3.put_object(Bucket=bucket, Key="jobs/1/input", Body=body)
    s3.delete_object(Bucket=bucket, Key="jobs/1/input")
    s3.create_multipart_upload(Bucket=bucket, Key="jobs/1/output")
    left = deploy(deployed_stack, *stage, "--delete", status=2)
    assert "--yes" in left[0]
    assert requests.get(f"{url}/health", timeout=30).status_code == 200
    for _ in range(2):
        deploy(deployed_stack, *stage, "--delete", "--yes")
        assert left_of(deployed_stack, "whole") == []
        # A function that is still running makes its log group again.
        logs.create_log_group(logGroupName=f"/aws/lambda/{prefix}-worker")
    logs.delete_log_group(logGroupName=f"/aws/lambda/{prefix}-worker")
    assert config.read_text("utf-8") == config_before


def test_the_other_way_is_refused_before_anything_is_touched(
    packaged: Deployed, deployed_stack: LocalStack
) -> None:
    before = state_of(deployed_stack, STAGE)
    for options in (["--wire"], ["--wire", "--plan"]):
        (said,) = deploy(deployed_stack, "--stage", STAGE, *options, status=2)
        assert "without --wire" in said
    assert state_of(deployed_stack, STAGE) == before


def test_what_does_not_fit_is_said(deployed_stack: LocalStack, tmp_path: Path) -> None:
    for name in ("No Such", "1st", "a" * 17, ""):
        (said,) = deploy(deployed_stack, "--stage", name, status=2)
        assert "1 to 16" in said
    nowhere = ("--stage", "any", "--project-dir", str(tmp_path))
    assert "config.json" in deploy(deployed_stack, *nowhere, status=1)[0]


def test_a_failing_chalice_fails_the_deployment(
    packaged: Deployed, deployed_stack: LocalStack
) -> None:
    before = state_of(deployed_stack, STAGE)
    app = deployed_stack.project / "app.py"
    code = app.read_text("utf-8")
    app.write_text(code + "\nraise RuntimeError('broken on purpose')\n", "utf-8")
    try:
        said = deploy(deployed_stack, "--stage", STAGE, status=1)
    finally:
        app.write_text(code, "utf-8")
    assert said[0] == "chalice package failed:"
    assert "broken on purpose" in said[-1]
    assert state_of(deployed_stack, STAGE) == before


def test_a_function_does_only_what_its_role_allows(
    packaged: Deployed, deployed_stack: LocalStack
) -> None:
    iam = deployed_stack.client("iam")
    role = packaged.outputs["ApiHandlerRoleArn"].rsplit("/", 1)[-1]
    policy = iam.get_role_policy(RoleName=role, PolicyName="api")["PolicyDocument"]
    unknown = f"{packaged.url}/status/00000000000000000000000000000000"
    key = make_key(deployed_stack, STAGE)
    assert how_to_begin(STAGE) not in deploy(deployed_stack, "--stage", STAGE)
    signed = {"Authorization": f"Bearer {key}"}
    assert requests.get(unknown, timeout=30).status_code == 401
    assert requests.get(unknown, headers=signed, timeout=30).status_code == 404
    iam.delete_role_policy(RoleName=role, PolicyName="api")
    try:
        assert requests.get(unknown, headers=signed, timeout=30).status_code == 500
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="api", PolicyDocument=json.dumps(policy))
    assert requests.get(unknown, headers=signed, timeout=30).status_code == 404


def test_a_failed_stack_says_which_resource_and_can_be_applied_again(
    deployed_stack: LocalStack, capsys: pytest.CaptureFixture[str]
) -> None:
    client = deployed_stack.client("cloudformation")
    stacks, plans = Stacks(client, 0.1), Stacks(client, 0.1, only_plan=True)
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "broken-queue"}}
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/b"}
    document = {"Version": "2012-10-17", "Statement": [allow]}
    policy = {"PolicyName": "any", "PolicyDocument": document, "Roles": ["nobody"]}
    refused = {"Type": "AWS::IAM::Policy", "Properties": policy}
    whole = json.dumps({"Resources": {"Queue": queue}})
    broken = json.dumps({"Resources": {"Queue": queue, "Broken": refused}})
    for _ in range(2):
        with pytest.raises(DeployError, match=r"broken failed: Broken .*nobody"):
            stacks.apply("broken", broken, {}, {})
        assert stacks.find("broken").status == "ROLLBACK_COMPLETE"
    assert stacks.apply("broken", whole, {}, {"a": "b"})
    with pytest.raises(DeployError, match=r"Broken .*nobody"):  # and now as a change
        stacks.apply("broken", broken, {}, {"a": "b"})
    assert not stacks.apply("broken", whole, {}, {"a": "b"})
    assert not plans.apply("broken", whole, {}, {"a": "b"})
    stacks.delete("broken")
    capsys.readouterr()
    # What a plan that was interrupted leaves is no obstacle.
    client.create_change_set(
        StackName="broken", ChangeSetName="left", ChangeSetType="CREATE", TemplateBody=whole
    )
    assert plans.apply("broken", whole, {}, {})
    assert stacks.find("broken").status == "REVIEW_IN_PROGRESS"
    assert stacks.apply("broken", whole, {}, {})
    assert capsys.readouterr().out.splitlines() == ["broken: add Queue (AWS::SQS::Queue)"] * 2
    stacks.delete("broken")


def test_the_package_holds_the_libraries_and_fits_into_a_request(
    packaged: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The embedded AWS has the libraries anyway, so that only looking finds one that is missing."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    config = wired(read_config(ROOT), STAGE, packaged.outputs)
    template, archives = package(ROOT, config, STAGE, "a-bucket", tmp_path)
    names = [name for archive in archives.values() for name in zipfile.ZipFile(archive).namelist()]
    assert {"app.py", "chalicelib/settings.py"} <= set(names)
    for library in ("phonenumbers", "email_validator", "nameparser", "publicsuffixlist"):
        assert any(f"site-packages/{library}/__init__.py" in name for name in names), library
    assert not any("boto3" in name for name in names)
    for name in names:  # a process of a function compiles nothing
        path = PurePosixPath(name)
        compiled = path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
        assert path.suffix != ".py" or str(compiled) in names
    assert sum(archive.stat().st_size for archive in archives.values()) < 20_000_000
    assert len(template) < 46_000, "CloudFormation takes 51,200 bytes in a request"
    resources = json.loads(template)["Resources"]
    functions = [r for r in resources.values() if r["Type"] == "AWS::Serverless::Function"]
    assert resources["ManagedLayer"]["Properties"]["RetentionPolicy"] == "Delete"
    # The worker sends to its own queue, which Lambda otherwise takes for a loop and stops.
    assert resources["Worker"]["Properties"]["RecursiveLoop"] == "Allow"
    assert {tuple(r["Properties"]["Architectures"]) for r in functions} == {("arm64",)}
    # Without the libraries for it, a function on arm64 does not start.
    assert any("aarch64" in name for name in names)
    assert not any("x86_64" in name for name in names)
