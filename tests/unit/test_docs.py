"""The pages in docs/ and CONTRIBUTING.md name only what exists; the tables of architecture.md say what the code does."""

from __future__ import annotations

import inspect
import json
import re
import runpy
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from chalicelib.aws import keys
from chalicelib.model.batches import BatchState
from chalicelib.model.jobs import JobStatus
from tests.unit.test_folders import FOLDERS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
#: Where a path on a page may begin.
PLACES = (ROOT, ROOT / "chalicelib", ROOT / "docs")
#: The vendor that pages use as an example, what Chalice makes when it deploys, and what a run leaves.
INVENTED = ("acme_data", ".chalice/deployed/", ".local/")


def named_paths(text: str) -> set[str]:
    """Names in `code` that say that they are files or folders of the project."""
    folders = {path.name for place in PLACES[:2] for path in place.iterdir() if path.is_dir()}
    words = re.findall(r"`([\w.-]+(?:/[\w.-]*)*)`", text)
    in_folder = {word for word in words if "/" in word and word.split("/")[0] in folders}
    return in_folder | {word for word in words if re.fullmatch(r"\w+\.(?:py|md|sh)", word)}


def exists(name: str) -> bool:
    """A bare name, such as `pdl.py`, may be that of any module."""
    in_place = any((place / name).exists() for place in PLACES)
    return in_place or ("/" not in name and any((ROOT / "chalicelib").rglob(name)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_and_folder_that_a_page_names_exists(page):
    names = named_paths(page.read_text("utf-8"))
    assert [n for n in names if not exists(n) and not any(i in n for i in INVENTED)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^):]+)\)", page.read_text("utf-8"))  # those with a colon are URLs
    assert [link for link in links if not leads_somewhere(page, link)] == []


def leads_somewhere(page: Path, link: str) -> bool:
    """Whether a file is there and, if the link names one, its heading."""
    file, _, anchor = link.partition("#")
    target = page.parent / file if file else page
    if not target.exists():
        return False
    headings = re.findall(r"^#+ (.*)", target.read_text("utf-8"), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return not anchor or anchor in anchors


def test_the_picture_of_the_client_is_that_of_the_run_in_the_readme():
    script = runpy.run_path(str(ROOT / "docs" / "images" / "draw_client.py"))
    assert script["PICTURE"].read_text("utf-8") == script["draw"](script["shown"]())


def test_every_decision_is_listed():
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\(([\w-]+\.md)\)", (folder / "README.md").read_text("utf-8"))
    assert sorted(listed) == sorted(
        path.name for path in folder.glob("*.md") if path.stem != "README"
    )


def test_a_path_that_does_not_exist_is_found():
    assert named_paths("`lookups/gone.py` `gone.py` `jobs/<id>` `POST /gone`") == {
        *("lookups/gone.py", "gone.py"),
    }
    assert not exists("lookups/gone.py")
    assert not leads_somewhere(PAGES[0], "docs/architecture.md#gone")


def table(*header: str) -> list[list[str]]:
    """The cells of the table of the architecture that begins with this header, without `code` marks."""
    (start,) = [ARCHITECTURE.split(f"\n| {' | '.join(header)} |", 1)[1]]
    rows = start.split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows]


def test_the_folders_stand_in_their_order():
    named = [re.sub(r"/$|\.py$", "", row[0]) for row in table("folder", "what it does")]
    assert named == list(FOLDERS)


#: What a key is made of, as the page writes it.
PARTS: dict[str, Any] = {
    "job_id": "<job id>",
    "number": 42,
    "holder": "<holder>",
    "upload_id": "<upload id>",
    "digest": "<keyed hash>",
    "owner": "<owner>",
    "erasure_id": "<erasure id>",
    "key": "k",
    "key_id": "<key id>",
    "day": "<day>",
    "vendor": "<vendor>",
    "seconds": 3600,
    "provider": "<provider>",
    "person": "<keyed hash>",
    "run": 1,
    "output": "csv",
    "content": b"",
}


def made(function: Callable[..., Any]) -> Any:
    return function(**{name: PARTS[name] for name in inspect.signature(function).parameters})


def functions_of_keys(kind: str) -> dict[str, Callable[..., Any]]:
    """The functions of keys.py that return a Key, or a str."""
    found = dict(inspect.getmembers(keys, inspect.isfunction))
    return {name: f for name, f in found.items() if f.__annotations__["return"] == kind}


def test_the_keys_of_items():
    rows = {
        row[0]: {"pk": row[2], "sk": row[3]} for row in table("function", "table", "`pk`", "`sk`")
    }
    expected = {name: {"sk": "", **made(f)} for name, f in functions_of_keys("Key").items()}
    assert rows == expected
    assert keys.batch("<job id>", 500)["pk"] == "<job id>#001"


def test_the_names_of_files():
    rows = {row[0]: row[1] for row in table("function", "name in the bucket")}
    parts_of_keys = {"provider_attribute", "batch_partition", "suppressions"}
    functions = functions_of_keys("str")
    expected = {name: made(f) for name, f in functions.items() if name not in parts_of_keys}
    expected["spilled_rows"] = re.sub("[0-9a-f]{16}$", "<hash>", expected["spilled_rows"])
    assert rows == expected


@pytest.mark.parametrize("row", table("constant", "seconds"), ids=lambda row: row[0])
def test_times(row):
    path, seconds = row[0].split("."), float(row[1].replace(",", ""))
    if path[0] == "settings":
        assert getattr(import_module("chalicelib.settings").Settings, path[-1]) == seconds
    else:
        module = import_module(".".join(("chalicelib", *path[:-1])))
        assert getattr(module, path[-1]) == seconds


def test_the_states():
    assert [row[0] for row in table("status", "who sets it")] == [s.value for s in JobStatus]
    batches = ARCHITECTURE.split("\n## The life of a batch\n")[1].split("\n1. ")[0]
    assert set(re.findall(r"\b[A-Z]{4,}\b", batches)) == {s.value for s in BatchState}
    states = json.loads((ROOT / "statemachine" / "enrichment.asl.json").read_text("utf-8"))[
        "States"
    ]
    named = [name for row in table("state", "what happens") for name in row[0].split(", ")]
    assert sorted(named) == sorted(states)
