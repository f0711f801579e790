"""`make` sets up a clone whose folder has an odd name, notices what changes, and runs a list there.

The packages are made here and installed by the real pip, so that nothing is fetched.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ODD = 'it\'s a  clone of $HOME ~x `id` "q" #1'
PARTS = ("Makefile", "app.py", "enrich.py", "chalicelib", "statemachine", ".chalice/config.json")
LISTS = ("requirements.txt", "statemachine/requirements.txt", "requirements-dev.txt")


@dataclass(frozen=True)
class Clone:
    """A copy of the project in ``folder``. Its packages are in ``wheels``, the index of pip."""

    folder: Path
    wheels: Path

    def command(self, *words: str, **environ: str) -> tuple[list[str], dict[str, str]]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": self.wheels.as_uri()}
        pip["PIP_CONFIG_FILE"] = os.devnull
        return ["make", *words], {**kept, **pip, **environ}

    def make(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        command, env = self.command(*words, **environ)
        return subprocess.run(
            command,
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def set_up(self, kind: str = "set-up", **environ: str) -> str:
        done = self.make(kind, **{"PYTHON": sys.executable, **environ})
        assert done.returncode == 0, done.stderr
        return done.stdout

    def needs_set_up(self, tmp_path: Path) -> bool:
        """Whether `make` would set up now: with a python3 that fails, it can only look."""
        (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "python3").chmod(0o755)
        done = self.make("set-up", PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        assert done.returncode == 0 or "no working python3" in done.stderr
        return done.returncode != 0

    def packages(self) -> dict[str, str]:
        """Name → version of what is installed of the packages in ``wheels``."""
        found = self.folder.glob(".venv/lib/*/site-packages/*.dist-info")
        pairs = [path.name.removesuffix(".dist-info").split("-") for path in found]
        return {name: number for name, number in pairs if name in ("needed", "tool")}


def write_wheel(folder: Path, name: str, version: str) -> str:
    """A package of one module; its line in a locked list."""
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", f"VERSION = {version}\n")
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    content = (folder / f"{name}-{version}-py3-none-any.whl").read_bytes()
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(content).hexdigest()}\n"


def copy_project(folder: Path, needed: str, tool: str) -> None:
    """``needed``, ``tool``: the lines of what running needs and of what tests need as well."""
    for part in PARTS:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        else:
            shutil.copy2(ROOT / part, folder / part)
    for name, text in zip(LISTS, ("", needed, needed + tool), strict=True):
        (folder / name).write_text(text)


def interrupt_set_up(clone: Clone) -> None:
    command, env = clone.command("set-up", PYTHON=sys.executable)
    with subprocess.Popen(command, cwd=clone.folder, env=env, start_new_session=True) as process:
        end = time.monotonic() + 60
        while not (clone.folder / ".venv/bin/python").exists():
            assert time.monotonic() < end
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone in which nothing is set up, as far as the tests go."""
    clone = Clone(tmp_path_factory.mktemp("bare") / ODD, tmp_path_factory.mktemp("wheels"))
    copy_project(clone.folder, "", "")
    return clone


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone that is set up for running, at the second try and with its own environment active."""
    clone = Clone(tmp_path_factory.mktemp("ready") / ODD, tmp_path_factory.mktemp("wheels"))
    copy_project(clone.folder, *(write_wheel(clone.wheels, n, "1") for n in ("needed", "tool")))
    interrupt_set_up(clone)
    assert clone.set_up(PYTHON=".venv/bin/python").startswith("Setting up .venv")
    return clone


def test_what_is_set_up_stays_and_is_compiled(ready: Clone, tmp_path: Path) -> None:
    assert ready.set_up() == ""
    assert not ready.needs_set_up(tmp_path)
    assert list(ready.folder.glob(".venv/lib/*/site-packages/__pycache__/needed.*.pyc"))


@pytest.mark.parametrize("package", ["ministack", "phonenumbers"])
def test_the_real_packages_are_compiled(package: str) -> None:
    """All of them, so also what nothing has imported yet."""
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    sources = list(Path(found.origin).parent.rglob("*.py"))
    assert len(sources) > 50
    missing = [s for s in sources if not Path(importlib.util.cache_from_source(str(s))).exists()]
    assert missing == []


@pytest.mark.parametrize("changed", [*LISTS[:2], "statemachine/set_up.sh"])
def test_what_an_environment_is_made_from_is_noticed(
    ready: Clone, tmp_path: Path, changed: str
) -> None:
    path = ready.folder / changed
    before = path.read_text("utf-8")
    path.write_text(before + "# more\n", "utf-8")
    try:
        assert ready.needs_set_up(tmp_path)
    finally:
        path.write_text(before, "utf-8")
    assert not ready.needs_set_up(tmp_path)


def test_that_the_folder_was_moved_is_noticed(ready: Clone, tmp_path: Path) -> None:
    moved = Clone(ready.folder.with_name("moved"), ready.wheels)
    ready.folder.rename(moved.folder)
    try:
        assert moved.needs_set_up(tmp_path)
    finally:
        moved.folder.rename(ready.folder)
    assert not ready.needs_set_up(tmp_path)


def test_running_needs_no_tools_and_checks_get_them_in_addition(ready: Clone) -> None:
    assert ready.packages() == {"needed": "1"}
    assert ready.set_up("set-up-dev").startswith("Adding the tools")
    assert ready.packages() == {"needed": "1", "tool": "1"}
    assert ready.set_up("set-up-dev") == ready.set_up() == ""


def test_a_package_that_is_not_what_its_hash_says_is_not_installed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    clone = Clone(tmp_path_factory.mktemp("forged") / ODD, tmp_path_factory.mktemp("wheels"))
    needed = write_wheel(clone.wheels, "needed", "1")
    copy_project(clone.folder, needed.replace("sha256:", "sha256:0")[:-2] + "\n", "")
    done = clone.make("set-up", PYTHON=sys.executable)
    assert done.returncode != 0
    assert "hash" in done.stderr.lower()
    assert clone.packages() == {}


def test_another_python_that_is_asked_for_is_not_ignored(ready: Clone) -> None:
    done = ready.make("set-up", PYTHON="no-such-python")
    assert done.returncode != 0
    assert "there is no working no-such-python" in done.stderr


@pytest.mark.parametrize(
    ("module", "text", "said"),
    [
        ("sitecustomize", "import sys; sys.version_info = (3, 9, 18)", "is Python 3.9."),
        ("ensurepip", "raise ImportError", "sudo apt install python"),
    ],
)
def test_a_python_that_will_not_do(
    bare: Clone, tmp_path: Path, module: str, text: str, said: str
) -> None:
    """Too old; or without ensurepip, which is a package of its own in Debian."""
    (tmp_path / f"{module}.py").write_text(text)
    done = bare.make("run", PYTHON=sys.executable, PYTHONPATH=str(tmp_path))
    assert done.returncode != 0
    assert said in done.stderr
    assert not (bare.folder / ".venv").exists()


def test_a_list_with_an_odd_name_in_a_folder_with_an_odd_name(ready: Clone, tmp_path: Path) -> None:
    site = next(ready.folder.glob(".venv/lib/*/site-packages"))
    (site / "real.pth").write_text(sysconfig.get_path("purelib"))
    home = tmp_path / "ho me"
    home.mkdir()
    text = "Name,Their $1\nPerson Example,p@example.org\n"
    (home / "my  li$t 'of' #1 ~.csv").write_text(text)
    output = ready.folder / 'out $$ "put"~.csv'
    contacts = "CONTACTS=~/my  li$t 'of' #1 ~.csv"
    more = "ARGS=--quiet --mapping 'Their $1=email'"
    done = ready.make("run", contacts, f"OUTPUT={output.name}", more, HOME=str(home))
    assert done.returncode == 0, done.stderr
    header, row = output.read_text("utf-8-sig").splitlines()
    assert header.startswith("Name,Their $1,enriched_status")
    assert row.startswith("Person Example,p@example.org,partial")
