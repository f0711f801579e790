"""The deployed state machine where no code of ours can help: a step that keeps failing."""

from __future__ import annotations

import json
import time

from machine.local_stack import LocalStack

DEADLINE_SECONDS = 120


def test_a_step_that_keeps_failing_ends_the_job_unless_it_has_an_end(
    deployed_stack: LocalStack,
) -> None:
    variables = deployed_stack.variables
    steps = deployed_stack.client("stepfunctions")
    table = deployed_stack.client("dynamodb")
    runs = {}
    # No step can read such a job; one is gone altogether.
    for job, status in {"broken": "SPLITTING", "over": "CANCELLED", "erased": None}.items():
        key = {"pk": {"S": job}, "sk": {"S": "JOB"}}
        if status is not None:
            item = {**key, "run": {"N": "0"}, "status": {"S": status}}
            item["secret"] = {"S": "ada@example.com"}
            table.put_item(TableName=variables["CONTROL_TABLE_NAME"], Item=item)
        runs[job] = steps.start_execution(
            stateMachineArn=variables["STATE_MACHINE_ARN"],
            name=job,
            input=json.dumps({"job_id": job, "run": 0, "erase": False}),
        )["executionArn"]

    ends = {job: end_of(steps, run) for job, run in runs.items()}
    items = {
        job: table.get_item(
            TableName=variables["CONTROL_TABLE_NAME"], Key={"pk": {"S": job}, "sk": {"S": "JOB"}}
        ).get("Item")
        for job in runs
    }

    assert ends["broken"] == "FAILED"
    assert items["broken"]["status"] == {"S": "FAILED"}
    assert "kept failing" in items["broken"]["error"]["S"]
    assert "ada" not in items["broken"]["error"]["S"]
    assert items["broken"]["finished_at"]["S"].endswith("Z")
    assert ends["over"] == ends["erased"] == "SUCCEEDED"
    assert items["over"]["status"] == {"S": "CANCELLED"}
    assert items["erased"] is None


def end_of(steps: object, run: str) -> str:
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        status = str(steps.describe_execution(executionArn=run)["status"])  # type: ignore[attr-defined]
        if status != "RUNNING":
            return status
        time.sleep(0.2)
    raise AssertionError("the run does not end")
