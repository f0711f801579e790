"""Runs statemachine/keys.py against the emulator, as an operator does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from machine.local_stack import LocalStack

_PROGRAM = Path(__file__).resolve().parents[2] / "statemachine" / "keys.py"


def run_keys(
    stack: LocalStack, stage: str, *arguments: str, status: int = 0
) -> subprocess.CompletedProcess[str]:
    environ = {
        **os.environ,
        **stack.root_key,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": stack.aws_url,
    }
    done = subprocess.run(
        [sys.executable, str(_PROGRAM), "--stage", stage, *arguments],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


def make_key(stack: LocalStack, stage: str, *options: str) -> str:
    """A new key of the owner "acme"."""
    return run_keys(stack, stage, "create", "acme", *options).stdout.strip()
