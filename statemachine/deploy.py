"""Deploys a stage: its name in, the resources, the app and the state machine as they are here out.

    python statemachine/deploy.py --stage dev              # the app by `chalice deploy`
    python statemachine/deploy.py --stage prod --package   # the app as a CloudFormation stack
    python statemachine/deploy.py --stage dev --plan       # what would change
    python statemachine/deploy.py --stage dev --delete     # nothing left of it

Running it again changes only what changed. It exits with 0, 1 (something failed) or 2 (the command
does not fit).
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from deletion import delete_stage
from direct_app import DirectApp
from machine import Machine
from packaged_app import PackagedApp
from project import (
    Config,
    clean_copy,
    queue_visibility,
    read_config,
    variable,
    with_outputs,
    write_config,
)
from stacks import Say, Stack, Stacks, Wanted
from stage import DeployError, Outputs, Stage, UsageError
from target import Target

RESOURCES = Path(__file__).with_name("resources.yaml")
MODE_TAG = "deploy-mode"
PACKAGE, DIRECT = "package", "chalice-deploy"
_STAGE_NAME = re.compile(r"[a-z][a-z0-9-]{0,15}")


@dataclass(frozen=True)
class Deployed:
    """A stage as it is now."""

    api_url: str
    outputs: Outputs
    changed: tuple[str, ...]
    """Which of resources, app and state machine had to change."""


class Deployment:
    """One stage of one project, by one of the two ways."""

    def __init__(
        self, target: Target, project: Path, stage_name: str, mode: str, say: Say = print
    ) -> None:
        self._target = target
        self._project = project
        self._config = read_config(project)
        self._stage = Stage(self._config["app_name"], stage_name)
        self._mode = mode
        self._say = say
        self._stacks = Stacks(target.client("cloudformation"), target.poll_seconds, say)
        self._tags = {"app": self._stage.app, "stage": stage_name, MODE_TAG: mode}

    def apply(self) -> Deployed:
        self._refuse_the_other_mode()
        resources = self.apply_resources()
        outputs = self._found(self._stage.resources_stack).outputs
        config = with_outputs(self._config, self._stage, outputs)
        write_config(self._project, config)
        url, app = self._apply_app(config, outputs)
        machine = Machine(self._target.client("stepfunctions"), self._stage, outputs).apply()
        self._tell("state machine", machine)
        parts = {"resources": resources, "app": app, "state machine": machine}
        return Deployed(url, outputs, tuple(part for part, changed in parts.items() if changed))

    def apply_resources(self) -> bool:
        changed = self._stacks.apply(self._resources())
        self._tell("resources", changed)
        return changed

    def plan(self) -> tuple[str, ...]:
        """What `apply` would change; touches nothing."""
        self._refuse_the_other_mode()
        changes = [f"resources: {change}" for change in self._stacks.plan(self._resources())]
        stack = self._stacks.find(self._stage.resources_stack)
        if stack is None:
            later = ("app: add all of it", "state machine: add it")
            return (*changes, *later)
        config = with_outputs(self._config, self._stage, stack.outputs)
        changes += [f"app: {change}" for change in self._plan_app(config, stack.outputs)]
        machine = Machine(self._target.client("stepfunctions"), self._stage, stack.outputs)
        change = machine.change()
        return (*changes, *([f"state machine: {change} it"] if change else []))

    def delete(self) -> None:
        delete_stage(self._target, self._stage, self._stacks, self._project, self._say)

    def _refuse_the_other_mode(self) -> None:
        """Chalice cannot take over functions that a stack owns, nor a stack those of Chalice."""
        stack = self._stacks.find(self._stage.resources_stack)
        used = stack.tags.get(MODE_TAG, self._mode) if stack else self._mode
        if used != self._mode:
            how = "with --package" if used == PACKAGE else "without --package"
            raise UsageError(
                f"Stage {self._stage.name} was deployed {how}. "
                f"Deploy it {how} again, or --delete it first. Nothing was touched."
            )

    def _resources(self) -> Wanted:
        def own(name: str, default: str) -> str:
            return variable(self._config, self._stage.name, name, default)

        parameters = {
            "AppName": self._stage.app,
            "Stage": self._stage.name,
            "QueueVisibilitySeconds": str(queue_visibility(self._config, self._stage.name)),
            "MaxReceiveCount": own("MAX_RECEIVE_COUNT", "5"),
            "RetentionDays": own("RETENTION_DAYS", "30"),
            "Emulated": "true" if self._target.is_emulated else "false",
        }
        template = RESOURCES.read_text("utf-8")
        return Wanted(self._stage.resources_stack, template, parameters, self._tags)

    def _found(self, name: str) -> Stack:
        stack = self._stacks.find(name)
        if stack is None:
            raise DeployError(f"{name} went away while the stage was deployed.")
        return stack

    def _apply_app(self, config: Config, outputs: Outputs) -> tuple[str, bool]:
        if self._mode == DIRECT:
            direct = DirectApp(self._target, self._stage)
            changed = direct.apply(self._project)
            self._tell("app", changed)
            return direct.api_url(self._project), changed
        packaged = self._packaged(outputs)
        with clean_copy(self._project, config) as project:
            changed = packaged.apply(project, self._tags)
        self._tell("app", changed)
        app = self._found(self._stage.app_stack).outputs
        return self._target.api_url(app["RestAPIId"], app["EndpointURL"]), changed

    def _plan_app(self, config: Config, outputs: Outputs) -> tuple[str, ...]:
        with clean_copy(self._project, config) as project:
            if self._mode == DIRECT:
                return DirectApp(self._target, self._stage).plan(project)
            return self._packaged(outputs).plan(project, self._tags)

    def _packaged(self, outputs: Outputs) -> PackagedApp:
        return PackagedApp(self._target, self._stage, self._stacks, outputs["BucketName"])

    def _tell(self, what: str, changed: bool) -> None:
        self._say(f"{what}: {'deployed' if changed else 'nothing to change'}")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except (DeployError, BotoCoreError, ClientError) as error:
        # Of botocore: no credentials, no permission, no such host; its messages name what is missing.
        print(f"Not deployed: {error}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    if not _STAGE_NAME.fullmatch(options.stage):
        raise UsageError("A stage is 1 to 16 small letters, digits and hyphens, as in: dev")
    mode = PACKAGE if options.package else DIRECT
    target = Target.from_environment()
    deployment = Deployment(target, options.project_dir.resolve(), options.stage, mode)
    if options.delete:
        deployment.delete()
    elif options.plan:
        print("\n".join(deployment.plan()) or "nothing would change")
    else:
        print(deployment.apply().api_url)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Deploy a stage of the contact enrichment service."
    )
    parser.add_argument("--stage", required=True, help="its name, as in: dev, prod")
    parser.add_argument(
        "--package",
        action="store_true",
        help="the app as a CloudFormation stack, which rolls back; a stage keeps to one way",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--plan", action="store_true", help="only say what would change")
    what.add_argument("--delete", action="store_true", help="delete the stage and all its data")
    parser.add_argument(
        "--project-dir",
        type=Path,
        default=Path(__file__).resolve().parent.parent,
        help="where app.py is (default: here)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
