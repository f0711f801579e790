"""A copy of the project in which the commands of the pages run, against the stack of the tests."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import xlsxwriter
from machine.local_stack import LocalStack

from tests.end_to_end.pages import PROGRAMS

ROOT = Path(__file__).resolve().parents[2]
_STAND_INS = Path(__file__).with_name("stand_ins.py")
#: Programs that ``make`` needs besides those that the pages call.
_OF_MAKE = ("sh", "bash", "rm")
_LEFT_OUT = (
    *(".git", ".venv", ".local", ".hypothesis", "deployments", "deployed", "__pycache__"),
    *(".*_cache", "enriched.csv", "enriched.jsonl", "*.enriched.*", "job.json"),
)
_CONTACTS = "Name,Email\nAda Example,ada.example@acme.example.org\n"
#: The lists that the pages name.
_LISTS = ("contacts.csv", "my-list.csv", "three-people.csv")


class Clone:
    """A clone that is set up, with no other programs than those that commands may begin with: a command
    of another program fails.
    """

    def __init__(self, folder: Path, stack: LocalStack, declarations: Mapping[str, str]) -> None:
        """``declarations``: declared providers, name → YAML."""
        self.folder, self._bin = folder / "clone", folder / "bin"
        self._stack, self._state = stack, folder / "state"
        self._declarations = folder / "declarations"
        shutil.copytree(ROOT, self.folder, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        # As in the stack: libraries come from the emulator's own Python, none has to be packed.
        (self.folder / "requirements.txt").write_text("", "utf-8")
        for name in _LISTS:
            (self.folder / name).write_text(_CONTACTS, "utf-8")
        with xlsxwriter.Workbook(str(self.folder / "my-list.xlsx")) as workbook:
            sheet = workbook.add_worksheet()
            for row, line in enumerate(_CONTACTS.splitlines()):
                sheet.write_row(row, 0, line.split(","))
        (self.folder / "pdl.key").write_text("a-new-key\n", "utf-8")
        self._declarations.mkdir()
        for name, text in declarations.items():
            (self._declarations / f"{name}.yaml").write_text(text, "utf-8")
        self._make_programs()
        self._make_ready()
        (self.folder / ".local").mkdir()
        description = json.dumps({"api_url": stack.api_url, "api_key": stack.api_key})
        (self.folder / ".local" / "stack.json").write_text(description, "utf-8")

    def begin_page(self) -> None:
        """A new terminal: variables of the page before are gone."""
        self._state.write_text("", "utf-8")

    def run(self, command: str, seconds: float = 120) -> str:
        """The command as it is written, in the terminal of the page; what it prints."""
        state = shlex.quote(str(self._state))
        script = f"set -eauo pipefail\n. {state}\n{command}\nexport -p >{state}"
        ours, theirs = pty.openpty()  # `make deploy` asks at a terminal only
        if stage := re.search(r"STAGE=(\w+) ARGS=--delete", command):
            os.write(ours, f"{stage[1]}\n".encode())
        try:
            done = subprocess.run(
                ["bash", "-c", script],
                cwd=self.folder,
                env=self._environ(),
                stdin=theirs,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        finally:
            os.close(ours)
            os.close(theirs)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        self.messages = done.stderr
        return done.stdout

    def _environ(self) -> dict[str, str]:
        return {
            "PATH": str(self._bin),
            "HOME": str(self._state.parent),
            "LANG": "C.UTF-8",
            "PIP_NO_INDEX": "1",  # what is not set up must not be fetched unnoticed
            "PYTHONDONTWRITEBYTECODE": "1",
            **self._stack.root_key,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self._stack.aws_url,
            "PROVIDER_DECLARATIONS": str(self._declarations),
            "RUNNING_API": self._stack.api_url,
            "REAL_AWS": real_aws(),
            "REAL_PATH": os.environ["PATH"],
            # What the pages tell people to set.
            "STAGE": "local",
            "API": self._stack.api_url,
            "KEY": self._stack.api_key,
            "CONTACT_ENRICHMENT_KEY": self._stack.api_key,
        }

    def _make_programs(self) -> None:
        in_venv = self.folder / ".venv" / "bin"
        in_venv.mkdir(parents=True)
        self._bin.mkdir()
        for path in (self._bin / "aws", in_venv / "python", in_venv / "chalice"):
            command = shlex.join([sys.executable, str(_STAND_INS), path.name])
            path.write_text(f'#!/bin/sh\nexec {command} "$@"\n', "utf-8")
            path.chmod(0o755)
        (self._bin / "python3").symlink_to(sys.executable)
        for name in {*PROGRAMS, *_OF_MAKE} - {"aws", "python", "python3"}:
            if "/" not in name:
                found = shutil.which(name)
                assert found, f"{name} is needed to test the pages"
                (self._bin / name).symlink_to(found)

    def _make_ready(self) -> None:
        """As set_up.sh leaves a folder behind; see there."""
        lists = ["statemachine/set_up.sh", "requirements.txt", "statemachine/requirements.txt"]
        for kind in ("run", "dev"):
            if kind == "dev":
                lists.append("requirements-dev.txt")
            texts = [(self.folder / name).read_text("utf-8") for name in lists]
            text = f"{self.folder.resolve()}\n{sys.version}\n{''.join(texts)}"
            (self.folder / ".venv" / f".ready-{kind}").write_text(text, "utf-8")


@cache
def real_aws() -> str:
    """The path of an AWS CLI that works here; "" for none."""
    found = shutil.which("aws")
    if found is None:
        return ""
    done = subprocess.run([found, "--version"], capture_output=True, timeout=60, check=False)
    return found if done.returncode == 0 else ""
