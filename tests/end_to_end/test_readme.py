"""The commands of the README and of all other pages do what the pages say.

Each block of commands runs as it is written, in the order of the page. Where the page shows an answer, the
answer has that shape. stand_ins.py lists the commands that are proven in another way.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from machine.local_stack import LocalStack

from chalicelib.aws.queue import Message
from tests import signed
from tests.end_to_end.clone import ROOT, Clone, real_aws
from tests.end_to_end.pages import Commands, commands, hidden_commands, make_commands, pages

PAGES = pages(ROOT)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
#: Seconds for a job to get where a page shows it.
PATIENCE = 60


@pytest.fixture(scope="module")
def clone(deployed_stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    text = (ROOT / "docs" / "providers.md").read_text("utf-8")
    declared = re.findall(r"```yaml\n(name: (\w+)\n.*?)```", text, re.DOTALL)
    made = Clone(
        tmp_path_factory.mktemp("pages"),
        deployed_stack,
        {name: declaration for declaration, name in declared},
    )
    yield made
    for stage in ("prod", "dev"):
        deployed_stack.deploy("--stage", stage, "--delete", "--yes")


@pytest.fixture(scope="module")
def failed_batch(deployed_stack: LocalStack) -> None:
    """A job of the stack with a failed batch, whose message is in the dead-letter queue."""
    url, variables = deployed_stack.api_url, deployed_stack.variables
    body = "Email\n" + "".join(f"person.{n}@dept.example.org\n" for n in range(150))
    headers = {"Content-Type": "text/csv"}
    job = signed.post(f"{url}/process", body, headers=headers, timeout=60).json()["id"]
    end = time.monotonic() + PATIENCE
    while signed.get(f"{url}/status/{job}", timeout=60).json()["status"] != "COMPLETED":
        assert time.monotonic() < end
        time.sleep(0.2)
    table = deployed_stack.client("dynamodb")
    changes = (("BATCH#000001", "state", "FAILED"), ("JOB", "status", "COMPLETED_WITH_ERRORS"))
    for sk, name, value in changes:  # as if the batch had kept failing
        table.update_item(
            TableName=variables["CONTROL_TABLE_NAME"],
            Key={"pk": {"S": job}, "sk": {"S": sk}},
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": {"S": value}},
        )
    dead = variables["SQS_QUEUE_URL"] + "-dead"
    deployed_stack.client("sqs").send_message(
        QueueUrl=dead, MessageBody=Message(job, 1, 0, 0, 0).body()
    )


def shape(value: Any) -> Any:
    """What is the same in every answer: keys, kinds, words that are not made up, and messages."""
    if isinstance(value, dict):
        fixed = {"message"} if "code" in value else set()
        return {key: item if key in fixed else shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, str) and re.fullmatch(r"[A-Z_]+|csv|jsonl|ok|offline|conflict", value):
        return value
    return type(value).__name__


def shapes(text: str) -> list[Any]:
    """The shapes of the JSON values in a text."""
    decoder, found, text = json.JSONDecoder(), [], text.strip()
    while text:
        answer, end = decoder.raw_decode(text)
        found.append(shape(without_form(answer)))
        text = text[end:].strip()
    return found


def without_form(answer: Any) -> Any:
    """The fields of an upload's form are S3's own; the page shows two of them."""
    if isinstance(answer, dict) and "fields" in answer and "upload_id" in answer:
        assert {"key", "Content-Type"} <= answer["fields"].keys()
        return {**answer, "fields": {}}
    return answer


def lines(text: str) -> set[str]:
    """Without what differs from run to run: seconds, bytes."""
    masked = re.sub(r"in [\d.]+ s$|\([\d,]+ bytes\)", "#", text, flags=re.MULTILINE)
    return set(masked.splitlines())


def check(clone: Clone, block: Commands) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        printed = clone.run(block.text)
        if block.kind != "json" or shapes(printed) == shapes(block.answer):
            break
        # A job that was begun before may not have ended.
        assert re.search("/status/|/jobs", block.text), f"{block.place} prints {printed}"
        assert time.monotonic() < end, f"{block.place} prints {printed}"
        time.sleep(0.3)
    if block.kind == "text":
        missing = lines(block.answer) - lines(printed + clone.messages)
        assert not missing, f"{block.place} does not print {missing}"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_the_commands_of_a_page(page: Path, clone: Clone, failed_batch: None) -> None:
    assert hidden_commands(page) == []
    clone.begin_page()
    for block in commands(page):
        check(clone, block)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_make_knows_what_sentences_name(page: Path) -> None:
    for command in make_commands(page):
        done = subprocess.run(
            [*command.split(), "-n"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"


def test_a_command_that_nothing_covers_fails(clone: Clone, tmp_path: Path) -> None:
    clone.begin_page()
    for command in ("wget http://127.0.0.1", "make no-such-target", "aws sqs no-such-command"):
        with pytest.raises(AssertionError, match=r"no-such|not found"):
            clone.run(command)
    page = tmp_path / "page.md"
    page.write_text("```\nKEY=1 make run\n```\n\n```text\nmade by hand\n```\n", "utf-8")
    assert [place.split(" ")[0] for place in hidden_commands(page)] == ["page.md:1:"]


@pytest.mark.parametrize(
    "command",
    [
        "aws sqs start-message-move-task --source arn",
        ".venv/bin/chalice deploy --no-such-option",
        ".venv/bin/python -m pytest tests/no_such_test.py",
        "make run PROVIDERS=pdl",
    ],
)
def test_what_is_not_run_is_still_checked(clone: Clone, command: str) -> None:
    clone.begin_page()
    with pytest.raises(AssertionError):
        clone.run(command)


def test_the_stand_in_for_the_aws_cli_answers_as_it_does(
    deployed_stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = dict(deployed_stack.root_key)
    variables |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": deployed_stack.aws_url}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    name = "contact-enrichment-local-batches"
    arguments = ["sqs", "get-queue-url", "--queue-name", name, "--query", "QueueUrl"]
    arguments += ["--output", "text"]
    programs = [[sys.executable, str(Path(__file__).with_name("aws_command.py"))]]
    programs += [[real_aws(), "--endpoint-url", deployed_stack.aws_url]] if real_aws() else []
    for program in programs:
        url = subprocess.check_output([*program, *arguments], text=True)
        assert url.endswith(f"/{name}\n")
