"""Runs the programs that the pages call, and stands in for the few commands that a test cannot run.

    python stand_ins.py python statemachine/local.py --args= run -o enriched.csv contacts.csv

``EXCEPTIONS`` lists those commands. All others run as they are.
"""

from __future__ import annotations

import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

Words = Sequence[str]


@dataclass(frozen=True)
class StandIn:
    """``command``: a pattern for the whole command. ``prove``: what is done instead; it fails where the
    command would be refused.
    """

    command: str
    reason: str
    prove: Callable[[Words], None]


def on_the_running_stack(words: Words) -> None:
    """The same job for the client, which local.py starts with the same options."""
    options = [*client_options(words), "--url", os.environ["RUNNING_API"]]
    subprocess.run([sys.executable, "enrich.py", *options], check=True)


def client_options(words: Words) -> list[str]:
    """Of `python statemachine/local.py --args=<more> run <options>`."""
    return [*words[4:], *shlex.split(words[2].removeprefix("--args="))]


def with_known_providers(words: Words) -> None:
    """The options are the client's, and every provider exists and gets its key."""
    sys.path.insert(0, os.getcwd())
    import enrich
    from chalicelib.providers import ProviderFactory

    options = [*client_options(words), "--url", os.environ["RUNNING_API"]]
    arguments = enrich.parse_arguments(options)
    providers = ProviderFactory()
    for name in arguments.providers:
        if not providers.is_configured(name):
            raise SystemExit(f"{name} has no key")


def running_stack(words: Words) -> None:
    import requests

    requests.get(f"{os.environ['RUNNING_API']}/health", timeout=30).raise_for_status()


def loaded(words: Words) -> None:
    """The script exists and finds all that it imports."""
    sys.path[:0] = [os.getcwd(), str(Path(words[1]).parent.resolve())]
    runpy.run_path(words[1], run_name="loaded")


def collected(words: Words) -> None:
    """pytest takes the options, and the tests exist."""
    program = [sys.executable, *words[1:], "--collect-only", "-q"]
    subprocess.run(program, check=True, stdout=subprocess.DEVNULL)


def installed(words: Words) -> None:
    if find_spec(words[2]) is None:
        raise SystemExit(f"{words[2]} is not installed")


def parsed_by_chalice(words: Words) -> None:
    from chalice.cli import cli

    group = cli.make_context("chalice", list(words[1:]))
    name, command, rest = cli.resolve_command(group, group.protected_args + group.args)
    command.make_context(name, rest, parent=group)


def planned(words: Words) -> None:
    subprocess.run([sys.executable, *words[1:], "--plan"], check=True)


def checked_by_boto3(words: Words) -> None:
    """The operation and its parameters are those of the service's own model."""
    from aws_command import parse

    parse(words[1:])


EXCEPTIONS = (
    StandIn(
        r"python statemachine/local\.py --args=.* run (?!.*--providers).*",
        "Starts a stack of its own, which takes long. The job runs on the stack of the tests instead; "
        "test_set_up.py runs `make run` as it is.",
        on_the_running_stack,
    ),
    StandIn(
        r"python statemachine/local\.py --args=.* run .*--providers.*",
        "Needs keys of vendors. test_billing.py runs it with vendors that are played.",
        with_known_providers,
    ),
    StandIn(
        r"python statemachine/local\.py serve",
        "Stays until Ctrl-C. The stack of the tests is the same; test_deploy_local.py runs it as it is.",
        running_stack,
    ),
    StandIn(
        r"python tests/(simulation/faults|benchmarks/\w+)\.py.*",
        "Takes many minutes. test_faults.py, test_big_and_soak.py and test_benchmarks.py run them in small.",
        loaded,
    ),
    StandIn(r"python -m pytest.*", "Runs these tests. They are only collected.", collected),
    StandIn(r"python -m mypy.*", "Takes a minute without its cache.", installed),
    StandIn(
        r"chalice deploy .*",
        "Chalice waits five seconds for each function. test_deploy_wired.py runs it.",
        parsed_by_chalice,
    ),
    StandIn(
        r"python statemachine/deploy\.py .*--wire",
        "Runs `chalice deploy`. What it would do is planned; test_deploy_wired.py runs it.",
        planned,
    ),
    StandIn(
        r"aws stepfunctions redrive-execution .*",
        "The emulator does not have it.",
        checked_by_boto3,
    ),
    StandIn(
        r"aws sqs start-message-move-task .*", "The emulator does not have it.", checked_by_boto3
    ),
)


def program_of(words: Words) -> tuple[list[str], dict[str, str]]:
    """The program that is run for a command that is no exception, and its environment."""
    name, *rest = words
    if name == "aws" and (real := os.environ.get("REAL_AWS")):
        # Version 1 of the CLI does not heed AWS_ENDPOINT_URL for SQS in us-east-1.
        rest += ["--endpoint-url", os.environ["AWS_ENDPOINT_URL"]]
        return [real, *rest], {**os.environ, "PATH": os.environ["REAL_PATH"]}
    if name == "aws":
        rest = [str(Path(__file__).with_name("aws_command.py")), *rest]
    if name == "chalice":
        program = "import sys; from chalice.cli import main; sys.exit(main())"
        return [sys.executable, "-c", program, *rest], {**os.environ}
    return [sys.executable, *rest], {**os.environ}


def main() -> None:
    words = sys.argv[1:]
    line = " ".join(words)
    for exception in EXCEPTIONS:
        if re.fullmatch(exception.command, line, re.DOTALL):
            exception.prove(words)
            return
    program, environ = program_of(words)
    os.execve(program[0], program, environ)


if __name__ == "__main__":
    main()
