"""Fetches the libraries of the package, compared with the hashes in requirements.txt.

Chalice would ask pip for what only the functions' platform needs by name and version, without a hash. So its
pip finds nothing but what was fetched here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, run

from stacks import DeployError

_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
#: The glibc of Amazon Linux 2, then of 2023: docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html.
_OLDEST_GLIBC, _GLIBC = 17, 34 if sys.version_info >= (3, 12) else 26


def fetched(requirements: Path, architecture: str, kept_in: Path) -> Mapping[str, str]:
    """What tells Chalice's pip where the libraries are, none if there are no requirements.

    ``kept_in``: where they stay for the next time. DeployError if one is not what its hash says.
    """
    content = requirements.read_bytes()
    if not content.strip():
        return {}
    described = (sys.version_info[:2], architecture, content)
    folder = kept_in / f"wheels-{hashlib.sha256(repr(described).encode()).hexdigest()[:32]}"
    if not folder.exists():
        for old in kept_in.glob("wheels-*"):
            shutil.rmtree(old)
        unfinished = kept_in / "wheels-unfinished"
        # Chalice asks first for what would run here, then for what runs there.
        _download(requirements, unfinished)
        _download(requirements, unfinished, *_platform(_MACHINES[architecture]))
        unfinished.rename(folder)
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": folder.resolve().as_uri()}


def _platform(machine: str) -> list[str]:
    """Pip's options for a function of this Python; the platforms are those that Chalice takes."""
    names = [f"manylinux_2_{minor}_{machine}" for minor in range(_OLDEST_GLIBC, _GLIBC + 1)]
    abi = "cp{}{}".format(*sys.version_info[:2])
    options = ["--only-binary=:all:", "--implementation", "cp", "--abi", abi]
    return [*options, *(f"--platform={name}" for name in (*names, f"manylinux2014_{machine}"))]


def _download(requirements: Path, folder: Path, *options: str) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    exact = ["--require-hashes", "--no-deps", "--requirement", str(requirements)]
    command = [*pip, *exact, "--dest", str(folder), *options]
    done = run(command, env=os.environ, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, check=False)
    if done.returncode != 0:
        end = "\n".join(done.stdout.decode("utf-8", "replace").strip().splitlines()[-15:])
        raise DeployError(f"The libraries of requirements.txt cannot be fetched:\n{end}")
