"""The benchmark of the steps still runs; what it measures is for people to read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

STEPS = Path(__file__).parents[1] / "benchmarks" / "steps.py"


def test_the_steps_can_be_measured() -> None:
    run = subprocess.run(
        [sys.executable, str(STEPS), "500"], capture_output=True, text=True, timeout=120, check=True
    )
    assert "real_split: 500 rows" in run.stdout
    assert "real_aggregate: 500 rows" in run.stdout
