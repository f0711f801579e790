"""The service on this machine: an emulator of AWS, with the app deployed to it.

    python statemachine/local.py run examples/contacts.csv -o enriched.csv
    python statemachine/local.py serve

It writes to `.local/` only. It exits with the client's status, or with 1 if it does not start.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import run

from botocore.exceptions import BotoCoreError, ClientError
from machine.local_stack import REGION, LocalStack
from packing.project import ROOT
from stacks import DeployError


def client_options(words: Sequence[str], text: str) -> list[str]:
    """The client's options, from words and from a text that is quoted as in a shell. Ends the program if they, or
    the files that they name, will not do.
    """
    from enrich import ClientError as RefusedError
    from enrich import check_files, parse_arguments

    try:
        # Not every shell replaces the "~" in `make run CONTACTS=~/list.csv`.
        options = [*map(os.path.expanduser, words), *shlex.split(text)]
        check_files(parse_arguments([*options, "--url", "http://localhost", "--key", "none"]))
    except (RefusedError, ValueError) as error:  # the latter: a quote that has no end
        print(f"Not started: {error}", file=sys.stderr)
        sys.exit(2)
    return options


def enrich(stack: LocalStack, options: Sequence[str]) -> int:
    """One job with the client, whose options, output and exit status are the user's."""
    # The user's own key, if there is one, is for another service.
    environ = os.environ | {"CONTACT_ENRICHMENT_KEY": stack.api_key}
    # Nobody can come back to a job here: the stack ends with it.
    asked = [*options, "--url", stack.api_url, "--no-come-back"]
    status = run([sys.executable, ROOT / "enrich.py", *asked], env=environ, check=False).returncode
    if status in (1, 3):  # the job failed, wholly or partly
        print(f"What the functions logged is in {stack.keep_logs()}", file=sys.stderr)
    return status


def serve(stack: LocalStack, description: Path) -> None:
    """Stay until a signal comes, and say where the service is, to people and to programs."""
    stack.serve_routes()
    where = {"api_url": stack.api_url, "api_key": stack.api_key, "aws_endpoint_url": stack.aws_url}
    where |= {name.lower(): text for name, text in (stack.root_key | REGION).items()}
    description.unlink(missing_ok=True)  # its mode would stay
    with open(os.open(description, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(where, file, indent=2)
    print(f"Open this in a browser:\n  {stack.api_url}/#key={stack.api_key}")
    print(f"The API is at {stack.api_url}:\n  export CONTACT_ENRICHMENT_KEY={stack.api_key}")
    print(f"  python enrich.py examples/contacts.csv -o enriched.csv --url {stack.api_url}")
    print(f"Its AWS is at {stack.aws_url} (us-east-1); its API Gateway: {stack.gateway_url}")
    print(f"The addresses and all keys are also in {description}. Ctrl-C ends it.", flush=True)
    try:
        signal.pause()
    finally:
        description.unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the service on this machine.")
    parser.add_argument("--directory", type=Path, default=ROOT / ".local", help=argparse.SUPPRESS)
    parser.add_argument("--args", default="", help="more options of the job, quoted as in a shell")
    parser.add_argument("what", choices=["run", "serve"], help="one job, or until Ctrl-C")
    parser.add_argument("options", nargs=argparse.REMAINDER, help="of the job: see enrich.py")
    options = parser.parse_args()
    # Before anything starts.
    asked = client_options(options.options, options.args) if options.what == "run" else []
    for number in (signal.SIGTERM, signal.SIGHUP):  # the latter: the terminal was closed
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    stack = None
    try:
        print("Starting the service on this machine ...", file=sys.stderr)
        stack = LocalStack(options.directory, os.environ)
        stack.start()
        if options.what == "run":
            return enrich(stack, asked)
        serve(stack, options.directory / "stack.json")
    except KeyboardInterrupt:
        return 130 if options.what == "run" else 0
    except (DeployError, BotoCoreError, ClientError, OSError) as error:
        print(f"Not started: {error}", file=sys.stderr)
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave anything running
        if stack is not None:
            stack.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
