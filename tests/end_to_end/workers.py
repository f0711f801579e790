"""The emulator's worker processes, for tests that kill them, and the messages that they get."""

from __future__ import annotations

from pathlib import Path

import pytest
from machine.local_stack import LocalStack

from chalicelib.aws.dynamodb import from_item
from chalicelib.aws.items import batch_of
from chalicelib.aws.queue import Message
from tests.benchmarks.running import batches_of

finds_workers = pytest.mark.skipif(
    not Path("/proc").is_dir(), reason="finds the worker's processes in /proc"
)


def worker_processes(stack: LocalStack) -> set[int]:
    """The processes that the emulator runs the worker function in."""
    return function_processes(stack, "worker")


def function_processes(stack: LocalStack, function: str) -> set[int]:
    """The processes that the emulator runs a function in."""
    run, name = f"-{stack.aws_url.rsplit(':', 1)[1]}/", f"-local-{function}-"
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
            except OSError:  # it has just ended
                continue
            if run in command and name in command:
                found.add(int(entry.name))
    return found


def messages_of(stack: LocalStack, job_id: str) -> list[str]:
    """The bodies of the messages for all planned batches of a job, as SplitBatches sends them."""
    items = batches_of(stack, job_id)
    return [Message.about(job_id, batch_of(from_item(item))).body() for item in items]


def make_redelivery_quick(stack: LocalStack, seconds: int) -> None:
    """A dropped message comes back after the visibility timeout: seconds, for a test's sake."""
    stack.client("sqs").set_queue_attributes(
        QueueUrl=stack.variables["SQS_QUEUE_URL"],
        Attributes={"VisibilityTimeout": str(seconds)},
    )
