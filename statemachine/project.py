"""The Chalice project: its configuration for a stage, and its package."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import zipfile
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, run
from typing import Any

from stacks import DeployError

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


def copy_project(root: Path, to: Path, config: Json) -> None:
    """Copy what decides the package. With bytecode the same code would be another package."""
    parts = [root / part for part in ("app.py", "requirements.txt", "chalicelib", "vendor")]
    for source in (*root.glob(".chalice/*.json"), *parts):
        target = to / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, target)
    write_config(to, config)


def package(
    root: Path, config: Json, stage: str, bucket: str, folder: Path
) -> tuple[str, dict[str, Path]]:
    """Pack the app in ``folder``: its template, and its archives by their keys in ``bucket``."""
    copied, out = folder / "project", folder / "out"
    copy_project(root, copied, config)
    built = root / ".chalice" / "deployments"  # where Chalice finds the libraries of the last time
    built.mkdir(parents=True, exist_ok=True)
    (copied / ".chalice" / "deployments").symlink_to(built.resolve())
    merged = str(Path(__file__).with_name("package.json"))
    run_chalice(copied, "package", "--stage", stage, "--merge-template", merged, str(out))
    text = (out / "sam.json").read_text("utf-8")
    archives = {f"deploy/{content_hash(file)}.zip": file for file in out.glob("*.zip")}
    for key, file in archives.items():
        text = text.replace(f'"./{file.name}"', f'"s3://{bucket}/{key}"')
    template = json.loads(text)
    resources = template["Resources"]
    if "ManagedLayer" in resources:  # SAM would keep its old versions
        resources["ManagedLayer"]["Properties"]["RetentionPolicy"] = "Delete"
    # The emulator does not look for them in the API's definition, where Chalice writes them.
    api = resources["RestAPI"]["Properties"]
    api["BinaryMediaTypes"] = api["DefinitionBody"]["x-amazon-apigateway-binary-media-types"]
    # Chalice has the functions traced; of the API it leaves that out here, unlike `chalice deploy`.
    api["TracingEnabled"] = resources["APIHandler"]["Properties"]["Tracing"] == "Active"
    return json.dumps(template, separators=(",", ":")), archives


def content_hash(archive: Path) -> str:
    """Of names and contents, not of times: the same code has the same hash whenever it is packed."""
    with zipfile.ZipFile(archive) as opened:
        entries = sorted((e.filename, e.CRC, e.file_size) for e in opened.infolist())
    return hashlib.sha256(repr(entries).encode()).hexdigest()


def run_chalice(root: Path, *arguments: str) -> None:
    """Run Chalice's command line. Raises DeployError with the end of its output if it fails."""
    # On this Python, whose version becomes that of the functions. `main` returns the exit status.
    program = "import sys; from chalice.cli import main; sys.exit(main())"
    command = [sys.executable, "-B", "-c", program, *arguments]  # -B: writes no bytecode to pack
    done = run(command, cwd=root, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, text=True, check=False)
    # It only warns about a library that it leaves out of the package.
    if done.returncode != 0 or "Could not install dependencies" in done.stdout:
        end = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise DeployError(f"chalice {arguments[0]} failed:\n{end}")
