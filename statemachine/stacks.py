"""Makes CloudFormation stacks match their templates, by change sets."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError, WaiterError

_NOTHING_TO_DO = ("didn't contain changes", "No updates are to be performed")
_FAILED_CREATION = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")


class DeployError(Exception):
    """Something went wrong that can be expected to; the message is for the person who deploys."""


@dataclass(frozen=True)
class Stack:
    """Without a status it does not exist; it has outputs once its creation has succeeded."""

    status: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


class Stacks:
    """The stacks of an account. With ``only_plan``, ``apply`` changes none."""

    def __init__(self, client: Any, poll_seconds: float, only_plan: bool = False) -> None:
        self._client, self._only_plan = client, only_plan
        half_an_hour = int(1800 / poll_seconds)
        self._patience = {"Delay": poll_seconds, "MaxAttempts": half_an_hour}

    def find(self, name: str) -> Stack:
        try:
            found = self._client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return Stack()
            raise
        outputs = {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}
        tags = {item["Key"]: item["Value"] for item in found.get("Tags", [])}
        return Stack(found["StackStatus"], outputs, tags)

    def apply(
        self, name: str, template: str, parameters: Mapping[str, str], tags: Mapping[str, str]
    ) -> bool:
        """Print what has to change and change it; whether anything had to. Raises DeployError."""
        status = self.find(name).status
        if status in _FAILED_CREATION and not self._only_plan:
            self.delete(name)  # nothing else can be done with it
            status = ""
        is_new = status in ("", "REVIEW_IN_PROGRESS")  # the latter: only planned
        change_set = {"StackName": name, "ChangeSetName": f"deploy-{uuid.uuid4().hex}"}
        self._client.create_change_set(
            **change_set,
            TemplateBody=template,
            ChangeSetType="CREATE" if is_new else "UPDATE",
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        changes, refusal = self._changes(change_set)
        for change in changes:
            print(f"{name}: {change}", flush=True)
        if changes and not self._only_plan:
            token = change_set["ChangeSetName"]
            self._client.execute_change_set(**change_set, ClientRequestToken=token)
            self._wait(f"stack_{'create' if is_new else 'update'}_complete", name, token)
            return True
        self._client.delete_change_set(**change_set)
        if not status:
            self.delete(name)  # it is empty, and was made for the change set
        if refusal:
            raise DeployError(f"CloudFormation refuses to change {name}: {refusal}")
        return bool(changes)

    def delete(self, name: str) -> None:
        """Delete the stack, if there is one."""
        if self.find(name).status:
            token = f"delete-{uuid.uuid4().hex}"
            self._client.delete_stack(StackName=name, ClientRequestToken=token)
            self._wait("stack_delete_complete", name, token)

    def _changes(self, change_set: Mapping[str, str]) -> tuple[list[str], str]:
        """What would change, and why it cannot, if it cannot."""
        try:
            waiter = self._client.get_waiter("change_set_create_complete")
            waiter.wait(**change_set, WaiterConfig=self._patience)
        except WaiterError as error:
            reason = str(error.last_response.get("StatusReason") or error)
            return [], "" if any(text in reason for text in _NOTHING_TO_DO) else reason
        pages = self._client.get_paginator("describe_change_set").paginate(**change_set)
        changes = [_described(change["ResourceChange"]) for p in pages for change in p["Changes"]]
        return changes or ["modify outputs or tags"], ""  # which are not listed

    def _wait(self, done: str, stack: str, token: str) -> None:
        try:
            self._client.get_waiter(done).wait(StackName=stack, WaiterConfig=self._patience)
        except WaiterError as error:
            reason = self._first_failure(stack, token) or error
            raise DeployError(f"{stack} failed: {reason}") from None

    def _first_failure(self, stack: str, token: str) -> str:
        """Of the operation with this token; the failures after it are its consequences."""
        first = ""
        pages = self._client.get_paginator("describe_stack_events").paginate(StackName=stack)
        for event in (event for page in pages for event in page["StackEvents"]):  # newest first
            failed = event.get("ResourceStatus", "").endswith("_FAILED")
            if failed and event.get("ClientRequestToken") == token:
                why = event.get("ResourceStatusReason", "no reason")
                first = f"{event['LogicalResourceId']} ({event['ResourceType']}): {why}"
        return first


def _described(change: Mapping[str, Any]) -> str:
    kind = change["ResourceType"] + (", replaced" if change.get("Replacement") == "True" else "")
    return f"{change['Action'].lower()} {change['LogicalResourceId']} ({kind})"
