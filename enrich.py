#!/usr/bin/env python3
# /// script
# requires-python = ">=3.10"
# dependencies = ["requests>=2.28,<3"]
# ///
"""The command-line client: a list of contacts goes in, the enriched file comes out.

    python enrich.py contacts.csv -o enriched.csv --url https://... --key ...

Works with any deployment of the service. One file that needs Python 3.10 and ``requests`` only, so
that it can be copied to where the lists are. In the order of the way: what was asked for, the
files, what is shown, talking to the service, what its answers say, the job, the other commands.

Data goes to standard output, talk to standard error. Neither tells the key or a signed URL,
whatever goes wrong; of contacts only ``preview --json`` tells some, which is what it is for.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import socket
import stat
import sys
import tempfile
import textwrap
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TextIO, TypeVar
from urllib.parse import quote, urljoin, urlsplit

try:
    import requests
except ImportError:
    sys.exit(
        "enrich.py needs the package requests. Install it (python3 -m pip install requests), or let "
        "uv do that: uv run enrich.py ..."
    )

VERSION = "0.1.0"

DONE, FAILED, WRONG_USE, DONE_WITH_ERRORS, INTERRUPTED = 0, 1, 2, 3, 130
EXIT_STATUS_OF = {
    "COMPLETED": DONE,
    "COMPLETED_WITH_ERRORS": DONE_WITH_ERRORS,
    "FAILED": FAILED,
    "CANCELLED": FAILED,
}
EXIT_STATUSES = """\
exit status:
  0    done
  1    failed: the job failed or was cancelled, or the service cannot be reached
  2    wrong use: nothing was started
  3    completed, but some rows have the status 'failed', or a provider never answered
  130  interrupted"""
#: Answers that say that the request is wrong, so that repeating it as it is will not help.
WRONG_REQUEST = frozenset({400, 413, 415})

# Bytes. The service takes 4.5 MB; of JSON at most 6 MB as a text within JSON, as Lambda gets it.
INLINE_LIMIT = 4_500_000
EVENT_LIMIT = 6_000_000
CHUNK = 64 * 1024  # bytes
TIMEOUT = (10, 60)  # seconds: to connect, between two bytes; API Gateway answers within 29
FEW_TRIES = 4  # for a service that may simply not be there: some seconds
MANY_TRIES = 20  # for a job that is under way: about eight minutes without an answer
LONGEST_WAIT = 60.0  # seconds; also if Retry-After asks for more
LONG_WITHOUT_CHANGE = 60.0  # seconds, after which it is said what a job waits for
PAGE = 100  # jobs in one answer, at most
TRANSIENT = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)

CSV, NDJSON, JSON, GZIP = "text/csv", "application/x-ndjson", "application/json", "application/gzip"
KIND_OF_SUFFIX = {".csv": CSV, ".tsv": CSV, ".txt": CSV, ".jsonl": NDJSON, ".ndjson": NDJSON}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: How files begin that are no list, and what to do about them.
NO_LISTS = (
    (rb"%PDF-", "a PDF document, in which there are no cells; export the list as .xlsx or CSV"),
    (
        rb"\xd0\xcf\x11\xe0",
        "an Excel workbook of the old kind (.xls), or one with a password; save it as "
        '"Excel Workbook (.xlsx)", without a password',
    ),
    (
        rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis\.opendocument",
        "an OpenDocument file (.ods); save it as .xlsx or CSV",
    ),
)
#: How the name of an output ends, and its format.
FORMAT_OF_SUFFIX = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".xlsx": "xlsx"}

T = TypeVar("T")
Answer = dict[str, Any]
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


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, checked; wrong use ends the program with status 2 and the reason.

    The first word is a command, or else everything is about a file to enrich: ``command`` is "".
    """
    words = list(sys.argv[1:] if argv is None else argv)
    command = words[0] if words and words[0] in COMMANDS else ""
    parser = _command_parser(command) if command else _job_parser()
    args = parser.parse_args(words[1:] if command else words)
    args.command = command
    _check_address(parser, args)
    if not command:
        _check_job(parser, args)
    return args


def _job_parser() -> argparse.ArgumentParser:
    commands = "\n".join(
        f"  {name + ' ' + command.target:<15}{command.does}" for name, command in COMMANDS.items()
    )
    parser = argparse.ArgumentParser(
        prog="enrich.py",
        usage="enrich.py FILE [-o OUTPUT] [options]\n       enrich.py COMMAND [options]",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Send a list of contacts to the enrichment service and fetch the result.\n\n"
        f"commands, as the first word (a file of that name is ./jobs):\n{commands}\n"
        "  enrich.py COMMAND --help tells more",
        epilog=EXIT_STATUSES,
    )
    add = parser.add_argument
    _add_list(parser, nargs="?")
    add("-o", "--output", help="its name ends with .csv, .xlsx or .jsonl, which is the format; - for "
        "standard output; default: FILE.enriched.csv, of a workbook .xlsx")  # fmt: skip
    add("--format", choices=("csv", "jsonl", "xlsx"), help="default: by the name of OUTPUT")
    add("--overwrite", action="store_true",
        help="replace OUTPUT if it exists; FILE itself is never replaced")  # fmt: skip
    add("--resume", type=_job_id, metavar="JOB", help="wait for this job and fetch its result")
    add("--no-come-back", action="store_true", help=argparse.SUPPRESS)  # the service ends with us
    _add_connection(parser)
    return parser


def _command_parser(name: str) -> argparse.ArgumentParser:
    command = COMMANDS[name]
    parser = argparse.ArgumentParser(
        prog=f"enrich.py {name}",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=f"{command.does[0].upper()}{command.does[1:]}.",
        epilog=EXIT_STATUSES,
    )
    if command.target == "JOB":
        parser.add_argument("job", type=_job_id, metavar="JOB", help="its id")
    elif command.target == "FILE":
        _add_list(parser)
    elif name == "jobs":
        parser.add_argument("--limit", type=partial(_whole, 1), default=20, metavar="20",
                            help="how many at most")  # fmt: skip
    _add_connection(parser)
    return parser


def _add_list(parser: argparse.ArgumentParser, nargs: str | None = None) -> None:
    """A list, and how it is to be read and enriched. The options are called as the service does."""
    add = parser.add_argument
    add("input", nargs=nargs, metavar="FILE", help="an Excel workbook (.xlsx), or CSV, JSON or JSON "
        "lines, also gzipped; - for standard input")  # fmt: skip
    add("--providers", type=_names, metavar="A,B", help="providers to ask, in this order")
    add("--fields", type=_names, metavar="X,Y", help="fields to fill, or all (default: all but "
        "salutation and duplicate_of)")  # fmt: skip
    add("--default-country", metavar="CODE",
        help="where phone numbers without a country code are from: DE, US, ...")  # fmt: skip
    add("--sheet", metavar="NAME", help="the sheet of a workbook, by its name or number")
    add("--charset", metavar="NAME", help="the encoding of the list (default: found out)")
    add("--mapping", type=_mapping, action="append", metavar="COLUMN=FIELD",
        help="read FIELD from COLUMN ('COLUMN=': ignore it); may be repeated")  # fmt: skip
    add("--min-confidence", type=partial(_number, 0.0, 1.0), metavar="0.5",
        help="drop values below it (0 to 1)")  # fmt: skip
    add("--max-credits", type=partial(_number, 0.0, 1e9), metavar="1000",
        help="what all lookups may cost together, in the providers' credits")  # fmt: skip
    add("--sample", type=partial(_whole, 1), metavar="100", help="enrich the first rows only")
    add("--cache-days", type=partial(_whole, 0), metavar="30",
        help="how old an answer paid for earlier may be; 0: none of other jobs")  # fmt: skip
    add("--csv-safety", choices=("safe", "strict", "raw"),
        help="how cells that a spreadsheet would run as a formula are written")  # fmt: skip
    add("--sources", action="store_const", const=True,
        help="add a column that says where each value is from")  # fmt: skip
    add("--callback-url", metavar="URL", help="who is told that the job has ended")


def _add_connection(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--url", default=os.environ.get("CONTACT_ENRICHMENT_URL", ""),
        help="where the service is (default: $CONTACT_ENRICHMENT_URL)")  # fmt: skip
    add("--key", default=os.environ.get("CONTACT_ENRICHMENT_KEY", ""),
        help="API key; others on this machine can see arguments, so rather set "
        "$CONTACT_ENRICHMENT_KEY, the default")  # fmt: skip
    add("--poll-seconds", type=partial(_number, 0.001, 60.0), default=0.5, metavar="0.5",
        help="first pause between two looks at a job; grows tenfold at most")  # fmt: skip
    add("--json", action="store_true",
        help="print the service's answer, for programs, on standard output")  # fmt: skip
    add("--quiet", action="store_true", help="on standard error print nothing but errors")
    add("--version", action="version", version=f"enrich.py {VERSION}")


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


def _check_address(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    args.url = args.url.strip().rstrip("/")
    if not args.url:
        parser.error("say where the service is: --url URL, or CONTACT_ENRICHMENT_URL")
    parts = urlsplit(args.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        parser.error("--url must be a full address such as https://host/api")
    if "@" in parts.netloc:
        parser.error("--url must not hold a user or password; give the key with --key")
    args.key = args.key.strip()
    if not re.fullmatch(r"[\x21-\x7e]*", args.key):
        parser.error("--key has spaces or characters outside ASCII; copy it again")


def _check_job(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    if args.input is None and args.resume is None:
        parser.error("name the file with the contacts, or - for standard input, or --resume JOB")
    args.format = _format_of(parser, args)
    args.output = args.output or _default_output(args)
    if args.json and args.output == "-":
        parser.error("--json and the result cannot both go to standard output; name a file with -o")


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


JOB_OPTIONS = (
    *("providers", "fields", "csv_safety", "mapping", "min_confidence", "max_credits", "sample"),
    *("sheet", "charset", "default_country", "cache_days", "sources", "callback_url"),
)


def job_options(args: argparse.Namespace) -> dict[str, Any]:
    """The options as ``POST /process`` names them; what was not given is left to the service."""
    given = vars(args)
    options = {name: given[name] for name in JOB_OPTIONS if given[name] is not None}
    if "mapping" in options:
        options["mapping"] = dict(options["mapping"])
    if "format" in given:
        options["output"] = args.format or "csv"
    return options


def as_query(options: Mapping[str, Any]) -> dict[str, str]:
    """The same options for a query string: names joined by commas, all else as JSON writes it."""
    return {
        name: value if isinstance(value, str)
        else ",".join(value) if isinstance(value, list) else json.dumps(value)
        for name, value in options.items()
    }  # fmt: skip


# The files


def check_files(args: argparse.Namespace) -> None:
    """Notice before anything is started that the list cannot be read, or the result not be written.

    What can be read only once, a pipe, is not looked into.
    """
    if args.input not in (None, "-") and not args.resume and not Path(args.input).is_fifo():
        with open_source(args.input):
            pass
    check_output(args.output, args)


def check_output(output: str | None, args: argparse.Namespace) -> None:
    """Notice before anything is sent, and perhaps paid for, that the result cannot be written."""
    if output is None:
        return
    # Under any name: by a link, in other case. Not even --overwrite helps: there is no other copy.
    if args.input and _is_same_file(args.input, output):
        raise ClientError(f"{output} is the list itself; name another file with -o", WRONG_USE)
    if output == "-":
        return
    path = Path(output)
    if path.exists() and not path.is_file():
        raise ClientError(f"{path} is not a file; name one, or - for standard output", WRONG_USE)
    if path.exists() and not args.overwrite:
        raise ClientError(
            f"{path} exists; name another file with -o, or replace it with --overwrite", WRONG_USE
        )
    if not os.access(path.resolve().parent, os.W_OK):
        raise ClientError(f"cannot write into {path.resolve().parent}; see -o", WRONG_USE)


def _is_same_file(source: str, output: str) -> bool:
    try:
        one = os.fstat(0) if source == "-" else os.stat(source)
        other = os.fstat(1) if output == "-" else os.stat(output)
    except OSError:
        return False
    return stat.S_ISREG(one.st_mode) and os.path.samestat(one, other)


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
            stream = stack.enter_context(_open(name))
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            spool = stack.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(stream, spool)
            stream = spool
        size = stream.seek(0, os.SEEK_END)
        if not size:
            raise ClientError(f"{name} is empty; it should have a header and rows", WRONG_USE)
        stream.seek(0)
        head = stream.read(CHUNK)
        for start, what in NO_LISTS:
            if re.match(start, head, re.DOTALL):
                raise ClientError(f"{name} is {what}", WRONG_USE)
        yield Source(stream, size, content_type(name, head), name)


def _open(name: str) -> BinaryIO:
    if Path(name).is_dir():
        raise ClientError(f"{name} is a folder; name the file with the contacts", WRONG_USE)
    try:
        return open(name, "rb")
    except OSError as error:
        hint = f"; the command comes first: enrich.py {name} ..." if name in COMMANDS else ""
        raise ClientError(f"cannot read {name}: {error.strerror}{hint}", WRONG_USE) from None


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


# What is shown


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
        texts = self._texts(stage, done, total, unit, now)
        if not tty:
            print(texts[0], file=self.stream, flush=True)
            return
        width = self._columns() - 1
        line = bar_line(done / total if total else 0.0, texts, width)
        print(f"\r{line:<{min(self._width, width)}}", end="", file=self.stream, flush=True)
        self._width = len(line)

    def _columns(self) -> int:
        """The width of the terminal; of this stream's, as standard output may be a file."""
        with_stdout = shutil.get_terminal_size().columns
        try:
            own = os.get_terminal_size(self.stream.fileno()).columns
        except (OSError, ValueError):
            own = 0
        return with_stdout if os.environ.get("COLUMNS") else own or with_stdout

    def _texts(self, stage: str, done: int, total: int, unit: str, now: float) -> list[str]:
        """The state in words, at full length and shorter and shorter."""
        if not total:
            return [stage]
        share, count = f"{100 * done // total:3}%", f"{done:,}/{total:,}"
        gain = []
        # Only what was gained since the start counts: a job that is resumed had a lead.
        seconds, gained = now - self._start[0], done - self._start[1]
        if seconds > 0 and gained > 0:
            minutes, rest = divmod(round((total - done) * seconds / gained), 60)
            gain = [f"{gained / seconds:,.0f}/s", f"{minutes}:{rest:02} left"]
        left = gain[1:]
        ways = [
            [share, f"{count} {unit}", *gain, stage],
            *([share, count, *left, stage], [share, *left, stage], [share, stage]),
        ]
        return ["  ".join(words) for words in ways]

    def say(self, text: str, *, even_if_quiet: bool = False) -> None:
        """Lines that stay."""
        if self.quiet and not even_if_quiet:
            return
        clear = f"\r{'':{self._width}}\r" if self._width else ""
        self._width = 0
        print(clear + printable(text), file=self.stream, flush=True)


def bar_line(share: float, texts: Sequence[str], width: int) -> str:
    """A bar and the longest of ``texts``, which come longest first, that fit ``width``."""
    for bar in (24, 10):
        for text in texts[:1] if bar == 24 else texts:
            if len(text) + bar + 3 <= width:
                return f"[{'#' * int(bar * share):-<{bar}}] {text}"
    return texts[-1][:width]


def printable(text: str) -> str:
    """Without control characters, which may come from a server."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def write_out(text: str) -> None:
    """A text to standard output, in its encoding as far as that goes."""
    data = text.encode(sys.stdout.encoding or "utf-8", "backslashreplace")
    # Not through sys.stdout: what a broken pipe leaves there would be written again at exit.
    with open(sys.stdout.fileno(), "wb", closefd=False) as out:
        out.write(data + b"\n")


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

    def call(self, method: str, path: str, tries: int = FEW_TRIES, **request: Any) -> Answer:
        """The JSON object that the API answers, {} for an answer without a body; the only requests that
        carry the key.
        """

        def answer() -> Answer:
            try:
                response = self.send(method, self.url + path, self._sign, **request)
                self.asked_wait = _retry_after(response)
                content = {} if response.status_code == 204 else response.json()
            except requests.exceptions.JSONDecodeError:
                content = None
            if not isinstance(content, dict):
                raise TransientError(
                    f"{_host(self.url)} answered no JSON; is it the service's URL?"
                )
            return content

        return self.persist(answer, tries)

    def upload(self, source: Source) -> str:
        """Send a list to the storage; its upload id."""
        wanted = {"filename": Path(source.name).name, "content_type": source.kind}
        if source.name == "-":
            del wanted["filename"]
        ticket = self.call("POST", "/uploads", json=wanted)
        form = UploadForm(ticket.get("fields") or {}, source, self.progress)
        headers = {"Content-Type": form.content_type}
        self.persist(
            lambda: self.send("POST", text_of(ticket, "url"), data=form, headers=headers), FEW_TRIES
        )
        return text_of(ticket, "upload_id")

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
            raise TransientError(why_no_answer(url, error)) from None
        except requests.RequestException as error:
            raise ClientError(f"{_host(url)}: {type(error).__name__}") from None
        if 300 <= response.status_code < 400:
            raise ClientError(_redirection(response))
        if response.ok:
            return response
        code, message = _refusal(response)
        if response.status_code in (408, 429) or response.status_code >= 500:
            raise TransientError(message, _retry_after(response) or 0.0)
        # API Gateway says 403 where it has no such path or stage; the service's own errors have a code.
        no_path = not code or message.startswith("There is no such route")
        if sign and response.status_code in (403, 404) and no_path:
            raise ClientError(
                f"there is no enrichment service at {self.url} (HTTP {response.status_code}); is the "
                "path of --url right?"
            )
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


def why_no_answer(url: str, error: BaseException) -> str:
    """Why there is no answer; the reason that people can mend is at the end of a chain of errors."""
    host, kind, cause = _host(url), type(error).__name__, error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
        if isinstance(cause, ConnectionRefusedError):
            where = urljoin(url, "/").rstrip("/")
            hint = " (`make local` starts it on this machine)" if _is_loopback(host) else ""
            return f"nothing answers at {where}; is the service running?{hint}"
        if isinstance(cause, socket.gaierror):
            return f"there is no host called {host}, or no network; is --url right?"
    return f"{host}: {kind}"


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _redirection(response: requests.Response) -> str:
    target = urlsplit(urljoin(response.url, response.headers.get("Location", "")))
    where = f"{target.scheme}://{target.hostname}" if target.hostname else "nowhere"
    return (
        f"{_host(response.url)} redirects to {where} (HTTP {response.status_code}); nothing is sent "
        "there. If the service is there, say so with --url"
    )


def _refusal(response: requests.Response) -> tuple[str, str]:
    """The service's own code and message; API Gateway writes "message" or "Message", S3 XML."""
    try:
        content = response.json()
    except requests.exceptions.JSONDecodeError:
        found = re.search(r"<Code>(\w+)</Code>", response.text)
        content = {"message": found[1]} if found else {}
    if not isinstance(content, dict):
        content = {}
    said = content.get("message") or content.get("Message") or "no reason given"
    where = f"(HTTP {response.status_code} from {_host(response.url)})"
    if response.status_code == 401:
        where += "; this program takes the key from CONTACT_ENRICHMENT_KEY, or --key"
    return str(content.get("code") or ""), f"{said} {where}"


def text_of(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise ClientError(f'the answer has no "{name}"; is --url the address of the service?')
    return value


# What its answers say


SHOWN_NAMES = 12  # of columns that are ignored
SHOWN_FIELDS = 8  # each with a line of its own; of more fields these
MAIN_FIELDS = ("email", "phone", "title", "company", "linkedin_url")
SHOWN_GAINS = 4  # of the other fields
SHOWN_PROBLEMS = 5
PROVIDER_COUNTS = ("lookups", "matches", "cached", "credits")
#: What to do about a provider, by its state.
REMEDIES = {
    "bad_key": "it does not accept its key; set a valid {key}, then run this again",
    "out_of_credits": "its account is out of credits; buy some, or leave it out, then run this again",
    "down": "it is down; run this again later",
    "too_slow": "its rate limit leaves no time for it; take fewer rows, or leave it out",
}


def describe_columns(answer: Answer) -> list[str]:
    """What is read from which column, and what is ignored; nothing if the answer does not tell."""
    columns = answer.get("columns") or []
    read: dict[str, list[str]] = {}
    for column in columns:
        if column.get("field"):
            read.setdefault(column["field"], []).append(_quoted(column.get("column")))
    lines = [f"  {name} ← {', '.join(names)}" for name, names in read.items()]
    if columns and not read:
        lines.append("  no column is understood; say what they hold with --mapping COLUMN=FIELD")
    if ignored := [_quoted(name) for name in answer.get("ignored") or []]:
        more = len(ignored) - SHOWN_NAMES
        shown = [*ignored[:SHOWN_NAMES], *([f"{more} more"] if more > 0 else [])]
        lines.append(f"  ignored: {', '.join(shown)}")
    return lines + [f"  note: {warning}" for warning in answer.get("warnings") or []]


def _quoted(name: Any) -> str:
    return f'"{textwrap.shorten(str(name), 60, placeholder=" …")}"'


def describe_job(status: Answer) -> list[str]:
    """A job in numbers: its rows, what was found by field, what was wrong, what was asked and paid."""
    counts = {kind: n for kind, n in (status.get("contacts") or {}).items() if n is not None}
    total, processed = counts.pop("total", 0), counts.pop("processed", 0)
    of = "" if status.get("status") in EXIT_STATUS_OF else f"{processed:,} of "
    lines = [f"{status.get('status')}: {of}{total:,} contacts"]
    lines += ["  " + ", ".join(f"{n:,} {kind}" for kind, n in counts.items())] if counts else []
    lines += describe_fields(status.get("fields") or [], total)
    problems = status.get("problems") or []
    for one in problems[:SHOWN_PROBLEMS]:
        lines.append(f"  {one['rows']:,} row{'s' if one['rows'] > 1 else ''}: {one['problem']}")
    if len(problems) > SHOWN_PROBLEMS:
        lines.append("  and others; see enriched_error of each row")
    lines += [f"  {_describe_use(use)}" for use in status.get("providers") or []]
    if status.get("credits"):
        lines.append(f"  {status['credits']:,} credits in all")
    return lines


def describe_fields(fields: Sequence[Answer], rows: int) -> list[str]:
    """How many rows have each field, before and after; of many fields the main ones, the rest in short."""
    alone = [f for f in fields if len(fields) <= SHOWN_FIELDS or f["field"] in MAIN_FIELDS]
    lines = []
    for one in alone if rows else []:
        after = one["given"] + one["found"] + one["guessed"]
        shares = f"{100 * one['given'] // rows:3}% → {100 * after // rows:3}%"
        new = [f"{one[kind]:,} {kind}" for kind in ("found", "guessed") if one[kind]]
        lines.append(f"  {one['field']:<14}{shares}  {', '.join(new)}".rstrip())
    gains = {f["field"]: f["found"] + f["guessed"] for f in fields if f not in alone}
    most = sorted((name for name in gains if gains[name]), key=lambda name: -gains[name])
    if most:
        also = [f"{name} {gains[name]:,}" for name in most[:SHOWN_GAINS]]
        also += [f"{len(most) - SHOWN_GAINS} more"] if len(most) > SHOWN_GAINS else []
        lines.append(f"  also filled: {', '.join(also)}")
    return lines


def _describe_use(use: Answer) -> str:
    always = PROVIDER_COUNTS[:2]
    parts = [f"{use.get(k) or 0:,} {k}" for k in PROVIDER_COUNTS if k in always or use.get(k)]
    if use.get("uncertain"):
        parts.append(f"{use['uncertain']:,} perhaps charged twice")
    if use.get("state") not in (None, "ok"):
        parts.append(str(use["state"]).replace("_", " ").upper())
    return f"{title_of(use)}: {', '.join(parts)}"


def title_of(provider: Answer) -> str:
    return str(provider.get("title") or provider.get("name"))


def silent_providers(status: Answer) -> list[str]:
    """A loud line for each provider that was to be asked and never answered."""
    lines = []
    for use in status.get("providers") or []:
        state = use.get("state") or "ok"
        is_well = state in ("ok", "throttled", "cancelled")
        if not is_well and not use.get("lookups") and not use.get("cached"):
            remedy = REMEDIES.get(state, str(state).replace("_", " "))
            why = remedy.format(key=f"{str(use.get('name')).upper()}_API_KEY")
            lines.append(f"{title_of(use).upper()} NEVER ANSWERED: {why}")
    return lines


def waits_for(status: Answer) -> str:
    """What a job that does not get on waits for, as far as its status tells."""
    name, batches = status.get("status"), status.get("batches") or {}
    if name == "AGGREGATING":
        return "its file is being written"
    if name != "ENRICHING":
        return "the service has not yet read the list"
    said = {"throttled": "{} has asked for a pause", "too_slow": "{} takes few requests a minute"}
    providers = [(title_of(use), use.get("state")) for use in status.get("providers") or []]
    slow = [said[state].format(title) for title, state in providers if state in said]
    why = " and ".join(slow) or "batches wait for their turn, or for answers of providers"
    done, total = batches.get("done") or 0, batches.get("total")
    return why + (f" ({done:,} of {total:,} batches are done)" if total else "")


@dataclass
class Patience:
    """Says what a job waits for when it has not changed for a minute; again after two, four and so on."""

    now: Callable[[], float] = time.monotonic
    _seen: Any = None
    _since: float = 0.0
    _due: float = LONG_WITHOUT_CHANGE

    def look(self, status: Answer) -> str:
        """The sentence, "" while there is none to say."""
        seen = (status.get("status"), (status.get("contacts") or {}).get("processed"))
        if seen != self._seen:
            self._seen, self._since, self._due = seen, self.now(), LONG_WITHOUT_CHANGE
        waited = self.now() - self._since
        if waited < self._due:
            return ""
        self._due = 2 * waited
        minutes = f"{waited / 60:.0f} minute{'s' if waited >= 90 else ''}"
        return f"nothing has changed for {minutes}: {waits_for(status)}"


def without_link(status: Answer) -> Answer:
    """A status without the link to its file: whoever has that can read the file."""
    result = status.get("result")
    if not isinstance(result, dict):
        return status
    return {**status, "result": {name: part for name, part in result.items() if name != "url"}}


# The job: handing in, waiting, fetching


def as_request(service: Service, source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
    """A list and its options as ``requests`` takes them, for one request or several. A list that is too
    large for a request is uploaded.
    """
    inline = source.size <= INLINE_LIMIT
    body = json_body(source, options) if inline and source.kind == JSON else b""
    if not inline or len(body) > INLINE_LIMIT or event_size(body) > EVENT_LIMIT:
        return {"json": {"upload_id": service.upload(source), **options}}
    if body:
        return {"data": body, "headers": {"Content-Type": JSON}}
    headers = {"Content-Type": source.kind}
    return {"data": source.read(), "params": as_query(options), "headers": headers}


@dataclass
class Run:
    """One job, from the list to the file."""

    args: argparse.Namespace
    service: Service
    progress: Progress
    job_id: str = ""
    under_way: bool = False
    started: float = field(default_factory=time.monotonic)

    def go(self) -> int:
        """The whole way; returns the exit status."""
        check_output(self.args.output, self.args)
        if self.args.resume:
            self.job_id = self.args.resume
        else:
            self._submit()
            self.under_way = True
            self.progress.say(f"job {self.job_id}{self.come_back('; to come back to it: ')}")
        status = self._wait()
        exit_status = EXIT_STATUS_OF[status["status"]]
        # What was enriched until a job failed or was cancelled is fetched, too.
        saved = self._fetch(status["result"]) if status.get("result") else ""
        self.under_way = False
        self._report(status, saved)
        if exit_status == FAILED or not saved:
            raise ClientError(_reason(status))
        for line in (silent := silent_providers(status)):
            self.progress.say(f"enrich.py: {line}", even_if_quiet=True)
        return DONE_WITH_ERRORS if silent else exit_status

    def come_back(self, lead: str) -> str:
        """The command that continues, never with the key; "" where the service ends with this client."""
        if self.args.no_come_back:
            return ""
        words = ["python", sys.argv[0], "--resume", self.job_id, "--url", self.service.url]
        words += ["-o", self.args.output] if self.args.output else []
        return lead + shlex.join([*words, *(["--overwrite"] if self.args.overwrite else [])])

    def _submit(self) -> None:
        with open_source(self.args.input) as source:
            self.progress.show("SENDING")
            request = as_request(self.service, source, job_options(self.args))
        if not self.args.quiet:
            lines = describe_columns(self.service.call("POST", "/preview", **request))
            name = "the list" if self.args.input == "-" else self.args.input
            self.progress.say("\n".join([f"{name} is read like this:", *lines]))
        # One key for all tries: an answer that got lost must not lead to two jobs.
        headers = {**request.pop("headers", {}), "Idempotency-Key": str(uuid.uuid4())}
        answer = self.service.call("POST", "/process", headers=headers, **request)
        self.job_id = text_of(answer, "id")

    def _wait(self) -> Answer:
        """The job's status once it has ended."""
        pause, patience = self.args.poll_seconds, Patience()
        while True:
            status = self._status()
            self.under_way = True
            if status.get("status") in EXIT_STATUS_OF:
                return status
            contacts = status.get("contacts") or {}
            done, total = contacts.get("processed") or 0, contacts.get("total") or 0
            self.progress.show(str(status.get("status")), done, total)
            if said := patience.look(status):
                self.progress.say(said)
            time.sleep(pause)
            pause = next_pause(pause, self.args.poll_seconds, self.service.asked_wait)

    def _status(self) -> Answer:
        # Not at the "status_url" of the answer: that may name another host behind a proxy, and the key
        # goes to nobody but the address that the user gave.
        return self.service.call("GET", f"/status/{quote(self.job_id, safe='')}", MANY_TRIES)

    def _fetch(self, result: Mapping[str, Any]) -> str:
        """Download the result, then put it in place; returns where, for the summary."""
        suffix = result.get("format")
        suffix = suffix if suffix in FORMAT_OF_SUFFIX.values() else "csv"
        output = self.args.output or f"{self.job_id}.enriched.{suffix}"
        if FORMAT_OF_SUFFIX.get(Path(output).suffix.lower(), suffix) != suffix:
            raise ClientError(
                f"the result is {suffix}, which {output} does not say; see -o", WRONG_USE
            )
        check_output(output, self.args)
        target = None if output == "-" else Path(output).resolve()
        folder = target.parent if target else Path(tempfile.gettempdir())
        part = folder / f".enriched-{uuid.uuid4().hex}.part"
        try:
            # A folder for temporary files is everybody's; next to the output the umask decides.
            part.touch(0o666 if target else 0o600, exist_ok=False)
            size = self.service.persist(lambda: self._download(part), FEW_TRIES)
            check_output(output, self.args)  # somebody may have written it in the meantime
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
                "GET", text_of(result, "url"), stream=True, headers={"Accept-Encoding": "identity"}
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

    def _report(self, status: Answer, saved: str) -> None:
        first, *lines = describe_job(status)
        first += f" in {time.monotonic() - self.started:,.1f} s"
        self.progress.say("\n".join([first, *lines, *([f"  written to {saved}"] if saved else [])]))
        if self.args.json:
            write_out(json.dumps(without_link(status)))


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


def _reason(status: Answer) -> str:
    error = status.get("error")
    message = error.get("message") if isinstance(error, dict) else error
    if not message and not status.get("result"):
        message = "there is no file to fetch"
    return f"the job ended {status['status']}" + (f": {message}" if message else "")


# The other commands: what each asks the service, and how the answer is told


@dataclass(frozen=True)
class Command:
    """``target``: what it is about, JOB, FILE or "". ``ask``: does it. ``tell``: the answer in lines."""

    target: str
    does: str
    ask: Callable[[argparse.Namespace, Service], Answer]
    tell: Callable[[Answer], Iterable[str]]


def ask_jobs(args: argparse.Namespace, service: Service) -> Answer:
    jobs: list[Answer] = []
    query: dict[str, Any] = {}
    while len(jobs) < args.limit:
        query["limit"] = min(args.limit - len(jobs), PAGE)
        page = service.call("GET", "/jobs", params=query)
        jobs += page.get("jobs") or []
        query["cursor"] = page.get("next_cursor")
        if not query["cursor"]:
            break
    return {"jobs": jobs, "next_cursor": query.get("cursor")}


def tell_jobs(answer: Answer) -> Iterator[str]:
    for job in answer["jobs"]:
        when = str(job.get("created_at"))[:16].replace("T", " ")
        counts = job.get("contacts") or {}
        done = f"{counts.get('processed') or 0:,} of {counts.get('total') or 0:,}"
        yield f"{job.get('id')}  {when}  {job.get('status'):<21}  {done}"
    if not answer["jobs"]:
        yield "there are no jobs"
    if answer["next_cursor"]:
        yield f"(the newest {len(answer['jobs'])}; more with --limit)"


def ask_status(args: argparse.Namespace, service: Service) -> Answer:
    return without_link(service.call("GET", f"/status/{args.job}"))


def tell_status(status: Answer) -> Iterator[str]:
    yield from describe_job(status)
    yield from describe_columns(status)
    if status.get("error"):
        yield f"  {_reason(status)}"
    if status.get("result"):
        yield f"  to fetch its file: python enrich.py --resume {status.get('id')}"


def ask_action(action: str, args: argparse.Namespace, service: Service) -> Answer:
    return service.call("POST", f"/jobs/{args.job}/{action}")


def tell_action(done: str, answer: Answer) -> Iterator[str]:
    yield f"job {answer.get('id')} {done}; its status is {answer.get('status')}"
    yield f"to wait for it and fetch its file: python enrich.py --resume {answer.get('id')}"


def ask_delete(args: argparse.Namespace, service: Service) -> Answer:
    service.call("DELETE", f"/jobs/{args.job}")
    return {"id": args.job, "deleted": True}


def tell_delete(answer: Answer) -> Iterator[str]:
    yield f"job {answer['id']} is erased"


def ask_providers(args: argparse.Namespace, service: Service) -> Answer:
    return service.call("GET", "/providers")


def tell_providers(answer: Answer) -> Iterator[str]:
    for provider in answer.get("providers") or []:
        credit = provider.get("credits_per_lookup") or 0
        costs = f"{credit:g} credit{'s' * (credit != 1)} a lookup" if credit else "free"
        usable = "" if provider.get("configured") else "  (has no key here)"
        yield f"{provider.get('name'):<14}{title_of(provider):<24}{costs}{usable}"


def ask_preview(args: argparse.Namespace, service: Service) -> Answer:
    return _ask_about_list(args, service, "/preview", {})


def tell_preview(answer: Answer) -> Iterator[str]:
    parts = [answer.get("kind"), answer.get("encoding"), answer.get("sheet")]
    yield "read as " + ", ".join(str(part) for part in parts if part)
    yield from describe_columns(answer)
    wrong = [row for row in answer.get("rows") or [] if row.get("error") or row.get("problems")]
    if wrong:
        yield f"  something is wrong with {len(wrong)} of the first rows; --json shows them"


def ask_estimate(args: argparse.Namespace, service: Service) -> Answer:
    return _ask_about_list(args, service, "/process", {"estimate": True})


def tell_estimate(answer: Answer) -> Iterator[str]:
    known = answer.get("estimate") or {}
    rows, people = known.get("contacts") or 0, known.get("people") or 0
    yield f"at most {known.get('credits_at_most')} credits for {rows:,} contacts, {people:,} people"
    for one in known.get("providers") or []:
        yield (
            f"  {title_of(one)}: at most {one['lookups_at_most']:,} lookups, "
            f"{one['credits_at_most']:,} credits; {one['cached']:,} answers are there already"
        )
    if not known.get("complete"):
        yield f"  extrapolated from the first {known.get('contacts_read') or 0:,} contacts"


def _ask_about_list(
    args: argparse.Namespace, service: Service, path: str, more: Mapping[str, Any]
) -> Answer:
    """What the service says about a list of which no job is made; an upload does not stay there."""
    with open_source(args.input) as source:
        request = as_request(service, source, {**job_options(args), **more})
    try:
        return service.call("POST", path, **request)
    finally:
        if upload_id := request.get("json", {}).get("upload_id"):
            with suppress(ClientError):  # it is deleted anyway after two days
                service.call("DELETE", f"/uploads/{quote(upload_id, safe='')}")


COMMANDS = {
    "jobs": Command("", "list your jobs, newest first", ask_jobs, tell_jobs),
    "status": Command("JOB", "show a job", ask_status, tell_status),
    "cancel": Command("JOB", "stop a job; what is finished stays",
                      partial(ask_action, "cancel"), partial(tell_action, "stops")),
    "retry": Command("JOB", "try again what failed of a job",
                     partial(ask_action, "retry"), partial(tell_action, "goes on")),
    "delete": Command("JOB", "erase a job: its list, its rows, its result", ask_delete, tell_delete),
    "providers": Command("", "list the providers and what they cost", ask_providers, tell_providers),
    "preview": Command("FILE", "show how a list is read; start nothing", ask_preview, tell_preview),
    "estimate": Command("FILE", "say what a job would cost at most; start nothing",
                        ask_estimate, tell_estimate),
}  # fmt: skip


def carry_out(args: argparse.Namespace, service: Service) -> int:
    """One command other than a job: the answer goes to standard output; returns the exit status."""
    command = COMMANDS[args.command]
    answer = command.ask(args, service)
    if args.json:
        write_out(json.dumps(answer))
    else:
        write_out(printable("\n".join(command.tell(answer))))
    return DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Run the client; returns the exit status."""
    args = parse_arguments(argv)
    progress = Progress(sys.stderr, args.quiet)
    service = Service(args.url, args.key, args.poll_seconds, progress)
    run = Run(args, service, progress)
    try:
        return carry_out(args, service) if args.command else run.go()
    except ClientError as error:
        message, exit_status = str(error), error.exit_status
    except KeyboardInterrupt:
        message, exit_status = "interrupted", INTERRUPTED
    except OSError as error:
        where = error.filename or vars(args).get("output") or "standard output"
        message, exit_status = f"{error.strerror or type(error).__name__}: {where}", FAILED
    if run.under_way:
        message += run.come_back("\nThe job does not need this client; to come back to it: ")
    progress.say(f"enrich.py: {message}", even_if_quiet=True)
    return exit_status


if __name__ == "__main__":
    sys.exit(main())
