"""The embedded AWS: a directory in, an emulator of AWS on a port of this machine out."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import requests
from processes import Background
from stage import DeployError

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "VIRTUAL_ENV", "SYSTEMROOT", "SSL_CERT_FILE")
_START_SECONDS = 60.0


def bare_environ(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a program needs to run, and nothing of the user's: no credentials, no keys."""
    source = os.environ if environ is None else environ
    return {name: source[name] for name in _PASSED_ON if name in source}


class Emulator:
    """ministack, whose functions see its environment and are unpacked into its TMPDIR."""

    def __init__(self, directory: Path, port: int, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        temporary = directory / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        settings = {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "AUTH": "true",  # roles are enforced, as on AWS
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "TMPDIR": str(temporary.resolve()),
            "S3_DATA_DIR": str((directory / "s3").resolve()),
            "STATE_DIR": str((directory / "state").resolve()),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }
        command = [sys.executable, "-m", "ministack"]
        self._process = Background(command, {**bare_environ(), **settings}, log)

    def wait_until_ready(self) -> None:
        """Raises DeployError, with the way to its log, if it does not come up."""
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self._process.is_running():
            if answers(f"{self.url}/_ministack/health"):
                return
            time.sleep(0.05)
        raise DeployError(f"The emulator of AWS does not start; see {self._process.log}.")

    def stop(self) -> None:
        self._process.stop()


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False
