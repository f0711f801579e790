"""CloudFormation: a template and its parameters in, a stack that matches them out, by change sets."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError
from stage import DeployError

Say = Callable[[str], None]

_NOTHING_TO_DO = ("didn't contain changes", "No updates are to be performed")
_DEADLINE_SECONDS = 1800


@dataclass(frozen=True)
class Stack:
    """A stack that is there."""

    id: str
    status: str
    outputs: Mapping[str, str]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Wanted:
    """A stack as it should be: `template` is its text, or an https address in a bucket."""

    name: str
    template: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Proposal:
    """A change set: what CloudFormation would do."""

    name: str
    creates: bool
    changes: tuple[str, ...]


class Stacks:
    def __init__(self, client: Any, poll_seconds: float, say: Say) -> None:
        self._client = client
        self._poll_seconds = poll_seconds
        self._say = say

    def find(self, name: str) -> Stack | None:
        try:
            found = self._client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return None if found["StackStatus"] == "DELETE_COMPLETE" else _stack(found)

    def apply(self, wanted: Wanted) -> bool:
        """Make the stack match; whether anything had to change.

        Raises DeployError with the reason of the first resource that failed.
        """
        self._clear_failed_creation(wanted.name)
        proposal = self._propose(wanted)
        if not proposal.changes:
            self._discard(wanted.name, proposal)
            return False
        for change in proposal.changes:
            self._say(f"  {change}")
        before = set(self._events(wanted.name))
        self._client.execute_change_set(
            StackName=wanted.name, ChangeSetName=proposal.name, ClientRequestToken=proposal.name
        )
        self._finish(wanted.name, before)
        return True

    def plan(self, wanted: Wanted) -> tuple[str, ...]:
        """What `apply` would change; nothing is left behind."""
        proposal = self._propose(wanted)
        self._discard(wanted.name, proposal)
        return proposal.changes

    def delete(self, name: str) -> bool:
        """Whether there was anything to delete."""
        stack = self.find(name)
        if stack is None:
            return False
        before = set(self._events(name))
        self._client.delete_stack(StackName=name)
        status = self._wait(lambda: self._status(stack.id), final="DELETE_")
        if status != "DELETE_COMPLETE":
            raise DeployError(f"{name} could not be deleted: {self._reason(name, before)}")
        return True

    def _propose(self, wanted: Wanted) -> Proposal:
        stack = self.find(wanted.name)
        if stack is not None and stack.status.endswith("_IN_PROGRESS"):
            if stack.status != "REVIEW_IN_PROGRESS":
                raise DeployError(f"{wanted.name} is being changed right now ({stack.status}).")
            self.delete(wanted.name)  # left behind by somebody's plan
            stack = None
        name = f"deploy-{uuid.uuid4().hex}"
        source = "TemplateURL" if wanted.template.startswith("http") else "TemplateBody"
        self._client.create_change_set(
            StackName=wanted.name,
            ChangeSetName=name,
            ChangeSetType="UPDATE" if stack else "CREATE",
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in wanted.parameters.items()
            ],
            Tags=[{"Key": key, "Value": value} for key, value in wanted.tags.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            **{source: wanted.template},
        )
        proposal = Proposal(name, stack is None, ())
        try:
            return replace(proposal, changes=self._changes(wanted.name, name))
        except DeployError:
            self._discard(wanted.name, proposal)
            raise

    def _changes(self, stack: str, name: str) -> tuple[str, ...]:
        described = self._wait_for_change_set(stack, name)
        reason = described.get("StatusReason", "")
        if described["Status"] == "FAILED" and not any(text in reason for text in _NOTHING_TO_DO):
            raise DeployError(f"CloudFormation refuses the change of {stack}: {reason}")
        pages = self._client.get_paginator("describe_change_set").paginate(
            StackName=stack, ChangeSetName=name
        )
        return tuple(
            _change(change["ResourceChange"]) for page in pages for change in page["Changes"]
        )

    def _wait_for_change_set(self, stack: str, name: str) -> dict[str, Any]:
        for _ in self._deadline():
            found = self._client.describe_change_set(StackName=stack, ChangeSetName=name)
            if found["Status"] in ("CREATE_COMPLETE", "FAILED"):
                return dict(found)
        raise DeployError(f"The change set of {stack} is not ready after half an hour.")

    def _discard(self, stack: str, proposal: Proposal) -> None:
        self._client.delete_change_set(StackName=stack, ChangeSetName=proposal.name)
        if proposal.creates:
            self.delete(stack)

    def _clear_failed_creation(self, name: str) -> None:
        """A stack whose creation failed can only be deleted; there is nothing in it to lose."""
        stack = self.find(name)
        if stack is not None and stack.status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED"):
            self._say(f"  removing what is left of {name}, whose creation had failed")
            self.delete(name)

    def _finish(self, name: str, before: set[str]) -> None:
        status = self._wait(lambda: self._status(name))
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise DeployError(f"{name} failed ({status}): {self._reason(name, before)}")

    def _status(self, name: str) -> str:
        try:
            found = self._client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return "DELETE_COMPLETE"
            raise
        return str(found["StackStatus"])

    def _wait(self, status: Callable[[], str], final: str = "") -> str:
        """The status in which it ends, which begins with `final`."""
        for _ in self._deadline():
            now = status()
            if now.startswith(final) and not now.endswith("_IN_PROGRESS"):
                return now
        raise DeployError("CloudFormation is not done after half an hour.")

    def _deadline(self) -> Any:
        end = time.monotonic() + _DEADLINE_SECONDS
        while time.monotonic() < end:
            yield
            time.sleep(self._poll_seconds)

    def _events(self, name: str) -> dict[str, dict[str, Any]]:
        """The newest events of a stack by id, newest first."""
        try:
            events = self._client.describe_stack_events(StackName=name)["StackEvents"]
        except ClientError:
            return {}
        return {event["EventId"]: event for event in events}

    def _reason(self, name: str, before: set[str]) -> str:
        """What went wrong first: the failures after it are its consequences."""
        new = [event for id, event in self._events(name).items() if id not in before]
        for event in reversed(new):
            if event.get("ResourceStatus", "").endswith("_FAILED"):
                reason = event.get("ResourceStatusReason", "no reason given")
                return f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}"
        return "CloudFormation gives no reason; see the events of the stack."


def _stack(found: Mapping[str, Any]) -> Stack:
    return Stack(
        id=found["StackId"],
        status=found["StackStatus"],
        outputs={item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])},
        tags={item["Key"]: item["Value"] for item in found.get("Tags", [])},
    )


def _change(change: Mapping[str, Any]) -> str:
    replaced = ", replaced" if change.get("Replacement") == "True" else ""
    return (
        f"{change['Action'].lower()} {change['LogicalResourceId']} "
        f"({change['ResourceType']}{replaced})"
    )
