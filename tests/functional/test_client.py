"""The client's commands against the real routes: what it prints fits what the service answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import enrich

ROWS = 120
LIST = "Nom;Adresse e-mail;Ort\n" + "".join(
    f"Ada Beispiel{n};ada.{n}@example.org;x\n" for n in range(ROWS)
)


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str


Client = Callable[..., Ended]


@pytest.fixture
def url(stack) -> Iterator[str]:
    """The app behind a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {"Content-Type": self.headers["Content-Type"] or "application/json"}
            answer = stack.client.http.request(self.command, self.path, headers, body)
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_DELETE = handle_any  # noqa: N815 - the names that http.server wants

        def log_message(self, format: str, *args: object) -> None:
            """Not into the test's output."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def client(url: str, capfd: pytest.CaptureFixture[str]) -> Client:
    def run(*arguments: str) -> Ended:
        status = enrich.main([*arguments, "--url", url, "--key", "", "--poll-seconds", "0.001"])
        return Ended(status, *capfd.readouterr())

    return run


@pytest.fixture
def contacts(tmp_path: Path) -> str:
    path = tmp_path / "contacts.csv"
    path.write_text(LIST, "utf-8")
    return str(path)


def test_a_list_is_previewed_without_a_job(client: Client, contacts: str) -> None:
    ended = client("preview", contacts, "--mapping", "Ort=city")

    assert ended.status == 0
    assert ended.out.splitlines() == [
        "read as csv, utf-8",
        '  full_name ← "Nom"',
        '  email ← "Adresse e-mail"',
        '  city ← "Ort"',
    ]
    assert client("jobs").out == "there are no jobs\n"


def test_the_cost_is_estimated_without_a_job(client: Client, contacts: str, vendors) -> None:
    ended = client("estimate", contacts, "--providers", "pdl,offline", "--max-credits", "50")

    assert ended.status == 0
    first, second = ended.out.splitlines()
    assert first.endswith(f" credits for {ROWS} contacts, {ROWS} people")
    assert second.endswith("0 answers are there already")
    answer = json.loads(client("estimate", contacts, "--providers", "pdl", "--json").out)
    assert answer["estimate"]["contacts"] == ROWS
    assert client("jobs").out == "there are no jobs\n"


def test_providers_are_listed_with_what_they_cost(client: Client) -> None:
    lines = client("providers").out.splitlines()

    assert lines[0].split()[0] == "offline"
    assert lines[0].endswith("free")
    assert any("1 credit a lookup  (has no key here)" in line for line in lines)


def test_jobs_are_listed_shown_and_erased(client: Client, stack) -> None:
    first, second = (stack.submit_csv(LIST) for _ in range(2))
    stack.run(first)

    listed = client("jobs").out.splitlines()
    assert {line.split()[0] for line in listed} == {first, second}
    assert client("jobs", "--limit", "1").out.splitlines()[-1] == (
        "(the newest 1; more with --limit)"
    )
    shown = client("status", first).out.splitlines()
    assert shown[0] == f"COMPLETED: {ROWS} contacts"
    assert '  email ← "Adresse e-mail"' in shown
    assert shown[-1] == f"  to fetch its file: python enrich.py --resume {first}"
    assert "url" not in json.loads(client("status", first, "--json").out)["result"]
    assert client("delete", first).out == f"job {first} is erased\n"
    gone = client("status", first)
    assert (gone.status, gone.out) == (1, "")
    assert "There is no job of this id" in gone.err


def test_a_job_is_cancelled(client: Client, stack) -> None:
    job = stack.submit_csv(LIST)

    ended = client("cancel", job)

    assert ended.status == 0
    assert ended.out.startswith(f"job {job} stops; its status is ")
    assert stack.run(job)["status"] == "CANCELLED"


def test_what_cannot_be_retried_is_said(client: Client, stack) -> None:
    job = stack.submit_csv(LIST)
    stack.run(job)

    ended = client("retry", job)

    assert (ended.status, ended.out) == (1, "")
    assert "No batch of the job has failed: there is nothing to try again." in ended.err
