"""`chalice package` takes libraries as requirements.txt locks them, and nothing that its hashes do not name.

The libraries are made here and downloaded by the real pip, so that nothing is fetched from elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import zipfile
from pathlib import Path

import pytest
from packing import project
from packing.archives import copy_project, package
from stacks import DeployError

from tests.functional.test_tracing import CONFIG, OUTPUTS, ROOT

PYTHON = "cp{}{}".format(*sys.version_info[:2])
THERE = f"{PYTHON}-{PYTHON}-manylinux2014_aarch64"
HERE = f"{PYTHON}-{PYTHON}-manylinux2014_{os.uname().machine}"


def write_wheel(folder: Path, name: str, tag: str, content: str) -> str:
    """A wheel in the folder; its hash as a requirement has it."""
    info = f"{name}-1.0.dist-info"
    path = folder / f"{name}-1.0-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", content)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        wheel.writestr(f"{info}/RECORD", "")
    return f"--hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two libraries: one for every platform, one with a file for each."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", wheels.as_uri())
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    pure = write_wheel(wheels, "everywhere", "py3-none-any", "")
    built = [write_wheel(wheels, "built", tag, f"FOR = {tag!r}") for tag in {HERE, THERE}]
    folder = tmp_path / "copy"
    copy_project(ROOT, folder, {**CONFIG, "lambda_architecture": "arm64"})
    locked = f"everywhere==1.0 {pure}\nbuilt==1.0 {' '.join(built)}\n"
    marked = f'absent==1.0 ; python_full_version < "3.10" {pure}\n'
    (folder / "requirements.txt").write_text(f"# by hand\n{locked}{marked}", "utf-8")
    return folder


def packed(root: Path, work: Path) -> dict[str, bytes]:
    """The files in all archives of the package."""
    config = project.wired(project.read_config(root), "prod", OUTPUTS)
    _, archives = package(root, config, "prod", "bucket", work)
    files = {}
    for archive in archives.values():
        with zipfile.ZipFile(archive) as opened:
            files |= {name: opened.read(name) for name in opened.namelist()}
    return files


def test_the_package_has_the_locked_libraries_of_the_functions_platform(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = packed(root, tmp_path / "first")
    libraries = {name.rsplit("/", 1)[-1]: text for name, text in files.items()}
    assert libraries["built.py"] == f"FOR = {THERE!r}".encode()
    assert {"everywhere.py", "openapi.json"} <= set(libraries)
    monkeypatch.setenv("PIP_FIND_LINKS", (tmp_path / "nothing").as_uri())
    assert set(packed(root, tmp_path / "again")) == set(files)  # nothing is fetched twice


@pytest.mark.parametrize("tag", sorted({HERE, THERE, "py3-none-any"}))
def test_a_library_that_is_not_what_its_hash_says_is_not_packed(
    root: Path, tmp_path: Path, tag: str
) -> None:
    name = "everywhere" if tag.endswith("any") else "built"
    write_wheel(tmp_path / "wheels", name, tag, "raise SystemExit")
    with pytest.raises(DeployError, match=r"(?i)hash"):
        packed(root, tmp_path / "work")


def test_a_library_without_a_hash_is_not_packed(root: Path, tmp_path: Path) -> None:
    (root / "requirements.txt").write_text("everywhere==1.0\n", "utf-8")
    with pytest.raises(DeployError, match=r"(?i)hash"):
        packed(root, tmp_path / "work")


def test_methods_that_a_route_does_not_take_are_answered_by_the_app(
    root: Path, tmp_path: Path
) -> None:
    """API Gateway answers methods that are not declared with 403, before the app."""
    (root / "requirements.txt").write_text("", "utf-8")
    config = project.wired(project.read_config(root), "prod", OUTPUTS)
    template, _ = package(root, config, "prod", "bucket", tmp_path / "work")
    assert len(template) < 46_000, "CloudFormation takes 51,200 bytes in a request"
    definition = json.loads(template)["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    for path, methods in definition["paths"].items():
        called = [m["x-amazon-apigateway-integration"]["uri"] for m in methods.values()]
        assert called == [called[0]] * len(methods), path
        assert "x-amazon-apigateway-any-method" in methods, path
