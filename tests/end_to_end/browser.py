"""Opens the page of the stack in Debian's Chromium, as a person would see it, and keeps what goes wrong in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect

CHROMIUM = Path("/usr/bin/chromium")
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
#: The longest that anything on the page may take, in milliseconds; the machine may be busy.
PATIENCE = 120_000
#: What Chromium writes to the console for each answer that is an error, or does not come: tests cause these.
_EXPECTED = "Failed to load resource"


def launch(playwright: Playwright) -> Browser:
    """Chromium without a window."""
    expect.set_options(timeout=PATIENCE)
    # As root it starts only without its sandbox; it shows nothing but the project's own page.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=CHROMIUM, args=options)


@contextmanager
def open_page(browser: Browser, url: str, **look: Any) -> Iterator[Page]:
    """A tab of its own at a URL. AssertionError at its end if the browser or its policy complained, or if
    the page asked anybody but this machine.
    """
    complaints: list[str] = []
    context = browser.new_context(**{"viewport": DESKTOP, "locale": "en-US", **look})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and _EXPECTED not in message.text:
            complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    page.on("request", lambda request: complaints.extend(_elsewhere(request.url)))
    try:
        page.goto(url)
        yield page
        assert complaints == []
    except Exception as error:
        if complaints:  # they may say why
            raise AssertionError(f"The browser complained: {complaints}") from error
        raise
    finally:
        context.close()


def _elsewhere(url: str) -> list[str]:
    parts = urlsplit(url)
    return [] if parts.scheme == "data" or parts.hostname == "127.0.0.1" else [f"asked {url}"]


@cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def findings(page: Page) -> list[str]:
    """What axe finds against the page that is serious or critical: the rule and the first element."""
    page.evaluate(_axe())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {rule['nodes'][0]['html'][:200]} {rule['nodes'][0]['failureSummary']}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
    ]


def is_too_wide(page: Page) -> bool:
    """Whether the page scrolls to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def picture(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep a picture, of the whole page or of what is in view, in the folder that PAGE_PICTURES names; nothing
    without it.
    """
    if folder := os.environ.get("PAGE_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole)
