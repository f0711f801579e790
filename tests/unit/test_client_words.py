"""What enrich.py says and how long it waits: its functions that need no service."""

from __future__ import annotations

import re
import socket
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import requests

from chalicelib.model.options import Options
from enrich import (
    JOB_OPTIONS,
    Patience,
    bar_line,
    describe_columns,
    describe_fields,
    describe_job,
    next_pause,
    silent_providers,
    waits_for,
    why_no_answer,
)

CLIENT = Path(__file__).resolve().parents[2] / "enrich.py"


@pytest.mark.parametrize(
    ("pause", "first", "asked", "following"),
    [
        (0.5, 0.5, None, 0.6),
        (5.0, 0.5, None, 5.0),  # ten times the first, where the service asks for nothing
        (0.95, 0.5, 1.0, 1.0),
        (20.0, 0.5, 1.0, 1.0),  # it may soon be done
        (5.0, 0.5, 60.0, 6.0),
        (59.0, 0.5, 3_600.0, 60.0),
        (30.0, 30.0, 1.0, 30.0),  # --poll-seconds 30
    ],
)
def test_the_pauses_grow_to_what_the_service_asks_for(
    pause: float, first: float, asked: float | None, following: float
) -> None:
    assert next_pause(pause, first, asked) == following


def test_columns_are_told_in_bounds() -> None:
    many = [{"column": f"c{n} {'long ' * 40}", "field": None} for n in range(100)]
    lines = describe_columns({"columns": many, "ignored": [c["column"] for c in many]})

    assert lines[0].startswith("  no column is understood; say what they hold with --mapping")
    assert lines[1].endswith('" and 88 more'.replace(" and", ","))
    assert len(lines[1]) < 1000
    assert describe_columns({}) == []


@pytest.mark.parametrize("width", [40, 60, 100])
def test_the_bar_fits(width: int) -> None:
    texts = ["  1%  10,000/1,000,000 contacts  1,234/s  12:34 left  ENRICHING"]
    texts += ["  1%  12:34 left  ENRICHING", "  1%  ENRICHING"]

    line = bar_line(0.5, texts, width - 1)

    assert len(line) < width
    assert line.endswith("ENRICHING")
    assert re.match(r"\[#{5,12}-{5,12}\] +1%", line)


def test_what_a_job_waits_for_is_said_after_a_minute_without_change() -> None:
    now = 0.0
    patience = Patience(lambda: now)
    slow = {"name": "pdl", "title": "People Data Labs", "state": "throttled"}
    status = {"status": "ENRICHING", "contacts": {"processed": 1}, "providers": [slow]}
    said = []
    for now in (0, 59, 60, 61, 119, 120, 500):
        said.append((now, patience.look(status)))
    why = "People Data Labs has asked for a pause"
    assert [(when, text) for when, text in said if text] == [
        (60, f"nothing has changed for 1 minute: {why}"),
        (120, f"nothing has changed for 2 minutes: {why}"),
        (500, f"nothing has changed for 8 minutes: {why}"),
    ]
    assert patience.look({**status, "contacts": {"processed": 2}}) == ""


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ({"status": "QUEUED"}, "the service has not yet read the list"),
        ({"status": "AGGREGATING"}, "its file is being written"),
        (
            {"status": "ENRICHING", "batches": {"total": 10, "done": 4}},
            "batches wait for their turn, or for answers of providers (4 of 10 batches are done)",
        ),
        (
            {"status": "ENRICHING", "providers": [{"name": "hunter", "state": "too_slow"}]},
            "hunter takes few requests a minute",
        ),
    ],
)
def test_what_a_job_waits_for(status: dict[str, Any], says: str) -> None:
    assert waits_for(status) == says


def test_what_to_do_about_a_provider_names_its_setting() -> None:
    (line,) = silent_providers({"providers": [{"name": "pdl", "state": "bad_key"}]})
    assert "set a valid PDL_API_KEY" in line


def test_a_job_is_told_in_numbers() -> None:
    offline = {"name": "offline", "title": "Cleaning and checking", "lookups": 90, "matches": 80}
    lines = describe_job(
        {
            "status": "COMPLETED",
            "contacts": {"total": 100, "processed": 100, "matched": 90, "invalid": 10},
            "fields": [
                {"field": "email", "given": 66, "found": 12, "guessed": 10},
                {"field": "phone", "given": 50, "found": 0, "guessed": 0},
            ],
            "problems": [{"problem": "The phone has too few digits.", "rows": 8}],
            "providers": [offline],
            "credits": 1234.5,
        }
    )
    assert lines == [
        "COMPLETED: 100 contacts",
        "  90 matched, 10 invalid",
        "  email          66% →  88%  12 found, 10 guessed",
        "  phone          50% →  50%",
        "  8 rows: The phone has too few digits.",
        "  Cleaning and checking: 90 lookups, 80 matches",
        "  1,234.5 credits in all",
    ]


def test_of_many_fields_the_main_ones_have_lines() -> None:
    names = ["a", "email", "b", "phone", "title", "company", "c", "d", "e", "f"]
    gains = {"a": 1, "b": 3, "c": 0, "d": 2, "e": 1, "f": 4}
    fields = [{"field": n, "given": 1, "found": gains.get(n, 0), "guessed": 0} for n in names]

    lines = describe_fields(fields, 10)

    assert [line.split()[0] for line in lines] == ["email", "phone", "title", "company", "also"]
    assert lines[-1] == "  also filled: f 4, b 3, d 2, a 1, 1 more"


def test_host_that_does_not_exist() -> None:
    error = requests.ConnectionError("pool, key and all")
    error.__context__ = OSError("a link of the chain")
    error.__context__.__cause__ = socket.gaierror(-2, "Name or service not known")

    said = why_no_answer("https://typo.example.org/api?signed", error)

    assert said == "there is no host called typo.example.org, or no network; is --url right?"


def test_header_for_programs_that_run_scripts_names_what_is_needed() -> None:
    """The reference implementation of PEP 723: the block, and how it is read."""
    pattern = r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$"
    (block,) = re.finditer(pattern, CLIENT.read_text("utf-8"))
    content = "".join(
        line[2:] if line.startswith("# ") else line[1:]
        for line in block["content"].splitlines(keepends=True)
    )
    assert block["type"] == "script"
    assert content == 'requires-python = ">=3.10"\ndependencies = ["requests>=2.28,<3"]\n'


def test_every_option_of_a_job_is_one_of_the_client() -> None:
    assert {*JOB_OPTIONS, "output"} == {option.name for option in fields(Options)}


def test_of_many_problems_the_commonest_are_told() -> None:
    problems = [{"problem": f"problem {n}", "rows": 9 - n} for n in range(9)]

    lines = describe_job({"status": "COMPLETED", "problems": problems})

    assert lines[1:] == [
        *(
            "  9 rows: problem 0",
            "  8 rows: problem 1",
            "  7 rows: problem 2",
            "  6 rows: problem 3",
        ),
        *("  5 rows: problem 4", "  and others; see enriched_error of each row"),
    ]
