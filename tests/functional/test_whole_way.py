"""A list goes in, an enriched file comes out, with every message delivered twice."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import Any

import pytest

from tests.functional.jobs import LIST, numbers

ROWS = [
    ["Ada Example", "ADA.EXAMPLE@acme-tools.example.org", "+1 202 555 0143", 'Möbel; "Co"'],
    ["", "not-an-address", "", "line one\nline two"],
    ["Grace", "", "", "=1+1"],
    ["", "", "", "nothing to go by"],
]
HEADER = ["Name", "Email", "Phone", "Notes"]


def as_csv(header: list[str], rows: list[list[str]], **options: Any) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, **options).writerows([header, *rows])
    return text.getvalue()


def read_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_csv_comes_back_with_every_row(stack):
    many = ROWS * 60
    job_id = stack.submit_csv(as_csv(HEADER, many))
    assert stack.status(job_id)["status"] == "QUEUED"

    status = stack.run(job_id)

    assert status["status"] == "COMPLETED"
    assert len(stack.delivered) == 2 * 3
    header, *rows = read_csv(stack.download(status))
    assert header[:4] == HEADER
    assert all(name.startswith("enriched_") for name in header[4:])
    assert [row[:3] for row in rows] == [row[:3] for row in many]
    assert rows[0][3] == ROWS[0][3]
    assert rows[2][3] == "'=1+1"
    contacts = status["contacts"]
    assert contacts["total"] == contacts["processed"] == len(many) == status["result"]["rows"]
    kinds = ("matched", "partial", "not_found", "invalid", "failed", "skipped")
    assert sum(contacts[kind] for kind in kinds) == len(many)
    assert contacts["invalid"] == 120
    first = dict(zip(header, rows[0], strict=True))
    assert first["enriched_email"] == "ada.example@acme-tools.example.org"
    assert first["enriched_phone"] == "+12025550143"
    assert first["enriched_last_name"] == "Example"
    assert status["result"]["bytes"] == len(stack.download(status))


@pytest.mark.parametrize(
    ("content_type", "pack"),
    [
        ("application/json", lambda contacts: json.dumps({"contacts": contacts}).encode()),
        ("application/gzip", lambda c: gzip.compress(json.dumps({"contacts": c}).encode())),
        ("application/x-ndjson", lambda c: "\n".join(map(json.dumps, c)).encode()),
        ("application/gzip", lambda c: gzip.compress("\n".join(map(json.dumps, c)).encode())),
        ("application/gzip", lambda c: gzip.compress(json.dumps(c).encode())),
    ],
)
def test_json_comes_back_with_every_contact(stack, content_type, pack):
    contacts = [{"email": f"p{n}@example.org", "tags": [n, None]} for n in range(120)]
    contacts[7]["extra"] = {"deep": "ü"}
    query = "?output=jsonl" if content_type != "application/json" else ""
    body = pack(contacts)
    job_id = stack.submit(body, content_type, query or "?output=jsonl")

    status = stack.run(job_id)

    lines = [json.loads(line) for line in stack.download(status).decode("utf-8-sig").splitlines()]
    assert [line["input"] for line in lines] == contacts
    assert lines[3]["enriched"]["email"] == "p3@example.org"
    assert lines[3]["enriched"]["sources"]["email"] == {"provider": "input", "confidence": 1.0}


def test_every_step_twice(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    assert stack.invoke("split_batches", {"job_id": job_id}) == state
    stack.work()
    assert len(stack.delivered) == 3 * 2
    for _ in range(2):
        checked = stack.invoke("check_completion", state)
        assert checked["complete"]
        stack.invoke("aggregate_results", checked)
    status = stack.status(job_id)
    assert status["status"] == "COMPLETED"
    assert numbers(stack, status) == [str(n) for n in range(250)]
    assert status["contacts"]["processed"] == 250
    assert status["providers"][0]["lookups"] == 250
