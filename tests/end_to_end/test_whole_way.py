"""The deployed service, with its functions' own roles: the client as a process, lists of several kinds."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from machine.local_stack import LocalStack

from tests import signed

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "contacts.csv"


@pytest.fixture(scope="session")
def api_url(deployed_stack: LocalStack) -> str:
    """The API by way of API Gateway and its function, whose role counts."""
    return deployed_stack.gateway_url


def enrich(source: Path, output: Path, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "enrich.py"), str(source), "-o", str(output)]
    return subprocess.run(
        [*command, "--url", url, "--poll-seconds", "0.2", *options],
        env={**os.environ, "CONTACT_ENRICHMENT_KEY": signed.key_of(url)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def records(path: Path, delimiter: str = ",") -> list[list[str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return [row for row in csv.reader(file, delimiter=delimiter) if row]


def write_list(path: Path, rows: int, note: str = "") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Name", "Email", "Note"])
        writer.writerows(
            [f"Person Example{n}", f"person.{n}@dept{n % 50}.example.org", note]
            for n in range(rows)
        )
    return path


def check_rows(source: Path, output: Path) -> None:
    """Every row, in order, its cells unchanged but for the formula guard and the ragged ones."""
    given, got = records(source), records(output)
    width = len(given[0])
    assert len(got) == len(given)
    for before, after in zip(given, got, strict=True):
        padded = (before + [""] * width)[:width]
        assert [cell.replace("'", "") for cell in after[:width]] == [
            cell.replace("'", "") for cell in padded
        ]


def test_the_example_through_the_client(api_url: str, tmp_path: Path) -> None:
    output = tmp_path / "enriched.csv"
    run = enrich(EXAMPLE, output, api_url)
    assert run.returncode == 0, run.stderr
    assert "COMPLETED: 500 contacts" in run.stderr
    check_rows(EXAMPLE, output)
    header, *rows = records(output)
    statuses = {row[header.index("enriched_status")] for row in rows}
    assert statuses == {"matched", "partial", "not_found", "invalid"}


def test_a_list_that_needs_an_upload(api_url: str, tmp_path: Path) -> None:
    source = write_list(tmp_path / "large.csv", 3_000, note="x" * 2_000)
    assert source.stat().st_size > 5 * 1024 * 1024
    output = tmp_path / "enriched.jsonl"
    run = enrich(source, output, api_url, "--fields", "email,first_name")
    assert run.returncode == 0, run.stderr
    lines = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert [line["input"]["Email"] for line in lines] == [row[1] for row in records(source)[1:]]


def test_bytes_reach_the_function_as_they_are(api_url: str, tmp_path: Path) -> None:
    """UTF-16 has NUL bytes and bytes that are no UTF-8."""
    source = tmp_path / "list.csv"
    source.write_bytes("Name;E-Mail\r\nJürgen Müller;j@example.org\r\n".encode("utf-16"))
    output = tmp_path / "enriched.csv"
    run = enrich(source, output, api_url)
    assert run.returncode == 0, run.stderr
    assert records(output, ";")[1][:2] == ["Jürgen Müller", "j@example.org"]


def test_errors_reach_the_client(api_url: str, tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_text("Foo,Bar\n1,2\n", "utf-8")
    run = enrich(source, tmp_path / "enriched.csv", api_url)
    assert run.returncode == 2
    assert '"Foo", "Bar"' in run.stderr
    answer = signed.get(f"{api_url}/status/nothing", timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_chalice_local_may_do_what_the_function_of_the_api_may(deployed_stack: LocalStack) -> None:
    for url in (deployed_stack.api_url, deployed_stack.gateway_url):
        fields = signed.post(f"{url}/uploads", timeout=60).json()["fields"]
        key = fields["x-amz-credential"].split("/")[0]
        assert key.startswith("ASIA")  # of a session, not of the emulator's root user
        assert fields["x-amz-security-token"]
