"""`"xray": true` of a stage: every function, the API and the state machine are traced, and may write it."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import deploy
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber
from packing import project
from packing.archives import copy_project, package

from tests.functional.resources import ENVIRONMENT
from tests.unit.test_resources import (
    CONFIG,
    OUTPUTS,
    RESOURCES,
    TEMPLATE,
    listed,
    of_type,
    statements,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def copied(folder: Path, xray: dict[str, bool]) -> Path:
    """The project without its libraries, whose packing takes long."""
    stage = {**CONFIG["stages"]["prod"], **xray}
    copy_project(ROOT, folder / "copy", {**CONFIG, "stages": {"prod": stage}})
    (folder / "copy" / "requirements.txt").write_text("", "utf-8")
    return folder / "copy"


@pytest.mark.parametrize(
    ("xray", "of_functions", "of_api"),
    [({}, "PassThrough", False), ({"xray": True}, "Active", True)],
)
def test_functions_and_api_are_traced_if_the_stage_says_so(
    tmp_path: Path, xray: dict[str, bool], of_functions: str, of_api: bool
) -> None:
    root = copied(tmp_path, xray)
    config = project.wired(project.read_config(root), "prod", OUTPUTS)
    text, _ = package(root, config, "prod", "bucket", tmp_path / "work")
    resources = json.loads(text)["Resources"].values()
    functions = [r["Properties"] for r in resources if r["Type"] == "AWS::Serverless::Function"]
    apis = [r["Properties"] for r in resources if r["Type"] == "AWS::Serverless::Api"]
    assert len(functions) == len(CONFIG["lambda_functions"])
    assert {function["Tracing"] for function in functions} == {of_functions}
    assert [api["TracingEnabled"] for api in apis] == [of_api]


class Holding:
    """Equal to every list that holds this."""

    def __init__(self, item: Any) -> None:
        self._item = item

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list) and self._item in other

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(("xray", "tracing"), [({}, "false"), ({"xray": True}, "true")])
def test_the_resources_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, xray: dict[str, bool], tracing: str
) -> None:
    # It would refuse a Python that Lambda has deprecated, and these tests run on one, too.
    monkeypatch.setattr(deploy, "sys", SimpleNamespace(version_info=(3, 12, 1)))
    client = deploy.boto3.client("cloudformation")
    monkeypatch.setattr(deploy.boto3, "client", lambda _: client)
    told = {"ParameterKey": "Tracing", "ParameterValue": tracing}
    expected: dict[str, Any] = dict.fromkeys(
        ("StackName", "ChangeSetName", "TemplateBody", "ChangeSetType", "Tags", "Capabilities"), ANY
    )
    with Stubber(client) as aws:
        for _ in range(3):
            aws.add_client_error("describe_stacks", service_message="It does not exist")
        aws.add_client_error(
            "create_change_set", "Seen", expected_params={**expected, "Parameters": Holding(told)}
        )
        with pytest.raises(ClientError, match="Seen"):
            deploy.Deployment(copied(tmp_path, xray), "prod").apply(deploy.WIRED)
        aws.assert_no_pending_responses()


def test_every_role_may_write_traces_and_only_if_there_are_any() -> None:
    policy = RESOURCES["TracingPolicy"]
    assert policy["Condition"] == "IsTraced"
    roles = of_type("AWS::IAM::Role")
    outputs = [TEMPLATE["Outputs"][name]["Value"] for name in OUTPUTS if name.endswith("RoleArn")]
    traced = {output["GetAtt"].removesuffix(".Arn") for output in outputs} | {
        "StateMachineRole",
        "EndJobMachineRole",
    }
    assert {role["Ref"] for role in policy["Properties"]["Roles"]} == traced
    assert len(traced) == len(CONFIG["lambda_functions"]) + 2
    (statement,) = statements({"Policies": [policy["Properties"]]})
    assert {"xray:PutTraceSegments", "xray:PutTelemetryRecords"} <= set(statement["Action"])
    assert all(action.startswith("xray:") for action in statement["Action"])
    own = [a for role in roles.values() for s in statements(role) for a in listed(s["Action"])]
    assert not [action for action in own if "xray" in action]


def test_the_state_machine_is_traced_if_the_stage_says_so() -> None:
    if_asked = {"If": ["IsTraced", {"Enabled": True}, {"Ref": "AWS::NoValue"}]}
    machines = of_type("AWS::StepFunctions::StateMachine").values()
    assert [machine["TracingConfiguration"] for machine in machines] == [if_asked, if_asked]
