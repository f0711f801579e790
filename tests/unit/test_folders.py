"""Each folder of chalicelib imports only from itself and from the folders after it in this list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHALICELIB = Path(__file__).parents[2] / "chalicelib"
FOLDERS = (
    *(
        "api",
        "steps",
        "services",
        "lookups",
        "providers",
        "files",
        "aws",
        "callbacks",
        "identity",
        "events",
    ),
    *("logs", "metrics", "model", "settings", "number_settings"),
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_knows_only_those_below_it(folder):
    modules = [*CHALICELIB.glob(f"{folder}.py"), *CHALICELIB.glob(f"{folder}/**/*.py")]
    code = "".join(module.read_text("utf-8") for module in modules)
    known = set(re.findall(r"^\s*from chalicelib\.(\w+)", code, re.MULTILINE))
    assert modules
    assert known <= set(FOLDERS[FOLDERS.index(folder) :])


def test_there_are_no_other_folders():
    assert {path.stem for path in CHALICELIB.iterdir() if path.stem[0] != "_"} == set(FOLDERS)


def test_the_environment_is_read_and_clients_are_made_in_one_place_each():
    code = {path.name: path.read_text("utf-8") for path in CHALICELIB.rglob("*.py")}
    assert [name for name in code if "os.environ" in code[name]] == ["settings.py"]
    assert [name for name in code if "boto3.client" in code[name]] == ["clients.py"]
