"""Deploys a stage: tables, queues, bucket, roles and state machine as one stack, the app as another.

    python statemachine/deploy.py --stage prod           # deploy it, or bring it up to date
    python statemachine/deploy.py --stage prod --plan    # only say what would change
    python statemachine/deploy.py --stage dev --delete   # delete it with all its data
    python statemachine/deploy.py --stage dev --wire     # prepare it for `chalice deploy`

It exits with 0, with 1 if something failed, or with 2 if the command does not fit the stage.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from chalice.config import Config
from packing import project
from packing.archives import delete_superseded, package
from packing.template import kept, resources_template
from stacks import DeployError, Stacks

ROOT = Path(__file__).resolve().parent.parent
_MODE = "deploy-mode"
PACKAGED, WIRED = "package", "chalice-deploy"
_KEEPS = "keeps-data"
_OTHER_PYTHON = """The functions would get the version of this Python, {}.{}. Lambda has deprecated 3.10, and
Chalice knows none above 3.14. Use 3.11 to 3.14, as in: make deploy PYTHON=python3.12"""


_NO_KEY = "It refuses everybody until you run make keys STAGE={} ARGS='create my-team --scopes all'"


class UsageError(DeployError):
    """The command does not fit the stage; nothing was changed."""


class Deployment:
    """A stage of the project in ``root``. With ``only_plan``, applying and wiring change nothing."""

    def __init__(self, root: Path, stage: str, only_plan: bool = False) -> None:
        if not re.fullmatch("[a-z][a-z0-9-]{0,15}", stage):
            raise UsageError("A stage is 1 to 16 of a-z, 0-9 and -, and begins with a letter.")
        self._root, self._stage, self._only_plan = root, stage, only_plan
        self._config = project.read_config(root)
        self._name = f"{self._config['app_name']}-{stage}"
        self._resources, self._app = self._name + "-resources", self._name + "-app"
        self.keeps_data = stage.startswith("prod")
        endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
        self._emulator = endpoint if endpoint.startswith("http://") else ""  # AWS is always https
        poll_seconds = 0.1 if self._emulator else 5.0
        self._stacks = Stacks(boto3.client("cloudformation"), poll_seconds, only_plan)

    def apply(self, mode: str) -> bool:
        """Deploy all that the mode deploys; whether anything had to change."""
        project.check_settings(self._config, self._stage)
        self._check(mode)
        is_new = not self._stacks.find(self._resources).outputs
        changed = self._apply_resources(mode, protected=self.keeps_data and not is_new)
        if self.keeps_data and is_new and not self._only_plan:
            # Only now: CloudFormation could not roll back the creation of what is protected.
            self._apply_resources(mode, protected=True)
        if mode == PACKAGED:
            return self._apply_app() or changed
        if not self._only_plan:
            outputs = self._stacks.find(self._resources).outputs
            project.write_config(self._root, project.wired(self._config, self._stage, outputs))
            self._let_worker_send_to_itself()
        return changed

    def _let_worker_send_to_itself(self) -> None:
        """Lambda stops that as a loop otherwise. Chalice cannot say it; once said, it stays said."""
        client = boto3.client("lambda")
        allowed: Any = {"FunctionName": f"{self._name}-worker", "RecursiveLoop": "Allow"}
        try:
            client.put_function_recursion_config(**allowed)
        except client.exceptions.ResourceNotFoundException:  # nothing can be said of it beforehand
            print(f"chalice deploy --stage {self._stage} (the first time) ...", flush=True)
            print(project.run_chalice(self._root, "deploy", "--stage", self._stage).rstrip())
            client.put_function_recursion_config(**allowed)

    def url(self) -> str:
        """Where the API is."""
        outputs = self._stacks.find(self._app).outputs
        if self._emulator:
            return f"{self._emulator}/restapis/{outputs['RestAPIId']}/api/_user_request_"
        return outputs["EndpointURL"].rstrip("/")

    def has_key(self) -> bool:
        """Whether somebody can use the stage; a key that is revoked or expired counts as well."""
        table = self._stacks.find(self._resources).outputs["AccessTableName"]
        return bool(boto3.client("dynamodb").scan(TableName=table, Limit=1)["Items"])

    def delete(self) -> str:
        """Delete everything, first what would still call the rest; what is kept, and how to delete it."""
        record = self._root / ".chalice" / "deployed" / f"{self._stage}.json"
        self._refuse_to_forget(record)
        resources = self._stacks.find(self._resources)
        outputs, keeps = resources.outputs, resources.tags.get(_KEEPS) == "True"
        self._stacks.delete(self._app)
        if record.exists():
            project.run_chalice(self._root, "delete", "--stage", self._stage)
            record.unlink()
        if outputs:
            clear(outputs, with_data=not keeps)
            project.write_config(self._root, project.unwired(self._config, self._stage, outputs))
        self._stacks.delete(self._resources)
        logs = boto3.client("logs")  # a function may have made its own again in its last seconds
        for function in self._config["lambda_functions"]:
            group = f"/aws/lambda/{self._name}-{function}".removesuffix("-api_handler")
            with suppress(logs.exceptions.ResourceNotFoundException):
                logs.delete_log_group(logGroupName=group)
        return kept(outputs) if keeps and outputs else ""

    def _apply_resources(self, mode: str, protected: bool) -> bool:
        worker = Config(self._stage, config_from_disk=self._config).scope(self._stage, "worker")
        parameters = {
            "AppName": str(self._config["app_name"]),
            "Stage": self._stage,
            "WorkerTimeoutSeconds": str(worker.lambda_timeout),
            "QueueVisibilitySeconds": str(6 * worker.lambda_timeout),
            "MaxReceiveCount": worker.environment_variables["MAX_RECEIVE_COUNT"],
            "RetentionDays": worker.environment_variables["RETENTION_DAYS"],
            "AlarmEmail": worker.environment_variables.get("ALARM_EMAIL", ""),
            "DailyCreditsAlarm": worker.environment_variables.get("DAILY_CREDITS_ALARM", "1000"),
            "Tracing": "true" if worker.xray_enabled else "false",
            "Emulated": "true" if self._emulator else "false",
            "Protected": "true" if protected else "false",
        }
        tags = {_MODE: mode, _KEEPS: str(self.keeps_data)}
        template = resources_template(self.keeps_data)
        return self._stacks.apply(self._resources, template, parameters, tags)

    def _apply_app(self) -> bool:
        outputs = self._stacks.find(self._resources).outputs
        if not outputs:  # which only a plan can meet
            print(f"{self._app}: add all of it")
            return True
        config = project.wired(self._config, self._stage, outputs)
        bucket = boto3.resource("s3").Bucket(outputs["S3BucketName"])
        with tempfile.TemporaryDirectory() as tmp:
            template, files = package(self._root, config, self._stage, bucket.name, Path(tmp))
            for key, file in files.items():
                if not self._only_plan and not any(bucket.objects.filter(Prefix=key)):
                    bucket.upload_file(str(file), key)
        tags = {_MODE: PACKAGED}
        changed = self._stacks.apply(self._app, template, {"Prefix": self._name}, tags)
        if not self._only_plan:
            delete_superseded(bucket, files, datetime.now(timezone.utc) - timedelta(days=1))
        return changed

    def _check(self, mode: str) -> None:
        """Chalice cannot take over functions that belong to a stack, nor a stack those of Chalice."""
        if not self._emulator and not (3, 11) <= sys.version_info[:2] <= (3, 14):
            raise UsageError(_OTHER_PYTHON.format(*sys.version_info))
        stack = self._stacks.find(self._resources)
        used = stack.tags.get(_MODE) if stack.outputs else mode
        if used != mode:
            how = "with --wire and `chalice deploy`" if used == WIRED else "without --wire"
            raise UsageError(f"{self._name} is deployed {how}: stay with that, or --delete it.")

    def _refuse_to_forget(self, record: Path) -> None:
        """Only Chalice's record says which functions and which API `chalice deploy` made."""
        client = boto3.client("lambda")
        with suppress(client.exceptions.ResourceNotFoundException):
            if not record.exists() and not self._stacks.find(self._app).status:
                client.get_function(FunctionName=self._name)
                raise UsageError(f"{record} is missing: get it from where `chalice deploy` ran.")


def clear(outputs: Mapping[str, str], with_data: bool = True) -> None:
    """End and empty what would keep CloudFormation from deleting the resources."""
    machine, steps = outputs["StateMachineArn"], boto3.client("stepfunctions")
    pages = steps.get_paginator("list_executions").paginate
    for page in pages(stateMachineArn=machine, statusFilter="RUNNING"):
        for execution in page["executions"]:
            steps.stop_execution(executionArn=execution["executionArn"])
    if not with_data:
        return
    bucket = boto3.resource("s3").Bucket(outputs["S3BucketName"])
    bucket.object_versions.delete()
    for upload in bucket.multipart_uploads.all():
        upload.abort()


def _run(options: argparse.Namespace) -> None:
    stage = options.stage
    deployment = Deployment(options.project_dir.resolve(), stage, options.plan)
    if options.delete:
        if not options.yes and not sys.stdin.isatty():
            raise UsageError("--delete asks before it deletes; without a terminal it needs --yes.")
        what = (
            "all but its tables, bucket and secret"
            if deployment.keeps_data
            else "it with all its data"
        )
        if not options.yes and input(f"Type {stage} to delete {what}: ") != stage:
            raise UsageError("Nothing was deleted.")
        print(f"Stage {stage} is deleted. {deployment.delete()}".rstrip())
        return
    if not deployment.apply(WIRED if options.wire else PACKAGED):
        print("nothing to change")
    if not options.plan:
        if not deployment.has_key():
            print(_NO_KEY.format(stage))
        print(f"From now on: chalice deploy --stage {stage}" if options.wire else deployment.url())


def main() -> int:
    parser = argparse.ArgumentParser(description="Deploy a stage of the service to AWS.")
    parser.add_argument("--stage", required=True, help="its name, such as dev or prod")
    parser.add_argument("--wire", action="store_true", help="prepare it for chalice deploy")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--plan", action="store_true", help="only say what would change")
    what.add_argument("--delete", action="store_true", help="delete the stage with all its data")
    parser.add_argument("--yes", action="store_true", help="delete without asking")
    parser.add_argument("--project-dir", type=Path, default=ROOT, help="where app.py is")
    try:
        _run(parser.parse_args())
    except (DeployError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
