"""Executions that end badly: their jobs end too, can be retried, and failed erasures go on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from machine.local_stack import LocalStack

from tests import signed
from tests.end_to_end.waiting import until

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:contact-enrichment-local"


@pytest.fixture
def without_workers(deployed_stack: LocalStack) -> Any:
    """Nobody takes a batch up while this is in force; calling it ends that."""
    client = deployed_stack.client("lambda")
    name = "contact-enrichment-local-worker"
    (mapping,) = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]

    def switch(on: bool) -> None:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)

    switch(False)
    yield lambda: switch(True)
    switch(True)


def test_a_job_whose_execution_is_stopped_fails_and_can_be_retried(
    deployed_stack: LocalStack, without_workers: Callable[[], None]
) -> None:
    url, steps = deployed_stack.api_url, deployed_stack.client("stepfunctions")
    body, headers = "Email\nada.example@acme.example.org\n", {"Content-Type": "text/csv"}
    job = signed.post(f"{url}/process", body, headers=headers, timeout=60).json()["id"]

    def status() -> dict[str, Any]:
        return dict(signed.get(f"{url}/status/{job}", timeout=60).json())

    until(lambda: status()["status"] == "ENRICHING")
    machine = deployed_stack.variables["STATE_MACHINE_ARN"]
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{job}"
    steps.stop_execution(executionArn=arn, cause="ada.example@acme.example.org")
    until(lambda: status()["status"] == "FAILED")
    assert "ABORTED" in status()["error"]
    assert f"/jobs/{job}/retry" in status()["error"]
    assert "ada" not in status()["error"]
    assert status()["finished_at"]

    without_workers()
    assert signed.post(f"{url}/jobs/{job}/retry", timeout=60).status_code == 202
    until(lambda: status()["status"] == "COMPLETED")
    assert (status()["contacts"]["processed"], status()["error"]) == (1, None)


def event(job: dict[str, Any] | None, status: str, machine: str = MACHINE) -> dict[str, Any]:
    """As AWS documents it (Step Functions developer guide, "Automating with EventBridge"): the input is
    text; what an execution does not have is null.
    """
    name = str(uuid.uuid4())
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": "000000000000",
        "time": "2026-02-26T19:42:21Z",
        "region": "us-east-1",
        "resources": [f"{machine.replace(':stateMachine:', ':execution:')}:{name}"],
        "detail": {
            "executionArn": f"{machine.replace(':stateMachine:', ':execution:')}:{name}",
            "stateMachineArn": machine,
            "name": name,
            "status": status,
            "startDate": 1551225146847,
            "stopDate": 1551225151881,
            "input": json.dumps(job),
            "inputDetails": {"included": True},
            "output": None,
            "outputDetails": None,
            "error": None,
            "cause": None,
        },
    }


def test_only_bad_ends_of_this_stage_are_of_interest(deployed_stack: LocalStack) -> None:
    events = deployed_stack.client("events")
    rule = events.describe_rule(Name="contact-enrichment-local-end_job")

    def matches(event: dict[str, Any]) -> bool:
        answer = events.test_event_pattern(
            EventPattern=rule["EventPattern"], Event=json.dumps(event)
        )
        return bool(answer["Result"])

    statuses = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
    matched = [status for status in statuses if matches(event({}, status))]
    assert matched == ["FAILED", "TIMED_OUT", "ABORTED"]
    assert not matches(event({}, "FAILED", f"{MACHINE}-end_job"))
    assert not matches(event({}, "FAILED", MACHINE.replace("-local", "-prod")))


def run_end_job(stack: LocalStack, job: dict[str, Any], status: str, times: int = 1) -> str:
    """How the machine ends that the rule starts, with the same event ``times`` over."""
    steps, detail = stack.client("stepfunctions"), event(job, status)["detail"]
    ends = []
    for _ in range(times):
        started = steps.start_execution(
            stateMachineArn=f"{MACHINE}-end_job", input=json.dumps(detail)
        )["executionArn"]
        done = until(lambda arn=started: ended(steps, arn))
        ends.append(str(done["status"]))
    (end,) = set(ends)
    return end


def ended(steps: Any, arn: str) -> Any:
    found = steps.describe_execution(executionArn=arn)
    return None if found["status"] == "RUNNING" else found


@pytest.mark.parametrize(
    ("stored", "after"),
    [
        ({"status": "SPLITTING", "run": 1}, "FAILED"),
        ({"status": "AGGREGATING", "run": 1}, "FAILED"),
        ({"status": "ENRICHING", "run": 2}, "ENRICHING"),  # it was retried in the meantime
        ({"status": "COMPLETED", "run": 1}, "COMPLETED"),
        ({"status": "COMPLETED_WITH_ERRORS", "run": 1}, "COMPLETED_WITH_ERRORS"),
        ({"status": "CANCELLED", "run": 1}, "CANCELLED"),
        ({"status": "ERASED"}, "ERASED"),
        (None, None),
    ],
)
def test_a_job_that_has_ended_or_runs_again_stays_as_it_is(
    deployed_stack: LocalStack, stored: dict[str, Any] | None, after: str | None
) -> None:
    table, job = deployed_stack.client("dynamodb"), uuid.uuid4().hex
    place = {
        "TableName": deployed_stack.variables["CONTROL_TABLE_NAME"],
        "Key": {"pk": {"S": job}, "sk": {"S": "JOB"}},
    }
    item = place["Key"] | {"status": {"S": stored["status"]}} if stored else {}
    if stored and "run" in stored:
        item["run"] = {"N": str(stored["run"])}
    if stored:
        table.put_item(TableName=place["TableName"], Item=item)

    state = {"job_id": job, "run": 1, "erase": False}
    assert run_end_job(deployed_stack, state, "TIMED_OUT", times=2) == "SUCCEEDED"

    found = table.get_item(**place).get("Item")
    assert (found and found["status"]["S"]) == after
    if stored and after == stored["status"]:
        assert found == item
    elif found:
        assert "TIMED_OUT" in found["error"]["S"]
        assert found["finished_at"]["S"].endswith("Z")


@pytest.mark.parametrize(
    ("status", "number", "again"),
    [
        ("FAILED", 0, ["-erase-1"]),
        ("TIMED_OUT", 3, ["-erase-4"]),
        ("ABORTED", 0, []),  # somebody stopped it
        ("FAILED", 20, []),  # trying does not help
    ],
)
def test_an_erasure_that_failed_is_started_again(
    deployed_stack: LocalStack, status: str, number: int, again: list[str]
) -> None:
    steps, job = deployed_stack.client("stepfunctions"), uuid.uuid4().hex
    state = {"job_id": job, "run": number, "erase": True, "sweep": 0}
    assert run_end_job(deployed_stack, state, status, times=2) == "SUCCEEDED"
    runs = [
        run
        for page in steps.get_paginator("list_executions").paginate(stateMachineArn=MACHINE)
        for run in page["executions"]
        if run["name"].startswith(job)
    ]
    assert [run["name"].removeprefix(job) for run in runs] == again
    for run in runs:  # and it can be done: nothing is left of this job
        done = until(lambda arn=run["executionArn"]: ended(steps, arn))
        assert (done["status"], json.loads(done["input"])["run"]) == ("SUCCEEDED", number + 1)
