"""Looks for known weaknesses of the locked packages, with pip-audit: `make audit`.

It exits with 0 if there are none, with 1 if there are, with 2 if that is not known of all packages.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
#: The first has all packages but those of `make bench` and the installer.
LISTS = (
    "requirements-dev.txt",
    "tests/benchmarks/requirements.txt",
    "statemachine/packages/installer.txt",
)
UNREACHABLE = "Nothing was audited: the advisories cannot be reached from here."


def audit(lists: Sequence[Path], options: Sequence[str] = ()) -> tuple[int, str]:
    """The exit status and what to tell. ``options``: further ones of pip-audit."""
    named = [word for path in lists for word in ("--requirement", str(path))]
    # The lists name every package: pip is not asked what else they need.
    exact = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
    command = [sys.executable, "-m", "pip_audit", *exact, *named, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:  # it reports nothing where the service gives no answer
        return 2, UNREACHABLE
    return verdict(packages)


def verdict(packages: Sequence[dict[str, Any]]) -> tuple[int, str]:
    """What pip-audit found. It calls a package that the service does not know no problem, and here it is one: behind
    a mirror without advisories that would be every package.
    """
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    if len(unknown) == len(packages):
        return 2, UNREACHABLE
    weak = [
        f"{package['name']} {package['version']}: {weakness['id']}, mended in "
        f"{', '.join(weakness['fix_versions']) or 'no version yet'}"
        for package in packages
        for weakness in package.get("vulns", [])
    ]
    told = [*weak, *(f"{name}: not audited, no advisories are known for it" for name in unknown)]
    status = 1 if weak else 2 if unknown else 0
    return status, "\n".join(told) or f"No known weaknesses in {len(packages)} packages."


def main() -> int:
    status, told = audit([ROOT / name for name in LISTS], sys.argv[1:])
    print(told, file=sys.stderr if status else sys.stdout)
    return status


if __name__ == "__main__":
    sys.exit(main())
