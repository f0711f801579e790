"""Runs the service on this machine, with an embedded AWS: a list in, the enriched list out.

    python statemachine/local.py run examples/contacts.csv -o enriched.csv
    python statemachine/local.py serve

Everything it starts ends with it. It exits with the status of the client, or with 1 if the service
does not start, and writes to `.local/` only.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError
from local_stack import LocalStack, Ports
from stage import DeployError

ROOT = Path(__file__).resolve().parent.parent
_JOB_FAILED = (1, 3)  # wholly, partly; see the client
_INTERRUPTED = 130
_TERMINATED = 143


def run(stack: LocalStack, options: argparse.Namespace) -> int:
    """One job with the client, whose output and exit status are the user's."""
    command = [sys.executable, str(ROOT / "enrich.py"), options.contacts, "-o", options.output]
    command += ["--url", stack.api_url]
    if options.providers:
        command += ["--providers", options.providers]
    # The key is for this stack, which has none, and not for whatever else the user has access to.
    environ = {k: v for k, v in os.environ.items() if k != "CONTACT_ENRICHMENT_KEY"}
    status = subprocess.run(command, env=environ, check=False).returncode
    if status in _JOB_FAILED:
        print(f"What the functions logged is in {stack.keep_logs()}", file=sys.stderr)
    return status


def serve(stack: LocalStack, options: argparse.Namespace) -> int:
    """Stay until somebody ends it; tell people and programs where it is."""
    description = options.directory / "stack.json"
    where = {"api_url": stack.api_url, "api_key": None, "aws_endpoint_url": stack.aws_url}
    description.write_text(json.dumps(where, indent=2) + "\n", "utf-8")
    print(
        f"\nThe API is at {stack.api_url}\n"
        f"  python enrich.py examples/contacts.csv -o enriched.csv --url {stack.api_url}\n"
        f"Its AWS is at {stack.aws_url} (key and secret: test, region: us-east-1); both are also in "
        f"{description}\nCtrl-C ends it.",
        flush=True,
    )
    try:
        threading.Event().wait()
    finally:
        description.unlink(missing_ok=True)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)  # the terminal was closed
    stack: LocalStack | None = None
    try:
        stack = LocalStack(options.project_dir.resolve(), options.directory, _ports(), say=_say)
        _say("Starting the service on this machine")
        stack.start()
        work: Callable[[LocalStack, argparse.Namespace], int] = options.work
        return work(stack, options)
    except KeyboardInterrupt:
        return _INTERRUPTED if options.work is run else 0
    except (DeployError, BotoCoreError, ClientError, OSError) as error:
        print(f"Not started: {error}", file=sys.stderr)
        return 1
    finally:
        # A second Ctrl-C must not leave anything running.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if stack is not None:
            stack.stop()


def _ports() -> Ports:
    return Ports.chosen(os.environ)


def _say(text: str) -> None:
    print(text, flush=True)


def _end(_: int, __: FrameType | None) -> None:
    sys.exit(_TERMINATED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Run the contact enrichment service here.")
    parser.add_argument("--project-dir", type=Path, default=ROOT, help=argparse.SUPPRESS)
    parser.add_argument("--directory", type=Path, default=ROOT / ".local", help=argparse.SUPPRESS)
    commands = parser.add_subparsers(required=True, metavar="run|serve")
    one = commands.add_parser("run", help="enrich one list, and stop")
    # Not every shell replaces the "~" in `make run CONTACTS=~/list.csv`.
    path = os.path.expanduser
    one.add_argument("contacts", type=path, help="a file of contacts")
    one.add_argument("-o", "--output", type=path, required=True, help="where the result goes")
    one.add_argument("--providers", metavar="A,B", help="providers to ask, in this order")
    one.set_defaults(work=run)
    many = commands.add_parser("serve", help="stay up until Ctrl-C")
    many.set_defaults(work=serve)
    return parser


if __name__ == "__main__":
    sys.exit(main())
