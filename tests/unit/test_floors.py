"""The house stands: a room knows only the floors below it, and the outside world has few doors."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2] / "chalicelib"

#: The floors, from the ground up. A room may know the floors below its own, and its ground-floor
#: neighbours that stand before it here.
GROUND = [
    "errors",
    "clock",
    "contacts",
    "settings",
    "logs",
    "strict_json",
    "options",
    "layout",
    "jobs",
    "identity",
]
FIRST = [
    *("providers", "tables", "batch_queue", "control_items", "control", "markers", "uploads"),
    *("idempotency", "troubles", "bucket", "records", "workflow", "readers", "rows", "writers"),
    *("ledger", "budget", "rates"),
]
SECOND = ["calling", "lookup", "waterfall", "services", "estimate"]
THIRD = [
    *("intake", "split", "completion", "worker", "aggregation", "erasure"),
    *("status", "steering"),
]

ORDER = {room: place for place, room in enumerate([*GROUND, *FIRST, *SECOND])}
MODULES = sorted(HOUSE.rglob("*.py"))


def room_of(path: Path) -> str:
    relative = path.relative_to(HOUSE)
    return relative.parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports name their module in full"
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def test_every_room_has_a_floor():
    rooms = {room_of(path) for path in MODULES} - {"__init__"}
    assert rooms == {*GROUND, *FIRST, *SECOND, *THIRD}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_imports_go_downward(path):
    room = room_of(path)
    known = {name.split(".")[1] for name in imports_of(path) if name.startswith("chalicelib.")}
    for other in known - {room}:
        assert other not in THIRD, f"{room} knows the step {other}"
        assert room in THIRD or ORDER[other] < ORDER[room], f"{room} knows {other}, above it"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_one_place_each_for_chalice_environment_and_clients(path):
    imported = {name.split(".")[0] for name in imports_of(path)}
    source = path.read_text(encoding="utf-8")
    assert "chalice" not in imported
    assert ("os.environ" in source) == (path.name == "settings.py")
    assert ("boto3.client" in source) == (path.name == "services.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_every_room_says_what_it_is(path):
    if path.name == "__init__.py" and path.parent == HOUSE:
        return
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert docstring.split(":")[0].split(",")[0] in (
        *("Ground floor", "First floor", "Second floor", "Third floor"),
    )
