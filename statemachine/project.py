"""The Chalice project: its directory in, what is configured for a stage and a clean copy out."""

from __future__ import annotations

import copy
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stage import FUNCTIONS, DeployError, Outputs, Stage

Config = dict[str, Any]

DEFAULT_LAMBDA_TIMEOUT = 60
"""Seconds; what Chalice takes when nothing is said (chalice.constants)."""
_PARTS = ("app.py", "requirements.txt", "chalicelib", "vendor")
_OURS = ("manage_iam_role", "iam_role_arn")


def config_path(project: Path) -> Path:
    return project / ".chalice" / "config.json"


def read_config(project: Path) -> Config:
    try:
        config = json.loads(config_path(project).read_text("utf-8"))
    except FileNotFoundError:
        raise DeployError(f"{project} is no Chalice project: no .chalice/config.json.") from None
    except ValueError as error:
        raise DeployError(f"{config_path(project)} is no JSON: {error}") from None
    return dict(config)


def write_config(project: Path, config: Config) -> bool:
    """Whether there was anything to write."""
    text = json.dumps(config, indent=2) + "\n"
    path = config_path(project)
    if path.exists() and path.read_text("utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return True


def variable(config: Config, stage: str, name: str, default: str) -> str:
    """An environment variable of the functions, the stage's own before everybody's."""
    merged = {
        **config.get("environment_variables", {}),
        **config.get("stages", {}).get(stage, {}).get("environment_variables", {}),
    }
    return str(merged.get(name, default))


def timeout(config: Config, stage: str, function: str) -> int:
    """Seconds a function may run, found in the order in which Chalice looks it up."""
    own = config.get("stages", {}).get(stage, {})
    for scope in (own.get("lambda_functions", {}).get(function, {}), own):
        if "lambda_timeout" in scope:
            return int(scope["lambda_timeout"])
    everybody = config.get("lambda_functions", {}).get(function, {})
    return int(
        everybody.get("lambda_timeout", config.get("lambda_timeout", DEFAULT_LAMBDA_TIMEOUT))
    )


def queue_visibility(config: Config, stage: str) -> int:
    """Seconds: six times the worker's timeout, as AWS advises for a queue that feeds a function."""
    return 6 * timeout(config, stage, "worker")


def with_outputs(config: Config, stage: Stage, outputs: Outputs) -> Config:
    """The configuration with what the resources stack gave: names as variables, roles by function."""
    new = copy.deepcopy(config)
    own = new.setdefault("stages", {}).setdefault(stage.name, {})
    own["manage_iam_role"] = False
    # Chalice wants one for the whole stage too; it is used where a function has none of its own.
    own["iam_role_arn"] = outputs["ApiRoleArn"]
    own["environment_variables"] = {
        **own.get("environment_variables", {}),
        **variables(config, stage, outputs),
    }
    functions = own.setdefault("lambda_functions", {})
    for function in FUNCTIONS:
        functions.setdefault(function.key, {})["iam_role_arn"] = outputs[function.role_output]
    return new


def variables(config: Config, stage: Stage, outputs: Outputs) -> dict[str, str]:
    """What the functions are told about the stage they run in."""
    return {
        "SQS_QUEUE_URL": outputs["BatchQueueUrl"],
        "DYNAMO_TABLE_NAME": outputs["RecordsTableName"],
        "CONTROL_TABLE_NAME": outputs["ControlTableName"],
        "S3_BUCKET_NAME": outputs["BucketName"],
        "STATE_MACHINE_ARN": outputs["StateMachineArn"],
        "WORKER_TIMEOUT_SECONDS": str(timeout(config, stage.name, "worker")),
    }


def without_outputs(config: Config, stage: Stage) -> Config:
    """The inverse, for a stage that was deleted: its names and roles mean nothing any more."""
    new = copy.deepcopy(config)
    own = new.get("stages", {}).get(stage.name)
    if own is None:
        return new
    names = variables(config, stage, _Any())
    _drop(own, *_OURS)
    _drop(own.get("environment_variables", {}), *names)
    for function in own.get("lambda_functions", {}).values():
        _drop(function, *_OURS)
    functions = {key: value for key, value in own.get("lambda_functions", {}).items() if value}
    own["lambda_functions"] = functions
    for key in ("environment_variables", "lambda_functions"):
        if not own.get(key):
            own.pop(key, None)
    return new


class _Any(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _drop(of: dict[str, Any], *keys: str) -> None:
    for key in keys:
        of.pop(key, None)


def sources(project: Path) -> Iterator[Path]:
    """The files that make the code of the functions, in a fixed order."""
    for part in _PARTS:
        path = project / part
        if path.is_file():
            yield path
        for file in sorted(path.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file


def copy_project(project: Path, to: Path, config: Config, built: Path) -> None:
    """A copy to build from: no `__pycache__`, which would change the package, and `config` instead of
    the file; what Chalice built before is found again through `built`."""
    for part in _PARTS:
        source = project / part
        if source.is_dir():
            shutil.copytree(source, to / part, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, to / part)
    write_config(to, config)
    built.mkdir(parents=True, exist_ok=True)
    (to / ".chalice" / "deployments").symlink_to(built.resolve())


@contextmanager
def clean_copy(project: Path, config: Config) -> Iterator[Path]:
    """A copy that goes away again; `project` itself is left as it is."""
    with tempfile.TemporaryDirectory() as directory:
        copied = Path(directory)
        copy_project(project, copied, config, project / ".chalice" / "deployments")
        yield copied
