"""The whole service on this machine: a project in, its API on loopback against an embedded AWS out."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy import PACKAGE, Deployed, Deployment
from emulator import Emulator, answers, bare_environ
from processes import Background, free_port, is_taken
from project import copy_project, read_config
from stacks import Say
from stage import DeployError, Stage
from target import Target

STAGE = "local"
_FOR_PROVIDERS = ("_API_KEY", "_BASE_URL", "_CREDITS", "_CALLS_PER_MINUTE", "_TIMEOUT_SECONDS")
_DECLARATIONS = "PROVIDER_DECLARATIONS"
_API_SECONDS = 30.0


@dataclass(frozen=True)
class Ports:
    api: int
    aws: int

    @staticmethod
    def chosen(environ: Mapping[str, str]) -> Ports:
        """LOCAL_API_PORT and LOCAL_AWS_PORT, or free ones."""
        return Ports(_port(environ, "LOCAL_API_PORT"), _port(environ, "LOCAL_AWS_PORT"))


def _port(environ: Mapping[str, str], name: str) -> int:
    text = environ.get(name, "")
    if not text:
        return free_port()
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise DeployError(f"{name} is {text!r}; it must be the number of a port.")
    if is_taken(int(text)):
        raise DeployError(f"{name} is {text}, but something listens there already.")
    return int(text)


class LocalStack:
    """Start with `start`, and end with `stop` whatever happened; what it writes is in `directory`.

    Two of them can run side by side: each has its own subdirectory, and they share only what Chalice
    has built, which is named by its content.
    """

    def __init__(
        self,
        project: Path,
        directory: Path,
        ports: Ports,
        with_libraries: bool = False,
        say: Say = print,
    ) -> None:
        """Without libraries the functions take them from the emulator's own Python, which they do even
        with them: then nothing has to be downloaded, and unpacked for every process of a function."""
        self._project = project
        self._with_libraries = with_libraries
        self._directory = directory
        self._own = directory / f"run-{os.getpid()}-{ports.aws}"
        self._ports = ports
        self._say = say
        self._began = time.monotonic()
        self._emulator: Emulator | None = None
        self._api: Background | None = None
        self.target: Target | None = None
        self.deployed: Deployed | None = None

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._ports.api}"

    @property
    def aws_url(self) -> str:
        return f"http://127.0.0.1:{self._ports.aws}"

    def start(self, stage: str = STAGE) -> None:
        self._clear_leftovers()
        self.start_emulator()
        self.deployed = self.deploy(stage)
        self._lap("deployed")
        self._start_api(stage)
        self._lap("serving")

    def start_emulator(self) -> Target:
        environ = {**bare_environ(), "TMPDIR": str(self._temporary())}
        self._emulator = Emulator(
            self._own / "emulator", self._ports.aws, self._directory / "emulator.log"
        )
        self._emulator.wait_until_ready()
        self._lap("AWS is up")
        self.target = Target.emulator(self._emulator.url, environ)
        return self.target

    def deploy(self, stage: str = STAGE, mode: str = PACKAGE) -> Deployed:
        """By way of a copy of the project: `git status` does not see a deployment."""
        return self.deployment(stage, mode).apply()

    def deployment(self, stage: str = STAGE, mode: str = PACKAGE) -> Deployment:
        assert self.target is not None, "start_emulator comes first"
        copied = self._copy(stage)
        return Deployment(self.target, copied, stage, mode, say=_nothing)

    def keep_logs(self, stage: str = STAGE) -> Path:
        """A file with what the functions logged; their logs end with the emulator."""
        assert self.target is not None, "start_emulator comes first"
        kept = self._directory / "functions.log"
        app = read_config(self._project)["app_name"]
        client = self.target.client("logs")
        with kept.open("w", encoding="utf-8") as out:
            for group in Stage(app, stage).log_groups():
                out.write(f"==== {group}\n")
                pages = client.get_paginator("filter_log_events").paginate(logGroupName=group)
                out.writelines(
                    f"{event['message'].rstrip()}\n" for p in pages for event in p["events"]
                )
        return kept

    def stop(self) -> None:
        if self._api is not None:
            self._api.stop()
        if self._emulator is not None:
            self._emulator.stop()
        shutil.rmtree(self._own, ignore_errors=True)

    def copy_of(self, stage: str) -> Path:
        return self._own / "projects" / stage

    def _copy(self, stage: str) -> Path:
        copied = self.copy_of(stage)
        config = read_config(self._project)
        if copied.exists():
            return copied
        own = config.setdefault("stages", {}).setdefault(stage, {})
        own["environment_variables"] = {
            # A worker is a process that is as fast as a core, when it does not wait for the emulator or
            # a vendor; more of them only start slower.
            "WORKER_CONCURRENCY": str(min((os.cpu_count() or 2) + 1, 8)),
            **own.get("environment_variables", {}),
            **provider_settings(os.environ),
        }
        copied.mkdir(parents=True)
        copy_project(self._project, copied, config, self._directory / "built")
        if not self._with_libraries:
            (copied / "requirements.txt").write_text("", "utf-8")
        return copied

    def _start_api(self, stage: str) -> None:
        assert self.target is not None, "start_emulator comes first"
        server = Path(__file__).with_name("serve_api.py")
        copied = str(self.copy_of(stage))
        command = [sys.executable, str(server), "--project-dir", copied]
        command += ["--stage", stage, "--port", str(self._ports.api)]
        self._api = Background(command, self.target.environ, self._directory / "api.log")
        end = time.monotonic() + _API_SECONDS
        while not answers(f"{self.api_url}/health"):
            if not self._api.is_running() or time.monotonic() > end:
                raise DeployError(f"The API does not start; see {self._api.log}.")
            time.sleep(0.05)

    def _temporary(self) -> Path:
        path = (self._own / "tmp").resolve()
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _clear_leftovers(self) -> None:
        """Of runs that were killed hard: their directories hold copies of contacts."""
        for left in self._directory.glob("run-*"):
            if not _is_running(int(left.name.split("-")[1])):
                shutil.rmtree(left, ignore_errors=True)

    def _lap(self, what: str) -> None:
        self._say(f"  {time.monotonic() - self._began:4.1f} s  {what}")


def provider_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """What the caller's environment says about providers, for the functions; never printed."""
    settings = {name: value for name, value in environ.items() if name.endswith(_FOR_PROVIDERS)}
    if _DECLARATIONS in environ:  # the functions run in a copy of the project
        settings[_DECLARATIONS] = str(Path(environ[_DECLARATIONS]).resolve())
    settings.pop("WORKER_TIMEOUT_SECONDS", None)  # which is not a provider
    return settings


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _nothing(_: str) -> None:
    """Which resources a local deployment adds is of no interest."""
