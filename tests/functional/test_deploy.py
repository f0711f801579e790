"""What deploying needs of AWS where the emulator is more generous, and what it asks before it deletes."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import deploy
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from packing import project
from packing.archives import delete_superseded

from tests.functional.resources import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]
#: Nothing listens there: a command that would touch AWS fails.
NOWHERE = {**ENVIRONMENT, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


def test_what_is_cleared_can_be_deleted(aws: None) -> None:
    s3, steps = boto3.client("s3"), boto3.client("stepfunctions")
    s3.create_bucket(Bucket="filled")
    s3.put_bucket_versioning(Bucket="filled", VersioningConfiguration={"Status": "Enabled"})
    for number in range(5):
        s3.put_object(Bucket="filled", Key=f"jobs/{number}", Body=b"x")
    s3.put_object(Bucket="filled", Key="jobs/1", Body=b"y")
    s3.delete_object(Bucket="filled", Key="jobs/2")
    s3.create_multipart_upload(Bucket="filled", Key="jobs/3")
    machine = steps.create_state_machine(
        name="busy",
        definition='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
        roleArn="arn:aws:iam::123456789012:role/test",
    )["stateMachineArn"]
    run = steps.start_execution(stateMachineArn=machine, name="one")["executionArn"]
    assert steps.describe_execution(executionArn=run)["status"] == "RUNNING"
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        s3.delete_bucket(Bucket="filled")

    deploy.clear({"S3BucketName": "filled", "StateMachineArn": machine})

    assert not s3.list_multipart_uploads(Bucket="filled").get("Uploads")
    s3.delete_bucket(Bucket="filled")
    assert steps.describe_execution(executionArn=run)["status"] == "ABORTED"


@pytest.mark.parametrize("mode", [deploy.PACKAGED, deploy.WIRED])
@pytest.mark.parametrize("version", [(3, 10, 13), (3, 15, 0)])
def test_a_python_that_lambda_does_not_have_is_refused(
    version: tuple[int, int, int], mode: str, aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment = deploy.Deployment(ROOT, "any")
    monkeypatch.setattr(deploy, "sys", SimpleNamespace(version_info=version))
    named = rf"(?s)this Python, 3\.{version[1]}\. .*Use 3\.11 to 3\.14, as in: make deploy PYTHON="
    with pytest.raises(deploy.UsageError, match=named):
        deployment.apply(mode)


def test_packages_that_a_deployment_replaced_are_deleted_after_a_day(aws: None) -> None:
    bucket = boto3.resource("s3").create_bucket(Bucket="packages")
    for key in ("deploy/now.zip", "deploy/before.zip", "jobs/1/input"):
        bucket.put_object(Key=key, Body=b"x")
    now = datetime.now(timezone.utc)

    def left(before: datetime) -> set[str]:
        delete_superseded(bucket, {"deploy/now.zip"}, before)
        return {stored.key for stored in bucket.objects.all()}

    # Another deployment may just be about to use it.
    assert left(now - timedelta(days=1)) == {"deploy/now.zip", "deploy/before.zip", "jobs/1/input"}
    # However old the package of the last deployment is: a failing one goes back to it.
    assert left(now + timedelta(days=999)) == {"deploy/now.zip", "jobs/1/input"}


@pytest.mark.parametrize(
    ("function", "wrong", "options", "said"),
    [
        ("worker", {"environment_variables": {"WORKER_CONCURRENCY": "1"}}, [], "from 2 to 1,000"),
        (
            "worker",
            {"environment_variables": {"PDL_BASE_URL": "http://pdl.example.org"}},
            [],
            "PDL_BASE_URL must begin with https://",
        ),
        (
            "worker",
            {"environment_variables": {"PDL_CREDITS": "x"}},
            ["--plan"],
            "PDL_CREDITS is 'x'",
        ),
        ("split_batches", {"environment_variables": {"MAX_ROWS": "1e6"}}, [], "MAX_ROWS is '1e6'"),
        ("worker", {"lambda_timeout": 20}, ["--wire"], "WORKER_TIMEOUT_SECONDS is '20'"),
    ],
)
def test_a_wrong_number_is_refused_before_anything_is_touched(
    tmp_path: Path, function: str, wrong: dict[str, Any], options: list[str], said: str
) -> None:
    config = project.read_config(ROOT)
    config["stages"]["dev"] = {"lambda_functions": {function: wrong}}
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config), "utf-8")
    done = run(subprocess.DEVNULL, "--project-dir", str(tmp_path), *options)
    assert done.returncode == 1
    assert said in done.stderr
    assert "config.json" in done.stderr


def run(stdin: int, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "statemachine" / "deploy.py"), "--stage", "dev"]
    return subprocess.run(
        [*command, *options],
        env={**os.environ, **NOWHERE},
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def deleted(stdin: int, *options: str) -> subprocess.CompletedProcess[str]:
    return run(stdin, "--delete", *options)


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (b"yes\n", 2, "Nothing was deleted."),
        (b"\n", 2, "Nothing was deleted."),
        (b"dev\n", 1, "Could not connect"),
    ],
)
def test_only_the_name_of_the_stage_deletes_it(answer: bytes, status: int, said: str) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    done = deleted(theirs)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == status
    assert said in done.stderr
    assert "all its data" in done.stdout


def test_without_a_terminal_deleting_needs_a_yes() -> None:
    done = deleted(subprocess.DEVNULL)
    assert (done.returncode, "--yes" in done.stderr) == (2, True)
    assert "Could not connect" in deleted(subprocess.DEVNULL, "--yes").stderr
