"""The end of a stage: its names in, nothing left of it out, also where half of it is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import machine
from botocore.exceptions import ClientError
from direct_app import DirectApp
from project import read_config, without_outputs, write_config
from stacks import Say, Stacks
from stage import Stage
from target import Target


def delete_stage(target: Target, stage: Stage, stacks: Stacks, project: Path, say: Say) -> None:
    """In the reverse order of deploying: first what would still call the rest."""
    resources = stacks.find(stage.resources_stack)
    outputs = resources.outputs if resources else {}
    steps = target.client("stepfunctions")
    arn = outputs.get("StateMachineArn") or _machine_arn(steps, stage)
    _tell(say, "state machine", arn is not None and machine.delete(steps, arn))
    is_packaged = stacks.find(stage.app_stack) is not None
    if is_packaged:
        _tell(say, "app", stacks.delete(stage.app_stack))
    else:
        _tell(say, "app", DirectApp(target, stage).delete(project))
    _tell(say, "bucket's content", _empty_buckets(target, stage, outputs.get("BucketName")))
    _tell(say, "resources", stacks.delete(stage.resources_stack))
    _tell(say, "logs", _delete_logs(target.client("logs"), stage))
    write_config(project, without_outputs(read_config(project), stage))


def _tell(say: Say, what: str, was_there: bool) -> None:
    say(f"{what}: {'deleted' if was_there else 'nothing there'}")


def _machine_arn(client: Any, stage: Stage) -> str | None:
    """Without the resources stack nothing else knows the account."""
    for page in client.get_paginator("list_state_machines").paginate():
        for found in page["stateMachines"]:
            if found["name"] == stage.machine:
                return str(found["stateMachineArn"])
    return None


def _empty_buckets(target: Target, stage: Stage, bucket: str | None) -> bool:
    """CloudFormation refuses to delete a bucket that holds anything."""
    if bucket is None:
        return False
    client = target.client("s3")
    found = False
    try:
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            versions = page.get("Versions", []) + page.get("DeleteMarkers", [])
            objects = [{"Key": v["Key"], "VersionId": v["VersionId"]} for v in versions]
            if objects:
                found = True
                client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
            for upload in page.get("Uploads", []):
                found = True
                client.abort_multipart_upload(
                    Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                )
    except client.exceptions.NoSuchBucket:
        return False
    return found


def _delete_logs(client: Any, stage: Stage) -> bool:
    """A function's last words can make its log group again after the stack has deleted it."""
    found = False
    for name in stage.log_groups():
        try:
            client.delete_log_group(logGroupName=name)
            found = True
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
    return found
