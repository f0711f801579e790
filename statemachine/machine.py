"""The state machine: its definition and the resources' outputs in, the machine as defined out."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from stage import DeployError, Outputs, Stage

DEFINITION = Path(__file__).with_name("enrichment.asl.json")
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_NEW_ROLE_SECONDS = 60


def definition(outputs: Outputs, text: str | None = None) -> str:
    """The definition with the names of the stage; raises DeployError for one it does not know."""
    prefix = outputs["FunctionArnPrefix"]
    names = {
        "SplitBatchesArn": f"{prefix}-split_batches",
        "CheckCompletionArn": f"{prefix}-check_completion",
        "EraseJobArn": f"{prefix}-erase_job",
        "AggregateResultsArn": f"{prefix}-aggregate_results",
        "ControlTableName": outputs["ControlTableName"],
    }

    def value(match: re.Match[str]) -> str:
        if match[1] not in names:
            raise DeployError(f"{DEFINITION.name} names ${{{match[1]}}}, which nothing defines.")
        return names[match[1]]

    return _PLACEHOLDER.sub(value, text or DEFINITION.read_text("utf-8"))


class Machine:
    def __init__(self, client: Any, stage: Stage, outputs: Outputs) -> None:
        self._client = client
        self._stage = stage
        self._arn = outputs["StateMachineArn"]
        self._role = outputs["StateMachineRoleArn"]
        self._definition = definition(outputs)

    def change(self) -> str | None:
        """What has to be done, in a word, or None."""
        found = find(self._client, self._arn)
        if found is None:
            return "add"
        same = json.loads(found["definition"]) == json.loads(self._definition)
        return None if same and found["roleArn"] == self._role else "modify"

    def apply(self) -> bool:
        """Whether anything had to change."""
        change = self.change()
        if change == "add":
            self._create()
        elif change == "modify":
            self._client.update_state_machine(
                stateMachineArn=self._arn, definition=self._definition, roleArn=self._role
            )
        return change is not None

    def _create(self) -> None:
        end = time.monotonic() + _NEW_ROLE_SECONDS
        while True:
            try:
                self._client.create_state_machine(
                    name=self._stage.machine,
                    definition=self._definition,
                    roleArn=self._role,
                    type="STANDARD",
                )
                return
            except ClientError as error:
                # A role takes some seconds to be known everywhere, and so does a deletion.
                code = error.response["Error"]["Code"]
                waits = code in ("AccessDeniedException", "StateMachineDeleting")
                if not waits or time.monotonic() > end:
                    raise
                time.sleep(3)


def find(client: Any, arn: str) -> dict[str, Any] | None:
    try:
        found = client.describe_state_machine(stateMachineArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] == "StateMachineDoesNotExist":
            return None
        raise
    return None if found["status"] == "DELETING" else dict(found)


def delete(client: Any, arn: str) -> bool:
    """Whether there was a machine; what it is running is stopped, for its functions go away too."""
    if find(client, arn) is None:
        return False
    pages = client.get_paginator("list_executions").paginate(
        stateMachineArn=arn, statusFilter="RUNNING"
    )
    for page in pages:
        for execution in page["executions"]:
            client.stop_execution(executionArn=execution["executionArn"], cause="stage deleted")
    client.delete_state_machine(stateMachineArn=arn)
    return True
