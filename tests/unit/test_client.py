"""enrich.py as its users run it: a process, against a loopback server that keeps the contract."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from enrich import COMMANDS, VERSION, Progress, Service

CLIENT = Path(__file__).resolve().parents[2] / "enrich.py"
KEY = "test-key-0123456789"
RESULT = b"Email,enriched_status\nana@example.org,matched\n" * 3
LIST = b"Full Name,Email\nAna Exemplo,ana@example.org\n"
#: Three looks at a job: before its size is known, half way, done.
COURSE = (
    {"status": "QUEUED", "contacts": {"total": None, "processed": 0}},
    {"status": "ENRICHING", "contacts": {"total": 1000, "processed": 420}},
    {"status": "COMPLETED"},
)
COUNTS = {"total": 1000, "processed": 1000, "matched": 900, "not_found": 95, "failed": 5}
PROVIDER = {"name": "pdl", "lookups": 950, "matches": 900, "cached": 50, "credits": 900.0}
PREVIEW = {
    "columns": [
        {"column": "Full Name", "field": "full_name"},
        {"column": "Adresse e-mail", "field": "email"},
        {"column": "E-mail 2", "field": "email"},
        {"column": "Notes", "field": None},
    ],
    "ignored": ["Notes"],
    "warnings": ["Two lines above the header are left out."],
}

Answer = tuple[int, bytes, dict[str, str]]  # status, body, headers


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: Message
    body: bytes


@dataclass
class FakeService:
    """The service and its storage; a test changes what they do, then reads what they got."""

    url: str = ""
    course: list[dict[str, Any]] = field(default_factory=lambda: [dict(s) for s in COURSE])
    result: bytes = RESULT
    format: str = "csv"
    #: Answers that come before the proper ones, by method and path; None closes the connection.
    trouble: dict[str, list[Answer | None]] = field(default_factory=dict)
    status_url: str = "/status/job-1"
    cut_download: int | None = None
    promise_whole_download: bool = False
    requests: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Answer | None:
        self.requests.append(request)
        route = f"{request.method} {request.path.removeprefix('/api')}"
        if self.trouble.get(route):
            return self.trouble[route].pop(0)
        routes = {
            "POST /process": self.start,
            "POST /uploads": self.ticket,
            "POST /bucket": lambda: (204, b"", {}),
            "POST /preview": lambda: as_json(200, **PREVIEW),
            "GET /status/job-1": lambda: as_json(200, **self.status()),
            "GET /file": self.file,
            "DELETE /uploads/up-1": lambda: (204, b"", {}),
        }
        missing = as_json(404, code="not_found", message=f"no {route}")
        return routes[route]() if route in routes else missing

    def start(self) -> Answer:
        return as_json(202, id="job-1", status="QUEUED", status_url=self.status_url)

    def ticket(self) -> Answer:
        fields = {"key": "jobs/1/input", "policy": "p=="}
        url = f"{self.url}/bucket"
        return as_json(201, upload_id="up-1", url=url, fields=fields, expires_at="…")

    def file(self) -> Answer:
        headers = {"Content-Length": str(len(self.result))} if self.promise_whole_download else {}
        return 200, self.result[: self.cut_download], headers

    def status(self) -> dict[str, Any]:
        now = self.course.pop(0) if len(self.course) > 1 else self.course[0]
        result = None
        if now["status"].startswith("COMPLETED"):
            signed = f"{self.url}/file?X-Amz-Signature=secret-signature"
            result = {"url": signed, "format": self.format, "rows": 1000, "bytes": len(self.result)}
        job = {"id": "job-1", "contacts": COUNTS, "providers": [PROVIDER], "error": None}
        return {**job, "result": result, **now}

    def got(self, method: str, path: str) -> list[Request]:
        return [r for r in self.requests if (r.method, r.path) == (method, path)]


def as_json(code: int, /, **content: Any) -> Answer:
    return code, json.dumps(content).encode(), {"Content-Type": "application/json"}


@pytest.fixture
def service() -> Iterator[FakeService]:
    fake = FakeService()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            address = urlsplit(self.path)
            request = Request(
                self.command, address.path, parse_qs(address.query), self.headers, body
            )
            answer = fake.answer(request)
            if answer is None:
                self.close_connection = True
                return
            status, content, headers = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection |= "Content-Length" in headers

        do_GET = do_POST = do_DELETE = handle_any  # noqa: N815 - the names that http.server wants

        def log_message(self, format: str, *args: object) -> None:
            """Not into the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield fake
    server.shutdown()
    server.server_close()


@dataclass(frozen=True)
class Ended:
    status: int
    out: bytes
    err: str


Client = Callable[..., Ended]


def environment(service: FakeService) -> Mapping[str, str]:
    # Not the developer's own: a proxy or a real key in it would take part in the test.
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "SYSTEMROOT", "TMPDIR")}
    return {**kept, "CONTACT_ENRICHMENT_URL": service.url, "CONTACT_ENRICHMENT_KEY": KEY}


@pytest.fixture
def client(service: FakeService, tmp_path: Path) -> Client:
    """Run enrich.py in an empty folder; whatever happens, it must not tell what is secret."""

    def run(*arguments: str, stdin: bytes = b"", **env: str) -> Ended:
        done = subprocess.run(
            [sys.executable, str(CLIENT), *arguments, "--poll-seconds", "0.001"],
            check=False,
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env={**environment(service), **env},
            timeout=30,
        )
        err = done.stderr.decode()
        for secret in (KEY, "secret-signature", "Exemplo", "ana@", "Traceback"):
            assert secret not in err
        return Ended(done.returncode, done.stdout, err)

    return run


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    path = tmp_path / "contacts.csv"
    path.write_bytes(LIST)
    return path


def free_port() -> int:
    """A port at which nothing listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob(".*"))


# Handing in


def test_csv_goes_inline_and_comes_back(
    service: FakeService, client: Client, contacts: Path
) -> None:
    ended = client(
        *("contacts.csv", "-o", "out.csv", "--providers", "pdl, hunter", "--fields", "email,phone"),
        *("--csv-safety", "strict", "--min-confidence", "0.5"),
        *("--mapping", "A = B=email", "--mapping", "Skip me="),
    )

    assert ended.status == 0
    assert (contacts.parent / "out.csv").read_bytes() == RESULT
    (sent,) = service.got("POST", "/process")
    assert sent.body == LIST
    assert sent.headers["Content-Type"] == "text/csv"
    assert {name: values[0] for name, values in sent.query.items() if name != "mapping"} == {
        "providers": "pdl,hunter",
        "fields": "email,phone",
        "output": "csv",
        "csv_safety": "strict",
        "min_confidence": "0.5",
    }
    assert json.loads(sent.query["mapping"][0]) == {"A = B": "email", "Skip me": ""}
    assert leftovers(contacts.parent) == []


def test_summary_tells_counts_providers_and_where(client: Client, contacts: Path) -> None:
    ended = client("contacts.csv")

    assert "job-1; to come back to it: python" in ended.err
    assert re.search(r"COMPLETED: 1,000 contacts in \d+\.\d s", ended.err)
    assert "900 matched, 95 not_found, 5 failed" in ended.err
    assert "pdl: 950 lookups, 900 matches, 50 cached, 900.0 credits" in ended.err
    assert ended.out == b""
    assert f"written to contacts.enriched.csv ({len(RESULT)} bytes)" in ended.err
    assert (contacts.parent / "contacts.enriched.csv").exists()


@pytest.mark.parametrize(
    ("name", "wrap"), [("list.json", list), ("list", lambda contacts: {"contacts": contacts})]
)
def test_json_goes_as_json_with_options_inside(
    service: FakeService, client: Client, tmp_path: Path, name: str, wrap: Callable[[Any], Any]
) -> None:
    service.format = "jsonl"
    people = [{"email": "ana@example.org", "note": "Łódź \ud800"}]
    (tmp_path / name).write_text(json.dumps(wrap(people)))

    ended = client(name, "--providers", "pdl", "--format", "jsonl", "--mapping", "mail=email")

    assert ended.status == 0
    (sent,) = service.got("POST", "/process")
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.query == {}
    assert json.loads(sent.body) == {
        "contacts": people,
        "providers": ["pdl"],
        "output": "jsonl",
        "mapping": {"mail": "email"},
    }
    assert (tmp_path / "list.enriched.jsonl").exists()


@pytest.mark.parametrize(
    ("name", "content", "kind", "output"),
    [
        ("a.csv.gz", gzip.compress(LIST, mtime=0), "application/gzip", "a.enriched.csv"),
        ("a.csv", gzip.compress(LIST, mtime=0), "application/gzip", "a.enriched.csv"),
        ("a.jsonl", b'{"email":"ana@example.org"}\n', "application/x-ndjson", "a.enriched.csv"),
        ("a.json", b'{"email":"a"}\n{"email":"b"}\n', "application/x-ndjson", "a.enriched.csv"),
        ("a.txt", b"{odd} header;Email\n", "text/csv", "a.enriched.csv"),
        ("a", LIST, "text/csv", "a.enriched.csv"),
    ],
    ids=["csv.gz", "gzip called csv", "jsonl", "lines called json", "txt", "no suffix"],
)
def test_content_type_follows_name_and_content(
    service: FakeService,
    client: Client,
    tmp_path: Path,
    *,
    name: str,
    content: bytes,
    kind: str,
    output: str,
) -> None:
    (tmp_path / name).write_bytes(content)

    assert client(name).status == 0

    (sent,) = service.got("POST", "/process")
    assert (sent.headers["Content-Type"], sent.body) == (kind, content)
    assert (tmp_path / output).read_bytes() == RESULT


def test_a_workbook_goes_as_one_and_comes_back_as_one(
    service: FakeService, client: Client, tmp_path: Path
) -> None:
    service.format = "xlsx"
    (tmp_path / "my list.xlsx").write_bytes(b"PK\x03\x04 and so on")

    assert client("my list.xlsx", "--sheet", "2").status == 0

    (sent,) = service.got("POST", "/process")
    assert sent.headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert sent.query == {"output": ["xlsx"], "sheet": ["2"]}
    assert (tmp_path / "my list.enriched.xlsx").read_bytes() == RESULT


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (("-o", "a.csv"), "csv"),
        (("-o", "a.XLSX"), "xlsx"),
        (("-o", "a.ndjson"), "jsonl"),
        (("-o", "-"), "csv"),
        (("-o", "-", "--format", "xlsx"), "xlsx"),
        (("-o", "a.txt", "--format", "csv"), "csv"),
    ],
)
def test_the_format_follows_the_name_of_the_output(
    service: FakeService, client: Client, contacts: Path, arguments: tuple[str, ...], output: str
) -> None:
    service.format = output

    assert client("contacts.csv", *arguments).status == 0

    assert service.got("POST", "/process")[0].query["output"] == [output]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("-o", "a.pdf"), "a.pdf: its name tells no format; let it end with .csv, .jsonl"),
        (("-o", "enriched"), "enriched: its name tells no format"),
        (("-o", "a.xls"), "a.xls: its name tells no format"),
        (("-o", "a.csv", "--format", "xlsx"), "a file called .csv is no xlsx"),
    ],
)
def test_a_name_that_fits_no_format_is_refused_before_anything_is_sent(
    service: FakeService, client: Client, contacts: Path, arguments: tuple[str, ...], says: str
) -> None:
    ended = client("contacts.csv", *arguments)

    assert ended.status == 2
    assert says in ended.err
    assert service.requests == []


def test_a_result_of_another_format_does_not_go_under_a_wrong_name(
    service: FakeService, client: Client, tmp_path: Path
) -> None:
    service.format = "xlsx"

    ended = client("--resume", "job-1", "-o", "a.csv")

    assert ended.status == 2
    assert "the result is xlsx" in ended.err
    assert list(tmp_path.glob("a.csv")) == []


def test_standard_input_to_standard_output(service: FakeService, client: Client) -> None:
    ended = client("-", stdin=LIST)

    assert (ended.status, ended.out) == (0, RESULT)
    assert service.got("POST", "/process")[0].body == LIST


@pytest.mark.parametrize("name", ["large.csv", "-"])
def test_large_file_goes_by_upload(
    service: FakeService, client: Client, tmp_path: Path, name: str
) -> None:
    content = LIST + os.urandom(5 * 1024 * 1024)
    (tmp_path / "large.csv").write_bytes(content)
    service.trouble["POST /bucket"] = [(503, b"", {})]

    ended = client(name, "-o", "out.csv", "--fields", "email", stdin=content)

    assert ended.status == 0
    (asked,) = service.got("POST", "/uploads")
    expected = {"filename": name, "content_type": "text/csv"} if name != "-" else None
    assert json.loads(asked.body) == (expected or {"content_type": "text/csv"})
    failed, form = service.got("POST", "/bucket")
    assert failed.body == form.body
    assert "Authorization" not in form.headers
    assert "Transfer-Encoding" not in form.headers
    assert form_parts(form) == [("key", b"jobs/1/input"), ("policy", b"p=="), ("file", content)]
    (sent,) = service.got("POST", "/process")
    assert json.loads(sent.body) == {"upload_id": "up-1", "fields": ["email"], "output": "csv"}


@pytest.mark.parametrize(
    ("name", "content", "inline"),
    [
        ("as much.csv", LIST + b"x" * (4_500_000 - len(LIST)), True),
        ("one more.csv", LIST + b"x" * (4_500_001 - len(LIST)), False),
        # Of JSON each quote counts twice, since Lambda gets it as a text within JSON.
        ("few quotes.json", json.dumps([{"": "x" * 4_400_000}]).encode(), True),
        ("many quotes.json", json.dumps([[""] * 1_000_000]).encode(), False),
        ("not so many.json", json.dumps([[""] * 700_000]).encode(), True),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_too_large_for_one_request_goes_by_upload(
    service: FakeService,
    client: Client,
    tmp_path: Path,
    *,
    name: str,
    content: bytes,
    inline: bool,
) -> None:
    (tmp_path / name).write_bytes(content)

    assert client(name).status == 0

    assert len(service.got("POST", "/uploads")) == (not inline)
    (sent,) = service.got("POST", "/process")
    assert len(sent.body) <= 4_500_000


def form_parts(request: Request) -> list[tuple[str, bytes]]:
    """What is in a multipart form, in its order, read by somebody else's parser."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    parts = []
    # The e-mail parser changes line ends in large binary parts, so the boundary cuts, and it
    # only reads the parts' heads.
    boundary = BytesParser(policy=HTTP).parsebytes(head).get_boundary()
    pieces = request.body.split(f"--{boundary}".encode())
    assert (pieces[0], pieces[-1]) == (b"", b"--\r\n")
    for piece in pieces[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = BytesParser(policy=HTTP).parsebytes(head)["Content-Disposition"].params["name"]
        parts.append((name, content.removesuffix(b"\r\n")))
    return parts


def test_refused_upload_says_the_storages_reason(
    service: FakeService, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "large.csv").write_bytes(b"x" * (5 * 1024 * 1024 + 1))
    refusal = b"<Error><Code>EntityTooLarge</Code><Message>...</Message></Error>"
    service.trouble["POST /bucket"] = [(400, refusal, {})]

    ended = client("large.csv")

    assert ended.status == 2
    assert "EntityTooLarge" in ended.err
    assert service.got("POST", "/process") == []


def test_lost_answer_does_not_make_two_jobs(
    service: FakeService, client: Client, contacts: Path
) -> None:
    service.trouble["POST /process"] = [None, as_json(500, message="oops")]

    assert client("contacts.csv").status == 0

    keys = {request.headers["Idempotency-Key"] for request in service.got("POST", "/process")}
    assert len(service.got("POST", "/process")) == 3
    assert len(keys) == 1


def test_key_goes_to_the_service_and_not_to_the_storage(
    service: FakeService, client: Client, contacts: Path, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)

    client("contacts.csv", NETRC=str(netrc))

    for request in service.requests:
        expected = None if request.path == "/file" else f"Bearer {KEY}"
        assert request.headers["Authorization"] == expected


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "route", ["POST /process", "POST /uploads", "POST /bucket", "GET /status/job-1", "GET /file"]
)
def test_a_redirect_takes_neither_the_list_nor_the_key_to_another_host(
    service: FakeService, client: Client, contacts: Path, route: str, code: int
) -> None:
    elsewhere = service.url.replace("127.0.0.1", "localhost") + "/elsewhere?token=hidden-token"
    service.trouble[route] = [(code, b"", {"Location": elsewhere})] * 9
    if route in ("POST /uploads", "POST /bucket"):
        (contacts.parent / "contacts.csv").write_bytes(LIST + b"x,y@example.org\n" * 300_000)

    ended = client("contacts.csv")

    assert ended.status == 1
    assert "redirects to http://localhost" in ended.err
    assert "hidden-token" not in ended.err
    assert not [request for request in service.requests if request.path == "/elsewhere"]


@pytest.mark.parametrize(
    "status_url", ["/status/job-1", "/api/status/job-1", "http://elsewhere.invalid/status/1"]
)
def test_status_is_asked_below_the_given_url_only(
    service: FakeService, client: Client, contacts: Path, status_url: str
) -> None:
    service.status_url = status_url

    assert client("contacts.csv", "--url", f"{service.url}/api/").status == 0
    assert service.got("GET", "/api/status/job-1")


# What is never overwritten


def symbolic_link(path: Path) -> Path:
    link = path.with_name("link.csv")
    link.symlink_to(path)
    return link


def hard_link(path: Path) -> Path:
    link = path.with_name("link.csv")
    os.link(path, link)
    return link


@pytest.mark.parametrize(
    "alias",
    [
        lambda path: path,
        lambda path: path.parent / "." / ".." / path.parent.name / path.name,
        symbolic_link,
        hard_link,
    ],
    ids=["same", "another way", "symbolic link", "hard link"],
)
def test_the_list_itself_is_never_overwritten(
    service: FakeService, client: Client, contacts: Path, alias: Callable[[Path], Path]
) -> None:
    output = alias(contacts)

    ended = client("contacts.csv", "-o", str(output), "--overwrite")

    assert ended.status == 2
    assert "is the list itself; name another file" in ended.err
    assert service.requests == []
    assert contacts.read_bytes() == LIST


def test_standard_output_that_is_the_list_is_refused(service: FakeService, contacts: Path) -> None:
    with contacts.open("ab") as out:
        done = subprocess.run(
            [sys.executable, str(CLIENT), "contacts.csv", "-o", "-"],
            cwd=contacts.parent,
            env=environment(service),
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert done.returncode == 2
    assert contacts.read_bytes() == LIST
    assert service.requests == []


@pytest.mark.parametrize("arguments", [("contacts.csv",), ("contacts.csv", "-o", "mine.csv")])
def test_an_output_that_exists_is_refused_before_anything_is_sent(
    service: FakeService, client: Client, contacts: Path, arguments: tuple[str, ...]
) -> None:
    for name in ("mine.csv", "contacts.enriched.csv"):
        (contacts.parent / name).write_text("the old one")

    ended = client(*arguments)

    assert ended.status == 2
    assert "exists; name another file with -o, or replace it with --overwrite" in ended.err
    assert service.requests == []


@pytest.mark.parametrize("moment", ["GET /status/job-1", "GET /file"])
def test_an_output_that_somebody_writes_meanwhile_stays(
    service: FakeService, client: Client, contacts: Path, moment: str
) -> None:
    mine = contacts.parent / "contacts.enriched.csv"

    class Writing(list[Any]):
        """No trouble, but a file at this moment."""

        def __bool__(self) -> bool:
            mine.write_text("somebody's")
            return False

    service.trouble[moment] = Writing()

    ended = client("contacts.csv")

    assert ended.status == 2
    assert "contacts.enriched.csv exists" in ended.err
    assert "--resume job-1" in ended.err
    assert mine.read_text() == "somebody's"
    assert leftovers(contacts.parent) == []


def test_a_file_that_a_job_is_named_after_is_not_overwritten(
    service: FakeService, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "job-1.enriched.csv").write_text("the old one")

    assert client("--resume", "job-1").status == 2
    assert (tmp_path / "job-1.enriched.csv").read_text() == "the old one"


# How the list is read


def test_before_the_job_it_is_said_what_is_read_from_which_column(
    service: FakeService, client: Client, contacts: Path
) -> None:
    ended = client("contacts.csv", "--mapping", "A=email")

    said = ended.err[: ended.err.index("job job-1")]
    assert '  email ← "Adresse e-mail", "E-mail 2"\n  ignored: "Notes"\n' in said
    assert "note: Two lines above the header are left out." in said
    (asked,), (sent,) = service.got("POST", "/preview"), service.got("POST", "/process")
    assert (asked.body, asked.query) == (sent.body, sent.query)


def test_a_large_list_is_sent_once_for_preview_and_job(
    service: FakeService, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "large.csv").write_bytes(LIST + b"x" * 5_000_000)

    assert client("large.csv").status == 0

    assert len(service.got("POST", "/bucket")) == 1
    for path in ("/preview", "/process"):
        assert json.loads(service.got("POST", path)[0].body)["upload_id"] == "up-1"
    assert not service.got("DELETE", "/uploads/up-1")


@pytest.mark.parametrize("command", ["preview", "estimate"])
def test_a_large_list_that_is_only_asked_about_does_not_stay(
    service: FakeService, client: Client, tmp_path: Path, command: str
) -> None:
    (tmp_path / "large.csv").write_bytes(LIST + b"x" * 5_000_000)

    ended = client(command, "large.csv", "--json")

    assert ended.status == 0
    path = {"preview": "/preview", "estimate": "/process"}[command]
    (asked,) = service.got("POST", path)
    expected = {"upload_id": "up-1"} | ({"estimate": True} if command == "estimate" else {})
    assert json.loads(asked.body) == expected
    assert service.requests[-1].path == "/uploads/up-1"
    assert service.requests[-1].method == "DELETE"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "of the old kind (.xls), or one with a password"),
        (
            b"PK\x03\x04" + b"\n" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
            "an OpenDocument file (.ods); save it as .xlsx",
        ),
    ],
    ids=["pdf", "xls", "ods"],
)
def test_a_file_that_is_no_list_is_refused_with_a_sentence(
    service: FakeService, client: Client, tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "list.xlsx").write_bytes(content)

    ended = client("list.xlsx")

    assert ended.status == 2
    assert says in ended.err
    assert service.requests == []


# Waiting


def test_trouble_while_waiting_is_survived(
    service: FakeService, client: Client, contacts: Path
) -> None:
    service.trouble["GET /status/job-1"] = [
        (503, b"<html>", {}),
        None,
        (429, b"", {"Retry-After": "0"}),
        (200, b'{"status": "ENRI', {}),
        None,
        (502, b"", {}),
    ]

    ended = client("contacts.csv", "-o", "out.csv")

    assert ended.status == 0
    assert len(service.got("POST", "/process")) == 1
    assert ended.err.count("trying again") == 6


def test_the_client_reads_what_the_service_asks_for(service: FakeService) -> None:
    code, content, headers = as_json(200, status="ENRICHING")
    service.trouble["GET /status/job-1"] = [
        (code, content, {**headers, "Retry-After": "7"}),
        (code, content, headers),
    ]
    connection = Service(service.url, "", 0.0, Progress(io.StringIO(), True))
    asked = []
    for _ in range(2):
        connection.call("GET", "/status/job-1")
        asked.append(connection.asked_wait)
    connection.session.close()
    assert asked == [7.0, None]


def test_progress_without_a_terminal_is_plain_and_rare(
    service: FakeService, client: Client, contacts: Path
) -> None:
    service.course[:1] = [{"status": "SPLITTING"}] * 9

    ended = client("contacts.csv")

    assert ended.err.count("SENDING") == 1
    assert "SPLITTING" not in ended.err  # all within five seconds of the first line
    assert "\r" not in ended.err


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_progress_on_a_terminal_is_one_line_redrawn(service: FakeService, contacts: Path) -> None:
    import pty

    half = {"status": "ENRICHING", "contacts": {"total": 1000, "processed": 420}}
    more = {"status": "ENRICHING", "contacts": {"total": 1000, "processed": 600}}
    service.course = [half, more, more, {"status": "COMPLETED"}]
    ours, theirs = pty.openpty()
    client = subprocess.Popen(
        [sys.executable, str(CLIENT), contacts.name, "--poll-seconds", "0.12"],
        stderr=theirs,
        cwd=contacts.parent,
        env={**environment(service), "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours, 4096):
            shown += data
    except OSError:
        pass  # how Linux says that the other side has been closed
    os.close(ours)

    assert client.wait(10) == 0
    text = shown.decode()
    assert "\r[##########--------------]  42%  420/1,000 contacts  ENRICHING" in text
    assert re.search(r"\r\[#{14}-{10}\]  60%  600/1,000 contacts  \d+/s  0:\d\d left  ENR", text)


def test_quiet_prints_errors_only(service: FakeService, client: Client, contacts: Path) -> None:
    assert client("contacts.csv", "--quiet").err == ""

    service.course = [{"status": "FAILED", "error": {"code": "x", "message": "too many rows"}}]
    assert "too many rows" in client("contacts.csv", "--quiet", "--overwrite").err


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is not a signal there")
def test_interrupted_says_how_to_come_back(service: FakeService, contacts: Path) -> None:
    service.course = [{"status": "ENRICHING"}]
    # A test run that was started in the background ignores Ctrl-C, and its children inherit that.
    heed = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    heed += "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    command = [str(CLIENT), contacts.name, "-o", "my out.csv", "--poll-seconds", "0.01"]
    client = subprocess.Popen(
        [sys.executable, "-c", heed, *command],
        stderr=subprocess.PIPE,
        cwd=contacts.parent,
        env=environment(service),
    )
    until = time.monotonic() + 10
    while not service.got("GET", "/status/job-1") and time.monotonic() < until:
        time.sleep(0.01)
    client.send_signal(signal.SIGINT)
    err = client.communicate(timeout=10)[1].decode()

    assert client.returncode == 130
    assert f"--resume job-1 --url {service.url} -o 'my out.csv'" in err
    assert KEY not in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "output"),
    [((), "job-1.enriched.csv"), (("contacts.csv",), "contacts.enriched.csv")],
)
def test_resume_fetches_a_job_without_sending_anything(
    service: FakeService, client: Client, tmp_path: Path, arguments: tuple[str, ...], output: str
) -> None:
    ended = client("--resume", "job-1", *arguments)

    assert ended.status == 0
    assert (tmp_path / output).read_bytes() == RESULT
    assert {request.method for request in service.requests} == {"GET"}


def test_a_service_that_ends_with_the_client_cannot_be_come_back_to(
    service: FakeService, client: Client, contacts: Path
) -> None:
    service.cut_download = 50

    ended = client("contacts.csv", "--no-come-back")

    assert ended.status == 1
    assert "job job-1\n" in ended.err
    assert "come back" not in ended.err


# How it ends


@pytest.mark.parametrize(
    ("use", "exit_status", "says"),
    [
        ({"state": "bad_key", "lookups": 0}, 3, "PDL NEVER ANSWERED: it does not accept its key"),
        ({"state": "out_of_credits", "title": "People Data Labs"}, 3, "PEOPLE DATA LABS NEVER"),
        ({"state": "bad_key", "lookups": 7}, 0, ""),
        ({"state": "bad_key", "cached": 7}, 0, ""),
        ({"state": "throttled"}, 0, ""),
        ({"state": "ok"}, 0, ""),
    ],
)
def test_a_provider_that_never_answered_is_3_and_said_loudly(
    service: FakeService,
    client: Client,
    contacts: Path,
    *,
    use: dict[str, Any],
    exit_status: int,
    says: str,
) -> None:
    provider = {"name": "pdl", "lookups": 0, "matches": 0, "cached": 0, "credits": 0.0, **use}
    service.course = [{"status": "COMPLETED", "providers": [provider]}]

    ended = client("contacts.csv", "--quiet")

    assert ended.status == exit_status
    assert says in ended.err
    assert ("NEVER ANSWERED" in ended.err) == (exit_status == 3)
    assert (contacts.parent / "contacts.enriched.csv").exists()


def test_json_is_for_programs_and_talk_is_not_in_its_way(
    service: FakeService, client: Client, contacts: Path
) -> None:
    ended = client("contacts.csv", "--json")

    answer = json.loads(ended.out)
    assert answer["contacts"] == COUNTS
    assert answer["result"] == {"format": "csv", "rows": 1000, "bytes": len(RESULT)}
    assert "COMPLETED: 1,000 contacts" in ended.err


def test_completed_with_errors_is_3(service: FakeService, client: Client, contacts: Path) -> None:
    service.course = [{"status": "COMPLETED_WITH_ERRORS"}]

    ended = client("contacts.csv", "-o", "out.csv")

    assert ended.status == 3
    assert (contacts.parent / "out.csv").read_bytes() == RESULT


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        ("FAILED", {"code": "c", "message": "too many rows"}, "FAILED: too many rows"),
        ("FAILED", "bad \x1b[31mheader", "FAILED: bad  [31mheader"),
        ("CANCELLED", None, "ended CANCELLED"),
    ],
)
def test_job_that_fails_is_1_with_its_message(
    service: FakeService, client: Client, contacts: Path, *, status: str, error: object, said: str
) -> None:
    service.course = [{"status": status, "error": error}]

    ended = client("contacts.csv", "-o", "out.csv")

    assert ended.status == 1
    assert said in ended.err
    assert "does not need this client" not in ended.err
    assert not (contacts.parent / "out.csv").exists()


def test_what_a_cancelled_job_has_is_fetched(
    service: FakeService, client: Client, contacts: Path
) -> None:
    result = {"url": f"{service.url}/file", "format": "csv", "bytes": len(RESULT)}
    service.course = [{"status": "CANCELLED", "result": result}]

    ended = client("contacts.csv", "-o", "out.csv")

    assert ended.status == 1
    assert (contacts.parent / "out.csv").read_bytes() == RESULT


@pytest.mark.parametrize(("answer", "exit_status"), [(400, 2), (413, 2), (415, 2), (401, 1)])
def test_refusal_says_the_services_message(
    service: FakeService, client: Client, contacts: Path, answer: int, exit_status: int
) -> None:
    service.trouble["POST /process"] = [as_json(answer, code="c", message="unknown option: pets")]

    ended = client("contacts.csv")

    assert ended.status == exit_status
    assert "unknown option: pets" in ended.err
    assert ("CONTACT_ENRICHMENT_KEY" in ended.err) == (answer == 401)
    assert len(service.got("POST", "/process")) == 1  # a refusal is not worth another try


@pytest.mark.parametrize(
    ("promise_whole", "said"),
    [(True, "the download broke off"), (False, f"50 bytes instead of {len(RESULT)}")],
)
def test_truncated_download_is_not_accepted(
    service: FakeService, client: Client, contacts: Path, promise_whole: bool, said: str
) -> None:
    output = contacts.parent / "out.csv"
    output.write_text("the old one")
    service.cut_download, service.promise_whole_download = 50, promise_whole

    ended = client("contacts.csv", "-o", "out.csv", "--overwrite")

    assert ended.status == 1
    assert said in ended.err
    assert f"--resume job-1 --url {service.url} -o out.csv --overwrite" in ended.err
    assert output.read_text() == "the old one"
    assert leftovers(contacts.parent) == []
    assert client("contacts.csv", "-o", "-").out == b""


def test_download_that_fails_once_is_repeated_and_replaces_the_old_output(
    service: FakeService, client: Client, contacts: Path
) -> None:
    output = contacts.parent / "out.csv"
    output.write_text("the old one")
    output.chmod(0o640)
    service.trouble["GET /file"] = [None, (500, b"", {}), (200, RESULT[:7], {})]

    assert client("contacts.csv", "-o", "out.csv", "--overwrite").status == 0
    assert output.read_bytes() == RESULT
    assert output.stat().st_mode & 0o777 == 0o640


def test_service_that_is_not_there(client: Client, contacts: Path, service: FakeService) -> None:
    ended = client("contacts.csv", "--url", f"http://127.0.0.1:{free_port()}/api")

    assert ended.status == 1
    assert re.search(
        r"nothing answers at http://127\.0\.0\.1:\d+; is the service running\?", ended.err
    )
    assert "`make local` starts it" in ended.err


@pytest.mark.parametrize(
    "answer",
    [
        (404, b"<html>not here</html>", {}),
        # API Gateway, at a stage that does not exist; the service itself, below a path that does not.
        (403, b'{"message": "Forbidden"}', {}),
        (404, b'{"code": "not_found", "message": "There is no such route, or not like this"}', {}),
    ],
    ids=["a page", "gateway", "service"],
)
def test_path_that_is_wrong(
    service: FakeService, client: Client, contacts: Path, answer: Answer
) -> None:
    service.trouble["POST /preview"] = [answer]

    ended = client("contacts.csv", "--url", f"{service.url}/api")

    assert ended.status == 1
    assert f"no enrichment service at {service.url}/api (HTTP {answer[0]})" in ended.err
    assert "is the path of --url right?" in ended.err


def test_page_that_is_not_the_service(service: FakeService, client: Client, contacts: Path) -> None:
    service.trouble["POST /preview"] = [(200, b"<html>", {})] * 4

    ended = client("contacts.csv")

    assert ended.status == 1
    assert "is it the service's URL?" in ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name the file"),
        (("missing.csv",), "cannot read missing.csv: No such file"),
        (("folder.csv",), "folder.csv is a folder; name the file"),
        (("jobs.csv", "-o", "contacts.csv"), "contacts.csv exists; name another file"),
        (("--quiet", "jobs"), "the command comes first: enrich.py jobs"),
        (("status",), "the following arguments are required: JOB"),
        (("jobs", "--sheet", "2"), "unrecognized arguments: --sheet"),
        (("contacts.csv", "-o", "-", "--json"), "--json and the result cannot both go"),
        (("empty.csv",), "empty.csv is empty"),
        (("broken.json",), "broken.json is not well-formed JSON: Expecting value: line 2"),
        (("contacts.csv", "--url", ""), "CONTACT_ENRICHMENT_URL"),
        (("contacts.csv", "--url", "localhost:8000"), "https://"),
        (("contacts.csv", "--url", "http://127.0.0.1/?a=b"), "must be a full address"),
        (("contacts.csv", "--url", "http://me:pw@127.0.0.1"), "--url must not hold a user"),
        (("contacts.csv", "--key", "a b"), "--key has spaces"),
        (("contacts.csv", "-o", "folder.csv"), "is not a file"),
        (("contacts.csv", "-o", "nowhere/out.csv"), "cannot write into"),
        (("contacts.csv", "--mapping", "email"), "COLUMN=FIELD"),
        (("contacts.csv", "--min-confidence", "50"), "a number from 0 to 1"),
        (("contacts.csv", "--providers", ","), "one or more names"),
        (("--resume", "../etc"), "no job id"),
    ],
)
def test_wrong_use_is_2_and_says_what_would_be_right(
    service: FakeService, client: Client, contacts: Path, arguments: tuple[str, ...], said: str
) -> None:
    (contacts.parent / "empty.csv").touch()
    (contacts.parent / "folder.csv").mkdir()
    (contacts.parent / "broken.json").write_text('[{"email": "a@example.org"},\n oops]')

    ended = client(*arguments)

    assert ended.status == 2
    assert said in ended.err
    assert service.requests == []


# Where it runs


def test_version_is_that_of_the_project(client: Client) -> None:
    project = CLIENT.with_name("pyproject.toml").read_text("utf-8")

    assert f'version = "{VERSION}"' in project
    assert client("--version").out.decode() == f"enrich.py {VERSION}\n"


def test_help_tells_commands_and_exit_statuses(client: Client) -> None:
    text = client("--help").out.decode()

    assert all(f"\n  {name} " in text for name in COMMANDS)
    assert "3    completed, but some rows" in text


def test_without_requests_it_says_what_to_install(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-I", str(CLIENT), "--version"],  # -S: no installed packages
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(
        "enrich.py needs the package requests. Install it (python3 -m pip"
    )
    assert "Traceback" not in done.stderr
