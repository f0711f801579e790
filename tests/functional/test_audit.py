"""`make audit` names weak packages, and says so where nobody can be asked: never that all is well then."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.audit import UNREACHABLE, audit, verdict

LIST = f"""\
acme-parser==1.0 --hash=sha256:{"0" * 64}
acme-sender==2.0 ; python_full_version >= "3.10" --hash=sha256:{"1" * 64}
"""
WEAKNESS = {
    "id": "EXAMPLE-2026-1",
    "summary": "An invented weakness",
    "affected": [
        {
            "package": {"name": "acme-sender", "ecosystem": "PyPI"},
            "ranges": [
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.1"}]},
            ],
            "versions": ["2.0"],
        }
    ],
}


@contextmanager
def advisories(weak: str) -> Iterator[str]:
    """An OSV service that knows one weakness, of this package; "" for none."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = {"vulns": [WEAKNESS]} if asked["package"]["name"] == weak else {}
            content = json.dumps(found).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Not into the test's output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    path = tmp_path / "requirements.txt"
    path.write_text(LIST, "utf-8")
    return path


def asked(url: str, packages: Path) -> tuple[int, str]:
    return audit([packages], ["--vulnerability-service", "osv", "--osv-url", url])


def test_a_weak_package_is_named(packages: Path) -> None:
    with advisories("acme-sender") as url:
        assert asked(url, packages) == (1, "acme-sender 2.0: EXAMPLE-2026-1, mended in 2.1")


def test_without_weak_packages_it_says_so(packages: Path) -> None:
    with advisories("") as url:
        assert asked(url, packages) == (0, "No known weaknesses in 2 packages.")


def test_where_advisories_cannot_be_reached_it_says_so_in_one_sentence(packages: Path) -> None:
    with advisories("") as url:
        pass  # nobody listens there any more
    assert asked(url, packages) == (2, UNREACHABLE)


def test_a_mirror_that_has_no_advisories_is_no_audit() -> None:
    known = {"name": "acme-parser", "version": "1.0", "vulns": []}
    unknown = {"name": "acme-sender", "skip_reason": "not found"}
    assert verdict([unknown, unknown]) == (2, UNREACHABLE)
    status, told = verdict([known, unknown])
    assert (status, told.splitlines()) == (
        2,
        ["acme-sender: not audited, no advisories are known for it"],
    )
