"""The lists of packages are locked: everything that is asked for, all that it needs, with hashes."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / "statemachine" / "packages"
#: What is asked for, in PACKAGES → what is locked.
LISTS = {
    "functions.in": "requirements.txt",
    "deploy.in": "statemachine/requirements.txt",
    "tests.in": "requirements-dev.txt",
    "benchmarks.in": "tests/benchmarks/requirements.txt",
    "installer.in": "statemachine/packages/installer.txt",
}
FUNCTIONS, DEPLOY, TESTS, *_ = LISTS.values()
Locked = dict[tuple[str, str], set[str]]


def locked(name: str) -> Locked:
    """(Name, version and marker) → hashes. AssertionError for a line of another kind."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    found: Locked = {}
    for line in filter(None, (line.split("#")[0].strip() for line in text.splitlines())):
        wanted, *hashes = re.split(r"\s+--hash=sha256:", line)
        requirement = Requirement(wanted)
        assert len(requirement.specifier) == 1
        assert requirement.url is None
        found[requirement.name, wanted] = set(hashes)
    return found


def asked_for(name: str) -> list[Requirement]:
    text = (PACKAGES / name).read_text("utf-8")
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-r")]


def canonical(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", LISTS.values())
def test_every_package_has_one_version_and_hashes(name):
    for (_, wanted), hashes in locked(name).items():
        assert "==" in wanted
        assert hashes, wanted
        assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in hashes)


@pytest.mark.parametrize(("asked", "name"), LISTS.items())
def test_what_is_asked_for_is_what_is_locked(asked, name):
    """`make lock` was run after the last change."""
    written = {(n, str(Requirement(wanted).specifier)) for n, wanted in locked(name)}
    for requirement in asked_for(asked):
        assert (canonical(requirement.name), str(requirement.specifier)) in written


def versions(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, wanted in locked(name):
        found.setdefault(package, set()).add(str(Requirement(wanted).specifier))
    return found


@pytest.mark.parametrize("name", LISTS.values())
def test_no_list_names_where_it_was_made(name):
    """Neither a registry nor a folder of somebody's machine: whoever installs it chooses."""
    text = (ROOT / name).read_text("utf-8")
    assert re.findall(r"://|--(?:extra-)?index|--find-links|@ ", text) == []


@pytest.mark.parametrize(("smaller", "larger"), [(FUNCTIONS, DEPLOY), (DEPLOY, TESTS)])
def test_what_is_tested_is_what_is_deployed(smaller, larger):
    tested = versions(larger)
    assert {name: tested[name] for name in versions(smaller)} == versions(smaller)


def test_what_is_installed_is_what_is_locked():
    for _, wanted in locked(TESTS):
        requirement = Requirement(wanted)
        if requirement.marker is None or requirement.marker.evaluate():
            assert version(requirement.name) in requirement.specifier, wanted
