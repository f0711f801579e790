"""Requests made from openapi.json, good and bad ones: every answer is one that the document describes.

schemathesis makes the requests, the same ones in each run, and compares the answers. It talks to `chalice local`,
whose AWS is moto: with the emulator of the end-to-end tests each accepted list would be enriched as well.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from chalice.config import Config
from chalice.local import LocalDevServer
from machine import routes

from app import app
from tests.functional.resources import API_KEY

PROGRAM = "from schemathesis.cli import schemathesis; schemathesis()"
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_headers_conformance", "response_schema_conformance"),
    *("unsupported_method", "negative_data_rejection", "ignored_auth"),
)
HOW = (
    *("--checks", ",".join(CHECKS), "--phases", "coverage,fuzzing", "--continue-on-failure"),
    *("--generation-deterministic", "--no-shrink"),
    *("--no-color", "--warnings", "off", "--report", "ndjson"),
)


@pytest.fixture
def url(stack, monkeypatch) -> Iterator[str]:
    """The API, served as on a developer's machine."""
    routes.adapt(partial(monkeypatch.setattr, raising=False))
    local = LocalDevServer(app, Config.create(chalice_stage="local"), "127.0.0.1", 0)
    thread = threading.Thread(target=local.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{local.server.server_port}"
    local.shutdown()
    thread.join()
    local.server.server_close()


def explore(url: str, folder: Path, examples: int, *options: str) -> set[tuple[str, int]]:
    """The methods and statuses of all answers; AssertionError with the report if one is not as described."""
    report = folder / "requests.ndjson"
    command = [sys.executable, "-c", PROGRAM, "run", f"{url}/openapi.json", *HOW, *options]
    command += ["--max-examples", str(examples), "--report-ndjson-path", str(report)]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=540, check=False
    )
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
    events = [json.loads(line) for line in report.read_text("utf-8").splitlines()]
    recorded = [
        event["ScenarioFinished"]["recorder"] for event in events if "ScenarioFinished" in event
    ]
    return {
        (tried["request"]["method"], tried["response"]["status_code"])
        for recorder in recorded
        for tried in recorder["interactions"].values()
    }


def test_every_answer_to_a_caller_is_described(url, tmp_path):
    seen = explore(url, tmp_path, 3, "--header", f"Authorization: Bearer {API_KEY}")
    assert {200, 201, 202, 400, 404, 405, 415} <= {status for _, status in seen}


def test_every_answer_to_somebody_without_a_key_is_described(url, tmp_path):
    seen = explore(url, tmp_path, 1)
    assert {status for _, status in seen} == {200, 204, 401, 405, 415}
    # What is open: /health and /openapi.json, and what a browser asks before a page's request.
    assert {pair for pair in seen if pair[1] < 400} == {
        ("GET", 200),
        ("HEAD", 200),
        ("OPTIONS", 204),
    }
