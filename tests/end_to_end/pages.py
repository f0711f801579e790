"""Finds the commands in the README and the other pages, with the answers that the pages show for them."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

#: Programs that a command on a page may begin with.
PROGRAMS = (
    *("make", "curl", "aws", "python", "python3", "cat", "head", "tee"),
    *(".venv/bin/python", ".venv/bin/chalice"),
)
SHELLS = ("bash", "sh", "shell", "console")
_FENCE = re.compile(r"^( *)```(\S*) *\n(.*?)^\1``` *$", re.DOTALL | re.MULTILINE)
_ASSIGNMENTS = re.compile(r"^(?:\$ )?(?:[A-Z_]+=\S*\s+)*")
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_MAKE = re.compile(r"make( [a-z-]+)?( [A-Z]+=[\w.-]+)*")


@dataclass(frozen=True)
class Commands:
    """A block of commands. ``answer`` is the block right after it, if that shows output; ``kind`` is the
    language of the answer, "" for none.
    """

    place: str
    text: str
    kind: str = ""
    answer: str = ""


@dataclass(frozen=True)
class _Block:
    line: int
    end: int
    language: str
    text: str


def pages(root: Path) -> list[Path]:
    """Every page, in the order in which people read."""
    first = [root / "README.md", root / "docs" / "api.md", root / "docs" / "operations.md"]
    others = sorted({*root.glob("*.md"), *root.glob("docs/**/*.md")} - set(first))
    return [*first, *others]


def commands(page: Path) -> list[Commands]:
    """The page's blocks of commands, in order."""
    blocks = _blocks(page.read_text("utf-8"))
    return [
        Commands(f"{page.name}:{block.line}", block.text, *_answer(block, following))
        for block, following in zip_longest(blocks, blocks[1:])
        if block.language in SHELLS
    ]


def hidden_commands(page: Path) -> list[str]:
    """Places of blocks that have commands in them but are not marked as commands."""
    return [
        f"{page.name}:{block.line}: mark this block as bash"
        for block in _blocks(page.read_text("utf-8"))
        if block.language in ("", "text") and any(map(_is_command, block.text.splitlines()))
    ]


def make_commands(page: Path) -> list[str]:
    """The `make` commands that the page's sentences name."""
    text = _FENCE.sub("", page.read_text("utf-8"))
    return sorted({code for code in _CODE.findall(text) if _MAKE.fullmatch(code)} - {"make"})


def _answer(block: _Block, following: _Block | None) -> tuple[str, str]:
    """The language and the text of the block right after a block of commands."""
    if following is None or following.line > block.end + 2:
        return "", ""
    if following.language not in ("json", "text"):
        return "", ""
    return following.language, following.text


def _blocks(text: str) -> list[_Block]:
    blocks = []
    for match in _FENCE.finditer(text):
        line, end = (text.count("\n", 0, place) + 1 for place in match.span())
        blocks.append(_Block(line, end, match[2], textwrap.dedent(match[3])))
    return blocks


def _is_command(line: str) -> bool:
    words = _ASSIGNMENTS.sub("", line.strip()).split()
    return bool(words) and words[0] in PROGRAMS
