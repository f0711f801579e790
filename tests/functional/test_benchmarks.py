"""The benchmarks of steps and cost still run; what they measure is for people to read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def run(script: str, argument: str) -> str:
    command = [sys.executable, str(BENCHMARKS / script), argument]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def test_the_steps_can_be_measured() -> None:
    said = run("steps.py", "500")
    assert "real_split: 500 rows" in said
    assert "real_aggregate: 500 rows" in said


def test_the_cost_can_be_counted() -> None:
    said = run("cost.py", "offline")
    # One item of rows and two changes of state a batch, of less than a kilobyte each, and its planning.
    assert "offline: $0.0" in said
    assert "worker: dynamodb PutItem                     1,000 calls" in said
    assert "DynamoDB writes" in said
