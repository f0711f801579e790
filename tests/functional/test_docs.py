"""docs/architecture.md names the files that a row passes through, in order: a whole job is watched and compared."""

from __future__ import annotations

import inspect
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from chalicelib.services import services
from tests.vendors.server import VendorServer

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "architecture.md").read_text("utf-8")
LIFE = TEXT.split("\n## The life of a row\n")[1].split("\n## ")[0]
UNDERNEATH = re.findall(r"`([\w/.]+)`", LIFE.split("\nUnderneath")[1].split("\n\n")[0])
#: The product's files: their paths as Python reports them → their names on the page.
PRODUCT = {
    str(path): path.relative_to(ROOT).as_posix().removeprefix("chalicelib/")
    for path in (ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py"))
}
#: Every kind of identity, in the order in which the page names their files.
ROW = {
    "Email": "ada.example@acme-tools.example.org",
    "Name": "Ada Example",
    "Country": "Germany",
    "Phone": "+12025550196",
    "LinkedIn": "https://www.linkedin.com/in/ada-example",
    "Website": "acme-tools.example.org",
}


def named_files(phase: str) -> list[str]:
    """The first column of the table below the heading that begins with this word."""
    (part,) = [part for part in LIFE.split("\n### ") if part.startswith(phase)]
    return re.findall(r"^\| `([\w/.]+)` \|", part, re.MULTILINE)


@contextmanager
def watched() -> Iterator[list[str]]:
    """The product's files whose functions run, in the order of their first call; in all threads."""
    codes: dict[CodeType, None] = {}

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            codes.setdefault(frame.f_code)

    seen: list[str] = []
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
        # The bodies of modules and classes run too, when they are imported.
        files = [PRODUCT.get(c.co_filename) for c in codes if c.co_flags & inspect.CO_OPTIMIZED]
        known = [name for name in files if name and not name.startswith(tuple(UNDERNEATH))]
        seen += dict.fromkeys(known)


def forget_results() -> None:
    """Empty the caches of the product: another test may have read the same cells before."""
    for name, module in list(sys.modules.items()):
        if name.startswith("chalicelib"):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


@pytest.fixture
def vendors(stack, monkeypatch) -> Iterator[VendorServer]:
    with VendorServer() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        forget_results()
        for name in ("offline", "pdl"):  # as in a process that has served a request before
            services().providers.create(name)
        yield server


def test_the_life_of_a_row(stack, vendors):
    stack.deliveries = 1
    text = ",".join(ROW) + "\n" + ",".join(ROW.values()) + "\n"
    with watched() as request:
        job_id = stack.submit_csv(text, "?providers=offline,pdl&max_credits=5")
    with watched() as split:
        state = stack.invoke("split_batches", {"job_id": job_id})
    with watched() as work:
        stack.work()
    with watched() as check:
        state = stack.invoke("check_completion", state)
    with watched() as aggregation:
        stack.invoke("aggregate_results", state)
    with watched() as status:
        assert stack.status(job_id)["status"] == "COMPLETED"
    assert vendors["pdl"].account.lookups
    assert request == named_files("The request")
    assert split == named_files("SplitBatches")
    assert work == named_files("The worker")
    assert check == named_files("CheckCompletion")
    assert aggregation == named_files("AggregateResults")
    assert status == named_files("The answer")
