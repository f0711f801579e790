"""The README's commands do what it says: each is run as written, and its answer has the shape shown."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from local import LocalStack

ROOT = Path(__file__).resolve().parents[2]
_BLOCKS = re.compile(r"```bash\n(.*?)```(?:\s*```json\n(.*?)```)?", re.DOTALL)


def examples() -> list[tuple[str, str]]:
    """The README's commands, each with the answers shown for it."""
    return _BLOCKS.findall((ROOT / "README.md").read_text("utf-8"))


@pytest.fixture(scope="module")
def folder(deployed_stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place like a clone with `make local` running."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / ".local").mkdir()
    description = {"api_url": deployed_stack.api_url, "api_key": None}
    (folder / ".local" / "stack.json").write_text(json.dumps(description))
    return folder


def run(folder: Path, command: str) -> str:
    prelude = examples()[0][0]
    script = f"set -e\n{prelude}\n{command}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def shape(value: Any) -> Any:
    """What is the same in every answer: keys, kinds, and words that are not made up each time."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, str) and re.fullmatch(r"[A-Z_]+|csv|jsonl|ok|offline", value):
        return value
    return type(value).__name__


def answers(text: str) -> list[Any]:
    decoder, found, text = json.JSONDecoder(), [], text.strip()
    while text:
        answer, end = decoder.raw_decode(text)
        found.append(answer)
        text = text[end:].strip()
    return found


def without_form(answer: Any) -> Any:
    """The fields of an upload's form are S3's own; the README shows two of them."""
    if isinstance(answer, dict) and "fields" in answer and "upload_id" in answer:
        assert {"key", "Content-Type"} <= answer["fields"].keys()
        return {**answer, "fields": {}}
    return answer


def test_commands_in_the_order_of_the_readme(folder: Path) -> None:
    shown = [(command, expected) for command, expected in examples()[1:] if expected]
    assert len(shown) >= 6
    for command, expected in shown:
        wanted = [shape(without_form(answer)) for answer in answers(expected)]
        end = time.monotonic() + 60
        while True:
            got = [shape(without_form(answer)) for answer in answers(run(folder, command))]
            if got == wanted or "/status/" not in command or time.monotonic() > end:
                break
            time.sleep(0.5)  # until the job is where the README shows it
        assert got == wanted, command
