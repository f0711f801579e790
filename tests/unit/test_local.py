"""`make run`: how the words of a command line get through Make and local.py to the client."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from local import client_options

ROOT = Path(__file__).parents[2]
ODD = 'it\'s  $HOME `id` "q" #1 ~.csv'


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A folder with a Python that prints the words that a script gets."""
    program = tmp_path / "python"
    code = "import json, sys; print(json.dumps(sys.argv[2:]))"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{code}' \"$@\"\n", "utf-8")
    program.chmod(0o755)
    return tmp_path


def words(python: Path, *variables: str) -> list[str]:
    # -o: it is set up. What a surrounding `make` has been told is not for this one.
    done = subprocess.run(
        ["make", "--silent", "-o", "set-up", "run", f"BIN={python}", *variables],
        cwd=ROOT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout))


def test_a_file_that_nobody_named_is_replaced_and_a_named_one_is_not(python: Path) -> None:
    assert words(python)[1:] == [
        "run",
        "-o",
        "enriched.csv",
        "--overwrite",
        "examples/contacts.csv",
    ]
    named = words(python, "OUTPUT=mine.csv", "PROVIDERS=pdl")
    assert named[1:] == ["run", "-o", "mine.csv", "--providers", "pdl", "examples/contacts.csv"]


def test_odd_names_and_more_options_arrive_as_they_were_typed(python: Path) -> None:
    text = f"--quiet --mapping 'Work $1 mail=email' --sheet \"{ODD[:6]}\""

    first, *rest = words(python, f"CONTACTS={ODD}", f"OUTPUT=o{ODD}", f"ARGS={text}")

    assert rest == ["run", "-o", f"o{ODD}", ODD]
    assert first == f"--args={text}"
    assert client_options(["examples/contacts.csv", "-o", "x.csv"], text)[3:] == [
        *("--quiet", "--mapping", "Work $1 mail=email", "--sheet", ODD[:6]),
    ]


@pytest.mark.parametrize(
    ("arguments", "text", "says"),
    [
        (["missing.csv"], "", "cannot read missing.csv"),
        (["examples/contacts.csv", "-o", "examples/contacts.csv"], "", "is the list itself"),
        (["examples/contacts.csv", "-o", "README.csv"], "--sheet 'x", "No closing quotation"),
        (["examples/contacts.csv"], "--min-confidence 7", "a number from 0 to 1"),
    ],
)
def test_what_will_not_do_is_said_before_anything_is_started(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    text: str,
    says: str,
) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as ended:
        client_options(arguments, text)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err
