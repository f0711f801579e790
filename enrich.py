#!/usr/bin/env python3
"""The command-line client: a list of contacts goes in, the enriched file comes out.

    python enrich.py contacts.csv -o enriched.csv --url https://... --key ...

Works with any deployment of the service. One file that needs Python 3.10 and ``requests`` only, so
that it can be copied to where the lists are. In the order of the way: what was asked for, the
source file, talking to the service, handing the list in, waiting, fetching the result.

Prints neither contacts nor the key nor signed URLs, whatever goes wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import stat
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TextIO, TypeVar
from urllib.parse import quote, urljoin, urlsplit

import requests

DONE, FAILED, WRONG_USE, DONE_WITH_ERRORS, INTERRUPTED = 0, 1, 2, 3, 130
EXIT_STATUS_OF = {
    "COMPLETED": DONE,
    "COMPLETED_WITH_ERRORS": DONE_WITH_ERRORS,
    "FAILED": FAILED,
    "CANCELLED": FAILED,
}
#: Answers that say that the request is wrong, so that repeating it as it is will not help.
WRONG_REQUEST = frozenset({400, 413, 415})

#: What the summary says about a provider.
PROVIDER_COUNTS = ("lookups", "matches", "cached", "credits")

# Bytes. The service takes 4.5 MB; of JSON at most 6 MB as a text within JSON, as Lambda gets it.
INLINE_LIMIT = 4_500_000
EVENT_LIMIT = 6_000_000
CHUNK = 64 * 1024  # bytes
TIMEOUT = (10, 60)  # seconds: to connect, between two bytes; API Gateway answers within 29
FEW_TRIES = 4  # for a service that may simply not be there: some seconds
MANY_TRIES = 20  # for a job that is under way: about eight minutes without an answer
LONGEST_WAIT = 60.0  # seconds; also if Retry-After asks for more
TRANSIENT = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)

CSV, NDJSON, JSON, GZIP = "text/csv", "application/x-ndjson", "application/json", "application/gzip"
KIND_OF_SUFFIX = {".csv": CSV, ".tsv": CSV, ".txt": CSV, ".jsonl": NDJSON, ".ndjson": NDJSON}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: How the name of an output ends, and its format.
FORMAT_OF_SUFFIX = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".xlsx": "xlsx"}

T = TypeVar("T")
Sign = Callable[[requests.PreparedRequest], requests.PreparedRequest]


class ClientError(Exception):
    """It cannot be done: the sentence for people and the exit status."""

    def __init__(self, message: str, exit_status: int = FAILED) -> None:
        super().__init__(message)
        self.exit_status = exit_status


class TransientError(Exception):
    """It did not work this time; ``wait`` is how many seconds the server asked for, or 0."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


# What was asked for


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line, checked; wrong use ends the program with status 2 and the reason."""
    parser = _parser()
    args = parser.parse_args(argv)
    if args.input is None and args.resume is None:
        parser.error("name the file with the contacts, or - for standard input, or --resume JOB_ID")
    args.url = args.url.strip().rstrip("/")
    if not args.url:
        parser.error("say where the service is: --url URL, or CONTACT_ENRICHMENT_URL")
    if urlsplit(args.url).scheme not in ("http", "https") or not urlsplit(args.url).hostname:
        parser.error("--url must be a full address such as https://host/api")
    if "@" in urlsplit(args.url).netloc:
        parser.error("--url must not hold a user or password; give the key with --key")
    args.key = args.key.strip()
    if not re.fullmatch(r"[\x21-\x7e]*", args.key):
        parser.error("--key has spaces or characters outside ASCII; copy it again")
    args.format = _format_of(parser, args)
    args.output = args.output or _default_output(args)
    return args


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="enrich.py",
        allow_abbrev=False,
        description="Send a list of contacts to the enrichment service and fetch the result.",
        epilog="Exit status: 0 completed, 3 completed with errors (some rows have the status "
        "'failed'), 1 failed or cancelled, 2 wrong use, 130 interrupted.",
    )
    add = parser.add_argument
    add("input", nargs="?", help="an Excel workbook (.xlsx), or CSV, JSON or JSON lines, also gzipped; "
        "- for standard input")  # fmt: skip
    add("-o", "--output", help="its name ends with .csv, .xlsx or .jsonl, which is the format; - for "
        "standard output; default: INPUT.enriched.csv, of a workbook .xlsx")  # fmt: skip
    add("--url", default=os.environ.get("CONTACT_ENRICHMENT_URL", ""),
        help="where the service is (default: $CONTACT_ENRICHMENT_URL)")  # fmt: skip
    add("--key", default=os.environ.get("CONTACT_ENRICHMENT_KEY", ""),
        help="API key; others on this machine can see arguments, so rather set "
        "$CONTACT_ENRICHMENT_KEY, the default")  # fmt: skip
    add("--providers", type=_names, metavar="A,B", help="providers to ask, in this order")
    add("--fields", type=_names, metavar="X,Y", help="fields to fill (default: all)")
    add("--format", choices=("csv", "jsonl", "xlsx"), help="default: by the name of OUTPUT")
    add("--default-country", metavar="CODE",
        help="where phone numbers without a country code are from: DE, US, ...")  # fmt: skip
    add("--sheet", metavar="NAME", help="the sheet of a workbook, by its name or number")
    add("--csv-safety", choices=("safe", "strict", "raw"),
        help="how cells that a spreadsheet would run as a formula are written")  # fmt: skip
    add("--mapping", type=_mapping, action="append", default=[], metavar="COLUMN=FIELD",
        help="read FIELD from COLUMN ('COLUMN=': ignore it); may be repeated")  # fmt: skip
    add("--min-confidence", type=partial(_number, 0.0, 1.0), metavar="0.5",
        help="drop values below it (0 to 1)")  # fmt: skip
    add("--max-credits", type=partial(_number, 0.0, 1e9), metavar="1000",
        help="what all lookups may cost together, in the providers' credits")  # fmt: skip
    add("--sample", type=partial(_whole, 1), metavar="100", help="enrich the first rows only")
    add("--cache-days", type=partial(_whole, 0), metavar="30",
        help="how old an answer paid for earlier may be; 0: none of other jobs")  # fmt: skip
    add("--resume", type=_job_id, metavar="JOB_ID", help="wait for this job and fetch its result")
    add("--poll-seconds", type=partial(_number, 0.001, 60.0), default=0.5, metavar="0.5",
        help="first pause between two looks at the job; grows tenfold at most")  # fmt: skip
    add("--quiet", action="store_true", help="print nothing but errors")
    return parser


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError("must be one or more names with commas between them")
    return names


def _mapping(text: str) -> tuple[str, str]:
    # The last "=" counts: a column may have one in its name, a field has none.
    column, equals, name = text.rpartition("=")
    if not equals or not column:
        raise argparse.ArgumentTypeError(f"{text!r} must be COLUMN=FIELD, as in 'Work mail=email'")
    return column, name.strip()


def _number(low: float, high: float, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number from {low:g} to {high:g}")
    return value


def _whole(low: int, text: str) -> int:
    if not text.isdecimal() or int(text) < low:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from {low}")
    return int(text)


def _job_id(text: str) -> str:
    # It becomes part of a path and, by default, of a file name.
    if not re.fullmatch(r"\w[\w.-]*", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r} is no job id; it was printed at the start")
    return text


def _format_of(parser: argparse.ArgumentParser, args: argparse.Namespace) -> str | None:
    """The format by the name of the output; wrong use if it fits none, or another one than was asked for."""
    asked: str | None = args.format
    if args.output is None and args.input is not None and args.input.lower().endswith(".xlsx"):
        return asked or "xlsx"
    if args.output in (None, "-"):
        return asked
    suffix = Path(args.output).suffix.lower()
    named = FORMAT_OF_SUFFIX.get(suffix)
    if not named and not asked:
        parser.error(
            f"{args.output}: its name tells no format; let it end with "
            f"{', '.join(FORMAT_OF_SUFFIX)}, or say which with --format"
        )
    if named and asked not in (None, named):
        parser.error(
            f"{args.output}: a file called {suffix} is no {asked}; rename it, or leave out --format"
        )
    return named or asked


def _default_output(args: argparse.Namespace) -> str | None:
    """``list.csv.gz`` → ``list.enriched.csv``; None: to be named after the job and its format."""
    if args.input == "-":
        return "-"
    if args.input is None:
        return None
    path = Path(args.input)
    stem = Path(path.stem).stem if path.suffix.lower() == ".gz" else path.stem
    return str(path.with_name(f"{stem}.enriched.{args.format or 'csv'}"))


def job_options(args: argparse.Namespace) -> dict[str, Any]:
    """The options as ``POST /process`` names them; what was not given is left to the service."""
    options = {
        "providers": args.providers,
        "fields": args.fields,
        "output": args.format or "csv",
        "csv_safety": args.csv_safety,
        "mapping": dict(args.mapping) or None,
        "min_confidence": args.min_confidence,
        "max_credits": args.max_credits,
        "sample": args.sample,
        "sheet": args.sheet,
        "default_country": args.default_country,
        "cache_days": args.cache_days,
    }
    return {name: value for name, value in options.items() if value is not None}


def as_query(options: Mapping[str, Any]) -> dict[str, str]:
    """The same options for a query string: names joined by commas, a mapping as JSON."""
    return {
        name: ",".join(value) if isinstance(value, list)
        else json.dumps(value) if isinstance(value, dict) else str(value)
        for name, value in options.items()
    }  # fmt: skip


def check_output(output: str | None) -> None:
    """Notice before anything is sent, and perhaps paid for, that the result cannot be written."""
    if output in (None, "-"):
        return
    path = Path(str(output))
    if path.exists() and not path.is_file():
        raise ClientError(f"{path} is not a file; name one, or - for standard output", WRONG_USE)
    if not os.access(path.resolve().parent, os.W_OK):
        raise ClientError(f"cannot write into {path.resolve().parent}; see -o", WRONG_USE)


# The source file


@dataclass(frozen=True)
class Source:
    """The list as it lies there: an open file, its size in bytes and its content type."""

    stream: BinaryIO
    size: int
    kind: str
    name: str

    def read(self) -> bytes:
        self.stream.seek(0)
        return self.stream.read()


@contextmanager
def open_source(name: str) -> Iterator[Source]:
    """The file ``name``, or standard input; what has no size beforehand is spooled to disk."""
    with ExitStack() as stack:
        stream: BinaryIO = sys.stdin.buffer
        if name != "-":
            try:
                stream = stack.enter_context(open(name, "rb"))
            except OSError as error:
                raise ClientError(f"cannot read {name}: {error.strerror}", WRONG_USE) from None
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            spool = stack.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(stream, spool)
            stream = spool
        size = stream.seek(0, os.SEEK_END)
        if not size:
            raise ClientError(f"{name} is empty; it should have a header and rows", WRONG_USE)
        stream.seek(0)
        yield Source(stream, size, content_type(name, stream.read(CHUNK)), name)


def content_type(name: str, head: bytes) -> str:
    """What the file is, by its first bytes and its name; CSV if nothing speaks against it."""
    if head.startswith(b"\x1f\x8b"):
        return GZIP
    if head.startswith(b"PK\x03\x04"):
        return XLSX
    suffix = Path(name).suffix.lower()
    if suffix in KIND_OF_SUFFIX:
        return KIND_OF_SUFFIX[suffix]
    text = head.decode("utf-8-sig", "replace").lstrip()
    if text.startswith("{") and _is_record(text.partition("\n")[0]):
        return NDJSON  # also when it is called .json, which is common
    return JSON if suffix == ".json" or text.startswith(("{", "[")) else CSV


def _is_record(line: str) -> bool:
    try:
        return "contacts" not in json.loads(line)
    except ValueError:
        return False


def json_body(source: Source, options: Mapping[str, Any]) -> bytes:
    """An array, or an object with "contacts", as the body of ``POST /process``, options inside."""
    try:
        content = json.loads(source.read())
    except ValueError as error:  # also text that is in no encoding of JSON
        where = f": {error}" if isinstance(error, json.JSONDecodeError) else ""
        raise ClientError(f"{source.name} is not well-formed JSON{where}", WRONG_USE) from None
    if not isinstance(content, dict):
        content = {"contacts": content}
    # A lone surrogate cannot be encoded; its backslash form is just what JSON writes for it.
    text = json.dumps({**content, **options}, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace")


def event_size(body: bytes) -> int:
    """The bytes that JSON takes as a text within JSON; more if other letters are not escaped there."""
    return len(json.dumps(body.decode("utf-8")))


class UploadForm:
    """The form that S3 wants, fields first and the file last, as a stream of known length.

    ``requests`` would read the whole file into memory for ``files=``, and S3 takes no chunked
    body. Can be iterated again, for another try.
    """

    def __init__(self, fields: Mapping[str, str], source: Source, progress: Progress) -> None:
        boundary = uuid.uuid4().hex
        part = f"--{boundary}\r\nContent-Disposition: form-data; name="
        head = "".join(f'{part}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
        head += f'{part}"file"; filename="contacts"\r\nContent-Type: {source.kind}\r\n\r\n'
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._head, self._tail = head.encode(), f"\r\n--{boundary}--\r\n".encode()
        self._source, self._progress = source, progress

    def __len__(self) -> int:
        return len(self._head) + self._source.size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        self._source.stream.seek(0)
        left = self._source.size  # not to the end: somebody may still be writing to the file
        while left and (chunk := self._source.stream.read(min(CHUNK, left))):
            yield chunk
            left -= len(chunk)
            done = self._source.size - left
            self._progress.show("UPLOADING", done, self._source.size, "bytes")
        yield self._tail


# Progress


@dataclass
class Progress:
    """What is shown on standard error: on a terminal one line that is redrawn, else few lines."""

    stream: TextIO
    quiet: bool
    _stage: str = ""
    _start: tuple[float, int] = (0.0, 0)
    _drawn: float = float("-inf")
    _width: int = 0

    def show(self, stage: str, done: int = 0, total: int = 0, unit: str = "contacts") -> None:
        now, tty = time.monotonic(), self.stream.isatty()
        due = now - self._drawn >= (0.1 if tty else 5.0)
        if stage != self._stage:
            self._stage, self._start = stage, (now, done)
            due = due or tty
        if self.quiet or not due:
            return
        self._drawn = now
        line = self._line(stage, done, total, unit, now)
        if not tty:
            print(line, file=self.stream, flush=True)
            return
        filled = 24 * done // total if total else 0
        width = shutil.get_terminal_size().columns - 1
        line = f"[{'#' * filled:-<24}] {line}"[:width]
        print(f"\r{line:<{min(self._width, width)}}", end="", file=self.stream, flush=True)
        self._width = len(line)

    def _line(self, stage: str, done: int, total: int, unit: str, now: float) -> str:
        if not total:
            return stage
        parts = [f"{100 * done // total:3}%", f"{done:,}/{total:,} {unit}"]
        # Only what was gained since the start counts: a job that is resumed had a lead.
        seconds, gained = now - self._start[0], done - self._start[1]
        if seconds > 0 and gained > 0:
            minutes, rest = divmod(round((total - done) * seconds / gained), 60)
            parts += [f"{gained / seconds:,.0f}/s", f"{minutes}:{rest:02} left"]
        return "  ".join([*parts, stage])

    def say(self, text: str, *, even_if_quiet: bool = False) -> None:
        """A line that stays; control characters, which may come from a server, are blanked."""
        if self.quiet and not even_if_quiet:
            return
        clear = f"\r{'':{self._width}}\r" if self._width else ""
        self._width = 0
        text = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
        print(clear + text, file=self.stream, flush=True)


# Talking to the service


def next_pause(pause: float, first: float, asked: float | None) -> float:
    """Seconds until the next look at a job, after a pause of ``pause``: ever more, up to what the service
    ``asked`` for, but never less than the ``first`` pause, which the user has chosen.
    """
    most = 10 * first if asked is None else min(asked, LONGEST_WAIT)
    return max(min(pause * 1.2, most), first)


@dataclass
class Service:
    """The HTTP side: signs, retries what may pass, turns refusals into ``ClientError``."""

    url: str
    key: str = field(repr=False)
    pause: float
    progress: Progress
    session: requests.Session = field(default_factory=requests.Session)
    #: Seconds that the last answer asked to wait, None if it asked for none.
    asked_wait: float | None = None

    def call(self, method: str, url: str, tries: int = FEW_TRIES, **request: Any) -> dict[str, Any]:
        """The JSON object that the API answers; the only requests that carry the key."""

        def answer() -> dict[str, Any]:
            try:
                response = self.send(method, url, self._sign, **request)
                self.asked_wait = _retry_after(response)
                content = response.json()
            except requests.exceptions.JSONDecodeError:
                content = None
            if not isinstance(content, dict):
                raise TransientError(f"{_host(url)} answered no JSON; is it the service's URL?")
            return content

        return self.persist(answer, tries)

    def send(
        self, method: str, url: str, sign: Sign | None = None, **request: Any
    ) -> requests.Response:
        """One request; raises TransientError if another may succeed, ClientError if not."""
        try:
            # Something must be given as auth: else requests takes a password from ~/.netrc. The
            # storage must not get the key, and refuses requests that are signed twice.
            # Redirects are not followed: one would take the whole list, or the key, to another host.
            response = self.session.request(
                method,
                url,
                auth=sign or _unsigned,
                timeout=TIMEOUT,
                allow_redirects=False,
                **request,
            )
        except TRANSIENT as error:
            raise TransientError(f"{_host(url)}: {type(error).__name__}") from None
        except requests.RequestException as error:
            raise ClientError(f"{_host(url)}: {type(error).__name__}") from None
        if 300 <= response.status_code < 400:
            raise ClientError(_redirection(response))
        if response.ok:
            return response
        message = _refusal(response)
        if response.status_code in (408, 429) or response.status_code >= 500:
            raise TransientError(message, _retry_after(response) or 0.0)
        wrong = response.status_code in WRONG_REQUEST
        raise ClientError(message, WRONG_USE if wrong else FAILED)

    def persist(self, action: Callable[[], T], tries: int) -> T:
        """``action`` until it succeeds, at most ``tries`` times, ever more slowly."""
        for attempt in range(1, tries):
            try:
                return action()
            except TransientError as error:
                wait = min(max(error.wait, self.pause * min(2**attempt, 60)), LONGEST_WAIT)
                self.progress.say(f"{error}; trying again in {wait:.1f} s")
                time.sleep(wait)
        try:
            return action()
        except TransientError as error:
            raise ClientError(f"gave up after {tries} tries: {error}") from None

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.key:
            request.headers["Authorization"] = f"Bearer {self.key}"
        return request


def _retry_after(response: requests.Response) -> float | None:
    """The seconds that an answer asks to wait, None if it asks for none."""
    asked = response.headers.get("Retry-After", "")
    return float(asked) if asked.isdecimal() else None


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _host(url: str) -> str:
    # The rest of a URL may be signed, and its beginning may hold a password.
    return urlsplit(url).hostname or "the service"


def _redirection(response: requests.Response) -> str:
    target = urlsplit(urljoin(response.url, response.headers.get("Location", "")))
    where = f"{target.scheme}://{target.hostname}" if target.hostname else "nowhere"
    return (
        f"{_host(response.url)} redirects to {where} (HTTP {response.status_code}); nothing is sent "
        "there. If the service is there, say so with --url"
    )


def _refusal(response: requests.Response) -> str:
    """The service's own message; API Gateway writes "message" or "Message", S3 XML."""
    try:
        content = response.json()
    except requests.exceptions.JSONDecodeError:
        found = re.search(r"<Code>(\w+)</Code>", response.text)
        content = {"message": found[1]} if found else {}
    said = content.get("message") or content.get("Message") if isinstance(content, dict) else None
    return f"{said or 'no reason given'} (HTTP {response.status_code} from {_host(response.url)})"


# Handing in, waiting, fetching


@dataclass
class Run:
    """One run of the client, from the list to the file."""

    args: argparse.Namespace
    service: Service
    progress: Progress
    job_id: str = ""
    status_url: str = ""
    under_way: bool = False
    started: float = field(default_factory=time.monotonic)

    def go(self) -> int:
        """The whole way; returns the exit status."""
        check_output(self.args.output)
        if self.args.resume:
            self.job_id = self.args.resume
            self.status_url = f"{self.service.url}/status/{self.job_id}"
        else:
            self._submit()
            self.under_way = True
            self.progress.say(f"job {self.job_id}; to come back to it: {self.come_back()}")
        status = self._wait()
        exit_status = EXIT_STATUS_OF[status["status"]]
        # What was enriched until a job failed or was cancelled is fetched, too.
        saved = self._fetch(status["result"]) if status.get("result") else ""
        self.under_way = False
        self._summary(status, saved)
        if exit_status == FAILED or not saved:
            raise ClientError(_reason(status))
        return exit_status

    def come_back(self) -> str:
        """The command that continues; never the key."""
        words = ["python", sys.argv[0], "--resume", self.job_id, "--url", self.service.url]
        return shlex.join([*words, *(["-o", self.args.output] if self.args.output else [])])

    def _submit(self) -> None:
        options = job_options(self.args)
        # One key for all tries: an answer that got lost must not lead to two jobs.
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        with open_source(self.args.input) as source:
            self.progress.show("SENDING")
            inline = source.size <= INLINE_LIMIT
            body = json_body(source, options) if inline and source.kind == JSON else b""
            request: dict[str, Any]
            if not inline or len(body) > INLINE_LIMIT or event_size(body) > EVENT_LIMIT:
                request = {"json": {"upload_id": self._upload(source), **options}}
            elif body:
                request = {"data": body}
                headers["Content-Type"] = JSON
            else:
                request = {"data": source.read(), "params": as_query(options)}
                headers["Content-Type"] = source.kind
        answer = self.service.call(
            "POST", f"{self.service.url}/process", headers=headers, **request
        )
        self.job_id = _text(answer, "id")
        # "status_url" may be relative, or name a host behind a proxy. The key goes to nobody but
        # the address that the user gave, so anything else falls back to the route itself.
        below = f"{self.service.url}/status/"
        url = urljoin(self.service.url + "/", str(answer.get("status_url") or ""))
        self.status_url = url if url.startswith(below) else below + quote(self.job_id, safe="")

    def _upload(self, source: Source) -> str:
        wanted = {"filename": Path(source.name).name, "content_type": source.kind}
        if source.name == "-":
            del wanted["filename"]
        ticket = self.service.call("POST", f"{self.service.url}/uploads", json=wanted)
        form = UploadForm(ticket.get("fields") or {}, source, self.progress)
        headers = {"Content-Type": form.content_type}
        self.service.persist(
            lambda: self.service.send("POST", _text(ticket, "url"), data=form, headers=headers),
            FEW_TRIES,
        )
        return _text(ticket, "upload_id")

    def _wait(self) -> dict[str, Any]:
        """The job's status once it has ended."""
        pause = self.args.poll_seconds
        while True:
            status = self._status()
            self.under_way = True
            if status.get("status") in EXIT_STATUS_OF:
                return status
            contacts = status.get("contacts") or {}
            done, total = contacts.get("processed") or 0, contacts.get("total") or 0
            self.progress.show(str(status.get("status")), done, total)
            time.sleep(pause)
            pause = next_pause(pause, self.args.poll_seconds, self.service.asked_wait)

    def _status(self) -> dict[str, Any]:
        return self.service.call("GET", self.status_url, MANY_TRIES)

    def _fetch(self, result: Mapping[str, Any]) -> str:
        """Download the result, then put it in place; returns where, for the summary."""
        suffix = result.get("format")
        suffix = suffix if suffix in FORMAT_OF_SUFFIX.values() else "csv"
        output = self.args.output or f"{self.job_id}.enriched.{suffix}"
        if FORMAT_OF_SUFFIX.get(Path(output).suffix.lower(), suffix) != suffix:
            raise ClientError(
                f"the result is {suffix}, which {output} does not say; see -o", WRONG_USE
            )
        target = None if output == "-" else Path(output).resolve()
        folder = target.parent if target else Path(tempfile.gettempdir())
        part = folder / f".enriched-{uuid.uuid4().hex}.part"
        try:
            # A folder for temporary files is everybody's; next to the output the umask decides.
            part.touch(0o666 if target else 0o600, exist_ok=False)
            size = self.service.persist(lambda: self._download(part), FEW_TRIES)
            _put_in_place(part, target)
        finally:
            part.unlink(missing_ok=True)
        return f"{'standard output' if target is None else output} ({size:,} bytes)"

    def _download(self, part: Path) -> int:
        """One try, with a freshly signed URL: the last one may have expired."""
        result = self._status().get("result") or {}
        whole, size = result.get("bytes"), 0
        try:
            # A compressed transfer would not have the promised number of bytes.
            response = self.service.send(
                "GET", _text(result, "url"), stream=True, headers={"Accept-Encoding": "identity"}
            )
            with response, part.open("wb") as file:
                for chunk in response.iter_content(CHUNK):
                    size += file.write(chunk)
                    self.progress.show("DOWNLOADING", size, whole or 0, "bytes")
        except TRANSIENT as error:
            raise TransientError(f"the download broke off: {type(error).__name__}") from None
        if whole is not None and size != whole:
            raise TransientError(f"the download has {size:,} bytes instead of {whole:,}")
        return size

    def _summary(self, status: Mapping[str, Any], saved: str) -> None:
        counts = {kind: n for kind, n in (status.get("contacts") or {}).items() if n is not None}
        total, _ = counts.pop("total", 0), counts.pop("processed", 0)
        seconds = time.monotonic() - self.started
        lines = [f"{status['status']}: {total:,} contacts in {seconds:,.1f} s"]
        lines += ["  " + ", ".join(f"{n:,} {kind}" for kind, n in counts.items())] if counts else []
        for provider in status.get("providers") or []:
            parts = [f"{provider[k]:,} {k}" for k in PROVIDER_COUNTS if provider.get(k) is not None]
            if provider.get("uncertain"):
                parts.append(f"{provider['uncertain']:,} perhaps charged twice")
            if provider.get("state") not in (None, "ok"):
                parts.append(str(provider["state"]).replace("_", " ").upper())
            lines.append(f"  {provider.get('name')}: {', '.join(parts)}")
        if saved:
            lines.append(f"  written to {saved}")
        self.progress.say("\n".join(lines))


def _put_in_place(part: Path, target: Path | None) -> None:
    """The complete file takes the place of ``target``; None is standard output."""
    if target is None:
        # Not through sys.stdout: what a broken pipe leaves there would be written again at exit.
        with part.open("rb") as file, open(sys.stdout.fileno(), "wb", closefd=False) as out:
            shutil.copyfileobj(file, out)
        return
    if target.exists():
        shutil.copymode(target, part)
    os.replace(part, target)


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise ClientError(f'the answer has no "{name}"; is --url the address of the service?')
    return value


def _reason(status: Mapping[str, Any]) -> str:
    error = status.get("error")
    message = error.get("message") if isinstance(error, dict) else error
    if not message and not status.get("result"):
        message = "there is no file to fetch"
    return f"the job ended {status['status']}" + (f": {message}" if message else "")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the client; returns the exit status."""
    args = parse_arguments(argv)
    progress = Progress(sys.stderr, args.quiet)
    run = Run(args, Service(args.url, args.key, args.poll_seconds, progress), progress)
    try:
        return run.go()
    except ClientError as error:
        message, exit_status = str(error), error.exit_status
    except KeyboardInterrupt:
        message, exit_status = "interrupted", INTERRUPTED
    except OSError as error:
        message = f"{error.strerror or type(error).__name__}: {error.filename or args.output}"
        exit_status = FAILED
    if run.under_way:
        message += f"\nThe job does not need this client; to come back to it: {run.come_back()}"
    progress.say(f"enrich.py: {message}", even_if_quiet=True)
    return exit_status


if __name__ == "__main__":
    sys.exit(main())
