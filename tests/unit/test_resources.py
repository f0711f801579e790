"""What is deployed beside the code: the state machine, the resources and the configuration agree."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from chalice.config import Config
from packing.archives import content_hash, copy_project
from packing.project import read_config, run_chalice, unwired, wired
from packing.template import resources_template, uncommented
from stacks import DeployError

from chalicelib.aws import keys
from chalicelib.aws.items import callback_attribute
from chalicelib.aws.uploads import KEPT
from chalicelib.callbacks.sending import ANSWER_SECONDS, MOST_ADDRESSES
from chalicelib.callbacks.sending import CONNECT_SECONDS as CALLBACK_CONNECT_SECONDS
from chalicelib.lookups.calls import CALL_SECONDS
from chalicelib.model.callbacks import WAITS, Callback
from chalicelib.model.clock import DAY
from chalicelib.providers.http import CONNECT_SECONDS, READ_SECONDS
from chalicelib.settings import Settings, read_settings
from chalicelib.steps.erase_job import STRAGGLER_SECONDS

ROOT = Path(__file__).resolve().parents[2]
STATES = json.loads((ROOT / "statemachine" / "enrichment.asl.json").read_text("utf-8"))
END_JOB = json.loads((ROOT / "statemachine" / "end_job.asl.json").read_text("utf-8"))
MACHINES = {"StateMachine": STATES, "EndJobMachine": END_JOB}
FILES = {"StateMachine": "enrichment.asl.json", "EndJobMachine": "end_job.asl.json"}
CONFIG = read_config(ROOT)
FUNCTIONS = tuple(CONFIG["lambda_functions"])
STAGES = sorted(CONFIG["stages"])
TASK_OF = {
    "SplitBatches": "split_batches",
    "CheckCompletion": "check_completion",
    "AggregateResults": "aggregate_results",
    "EraseJob": "erase_job",
    "SendCallback": "send_callback",
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
TEMPLATE = yaml.load(resources_template(), CloudFormation)
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
OUTPUTS = {name: f"the-{name}" for name in TEMPLATE["Outputs"]} | {"WorkerTimeoutSeconds": "60"}


def timeout(stage: str, function: str) -> int:
    return int(Config(stage, config_from_disk=CONFIG).scope(stage, function).lambda_timeout)


def camel_case(function: str) -> str:
    return function.title().replace("_", "")


def of_type(kind: str) -> dict[str, Any]:
    return {
        name: resource["Properties"]
        for name, resource in RESOURCES.items()
        if not name.startswith("Fn::ForEach::") and resource["Type"] == kind
    }


def statements(role: dict[str, Any]) -> list[dict[str, Any]]:
    return [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# The state machine


@pytest.mark.parametrize("machine", [STATES, END_JOB], ids=list(MACHINES))
def test_every_state_says_why_it_is_there(machine: dict[str, Any]) -> None:
    for name, state in machine["States"].items():
        assert len(state.get("Comment", "")) > 20, name


def successors(state: dict[str, Any]) -> set[str]:
    branches = [*state.get("Choices", []), *state.get("Catch", []), state]
    return {b["Next"] for b in branches if "Next" in b} | ({state.get("Default")} - {None})


@pytest.mark.parametrize("machine", [STATES, END_JOB], ids=list(MACHINES))
def test_every_state_can_be_reached_and_reaches_an_end(machine: dict[str, Any]) -> None:
    states = machine["States"]
    reached, frontier = set(), {machine["StartAt"]}
    while frontier:
        name = frontier.pop()
        reached.add(name)
        frontier |= successors(states[name]) - reached
    assert reached == set(states)
    ends = {name for name, state in states.items() if not successors(state)}
    assert {states[name]["Type"] for name in ends} <= {"Fail", "Succeed"}


def test_a_turn_of_the_loop_is_a_wait_a_task_and_a_choice() -> None:
    """Nine events of the 25,000 that a run may have."""
    turn, name = [], "WaitForWorkers"
    while name not in turn:
        turn.append(name)
        state = STATES["States"][name]
        name = state.get("Next") or state["Default"]
    assert [STATES["States"][name]["Type"] for name in turn] == ["Wait", "Task", "Choice"]


def test_the_machine_that_is_deployed_names_every_function_and_nothing_unknown() -> None:
    machines = of_type("AWS::StepFunctions::StateMachine")
    for name, definition in MACHINES.items():
        deployed = json.loads(machines[name]["DefinitionString"])
        assert deployed == uncommented(ROOT / "statemachine" / FILES[name])
        for state in deployed["States"]:  # and nothing else is missing
            deployed["States"][state]["Comment"] = definition["States"][state]["Comment"]
        assert deployed == definition
        named = set(re.findall(r"\$\{(\w+)\}", machines[name]["DefinitionString"]))
        assert named == set(machines[name]["DefinitionSubstitutions"])
    machine = machines["StateMachine"]
    for state, function in TASK_OF.items():
        (name,) = re.findall(r"\$\{(\w+)\}", STATES["States"][state]["Resource"])
        arn = machine["DefinitionSubstitutions"][name]["Sub"]
        assert arn.endswith(f":function:${{AppName}}-${{Stage}}-{function}")


def test_the_template_fits_into_a_request() -> None:
    """CloudFormation takes 51,200 bytes; what is larger has to be read from a bucket."""
    assert len(resources_template().encode()) < 49_000


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("state", TASK_OF)
def test_a_task_waits_a_little_longer_than_its_function_runs(state: str, stage: str) -> None:
    limit = timeout(stage, TASK_OF[state])
    assert limit < STATES["States"][state]["TimeoutSeconds"] <= limit + 60


def test_the_machine_outlives_the_deadline_of_a_job() -> None:
    assert Settings.job_deadline < STATES["TimeoutSeconds"]


@pytest.mark.parametrize("name", TASK_OF)
def test_every_task_tries_again_and_then_tells_the_job(name: str) -> None:
    task = STATES["States"][name]
    assert "Lambda.TooManyRequestsException" in task["Retry"][0]["ErrorEquals"]
    assert task["Retry"][-1]["ErrorEquals"] == ["States.ALL"]
    # An erased job can be told nothing, and a callback changes no job.
    told = {"EraseJob": [], "SendCallback": ["IsFailed"]}.get(name, ["FailJob"])
    assert [c["Next"] for c in task.get("Catch", [])] == told


def test_the_second_sweep_comes_when_no_function_of_before_runs() -> None:
    longest = max(timeout(stage, name) for stage in STAGES for name in TASK_OF.values())
    assert longest < STRAGGLER_SECONDS


def test_what_is_told_to_a_failed_job_holds_no_data() -> None:
    told = json.dumps(STATES["States"]["FailJob"]["Parameters"])
    assert "$.error.Error" in told
    assert "Cause" not in told


def test_both_ways_of_ending_a_job_write_the_same_under_the_same_condition() -> None:
    def written(state: dict[str, Any]) -> dict[str, Any]:
        values = state["Parameters"]["ExpressionAttributeValues"].items()
        fixed = {name: value for name, value in values if name not in (":error", ":this_run")}
        return {**state["Parameters"], "Key": None, "ExpressionAttributeValues": fixed}

    assert written(STATES["States"]["FailJob"]) == written(END_JOB["States"]["EndJob"])


# The resources


def test_no_role_has_permissions_on_everything() -> None:
    for name, role in of_type("AWS::IAM::Role").items():
        for statement in statements(role):
            for resource in listed(statement["Resource"]):
                assert resource != "*", name
            for action in listed(statement["Action"]):
                assert not isinstance(action, str) or "*" not in action, name


def test_who_can_write_rows_and_answers_of_vendors() -> None:
    writing = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"}
    writers = {
        name
        for name, role in of_type("AWS::IAM::Role").items()
        for statement in statements(role)
        if "RecordsTable" in str(statement["Resource"])
        and writing & set(listed(statement["Action"]))
    }
    assert writers == {"WorkerRole"}


def test_who_splits_a_list_may_write_what_it_tells_and_nothing_else() -> None:
    files = (keys.contacts_file, keys.columns_file, keys.facts_file, keys.duplicates_file)
    (put,) = [
        statement
        for statement in statements(of_type("AWS::IAM::Role")["SplitBatchesRole"])
        if "s3:PutObject" in listed(statement["Action"])
    ]
    allowed = {place["Sub"].partition("}/")[2] for place in put["Resource"]}
    assert allowed == {file("*") for file in files}


def test_the_api_reads_the_access_table_and_nobody_else_touches_it() -> None:
    statements = [
        (name, statement)
        for name, role in of_type("AWS::IAM::Role").items()
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "AccessTable" in json.dumps(statement)
    ]
    ((name, statement),) = statements
    assert name == "ApiRole"
    assert statement["Action"] == "dynamodb:GetItem"
    assert statement["Resource"] == {"GetAtt": "AccessTable.Arn"}


def test_who_sends_callbacks_writes_one_attribute_and_reaches_no_contacts() -> None:
    """The emulator looks at no attribute of an update: here the words of the policy are all there is."""
    by_action = {
        listed(s["Action"])[0]: s for s in statements(of_type("AWS::IAM::Role")["SendCallbackRole"])
    }
    reads, writes = by_action.pop("dynamodb:GetItem"), by_action.pop("dynamodb:UpdateItem")
    assert set(by_action) == {"logs:CreateLogStream", "secretsmanager:GetSecretValue"}
    assert by_action["secretsmanager:GetSecretValue"]["Resource"] == {"GetAtt": "LedgerSecret.Id"}
    assert reads["Resource"] == writes["Resource"] == {"GetAtt": "ControlTable.Arn"}
    assert (listed(reads["Action"]), listed(writes["Action"])) == (
        ["dynamodb:GetItem"],
        ["dynamodb:UpdateItem"],
    )
    named = writes["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"]
    assert set(named) == {"pk", "sk", *callback_attribute(Callback(0, 1, 1.0, 200, "", 0.0))}


def test_every_function_has_a_role_and_a_log_group_of_its_own() -> None:
    roles, groups = of_type("AWS::IAM::Role"), of_type("AWS::Logs::LogGroup")
    assert len(roles) == len(FUNCTIONS) + 3  # and those of the state machines and of the rule
    assert len(groups) == len(FUNCTIONS) + 1  # and that of the API's access logs
    for function in FUNCTIONS:
        role, _ = TEMPLATE["Outputs"][f"{camel_case(function)}RoleArn"]["Value"]["GetAtt"].split(
            "."
        )
        logs = [
            listed(s["Resource"])
            for s in statements(roles[role])
            if "logs:PutLogEvents" in listed(s["Action"])
        ]
        ((group,),) = logs
        name = groups[group["GetAtt"].split(".")[0]]["LogGroupName"]["Sub"]
        assert name == f"/aws/lambda/${{AppName}}-${{Stage}}-{function}".removesuffix(
            "-api_handler"
        )


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
    days = {rule.get("Prefix"): rule.get("ExpirationInDays") for rule in rules}
    assert "jobs/" in days
    assert days["uploads/"] * DAY == KEPT


def loops(part: dict[str, Any]) -> dict[str, list[Any]]:
    """Every `Fn::ForEach`, also within others: its collection by its name."""
    found: dict[str, list[Any]] = {}
    for name, value in part.items():
        if name.startswith("Fn::ForEach::"):
            _, collection, body = value
            found |= {name.removeprefix("Fn::ForEach::"): collection, **loops(body)}
    return found


def test_every_function_is_watched_under_its_name() -> None:
    suffixes = {
        camel_case(function).removesuffix("Handler"): f"-{function}" for function in FUNCTIONS
    }
    suffixes["Api"] = ""  # Chalice names it as the stage
    mapped = TEMPLATE["Mappings"]["Functions"]
    assert {name: entry["Suffix"] for name, entry in mapped.items()} == suffixes
    for loop in ("FunctionAlarms", "LoopAlarms"):
        assert sorted(loops(RESOURCES)[loop]) == sorted(suffixes)
    assert loops(RESOURCES)["FunctionMetricAlarms"] == ["Errors", "Throttles"]
    assert loops(RESOURCES)["ExecutionAlarms"] == ["Failed", "TimedOut", "Aborted"]


def test_the_age_of_a_batch_counts_only_while_batches_wait_for_a_worker() -> None:
    """Delayed messages grow old by design, for up to 15 minutes. The emulator has no such alarm."""
    alarm = of_type("AWS::CloudWatch::Alarm")["OldBatchAlarm"]
    metrics = {metric["Id"]: metric for metric in alarm["Metrics"]}
    assert metrics["waited"]["Expression"] == "IF(waiting > 0, age, 0)"
    assert metrics["waiting"]["MetricStat"]["Stat"] == "Minimum"
    assert metrics["age"]["MetricStat"]["Stat"] == "Maximum"
    assert [name for name in metrics if metrics[name].get("ReturnData", True)] == ["waited"]
    assert alarm["Threshold"] == 600


def test_the_dashboard_is_json_and_shows_every_metric_that_rings() -> None:
    body = of_type("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"]["Sub"]
    shown = json.dumps(json.loads(body))
    rings = {
        *("Errors", "Throttles", "RecursiveInvocationsDropped", "5XXError"),
        *("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"),
        *("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"),
        *("VendorStopped", "Credits"),
    }
    assert {name for name in rings if name not in shown} == set()


# The API


def test_access_logs_hold_nothing_that_somebody_may_have_typed() -> None:
    merged = json.loads((ROOT / "statemachine" / "package.json").read_text("utf-8"))
    logs = merged["Resources"]["RestAPI"]["Properties"]["AccessLogSetting"]["Fn::If"][1]
    line = json.loads(logs["Format"])
    assert {"$context.resourcePath", "$context.status", "$context.requestId"} <= set(line.values())
    told = re.compile(r"path$|Path\b|query|sourceIp|userAgent|authorizer|identity|message", re.I)
    assert [v for v in line.values() if told.search(v) and v != "$context.resourcePath"] == []
    assert all(value.startswith("$context.") for value in line.values())


def test_what_api_gateway_answers_by_itself_has_the_form_of_all_errors() -> None:
    merged = json.loads((ROOT / "statemachine" / "package.json").read_text("utf-8"))
    definition = merged["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    own = definition["x-amazon-apigateway-gateway-responses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= set(own) <= gateway_response_types()
    for kind, answer in own.items():
        assert answer["responseParameters"]["gatewayresponse.header.Cache-Control"] == "'no-store'"
        assert list(answer["responseTemplates"]) == ["application/json"], kind
        body = json.loads(answer["responseTemplates"]["application/json"])  # nothing is put in
        assert list(body) == ["code", "message"]
        assert "$" not in body["message"], "what was sent may not be repeated"
    assert own["MISSING_AUTHENTICATION_TOKEN"]["statusCode"] == "404"  # an unknown route


def gateway_response_types() -> set[str]:
    """Those that API Gateway knows, by the model of its API."""
    model = botocore.session.get_session().get_service_model("apigateway")
    return set(model.shape_for("GatewayResponseType").enum)  # type: ignore[attr-defined]


def resource(name: str) -> dict[str, Any]:
    return dict(RESOURCES[name])


def test_nothing_is_tied_to_the_partition_of_most_regions() -> None:
    """In China and GovCloud, ARNs do not begin with arn:aws."""
    assert "arn:aws" not in resources_template()
    machine = resource("StateMachine")["Properties"]
    assert machine["DefinitionSubstitutions"]["Partition"] == {"Ref": "AWS::Partition"}
    assert STATES["States"]["FailJob"]["Resource"].startswith("arn:${Partition}:states:::")


def test_only_state_machines_of_this_account_take_their_role() -> None:
    document = resource("StateMachineRole")["Properties"]["AssumeRolePolicyDocument"]
    (statement,) = document["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    }


@pytest.mark.parametrize(
    ("keeps_data", "deletion", "replacement"),
    [(False, "Delete", "Delete"), (True, "RetainExceptOnCreate", "Retain")],
)
def test_what_holds_data_outlives_a_production_stage(
    keeps_data: bool, deletion: str, replacement: str
) -> None:
    resources = yaml.load(resources_template(keeps_data), CloudFormation)["Resources"]
    holding = {"AWS::DynamoDB::Table", "AWS::S3::Bucket"}
    policies = {
        name: (found["DeletionPolicy"], found["UpdateReplacePolicy"])
        for name, found in resources.items()
        if isinstance(found, dict) and found["Type"] in holding
    }
    assert policies == dict.fromkeys(
        ("ControlTable", "RecordsTable", "AccessTable", "Bucket"), (deletion, replacement)
    )
    for table in of_type("AWS::DynamoDB::Table").values():
        assert table["DeletionProtectionEnabled"] == {"If": ["IsProtected", True, False]}


# The configuration


@pytest.mark.parametrize("stage", STAGES)
def test_a_stalled_job_is_given_up_after_sqs_has_brought_its_batches_back(stage: str) -> None:
    assert 6 * timeout(stage, "worker") < Settings.stall_after
    # A call to a provider ends before the worker that makes it.
    assert CONNECT_SECONDS + READ_SECONDS < CALL_SECONDS < timeout(stage, "worker")


@pytest.mark.parametrize("stage", STAGES)
def test_a_try_of_a_callback_ends_before_its_function(stage: str) -> None:
    """Looking a name up has no limit of its own; that of the C library is 20 s (resolv.conf, 5 s twice each)."""
    longest = 20 + MOST_ADDRESSES * CALLBACK_CONNECT_SECONDS + ANSWER_SECONDS
    assert longest < timeout(stage, "send_callback")


def test_the_tries_of_a_callback_have_room_behind_the_longest_job_by_default() -> None:
    assert sum(WAITS) < 6 * 3600
    assert Settings.job_deadline + sum(WAITS) < STATES["TimeoutSeconds"]


def test_the_api_answers_before_the_gateway_gives_up() -> None:
    assert timeout("prod", "api_handler") <= 29


def test_the_functions_find_their_settings_and_their_roles() -> None:
    deployed = wired(CONFIG, "prod", OUTPUTS)
    functions = deployed["stages"]["prod"]["lambda_functions"]
    assert set(functions) == set(FUNCTIONS)
    for function in FUNCTIONS:
        assert functions[function]["iam_role_arn"] == f"the-{camel_case(function)}RoleArn"
    scope = Config("prod", config_from_disk=deployed).scope("prod", "worker")
    settings = read_settings(scope.environment_variables)
    assert settings.queue_url == "the-SqsQueueUrl"
    assert settings.records_table == "the-DynamoTableName"
    assert settings.control_table == "the-ControlTableName"
    assert settings.bucket == "the-S3BucketName"
    assert settings.state_machine_arn == "the-StateMachineArn"
    assert settings.worker_timeout == timeout("prod", "worker")


def test_a_stage_that_is_wired_and_deleted_leaves_the_configuration_as_it_was() -> None:
    own = {
        "environment_variables": {"RETENTION_DAYS": "7"},
        "lambda_functions": {"worker": {"x": 1}},
    }
    config = {**CONFIG, "stages": {**CONFIG["stages"], "dev": own}}
    deployed = wired(config, "dev", OUTPUTS)
    assert deployed["stages"]["prod"] == CONFIG["stages"]["prod"]
    assert deployed["stages"]["dev"]["environment_variables"]["RETENTION_DAYS"] == "7"
    assert unwired(deployed, "dev", OUTPUTS) == config
    assert unwired(CONFIG, "unknown", OUTPUTS) == CONFIG


# The package


def test_functions_have_the_names_that_the_state_machine_calls() -> None:
    merged = json.loads((ROOT / "statemachine" / "package.json").read_text("utf-8"))["Resources"]
    names = {
        name: resource["Properties"]["FunctionName"]
        for name, resource in merged.items()
        if "FunctionName" in resource["Properties"]
    }
    assert names.pop("APIHandler") == {"Ref": "Prefix"}
    assert names == {
        camel_case(function): {"Fn::Sub": f"${{Prefix}}-{function}"}
        for function in FUNCTIONS
        if function != "api_handler"
    }


def test_the_same_code_built_at_another_time_is_the_same_package(tmp_path: Path) -> None:
    hashes = set()
    for year in (2020, 2026):
        archive = tmp_path / f"{year}.zip"
        with zipfile.ZipFile(archive, "w") as opened:
            opened.writestr(zipfile.ZipInfo("app.py", (year, 1, 1, 0, 0, 0)), "pass")
        hashes.add(content_hash(archive))
    assert len(hashes) == 1


def test_the_copy_that_is_packed_has_no_bytecode_and_its_own_configuration(tmp_path: Path) -> None:
    project, copied = tmp_path / "project", tmp_path / "copied"
    for name in (".chalice/config.json", ".chalice/policy.json", "chalicelib/a.py", "app.py"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("{}", "utf-8")
    (project / "chalicelib" / "__pycache__").mkdir()
    (project / "chalicelib" / "__pycache__" / "a.pyc").write_bytes(b"")
    (project / "enriched.csv").write_text("", "utf-8")
    copy_project(project, copied, {"app_name": "x"})
    files = {str(file.relative_to(copied)) for file in copied.rglob("*") if file.is_file()}
    assert files == {".chalice/config.json", ".chalice/policy.json", "chalicelib/a.py", "app.py"}
    assert read_config(copied) == {"app_name": "x"}
    assert read_config(project) == {}


def test_a_failing_chalice_is_an_error_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(
        DeployError, match=r"(?s)chalice package failed.*not a chalice project|config"
    ):
        run_chalice(tmp_path, "package", str(tmp_path / "out"))
