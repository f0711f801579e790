"""GET / is one small document that loads nothing from elsewhere, and whose policy allows nothing but its own script.

What it does in a browser is shown by tests/end_to_end/test_page.py.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib.api import page
from chalicelib.model.contacts import COLUMN_FIELDS, DEFAULT_FIELDS, FIELDS, HEADLINE_FIELDS
from chalicelib.services import services
from tests.functional.api.gateway_events import HOST
from tests.functional.api.test_attacks_methods import ask
from tests.functional.conftest import PROJECT

FOLDER = Path(page.__file__).parent
LABELLED = {"input", "select", "progress"}
BUTTONS = {"button", "a"}


class Document(HTMLParser):
    """The elements of a document with their attributes, and the text in each kind of element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.setdefault(tag, []).append("")
        self._open = tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def all(self, attribute: str) -> list[str]:
        return [str(given[attribute]) for _, given in self.elements if attribute in given]


@pytest.fixture
def answer(stack) -> Any:
    return Client(app, project_dir=str(PROJECT)).http.get(
        "/", headers={"Accept": "text/html,*/*;q=0.8"}
    )


@pytest.fixture
def document(answer) -> Document:
    return Document(answer.body.decode())


def policy_of(headers: dict[str, str]) -> dict[str, set[str]]:
    rules = (rule.split() for rule in headers["Content-Security-Policy"].split("; "))
    return {name: set(values) for name, *values in rules}


def test_anybody_gets_it_and_nobody_keeps_it(answer):
    assert answer.status_code == 200
    expected = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
    }
    assert {name: answer.headers[name] for name in expected} == expected
    assert len(answer.body) < 80_000


def test_api_gateway_gets_it_as_text(stack):
    """A type among the binary ones would need a matching Accept, or arrive as base64."""
    given = ask("/", "GET", Accept="*/*", Content_Type="application/json")
    assert given["statusCode"] == 200
    assert not given.get("isBase64Encoded")
    assert given["body"].startswith("<!doctype html>")
    assert page.KIND.split(";")[0] not in app.api.binary_types


def test_a_stage_or_a_domain_in_front_changes_nothing(stack):
    assert ask("/", "GET", Host=HOST)["body"] == ask("/", "GET", Host="x.example.org")["body"]


def test_the_policy_allows_its_own_parts_and_nothing_else(answer, document):
    policy = policy_of(answer.headers)
    bucket = services().bucket.sign_download("x", "x", 1).split("/x?")[0]
    assert policy.pop("connect-src") == {"'self'", bucket}
    (script,), (style,) = document.texts["script"][1:], document.texts["style"]
    for rule, text in (("script-src", script), ("style-src", style)):
        digest = b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert policy.pop(rule) == {f"'sha256-{digest}'"}
    assert policy.pop("img-src") == {"data:"}
    assert policy.pop("require-trusted-types-for") == {"'script'"}
    closed = ("default-src", "form-action", "base-uri", "frame-ancestors", "trusted-types")
    assert policy == {rule: {"'none'"} for rule in closed}


def test_the_policy_names_the_host_of_the_form(stack, answer):
    form = stack.post("/uploads", {}).json_body["url"]
    allowed = policy_of(answer.headers)["connect-src"]
    assert any(form.startswith(f"{origin}/") for origin in allowed)


def test_it_loads_nothing(document):
    loading = ("src", "srcset", "action", "formaction", "poster", "data")
    assert [name for name in loading if document.all(name)] == []
    assert [h for h in document.all("href") if not h.startswith(("#", "data:image/svg+xml,"))] == []
    style, script = document.texts["style"][0], document.texts["script"][1]
    assert "url(" not in style
    assert "@import" not in style
    assert "//" not in re.sub(r"(?m)//(?!.*['\"`]).*$|/\^https\?:/", "", script)
    assert "import" not in re.findall(r"\w+", re.sub(r"(?m)^\s*//.*$|/\*\*.*?\*/", "", script))


def test_no_text_becomes_html_or_code(document):
    script = document.texts["script"][1]
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(|setTimeout\(['\"`]"
    assert re.findall(sinks, script) == []
    assert "style" not in {name for _, given in document.elements for name in given}
    assert [n for _, given in document.elements for n in given if n.startswith("on")] == []


def test_the_parts_are_whole(document):
    """A tag in one of them would end its element."""
    assert len(document.texts["script"]) == 2
    assert len(document.texts["style"]) == 1
    for name, text in (
        ("*.js", document.texts["script"][1]),
        ("*.css", document.texts["style"][0]),
    ):
        for file in FOLDER.glob(name):
            assert file.read_text("utf-8") in text


def test_it_knows_the_fields_of_the_service(document):
    facts = json.loads(document.texts["script"][0])
    assert facts["fields"] == list(FIELDS)
    assert facts["default_fields"] == list(DEFAULT_FIELDS)
    assert facts["headline_fields"] == list(HEADLINE_FIELDS)
    assert facts["column_fields"] == list(COLUMN_FIELDS)


def test_every_id_is_there_once(document):
    ids = document.all("id")
    assert len(ids) == len(set(ids))
    script = document.texts["script"][1]
    named = re.findall(r"\b(?:byId|show|tell|tellError)\(\"([\w-]+)\"", script)
    assert len(named) > 50
    assert set(named) <= set(ids)
    referred = document.all("for") + " ".join(
        document.all("aria-labelledby") + document.all("aria-describedby")
    ).split(" ")
    assert set(referred) <= set(ids)


def test_every_control_has_a_name(document):
    labels = document.all("for")
    for tag, given in document.elements:
        if tag in LABELLED:
            assert given["id"] in labels or "aria-label" in given, given
    sections = [given for tag, given in document.elements if tag in ("section", "dialog")]
    assert len(sections) > 5
    assert all("aria-labelledby" in given for given in sections)


def test_what_happens_is_told_to_those_who_cannot_see_it(document):
    roles = {
        str(given.get("id")): given["role"] for _, given in document.elements if "role" in given
    }
    assert roles["said"] == roles["estimate"] == "status"
    errors = [i for i in document.all("id") if i.endswith("-error")]
    assert len(errors) > 5
    assert {roles[error] for error in errors} == {"alert"}
