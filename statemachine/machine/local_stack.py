"""An emulator of AWS on this machine, with the app deployed to it."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, STDOUT, CompletedProcess, Popen, run
from threading import Thread
from typing import Any

import boto3
import requests
from packing.archives import copy_project
from packing.project import ROOT, read_config
from stacks import DeployError

from chalicelib.aws.api_keys import ApiKeys
from chalicelib.aws.table import Table
from chalicelib.model.callers import SCOPES
from machine.folder import RunFolder
from machine.processes import end_with_parent, port_of

#: The folder of deploy.py and of the packages that the parts of the emulator import.
_PROGRAMS = Path(__file__).resolve().parent.parent
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "VIRTUAL_ENV", "SYSTEMROOT", "SSL_CERT_FILE")
_SETTINGS = (
    *("_API_KEY", "_BASE_URL", "_CREDITS", "_CALLS_PER_MINUTE", "_TIMEOUT_SECONDS"),
    "CORS_ORIGINS",
)
REGION = {"AWS_DEFAULT_REGION": "us-east-1"}
#: Of the emulator: another one in each run, since anything on this machine can reach its port.
_ROOT_KEY = {
    "AWS_ACCESS_KEY_ID": f"LOCAL{secrets.token_hex(16).upper()}",
    "AWS_SECRET_ACCESS_KEY": secrets.token_hex(32),
}


class LocalStack:
    """Whatever happens after ``start``, call ``stop``. Several can run side by side."""

    def __init__(self, directory: Path, environ: Mapping[str, str]) -> None:
        """``environ`` may name the ports, and says what the functions know of providers."""
        self._api_port, aws_port = (port_of(environ, f"LOCAL_{of}_PORT") for of in ("API", "AWS"))
        self._directory, self.aws_url = directory, f"http://127.0.0.1:{aws_port}"
        self._folder = RunFolder(directory.resolve() / f"run-{os.getpid()}-{aws_port}")
        self._own, self.root_key = self._folder.path, _ROOT_KEY
        self.project = self._own / "project"
        self._environ = {
            **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            **{name: str(self._own / name) for name in ("TMPDIR", "S3_DATA_DIR", "STATE_DIR")},
            **_ROOT_KEY,  # the real credentials never come near it
            **REGION,
            "AWS_ENDPOINT_URL": self.aws_url,
            "GATEWAY_PORT": str(aws_port),
            "BIND_HOST": "127.0.0.1",
            "AUTH": "true",  # roles are enforced, as on AWS
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }
        self._settings = {k: v for k, v in environ.items() if k.endswith(_SETTINGS)}
        if folder := environ.get("PROVIDER_DECLARATIONS"):  # functions run in another directory
            self._settings["PROVIDER_DECLARATIONS"] = str(Path(folder).resolve())
        self._programs: list[Popen[bytes]] = []

    def start(self) -> None:
        """Deploy the app to an emulator. Raises DeployError if a part does not start."""
        self._folder.make()
        config = read_config(ROOT)
        own = config["stages"]["local"]
        # A worker is as fast as a core while it computes; more of them only start slower.
        speed = {"WORKER_CONCURRENCY": str(min((os.cpu_count() or 2) + 1, 8))}
        own["environment_variables"] = speed | own.get("environment_variables", {}) | self._settings
        copy_project(ROOT, self.project, config)
        # The functions find their libraries in the emulator's own Python: none has to be packed.
        (self.project / "requirements.txt").write_text("", "utf-8")
        (self._own / "TMPDIR").mkdir()
        self._run("emulator.log", f"{self.aws_url}/_ministack/health", "-c", _program("emulator"))
        # The emulator loads its CloudFormation at the first call; meanwhile deploy.py loads boto3.
        Thread(target=lambda: self.client("cloudformation").list_stacks(), daemon=True).start()
        deployed = self.deploy("--stage", "local")
        if deployed.returncode != 0:
            raise DeployError(deployed.stderr)
        self.api_url = self.gateway_url = deployed.stdout.split()[-1]
        function = f"{config['app_name']}-local"
        api = self.client("lambda").get_function_configuration(FunctionName=function)
        self.variables: dict[str, str] = api["Environment"]["Variables"]  # where everything is
        self._role = api["Role"]
        access = Table(self.client("dynamodb"), self.variables["ACCESS_TABLE_NAME"])
        self.api_key = ApiKeys(access).create("local", "", frozenset(SCOPES), time.time())

    def serve_routes(self) -> None:
        """From now on ``api_url`` is `chalice local`, which may do what the API's function may."""
        trust = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}'
        name, iam = self._role.rpartition("/")[2], self.client("iam")
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
        profile = self._own / "profile"  # botocore takes on its role, and again before that expires
        keys = "\n".join(f"{name.lower()} = {text}" for name, text in _ROOT_KEY.items())
        role = f"role_arn = {self._role}\nsource_profile = default"
        profile.write_text(f"[default]\n{keys}\n{role}\n", "utf-8")
        own = {"AWS_CONFIG_FILE": str(profile), "AWS_ACCESS_KEY_ID": ""}  # a key would come first
        self.api_url = f"http://127.0.0.1:{self._api_port}"
        serve = ["local", "--no-autoreload", "--stage", "local", "--port", str(self._api_port)]
        chalice = ["-c", _program("routes"), "--project-dir", str(self.project), *serve]
        self._run("api.log", f"{self.api_url}/health", *chalice, **self.variables, **own)

    def stop(self) -> None:
        """End what was started and all that has been started by that."""
        for program in self._programs:  # nothing has to be kept, and ending softly takes a second
            with suppress(ProcessLookupError, PermissionError):  # macOS: only zombies are left
                os.killpg(program.pid, signal.SIGKILL)
            program.wait()
        self._folder.delete()

    def deploy(self, *options: str) -> CompletedProcess[str]:
        """Run deploy.py against the emulator, for the copy of the project that is deployed there."""
        script = str(_PROGRAMS / "deploy.py")
        command = [sys.executable, script, "--project-dir", str(self.project), *options]
        return run(
            command,
            env=self._environ,
            stdin=DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            umask=0o077,
        )

    def client(self, service: str) -> Any:
        """A client of the emulator, as its root user."""
        key, secret = _ROOT_KEY.values()
        session = boto3.Session(key, secret, region_name="us-east-1")
        return session.client(service, endpoint_url=self.aws_url)  # type: ignore[call-overload]

    def keep_logs(self) -> Path:
        """Write what the functions have logged to a file; it ends with the emulator otherwise."""
        kept, logs = self._directory / "functions.log", self.client("logs")
        with kept.open("w", encoding="utf-8") as out:
            for group in (g["logGroupName"] for g in logs.describe_log_groups()["logGroups"]):
                out.write(f"==== {group}\n")
                for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
                    out.writelines(f"{event['message'].rstrip()}\n" for event in page["events"])
        return kept

    def _run(self, log: str, url: str, *command: str, **variables: str) -> None:
        """Run Python in the background until ``stop``, and wait until ``url`` answers."""
        path = self._directory / log
        path.unlink(missing_ok=True)  # not truncated: another run may still write to it
        path.touch(0o600)
        with path.open("wb") as output:
            program = Popen(
                [sys.executable, *command],
                env=self._environ | variables,
                stdout=output,
                stderr=STDOUT,
                umask=0o077,
                start_new_session=True,  # Ctrl-C does not reach it: its user ends first
                preexec_fn=end_with_parent,  # noqa: PLW1509 - a system call, no locks
            )
        self._programs.append(program)
        end = time.monotonic() + 60
        while program.poll() is None and time.monotonic() < end:
            with suppress(requests.RequestException):
                if requests.get(url, timeout=5).ok:
                    return
            time.sleep(0.05)
        raise DeployError(f"A part of the service does not start; see {path}.")


def _program(module: str) -> str:
    """Python that runs a module of ``machine``; what it starts has no other path than usual."""
    folder = str(_PROGRAMS)
    return f"import sys; sys.path.append({folder!r}); from machine import {module}; {module}.main()"
