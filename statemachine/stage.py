"""The names of a stage: an app and a stage name in, the names of its stacks, functions and machine out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class DeployError(Exception):
    """What was expected to go wrong did: the message is for the person who deploys."""


class UsageError(DeployError):
    """The command does not fit what is there; nothing was touched."""


@dataclass(frozen=True)
class Function:
    """A function as Chalice, its package and the resources stack each call it."""

    key: str
    """In `.chalice/config.json`; also the name in app.py, but for the API."""
    logical_id: str
    """In the template that `chalice package` writes."""
    role_output: str
    """The output of the resources stack that holds the ARN of its role."""


FUNCTIONS = (
    Function("api_handler", "APIHandler", "ApiRoleArn"),
    Function("worker", "Worker", "WorkerRoleArn"),
    Function("split_batches", "SplitBatches", "SplitBatchesRoleArn"),
    Function("check_completion", "CheckCompletion", "CheckCompletionRoleArn"),
    Function("aggregate_results", "AggregateResults", "AggregateResultsRoleArn"),
    Function("erase_job", "EraseJob", "EraseJobRoleArn"),
)


@dataclass(frozen=True)
class Stage:
    app: str
    name: str

    @property
    def resources_stack(self) -> str:
        return f"{self.app}-{self.name}-resources"

    @property
    def app_stack(self) -> str:
        return f"{self.app}-{self.name}-app"

    @property
    def machine(self) -> str:
        return f"{self.app}-{self.name}"

    def function_name(self, key: str) -> str:
        """As Chalice names it, so that both ways of deploying give the same names."""
        base = f"{self.app}-{self.name}"
        return base if key == "api_handler" else f"{base}-{key}"

    def function_names(self) -> tuple[str, ...]:
        return tuple(self.function_name(function.key) for function in FUNCTIONS)

    def log_groups(self) -> tuple[str, ...]:
        return tuple(f"/aws/lambda/{name}" for name in self.function_names())


Outputs = Mapping[str, str]
"""The outputs of a stack by name."""
