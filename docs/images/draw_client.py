"""Puts a run of the client into the README, as text and as a picture:

    make run 2>&1 | python docs/images/draw_client.py

tests/end_to_end/test_readme.py compares the text with a real run, tests/unit/test_docs.py the picture with the text.
"""

from __future__ import annotations

import re
import sys
from html import escape
from pathlib import Path

HERE = Path(__file__).resolve().parent
README = HERE.parents[1] / "README.md"
PICTURE = HERE / "client.svg"
# Pixels.
LETTER, LINE, MARGIN, BAR = 7.8, 19, 18, 34
#: What begins a line, and its colour.
COLOURS = (
    (r"\$ ", "#e6edf3"),
    (r"COMPLETED", "#56d364"),
    (r"  \d[\d,]* rows: |  note: |  ignored: ", "#e3b341"),
    (r"  \S+ +\d+% → ", "#79c0ff"),
)


#: The command in the README, and what it prints.
SHOWN = re.compile(r"(?<=```bash\nmake run\n```\n\n```text\n).*?(?=```)", re.DOTALL)
#: What differs from run to run, and is not told.
LEFT_OUT = re.compile(r"Setting up|Starting the service|\[|job |[A-Z]+$|[ \d]+%")


def keep(printed: str) -> None:
    """Put what a run has printed into the README."""
    lines = [line for line in printed.splitlines(keepends=True) if not LEFT_OUT.match(line)]
    README.write_text(SHOWN.sub(lambda _: "".join(lines), README.read_text("utf-8")), "utf-8")


def shown() -> list[str]:
    """The command and what it prints, as the README has it."""
    (printed,) = SHOWN.findall(README.read_text("utf-8"))
    return ["$ make run", *printed.splitlines()]


def draw(lines: list[str]) -> str:
    """The lines as an SVG of a terminal."""
    width = round(2 * MARGIN + LETTER * max(map(len, lines)))
    height = BAR + LINE * len(lines) + MARGIN
    dots = "".join(
        f'<circle cx="{MARGIN + 18 * n}" cy="17" r="5.5" fill="{colour}"/>'
        for n, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    texts = "\n".join(
        f'<text x="{MARGIN}" y="{BAR + LINE * (n + 1) - 5}" fill="{colour_of(line)}" xml:space="preserve">'
        f"{escape(line, quote=False)}</text>"
        for n, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13">\n'
        f'<rect width="{width}" height="{height}" rx="9" fill="#0d1117"/>\n{dots}\n{texts}\n</svg>\n'
    )


def colour_of(line: str) -> str:
    return next((colour for start, colour in COLOURS if re.match(start, line)), "#9da7b3")


if __name__ == "__main__":
    keep(sys.stdin.read())
    PICTURE.write_text(draw(shown()), "utf-8")
