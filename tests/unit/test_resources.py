"""What is deployed beside the code: the state machine, the resources and the configuration agree."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from machine import definition
from packaged_app import adapt, content_hash
from project import (
    queue_visibility,
    read_config,
    timeout,
    variables,
    with_outputs,
    without_outputs,
)
from stage import FUNCTIONS, DeployError, Stage

from chalicelib.lookups.calls import CALL_SECONDS
from chalicelib.providers.http import CONNECT_SECONDS, READ_SECONDS
from chalicelib.settings import Settings, read_settings
from chalicelib.steps.erase_job import STRAGGLER_SECONDS

ROOT = Path(__file__).resolve().parents[2]
STATES = json.loads((ROOT / "statemachine" / "enrichment.asl.json").read_text("utf-8"))
CONFIG = read_config(ROOT)
STAGES = sorted(CONFIG["stages"])
TASK_OF = {
    "SplitBatches": "split_batches",
    "CheckCompletion": "check_completion",
    "AggregateResults": "aggregate_results",
    "EraseJob": "erase_job",
}


class CloudFormation(yaml.SafeLoader):
    """YAML with the short forms of the intrinsic functions: `!Sub x` is read as {"Sub": x}."""


def _short_form(loader: CloudFormation, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    return {suffix: loader.construct_mapping(node, deep=True)}  # type: ignore[arg-type]


CloudFormation.add_multi_constructor("!", _short_form)
TEMPLATE = yaml.load((ROOT / "statemachine" / "resources.yaml").read_text("utf-8"), CloudFormation)
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
OUTPUTS = {name: f"the-{name}" for name in TEMPLATE["Outputs"]}


def of_type(kind: str) -> dict[str, Any]:
    return {
        name: resource["Properties"]
        for name, resource in RESOURCES.items()
        if resource["Type"] == kind
    }


def statements(role: dict[str, Any]) -> list[dict[str, Any]]:
    return [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# The state machine


def test_every_state_says_why_it_is_there() -> None:
    for name, state in STATES["States"].items():
        assert len(state.get("Comment", "")) > 20, name


def successors(state: dict[str, Any]) -> set[str]:
    branches = [*state.get("Choices", []), *state.get("Catch", []), state]
    return {b["Next"] for b in branches if "Next" in b} | ({state.get("Default")} - {None})


def test_every_state_can_be_reached_and_reaches_an_end() -> None:
    states = STATES["States"]
    reached, frontier = set(), {STATES["StartAt"]}
    while frontier:
        name = frontier.pop()
        reached.add(name)
        frontier |= successors(states[name]) - reached
    assert reached == set(states)
    ends = {name for name, state in states.items() if not successors(state)}
    assert {states[name]["Type"] for name in ends} == {"Fail", "Succeed"}


def test_a_turn_of_the_loop_is_a_wait_a_task_and_a_choice() -> None:
    """Nine events of the 25,000 that a run may have."""
    turn, name = [], "WaitForWorkers"
    while name not in turn:
        turn.append(name)
        state = STATES["States"][name]
        name = state.get("Next") or state["Default"]
    assert [STATES["States"][name]["Type"] for name in turn] == ["Wait", "Task", "Choice"]


def test_all_placeholders_of_the_definition_are_filled() -> None:
    filled = definition(OUTPUTS)
    assert "${" not in filled
    states = json.loads(filled)["States"]
    for state, function in TASK_OF.items():
        assert states[state]["Resource"] == f"the-FunctionArnPrefix-{function}"


def test_an_unknown_placeholder_is_not_deployed() -> None:
    with pytest.raises(DeployError, match="Nobody"):
        definition(OUTPUTS, '{"Resource": "${NobodyArn}"}')


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("state", TASK_OF)
def test_a_task_waits_a_little_longer_than_its_function_runs(state: str, stage: str) -> None:
    limit = timeout(CONFIG, stage, TASK_OF[state])
    assert limit < STATES["States"][state]["TimeoutSeconds"] <= limit + 60


def test_the_machine_outlives_the_deadline_of_a_job() -> None:
    assert Settings.job_deadline < STATES["TimeoutSeconds"]


@pytest.mark.parametrize("name", TASK_OF)
def test_every_task_tries_again_and_then_tells_the_job(name: str) -> None:
    task = STATES["States"][name]
    assert "Lambda.TooManyRequestsException" in task["Retry"][0]["ErrorEquals"]
    assert task["Retry"][-1]["ErrorEquals"] == ["States.ALL"]
    told = [] if name == "EraseJob" else ["FailJob"]  # an erased job can be told nothing
    assert [c["Next"] for c in task.get("Catch", [])] == told


def test_the_second_sweep_comes_when_no_function_of_before_runs() -> None:
    longest = max(timeout(CONFIG, stage, name) for stage in STAGES for name in TASK_OF.values())
    assert longest < STRAGGLER_SECONDS


def test_what_is_told_to_a_failed_job_holds_no_data() -> None:
    told = json.dumps(STATES["States"]["FailJob"]["Parameters"])
    assert "$.error.Error" in told
    assert "Cause" not in told


# The resources


def test_no_role_has_permissions_on_everything() -> None:
    for name, role in of_type("AWS::IAM::Role").items():
        for statement in statements(role):
            for resource in listed(statement["Resource"]):
                assert resource != "*", name
            for action in listed(statement["Action"]):
                assert not isinstance(action, str) or "*" not in action, name


def test_every_function_has_a_role_and_a_log_group_of_its_own() -> None:
    roles = of_type("AWS::IAM::Role")
    assert len(roles) == len(FUNCTIONS) + 1  # and the state machine's
    for function in FUNCTIONS:
        role = roles[function.role_output.removesuffix("Arn")]
        logs = [
            listed(s["Resource"])
            for s in statements(role)
            if "logs:PutLogEvents" in listed(s["Action"])
        ]
        own = function.role_output.removesuffix("RoleArn") + "LogGroup.Arn"
        assert logs == [[{"GetAtt": own}]]


def test_log_groups_are_named_after_the_functions() -> None:
    groups = {
        group["LogGroupName"]["Sub"].replace("${AppName}-${Stage}", "app-dev")
        for group in of_type("AWS::Logs::LogGroup").values()
    }
    assert groups == set(Stage("app", "dev").log_groups())


def test_nobody_reaches_the_bucket_or_a_queue_without_tls() -> None:
    policies = {**of_type("AWS::SQS::QueuePolicy"), **of_type("AWS::S3::BucketPolicy")}
    assert len(policies) == 3
    for name, policy in policies.items():
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert RESOURCES[name]["Condition"] == "TlsRequired"
        assert statement["Effect"] == "Deny"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert TEMPLATE["Parameters"]["Emulated"]["Default"] == "false"


def test_everything_that_holds_contacts_expires() -> None:
    for table in of_type("AWS::DynamoDB::Table").values():
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    rules = of_type("AWS::S3::Bucket")["Bucket"]["LifecycleConfiguration"]["Rules"]
    assert {"jobs/", "uploads/"} <= {rule.get("Prefix") for rule in rules}


# The configuration


@pytest.mark.parametrize("stage", STAGES)
def test_a_batch_stays_invisible_for_six_times_the_workers_timeout(stage: str) -> None:
    assert queue_visibility(CONFIG, stage) == 6 * timeout(CONFIG, stage, "worker")
    assert (
        queue_visibility(CONFIG, stage)
        <= TEMPLATE["Parameters"]["QueueVisibilitySeconds"]["MaxValue"]
    )


@pytest.mark.parametrize("stage", STAGES)
def test_a_stalled_job_is_given_up_after_sqs_has_brought_its_batches_back(stage: str) -> None:
    assert queue_visibility(CONFIG, stage) < Settings.stall_after
    # A call to a provider ends before the worker that makes it.
    assert CONNECT_SECONDS + READ_SECONDS < CALL_SECONDS < timeout(CONFIG, stage, "worker")


def test_the_api_answers_before_the_gateway_gives_up() -> None:
    assert timeout(CONFIG, "prod", "api_handler") <= 29


def test_every_function_is_configured() -> None:
    assert set(CONFIG["lambda_functions"]) == {function.key for function in FUNCTIONS}


def test_the_functions_find_their_settings() -> None:
    stage = Stage(CONFIG["app_name"], "prod")
    settings = read_settings(
        {**CONFIG["environment_variables"], **variables(CONFIG, stage, OUTPUTS)}
    )
    assert settings.queue_url == "the-BatchQueueUrl"
    assert settings.worker_timeout == timeout(CONFIG, "prod", "worker")


def test_a_deployed_and_deleted_stage_leaves_the_configuration_as_it_was() -> None:
    stage = Stage(CONFIG["app_name"], "dev")
    deployed = with_outputs(CONFIG, stage, OUTPUTS)
    own = deployed["stages"]["dev"]
    for function in FUNCTIONS:
        assert (
            own["lambda_functions"][function.key]["iam_role_arn"] == f"the-{function.role_output}"
        )
    assert deployed["stages"]["prod"] == CONFIG["stages"]["prod"]
    assert without_outputs(deployed, stage) == CONFIG


# The package


def test_functions_have_the_names_that_the_state_machine_calls() -> None:
    functions = {f.logical_id: {"Properties": {"CodeUri": "./a.zip"}} for f in FUNCTIONS}
    binary = {"x-amazon-apigateway-binary-media-types": ["text/csv"]}
    api = {"RestAPI": {"Properties": {"DefinitionBody": binary}}}
    template = {"Resources": {**functions, **api}}
    adapted = adapt(template, Stage("app", "dev"), {"./a.zip": "s3://bucket/a.zip"})["Resources"]
    assert adapted.pop("RestAPI")["Properties"]["BinaryMediaTypes"] == ["text/csv"]
    names = {r["Properties"]["FunctionName"] for r in adapted.values()}
    assert names == {"app-dev", *(f"app-dev-{name}" for name in ("worker", *TASK_OF.values()))}


def test_the_same_code_built_at_another_time_is_the_same_package(tmp_path: Path) -> None:
    hashes = set()
    for year in (2020, 2026):
        archive = tmp_path / f"{year}.zip"
        with zipfile.ZipFile(archive, "w") as opened:
            opened.writestr(zipfile.ZipInfo("app.py", (year, 1, 1, 0, 0, 0)), "pass")
        hashes.add(content_hash(archive))
    assert len(hashes) == 1
