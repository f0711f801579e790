"""Packs the app into archives of code and libraries, and deletes those that no function uses any more."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import zipfile
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from chalice.config import Config

from packing.bytecode import add_bytecode
from packing.project import run_chalice, write_config
from packing.wheels import fetched


def copy_project(root: Path, to: Path, config: dict[str, Any]) -> None:
    """Copy what decides the package. Bytecode of this machine is left out; see bytecode.py."""
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
    root: Path, config: dict[str, Any], stage: str, bucket: str, folder: Path
) -> tuple[str, dict[str, Path]]:
    """Pack the app in ``folder``: its template, and its archives by their keys in ``bucket``."""
    copied, out = folder / "project", folder / "out"
    copy_project(root, copied, config)
    built = root / ".chalice" / "deployments"  # where Chalice finds the libraries of the last time
    built.mkdir(parents=True, exist_ok=True)
    (copied / ".chalice" / "deployments").symlink_to(built.resolve())
    merged = str(Path(__file__).parents[1] / "package.json")
    architecture = Config(stage, config_from_disk=config).lambda_architecture
    libraries = fetched(copied / "requirements.txt", architecture, built)
    arguments = ("package", "--stage", stage, "--merge-template", merged, str(out))
    run_chalice(copied, *arguments, **libraries)
    text = (out / "sam.json").read_text("utf-8")
    archives = {f"deploy/{content_hash(file)}.zip": file for file in out.glob("*.zip")}
    for key, file in archives.items():
        add_bytecode(file, built / f"bytecode-{Path(key).name}")
    for key, file in archives.items():
        text = text.replace(f'"./{file.name}"', f'"s3://{bucket}/{key}"')
    template = json.loads(text)
    _complete(template["Resources"])
    return json.dumps(template, separators=(",", ":")), archives


def _complete(resources: dict[str, Any]) -> None:
    """Add to the resources of Chalice's template what Chalice leaves out."""
    if "ManagedLayer" in resources:  # SAM would keep its old versions
        resources["ManagedLayer"]["Properties"]["RetentionPolicy"] = "Delete"
    api = resources["RestAPI"]["Properties"]
    # The emulator does not look for them in the API's definition, where Chalice writes them.
    api["BinaryMediaTypes"] = api["DefinitionBody"]["x-amazon-apigateway-binary-media-types"]
    # Chalice has the functions traced; of the API it leaves that out here, unlike `chalice deploy`.
    api["TracingEnabled"] = resources["APIHandler"]["Properties"]["Tracing"] == "Active"
    for methods in api["DefinitionBody"]["paths"].values():
        # Of all others API Gateway would say that there is no such route; the app says which there are.
        one = next(iter(methods.values()))["x-amazon-apigateway-integration"]
        called = {part: one[part] for part in ("type", "httpMethod", "uri")}
        any_method = {"responses": {}, "x-amazon-apigateway-integration": called}
        methods["x-amazon-apigateway-any-method"] = any_method


def content_hash(archive: Path) -> str:
    """Of names and contents, not of times: the same code has the same hash whenever it is packed."""
    with zipfile.ZipFile(archive) as opened:
        entries = sorted((e.filename, e.CRC, e.file_size) for e in opened.infolist())
    described = (sys.implementation.cache_tag, entries)  # the bytecode is that of this Python
    return hashlib.sha256(repr(described).encode()).hexdigest()


def delete_superseded(bucket: Any, kept: Collection[str], before: datetime) -> None:
    """Delete archives other than ``kept`` that were stored before a time.

    A lifecycle rule cannot do it: the archive of the last deployment, however old, is what CloudFormation
    goes back to if the next one fails.
    """
    for stored in bucket.objects.filter(Prefix="deploy/"):
        if stored.key not in kept and stored.last_modified < before:
            stored.delete()
