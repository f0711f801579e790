"""`local.py` as a program: whatever ends it, nothing that it started is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.end_to_end.waiting import until

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / "statemachine" / "local.py"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, str]]]:
    environ = {**os.environ, "LEAKY_API_KEY": "k3y", "SECRET_OF_MINE": "s3cret"}
    with (tmp_path / "output").open("wb") as output:
        # A test run in the background is told to ignore Ctrl-C, and what it starts would as well.
        heed = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
        start = [sys.executable, "-c", heed + "os.execv(sys.executable, sys.argv[1:])"]
        process = subprocess.Popen(
            [*start, sys.executable, str(LOCAL), "--directory", str(tmp_path), "serve"],
            env=environ,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    description = tmp_path / "stack.json"
    try:
        until(description.exists, 60)
        time.sleep(0.1)
        yield process, json.loads(description.read_text("utf-8"))
    finally:
        process.kill()
        process.wait()


def is_down(url: str) -> bool:
    try:
        requests.get(url, timeout=2)
    except requests.ConnectionError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_whatever_ends_it_nothing_is_left(
    served: tuple[subprocess.Popen[bytes], dict[str, str]], tmp_path: Path, number: signal.Signals
) -> None:
    if number == signal.SIGKILL and not sys.platform.startswith("linux"):
        pytest.skip("only Linux ends the children of a program that was killed hard")
    process, where = served
    assert (tmp_path / "stack.json").stat().st_mode & 0o777 == 0o600
    key = {"Authorization": f"Bearer {where['api_key']}"}
    assert requests.get(f"{where['api_url']}/jobs", timeout=10).status_code == 401
    assert requests.get(f"{where['api_url']}/jobs", headers=key, timeout=10).status_code == 200
    process.send_signal(number)
    process.wait(15)
    until(lambda: is_down(where["api_url"]) and is_down(where["aws_endpoint_url"]), 10)
    if number != signal.SIGKILL:
        assert not list(tmp_path.glob("run-*"))
        assert not (tmp_path / "stack.json").exists()
    link = f"{where['api_url']}/#key={where['api_key']}"  # of the page
    assert link in (tmp_path / "output").read_text("utf-8")
    assert "k3y" not in (tmp_path / "output").read_text("utf-8")
