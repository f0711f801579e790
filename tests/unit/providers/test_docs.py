"""docs/providers.md says what the code does: its tables, its settings and its example are compared with it."""

from __future__ import annotations

import re
from itertools import chain, combinations
from pathlib import Path

import pytest

from chalicelib.model.contacts import COLUMN_FIELDS, FIELDS, Contact
from chalicelib.model.errors import InvalidRequestError
from chalicelib.providers import ProviderFactory
from chalicelib.providers.base import Provider, Terms
from chalicelib.providers.declared.declaration import USUAL_MEANINGS
from chalicelib.providers.declared.reader import read_declaration
from chalicelib.providers.meanings import Meaning

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "providers.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
UNITS = {1: "a second", 60: "a minute", 3600: "an hour"}
NAMES = ProviderFactory().names
VENDORS = [name for name in NAMES if name != "offline"]


def table(first_header: str) -> list[list[str]]:
    """The rows of the table whose first column is called so, without its header."""
    rows = TEXT.split(f"\n| {first_header} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def limits(terms: Terms) -> str:
    texts = [f"{limit.calls:,} {UNITS[int(limit.seconds)]}" for limit in terms.limits]
    return ", ".join(texts) or "none"


def test_the_providers_are_those_of_the_factory():
    assert [row[0] for row in table("provider")] == [f"`{name}`" for name in NAMES]


@pytest.mark.parametrize("name", VENDORS)
def test_terms(monkeypatch, name):
    row = next(row for row in table("provider") if row[0] == f"`{name}`")
    terms = ProviderFactory().create(name).terms
    monkeypatch.setenv(f"{name.upper()}_API_KEY", "k")
    with_key = limits(ProviderFactory().create(name).terms)
    published = limits(terms)
    published += f"; with a key {with_key}" if with_key != published else ""
    size = "any" if terms.is_local else str(terms.batch_size)
    assert row[1:4] == [size, f"{terms.credits:g}", published]


def alternatives(cell: str) -> list[set[str]]:
    """``name + `company` `` is two alternatives: the name in one field, or in two."""
    found = []
    for alternative in cell.split(" · "):
        fields = set(re.findall(r"`(\w+)`", alternative))
        names = [{"full_name"}, {"first_name", "last_name"}] if "name +" in alternative else [set()]
        found += [fields | name for name in names]
    return found


@pytest.mark.parametrize("name", [name for name in VENDORS if name != "zerobounce"])
def test_needs(name):
    """With every set of up to three fields the code decides as the table does."""
    needs = alternatives(next(row[4] for row in table("provider") if row[0] == f"`{name}`"))
    provider = ProviderFactory().create(name)
    for known in chain.from_iterable(combinations(COLUMN_FIELDS, size) for size in (1, 2, 3)):
        contact = Contact(given={}, known=dict.fromkeys(known, "x"), problems={})
        expected = any(need <= set(known) for need in needs)
        assert provider.identifies(contact) is expected, known


def test_fields(monkeypatch):
    providers: list[Provider] = [ProviderFactory().create(name) for name in NAMES]
    for name in VENDORS:
        monkeypatch.setenv(f"{name.upper()}_API_KEY", "k")
    with_keys: list[Provider] = [ProviderFactory().create(name) for name in NAMES]

    def cell(field: str, provider: Provider, with_key: Provider) -> str:
        if field in provider.fields:
            return "yes"
        return "with a key" if field in with_key.fields else ""

    pairs = list(zip(providers, with_keys, strict=True))
    expected = [[f"`{field}`", *(cell(field, *pair) for pair in pairs)] for field in FIELDS]
    assert table("field") == expected


def test_settings():
    """Those that one vendor alone reads."""
    folder = ROOT / "chalicelib" / "providers" / "vendors"
    read = {
        f"{path.stem.upper()}_{setting}"
        for path in folder.glob("*.py")
        for setting in re.findall(r'extra\.get\("(\w+)"\)', path.read_text("utf-8"))
    } - {"ZEROBOUNCE_TIMEOUT_SECONDS"}
    documented = {row[0].strip("`") for row in table("setting")}
    assert {setting for setting in documented if "<" not in setting} == read


def test_meanings():
    assert [row[0] for row in table("meaning")] == [f"`{meaning.value}`" for meaning in Meaning]
    (usual,) = re.findall(r"Without a declaration (.*?) and all others", TEXT, re.DOTALL)
    found = re.findall(r"(\d+(?: and \d+)?)\s(?:is\s)?`(\w+)`", usual)
    assert {
        status: Meaning(word) for statuses, word in found for status in statuses.split(" and ")
    } == USUAL_MEANINGS


@pytest.mark.parametrize(
    ("name", "fields"), [("acme_data", {"title", "company"}), ("acme_verify", {"email_status"})]
)
def test_the_examples_are_declarations(tmp_path, name, fields):
    examples = {re.findall(r"name: (\w+)", text)[0]: text for text in EXAMPLES}
    path = tmp_path / f"{name}.yaml"
    path.write_text(examples.pop(name), "utf-8")
    assert read_declaration(path).answer.fields.keys() == fields
    assert len(examples) == 1


@pytest.mark.parametrize("place", ["", "answer"])
def test_every_key_of_a_declaration_is_named(tmp_path, place):
    """In the sample, too."""
    example, path = EXAMPLES[0], tmp_path / "acme_data.yaml"
    path.write_text(
        example.replace("  fields", "  wrong: x\n  fields") if place else example + "wrong: x"
    )
    with pytest.raises(InvalidRequestError, match="wrong: is unknown") as error:
        read_declaration(path)
    keys = str(error.value).rpartition("known are ")[2].split(", ")
    folder = ROOT / "chalicelib" / "providers" / "declared" / "declarations"
    sample = (folder / "example.yaml.sample").read_text("utf-8")
    assert [key for key in keys if f"`{key}`" not in TEXT and f"{key}:" not in TEXT] == []
    assert [key for key in keys if not re.search(rf"^ *{key}:", sample, re.MULTILINE)] == []
