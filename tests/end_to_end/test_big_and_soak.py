"""The big job, the soak and the comparison still run, in small; what they find in large is for
``make big``, ``make soak`` and ``make bench``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"

pytestmark = pytest.mark.skipif(
    not Path("/proc").is_dir(), reason="they look at processes in /proc"
)


def run(script: str, *arguments: str) -> list[str]:
    """The lines that a script prints."""
    command = [sys.executable, str(BENCHMARKS / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.stdout, done.stderr
    return done.stdout.splitlines()


def test_a_big_job_in_small() -> None:
    said = run("big_job.py", "1500")
    # How fast the service answers depends on what else this machine does.
    missed = [line for line in said if "MISSED" in line and not line.startswith("GET /status")]
    assert not missed
    assert sum(line.endswith(" held") for line in said) >= 6


def test_a_soak_in_short() -> None:
    """Without kills: the claims of those who died would be waited for, a minute or more."""
    said = run("soak.py", "--minutes", "0.2", "--jobs", "3", "--no-kills")
    assert said[-1].startswith("soak: ")
    assert said[-1].endswith(", 0 problems"), "\n".join(said)


def test_a_comparison_in_small() -> None:
    """Celery may be missing here; then that is said. How fast anything is is for people to read."""
    said = run("compare.py", "300")
    assert any(line.startswith("300 contacts: two bare processes") for line in said)
    assert any(
        line.startswith(("300 contacts: Celery", "Celery on Redis: skipped")) for line in said
    )
    assert any(line.startswith("300 contacts: this service") for line in said)
    assert said[-1].startswith("300 contacts: end of the job")
