"""The app as a CloudFormation stack: a project and a stage in, its API's address out."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chalice_cli
from botocore.exceptions import ClientError
from stacks import Stacks, Wanted
from stage import FUNCTIONS, DeployError, Stage
from target import Target

_TEMPLATE_LIMIT = 51_200
"""Bytes of a template that fit a request; above, it is read from the bucket (CloudFormation quotas)."""


@dataclass(frozen=True)
class Package:
    """What `chalice package` wrote: the template, and the archives by the key they get."""

    template: dict[str, Any]
    archives: Mapping[str, bytes]


class PackagedApp:
    def __init__(self, target: Target, stage: Stage, stacks: Stacks, bucket: str) -> None:
        self._target = target
        self._stage = stage
        self._stacks = stacks
        self._bucket = bucket
        self._s3 = target.client("s3")

    def apply(self, project: Path, tags: Mapping[str, str]) -> bool:
        """Whether anything had to change."""
        package = build(self._target, project, self._stage, self._bucket)
        for key, body in package.archives.items():
            self._upload(key, body)
        with self._template(package, keep=True) as template:
            return self._stacks.apply(Wanted(self._stage.app_stack, template, tags=tags))

    def plan(self, project: Path, tags: Mapping[str, str]) -> tuple[str, ...]:
        package = build(self._target, project, self._stage, self._bucket)
        with self._template(package, keep=False) as template:
            return self._stacks.plan(Wanted(self._stage.app_stack, template, tags=tags))

    @contextmanager
    def _template(self, package: Package, keep: bool) -> Iterator[str]:
        """The template as CloudFormation takes it: its text, or where it is in the bucket."""
        text = json.dumps(package.template, separators=(",", ":"), sort_keys=True)
        if len(text) <= _TEMPLATE_LIMIT:
            yield text
            return
        key = f"deploy/{hashlib.sha256(text.encode()).hexdigest()}.json"
        is_new = self._upload(key, text.encode())
        try:
            yield f"{self._s3.meta.endpoint_url}/{self._bucket}/{key}"
        finally:
            if is_new and not keep:
                self._s3.delete_object(Bucket=self._bucket, Key=key)

    def _upload(self, key: str, body: bytes) -> bool:
        """Whether it was not there yet; a key names its content, so what is there is right."""
        try:
            self._s3.head_object(Bucket=self._bucket, Key=key)
            return False
        except ClientError as error:
            if error.response["Error"]["Code"] != "404":
                raise
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body)
        return True


def build(target: Target, project: Path, stage: Stage, bucket: str) -> Package:
    """Run `chalice package` and make its template refer to the bucket."""
    with tempfile.TemporaryDirectory() as out:
        chalice_cli.run(target, project, "package", "--stage", stage.name, out)
        template = json.loads((Path(out) / "sam.json").read_text("utf-8"))
        files = {file.name: file for file in Path(out).glob("*.zip")}
        keys = {name: f"deploy/{content_hash(file)}.zip" for name, file in files.items()}
        locations = {f"./{name}": f"s3://{bucket}/{key}" for name, key in keys.items()}
        archives = {keys[name]: file.read_bytes() for name, file in files.items()}
    return Package(adapt(template, stage, locations), archives)


def content_hash(archive: Path) -> str:
    """Of the names and contents, not of the times, so that the same code built elsewhere is the same."""
    digest = hashlib.sha256()
    with zipfile.ZipFile(archive) as opened:
        for entry in sorted(opened.infolist(), key=lambda info: info.filename):
            digest.update(f"{entry.filename}\0{entry.CRC}\0{entry.file_size}\n".encode())
    return digest.hexdigest()


def adapt(template: dict[str, Any], stage: Stage, locations: Mapping[str, str]) -> dict[str, Any]:
    """Chalice's template with names that can be known beforehand, and code that is in the bucket."""
    resources = template["Resources"]
    for function in FUNCTIONS:
        if function.logical_id not in resources:
            raise DeployError(f"app.py has no {function.key} for the state machine or the queue.")
        properties = resources[function.logical_id]["Properties"]
        properties["FunctionName"] = stage.function_name(function.key)
        properties["CodeUri"] = locations[properties["CodeUri"]]
    if "ManagedLayer" in resources:
        properties = resources["ManagedLayer"]["Properties"]
        properties["ContentUri"] = locations[properties["ContentUri"]]
        properties["RetentionPolicy"] = "Delete"  # SAM keeps every old layer otherwise
    # API Gateway reads them from the API's definition, where Chalice writes them; the emulator does not.
    api = resources["RestAPI"]["Properties"]
    api["BinaryMediaTypes"] = api["DefinitionBody"]["x-amazon-apigateway-binary-media-types"]
    # Without it SAM adds a second stage to the API, called "Stage".
    template["Globals"] = {"Api": {"OpenApiVersion": "2.0"}}
    return template
