"""The Chalice project: its configuration for a stage, and its command line."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, run
from typing import Any

from chalice.config import Config
from stacks import DeployError

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))  # chalicelib is there
Json = dict[str, Any]


def read_config(root: Path) -> Json:
    """What config.json says. Raises DeployError if the folder is no Chalice project."""
    path = root / ".chalice" / "config.json"
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise DeployError(f"Cannot read {path}: {error}") from None


def write_config(root: Path, config: Json) -> None:
    if config != read_config(root):
        text = json.dumps(config, indent=2) + "\n"
        (root / ".chalice" / "config.json").write_text(text, "utf-8")


def wired(config: Json, stage: str, outputs: Mapping[str, str]) -> Json:
    """With what the resources stack gave: SqsQueueUrl as SQS_QUEUE_URL, EraseJobRoleArn as role."""
    new = deepcopy(config)
    own = new.setdefault("stages", {}).setdefault(stage, {})
    # Chalice also wants a role for the whole stage, although every function has its own.
    own |= {"manage_iam_role": False, "iam_role_arn": outputs["ApiHandlerRoleArn"]}
    environment = own.setdefault("environment_variables", {})
    functions = own.setdefault("lambda_functions", {})
    for output, value in outputs.items():
        name = re.sub("(?<!^)(?=[A-Z])", "_", output).upper()
        if name.endswith("_ROLE_ARN"):
            function = name.removesuffix("_ROLE_ARN").lower()
            functions.setdefault(function, {})["iam_role_arn"] = value
        else:
            environment[name] = value
    return new


def unwired(config: Json, stage: str, outputs: Mapping[str, str]) -> Json:
    """The reverse of ``wired``, for a stage that is deleted."""
    new, bare = deepcopy(config), {**config, "stages": {}}
    if stage in new.get("stages", {}):
        added = wired(bare, stage, outputs)["stages"][stage]
        new["stages"][stage] = _without(new["stages"][stage], added)
    return new


def _without(config: Json, added: Json) -> Json:
    kept = {
        key: _without(value, added.get(key, {})) if isinstance(value, dict) else value
        for key, value in config.items()
        if isinstance(value, dict) or key not in added
    }
    return {key: value for key, value in kept.items() if value != {}}


def check_settings(config: Json, stage: str) -> None:
    """Raises DeployError if a number or an address in the environment of a function cannot be right."""
    from chalicelib.number_settings import WrongSettingError, check_numbers
    from chalicelib.providers.addresses import check_addresses

    whole = Config(stage, config_from_disk=config)
    for function in config["lambda_functions"]:
        scope = whole.scope(stage, function)
        timeout = (
            {"WORKER_TIMEOUT_SECONDS": str(scope.lambda_timeout)} if function == "worker" else {}
        )
        try:
            check_numbers({**scope.environment_variables, **timeout})
            check_addresses(scope.environment_variables)
        except WrongSettingError as error:
            raise DeployError(f"{error} Change .chalice/config.json.") from None


def run_chalice(root: Path, *arguments: str, **variables: str) -> str:
    """Run Chalice's command line: its output. ``variables``: of its environment, besides those of this process.
    Raises DeployError with the end of the output if it fails.
    """
    # On this Python, whose version becomes that of the functions. `main` returns the exit status.
    program = "import sys; from chalice.cli import main; sys.exit(main())"
    command = [sys.executable, "-B", "-c", program, *arguments]  # -B: writes no bytecode to pack
    done = run(
        command,
        cwd=root,
        env=os.environ | variables,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        text=True,
        check=False,
    )
    # It only warns about a library that it leaves out of the package.
    if done.returncode != 0 or "Could not install dependencies" in done.stdout:
        end = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise DeployError(f"chalice {arguments[0]} failed:\n{end}")
    return done.stdout
