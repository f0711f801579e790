"""What the benchmarks share: a list, a service of their own that always stops, jobs, the memory of
processes.
"""

from __future__ import annotations

import csv
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "statemachine")]

import requests
from machine.local_stack import LocalStack

from enrich import Progress, UploadForm, open_source
from tests import signed

#: The exit status after Ctrl-C.
INTERRUPTED = 130
COLUMNS = ("Full Name", "Email", "Phone", "Company", "Job Title", "Country", "LinkedIn", "Notes")
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Figure:
    """One line of the report. ``held``: None where there is no target."""

    name: str
    value: str
    target: str = ""
    held: bool | None = None

    def __str__(self) -> str:
        verdict = {None: "", True: "held", False: "MISSED"}[self.held]
        return f"{self.name:<34} {self.value:<44} {self.target:<22} {verdict}".rstrip()


def write_list(path: Path, rows: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for n in range(rows):
            writer.writerow(
                [
                    f"Jürgen Example {n}",
                    f"person.{n}@department{n % 997}.example.org",
                    f"+1 202 555 01{n % 100:02}",
                    "Example & Sons, Inc.",
                    "Head of Examples",
                    "Germany",
                    f"https://www.linkedin.com/in/example-{n}",
                    "met at the fair" if n % 3 else "",
                ]
            )


def submit(api: str, path: Path, **options: Any) -> str:
    """Send the list as a stream, start its job: the job's id."""
    place = signed.post(f"{api}/uploads", json={"content_type": "text/csv"}, timeout=30).json()
    with open_source(str(path)) as source:
        form = UploadForm(place["fields"], source, Progress(sys.stderr, quiet=True))
        headers = {"Content-Type": form.content_type}
        sent = requests.post(place["url"], data=form, headers=headers, timeout=600)
    sent.raise_for_status()
    request = {"upload_id": place["upload_id"], **options}
    answer = signed.post(f"{api}/process", json=request, timeout=60)
    answer.raise_for_status()
    return str(answer.json()["id"])


def download(url: str, path: Path) -> None:
    with requests.get(url, stream=True, timeout=600) as answer, path.open("wb") as file:
        answer.raise_for_status()
        for chunk in answer.iter_content(1024**2):
            file.write(chunk)


def batches_of(stack: Any, job_id: str) -> list[dict[str, Any]]:
    """The items of a job's batches, as DynamoDB has them."""
    scan = stack.client("dynamodb").get_paginator("scan")
    pages = scan.paginate(
        TableName=stack.variables["CONTROL_TABLE_NAME"],
        FilterExpression="begins_with(pk, :job) AND begins_with(sk, :batch)",
        ExpressionAttributeValues={":job": {"S": job_id}, ":batch": {"S": "BATCH#"}},
    )
    return [item for page in pages for item in page["Items"]]


@contextmanager
def running_stack() -> Iterator[tuple[LocalStack, Path]]:
    """A stack on free ports, and a directory, for as long as the block lasts, however it ends.
    Providers are taken from the environment.
    """
    for number in _ENDINGS[1:]:
        signal.signal(number, _end)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        stack = LocalStack(Path(folder), without_ports(os.environ))
        try:
            stack.start()
            stack.serve_routes()  # the emulator has enough to do
            signed.use(stack)
            yield stack, Path(folder)
        finally:
            # A second Ctrl-C must not leave anything running.
            for number in _ENDINGS:
                signal.signal(number, signal.SIG_IGN)
            stack.stop()


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


def without_ports(environ: Mapping[str, str]) -> dict[str, str]:
    """Without the ports of the user's own stack, which may be up."""
    return {name: value for name, value in environ.items() if not name.startswith("LOCAL_")}


def peak_megabytes(process: int) -> float:
    """The most memory that a process has taken so far; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return kilobytes[0] / 1024 if kilobytes else 0.0
