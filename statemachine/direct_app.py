"""The app by `chalice deploy`, for a developer's own stage: a project and a stage in, an API out."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import chalice_cli
from botocore.exceptions import ClientError
from project import Config, read_config, sources
from stage import DeployError, Stage
from target import Target

_TAG = "deployed-fingerprint"


class DirectApp:
    def __init__(self, target: Target, stage: Stage) -> None:
        self._target = target
        self._stage = stage
        self._lambda = target.client("lambda")
        self._function = stage.function_name("api_handler")

    def apply(self, project: Path) -> bool:
        """Whether anything had to change.

        What was deployed is remembered as a tag of the API's function. A plain `chalice deploy` takes
        the tag off again, because Chalice removes tags it does not know: then nothing is known about
        the code that is there, and it is sent again.
        """
        wanted = fingerprint(project, self._stage)
        deployed = self._deployed()
        if deployed is not None and deployed.get("Tags", {}).get(_TAG) == wanted:
            return False
        chalice_cli.run(self._target, project, "deploy", "--stage", self._stage.name)
        arn = self._configuration()["FunctionArn"]
        self._lambda.tag_resource(Resource=arn, Tags={_TAG: wanted})
        return True

    def plan(self, project: Path) -> tuple[str, ...]:
        deployed = self._deployed()
        if deployed is None:
            return ("add the functions and the API (chalice deploy)",)
        if deployed.get("Tags", {}).get(_TAG) == fingerprint(project, self._stage):
            return ()
        return ("modify the functions and the API: code or configuration (chalice deploy)",)

    def api_url(self, project: Path) -> str:
        """As Chalice recorded it."""
        recorded = project / ".chalice" / "deployed" / f"{self._stage.name}.json"
        for resource in json.loads(recorded.read_text("utf-8"))["resources"]:
            if resource["resource_type"] == "rest_api":
                return self._target.api_url(resource["rest_api_id"], resource["rest_api_url"])
        raise DeployError(f"{recorded} records no API.")

    def delete(self, project: Path) -> bool:
        """Whether there was anything; also where Chalice's record of it is incomplete or lost."""
        recorded = project / ".chalice" / "deployed" / f"{self._stage.name}.json"
        there = recorded.exists()
        if there:
            chalice_cli.run(self._target, project, "delete", "--stage", self._stage.name)
        return self._delete_apis() | self._delete_functions() | self._delete_layers() | there

    def _deployed(self) -> dict[str, Any] | None:
        try:
            return dict(self._lambda.get_function(FunctionName=self._function))
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise

    def _configuration(self) -> dict[str, Any]:
        deployed = self._deployed()
        if deployed is None:
            raise DeployError(f"chalice deploy made no function {self._function}.")
        return dict(deployed["Configuration"])

    def _delete_functions(self) -> bool:
        found = False
        for name in self._stage.function_names():
            try:
                self._delete_mappings(name)
                self._lambda.delete_function(FunctionName=name)
                found = True
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
        return found

    def _delete_mappings(self, function: str) -> None:
        mappings = self._lambda.list_event_source_mappings(FunctionName=function)
        for mapping in mappings["EventSourceMappings"]:
            self._lambda.delete_event_source_mapping(UUID=mapping["UUID"])

    def _delete_layers(self) -> bool:
        """The libraries, which Chalice keeps in a layer of this name."""
        layer = f"{self._stage.app}-{self._stage.name}-managed-layer"
        pages = self._lambda.get_paginator("list_layer_versions").paginate(LayerName=layer)
        versions = [version["Version"] for page in pages for version in page["LayerVersions"]]
        for number in versions:
            self._lambda.delete_layer_version(LayerName=layer, VersionNumber=number)
        return bool(versions)

    def _delete_apis(self) -> bool:
        """The APIs that call this stage's function: Chalice gives those of all stages one name."""
        client = self._target.client("apigateway")
        calls_it = re.compile(rf":function:{re.escape(self._function)}/")
        found = False
        for page in client.get_paginator("get_rest_apis").paginate():
            for api in page["items"]:
                if api["name"] == self._stage.app and calls_it.search(_integrations(client, api)):
                    client.delete_rest_api(restApiId=api["id"])
                    found = True
        return found


def _integrations(client: Any, api: dict[str, Any]) -> str:
    pages = client.get_paginator("get_resources").paginate(restApiId=api["id"], embed=["methods"])
    return json.dumps([page["items"] for page in pages], default=str)


def fingerprint(project: Path, stage: Stage) -> str:
    """Of all that decides what `chalice deploy` sends."""
    digest = hashlib.sha256()
    for file in sources(project):
        digest.update(f"{file.relative_to(project)}\0".encode())
        digest.update(file.read_bytes())
    digest.update(json.dumps(_of_stage(read_config(project), stage), sort_keys=True).encode())
    digest.update(f"{version('chalice')} {platform.python_version()}".encode())
    return digest.hexdigest()


def _of_stage(config: Config, stage: Stage) -> Config:
    """Without the other stages, which come and go."""
    return {**config, "stages": config.get("stages", {}).get(stage.name)}
