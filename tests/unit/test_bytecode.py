"""Bytecode in a package: a process of a function takes it, and it is that of the code beside it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from packing.bytecode import add_bytecode

#: Whether a module came from bytecode: it says what it was compiled from.
CODE = """
import sys
sys.path.insert(0, sys.argv[1])
import package.module
print(package.module.VALUE, package.module.__cached__, package.module.f.__code__.co_filename)
"""


def packed(folder: Path, value: int) -> Path:
    archive = folder / f"{value}.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("package/__init__.py", "")
        opened.writestr("package/module.py", f"VALUE = {value}\ndef f():\n    pass\n")
        opened.writestr("package/data.json", "{}")
    add_bytecode(archive, folder / f"made-{value}.zip")
    return archive


def imported(folder: Path) -> list[str]:
    run = [sys.executable, "-B", "-c", CODE, str(folder)]
    return subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()


def test_python_takes_the_bytecode_whatever_the_times_of_the_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(packed(tmp_path, 1)) as opened:
        opened.extractall(tmp_path / "lambda")
    module = tmp_path / "lambda" / "package" / "module.py"
    cached = module.parent / "__pycache__" / f"module.{sys.implementation.cache_tag}.pyc"
    assert imported(tmp_path / "lambda") == ["1", str(cached), str(module)]
    # It is not compared with the source: other code in its place is not looked at.
    module.write_text("VALUE = 2\ndef f():\n    pass\n", "utf-8")
    assert imported(tmp_path / "lambda")[0] == "1"


def test_only_modules_have_bytecode(tmp_path: Path) -> None:
    with zipfile.ZipFile(packed(tmp_path, 1)) as opened:
        compiled = [name for name in opened.namelist() if name.endswith(".pyc")]
    tag = sys.implementation.cache_tag
    assert compiled == [f"package/__pycache__/{name}.{tag}.pyc" for name in ("__init__", "module")]


def test_what_was_made_before_is_taken(tmp_path: Path) -> None:
    """Compiling the libraries takes ten seconds, and most deployments change none."""
    first = packed(tmp_path, 1).read_bytes()
    again = tmp_path / "again.zip"
    again.write_bytes(b"no archive")
    add_bytecode(again, tmp_path / "made-1.zip")
    assert again.read_bytes() == first
