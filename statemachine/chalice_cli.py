"""Chalice as a program: a command line in, its output or a clear failure out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from stage import DeployError
from target import Target

_LAST_LINES = 15


def run(target: Target, project: Path, *arguments: str) -> str:
    """What it printed; raises DeployError with the end of it.

    It runs as a program of its own because it imports app.py, with the variables of the stage, and
    as the Python that runs this, which decides the runtime of the functions.
    """
    command = [sys.executable, "-c", "from chalice.cli import main; main()", *arguments]
    environ = {
        **target.environ,
        "AWS_DEFAULT_REGION": target.region,
        "PYTHONDONTWRITEBYTECODE": "1",  # or the next package would hold other files than this one
    }
    done = subprocess.run(
        command,
        cwd=project,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        end = "\n".join(done.stdout.strip().splitlines()[-_LAST_LINES:])
        raise DeployError(f"chalice {arguments[0]} failed:\n{end}")
    if "Could not install dependencies" in done.stdout:
        raise DeployError(f"chalice {arguments[0]} left libraries out:\n{done.stdout}")
    return done.stdout
