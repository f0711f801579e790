"""What a run on this machine keeps to itself: its folder, and its ports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from machine.folder import RunFolder
from machine.visitors import refusal

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.append(sys.argv[1])
from machine.folder import RunFolder
folder = RunFolder(Path(sys.argv[2]))
folder.make()
(folder.path / "config.json").write_text("a key of a provider")
os.kill(os.getpid(), signal.SIGKILL)
"""


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_only_its_user_can_read_what_a_run_writes(tmp_path: Path) -> None:
    parent = tmp_path / ".local"
    parent.mkdir(mode=0o755)
    folder = RunFolder(parent / "run-1")
    folder.make()
    assert (mode(parent), mode(folder.path)) == (0o700, 0o700)
    folder.delete()
    assert list(parent.iterdir()) == []


def test_keys_that_a_killed_run_has_left_are_gone_at_the_next_start(tmp_path: Path) -> None:
    left = tmp_path / "run-1"  # 1 is the number of a process that always runs
    command = [sys.executable, "-c", KILLED, str(ROOT / "statemachine"), str(left)]
    assert subprocess.run(command, check=False, timeout=30).returncode == -9
    assert (left / "config.json").exists()
    running, folder = RunFolder(tmp_path / "run-2"), RunFolder(tmp_path / "run-3")
    running.make()
    folder.make()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run-2", "run-3"]
    running.delete()
    folder.delete()


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "localhost:1", "[::1]:8000"])
@pytest.mark.parametrize("origin", [None, "http://localhost:3000", "https://app.example.org"])
def test_programs_of_this_machine_may_ask(host: str, origin: str | None) -> None:
    assert refusal(host, origin, ["https://app.example.org"]) == ""


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        *(("evil.example.org:8000", None), ("", None), ("127.0.0.1.example.org", None)),
        *(("[", None), ("192.0.2.1:8000", None), ("localhost@example.org", None)),
        *(("localhost", "https://example.org"), ("localhost", "null"), ("localhost", "")),
        *(("localhost", "http://localhost.example.org"), ("localhost", "file://")),
    ],
)
def test_pages_from_elsewhere_may_not(host: str, origin: str | None) -> None:
    assert refusal(host, origin)
