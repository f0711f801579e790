"""The service in a simulated world: its real steps, DynamoDB and S3 by moto, a vendor's server; queue, state
machine, processes and time by rules that a test decides on. Hours pass in a moment.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.api.submission import Submission, submit
from chalicelib.aws.queue import Delivery, parse_message
from chalicelib.model.callers import SCOPES, Caller
from chalicelib.model.jobs import Job
from chalicelib.services import Services, create_services
from chalicelib.settings import read_settings
from chalicelib.steps.aggregate_results import aggregate_results
from chalicelib.steps.check_completion import check_completion
from chalicelib.steps.enrich_batch import work_on
from chalicelib.steps.erase_job import erase_job
from chalicelib.steps.send_callback import send_callback
from chalicelib.steps.split_batches import split_batches
from tests.functional.resources import ENVIRONMENT, create_tables
from tests.simulation.machine import Execution, TaskFailedError
from tests.simulation.outside import Outside, ProcessDiedError, survive
from tests.vendors.server import VendorServer

OWNER = "default"
CALLER = Caller(OWNER, frozenset(SCOPES))
START = 1_800_000_000.0
VISIBILITY, MAX_RECEIVES = 360.0, 5
#: Smaller batches than the real ones, for speed; enough for two writes of answers each.
BATCH_ROWS = 30
#: A world in which so much has to happen before all is at rest is stuck.
MOST_EVENTS = 3_000


@dataclass
class Message:
    """A message in the queue. ``visible_at``: when it can be delivered next."""

    handle: str
    body: str
    visible_at: float
    receives: int = 0


class Stuck(AssertionError):  # noqa: N818
    """Something goes on and on."""


@dataclass
class World:
    """One service and what is around it."""

    services: Services
    outside: Outside
    vendors: VendorServer
    now: float = START
    queue: list[Message] = field(default_factory=list)
    dead_letters: list[Message] = field(default_factory=list)
    executions: dict[str, Execution] = field(default_factory=dict)
    events: int = 0
    _handles: Iterator[int] = field(default_factory=itertools.count)

    # What the world answers itself

    def install(self) -> None:
        self.outside.answers = {
            ("sqs", "SendMessage"): self._send,
            ("sqs", "SendMessageBatch"): self._send_batch,
            ("sqs", "ChangeMessageVisibility"): self._change_visibility,
            ("sqs", "GetQueueAttributes"): self._count_messages,
            ("stepfunctions", "StartExecution"): self._start,
        }
        self.services = replace(self.services, clock=lambda: self.now, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def put_message(self, body: str, delay: float = 0.0) -> None:
        self.queue.append(Message(str(next(self._handles)), body, self.now + delay))

    def _send(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.put_message(asked["MessageBody"], asked.get("DelaySeconds", 0))
        return {"MessageId": "id"}

    def _send_batch(self, asked: dict[str, Any]) -> dict[str, Any]:
        for entry in asked["Entries"]:
            self.put_message(entry["MessageBody"])
        return {"Successful": [{"Id": entry["Id"]} for entry in asked["Entries"]]}

    def _count_messages(self, asked: dict[str, Any]) -> dict[str, Any]:
        """All that waits counts as visible: the service asks for the sum."""
        counts = dict.fromkeys(asked["AttributeNames"], "0")
        return {"Attributes": {**counts, "ApproximateNumberOfMessages": str(len(self.queue))}}

    def _change_visibility(self, asked: dict[str, Any]) -> dict[str, Any]:
        for message in self.queue:
            if message.handle == asked["ReceiptHandle"]:
                message.visible_at = self.now + asked["VisibilityTimeout"]
        return {}

    def _start(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["name"] in self.executions:
            raise self.services.workflow._client.exceptions.ExecutionAlreadyExists({}, "start")
        self.executions[asked["name"]] = Execution(
            asked["name"], json.loads(asked["input"]), self.now
        )
        return {"executionArn": asked["name"]}

    # Processes

    def ask(self, name: str, work: Callable[[], Any]) -> Any:
        """What a request to the API comes to: repeated, as clients do, where there is no answer."""
        for _ in range(4):
            with self.outside.process(name):
                outcome = survive(work)
            if not isinstance(outcome, ProcessDiedError | Exception):
                return outcome
            self.now += 1
        raise outcome

    def submit(self, text: str, query: dict[str, str], key: str = "key") -> str:
        submission = Submission(CALLER, text.encode(), "text/csv", query, key)
        job: Job = self.ask("submit", lambda: submit(self.services, submission))
        return job.id

    def deliver(self, message: Message) -> None:
        """Lambda gets a message and calls the worker; only after its good end the message is gone."""
        message.receives += 1
        if message.receives > MAX_RECEIVES:
            self.queue.remove(message)
            self.dead_letters.append(message)
            return
        message.visible_at = self.now + VISIBILITY
        if not isinstance(self.work(message), ProcessDiedError | Exception):
            self.queue.remove(message)

    def work(self, message: Message) -> Any:
        """Call the worker with a message, whatever becomes of the message."""
        delivery = Delivery(parse_message(message.body), message.handle, message.receives)
        with self.outside.process("worker"):
            return survive(lambda: work_on(self.services, delivery))

    def step(self, execution: Execution) -> None:
        """The next state of an execution that is due."""
        execution.step(self.now, self._run)

    def _run(self, resource: str, asked: dict[str, Any]) -> dict[str, Any]:
        if "dynamodb" in resource:
            self._update_item(asked)
            return {}
        name = resource.removeprefix("${").removesuffix("Arn}")
        with self.outside.process(name):
            outcome = survive(lambda: self._steps[name](self.services, asked))
        if isinstance(outcome, ProcessDiedError):
            raise TaskFailedError("Lambda.Unknown")
        if isinstance(outcome, Exception):
            raise TaskFailedError(type(outcome).__name__)
        return dict(outcome)

    _steps = {  # noqa: RUF012
        "SplitBatches": lambda s, asked: split_batches(s, asked["job_id"]).to_state(),
        "CheckCompletion": lambda s, asked: check_completion(
            s, asked["job_id"], asked["checks"]
        ).to_state(),
        "AggregateResults": lambda s, asked: aggregate_results(s, asked["job_id"]) or asked,
        "EraseJob": lambda s, asked: erase_job(s, asked["job_id"], asked["sweep"]).to_state(),
        "SendCallback": lambda s, asked: send_callback(s, asked["job_id"], asked["run"]).to_state(),
    }

    def _update_item(self, asked: dict[str, Any]) -> None:
        """What Step Functions does without our code."""
        client = boto3.client("dynamodb")
        try:
            client.update_item(**{**asked, "TableName": self.services.settings.control_table})
        except client.exceptions.ConditionalCheckFailedException:
            raise TaskFailedError("DynamoDB.ConditionalCheckFailedException") from None

    # Time

    def running(self) -> list[Execution]:
        return [each for each in self.executions.values() if not each.ended]

    def settle(self) -> None:
        """Let everything happen that is due, in the order of time, until nothing is left to happen."""
        while self.running() or self.queue:
            self.happen()

    def happen(self) -> None:
        """Whatever is due next."""
        self.events += 1
        if self.events > MOST_EVENTS:
            raise Stuck(f"{[e.state for e in self.running()]}, {len(self.queue)} messages")
        due = [(message.visible_at, 0, message) for message in self.queue]
        due += [(each.wakes_at, 1, each) for each in self.running()]  # type: ignore[misc]
        at, _, what = min(due, key=lambda each: each[:2])
        self.now = max(self.now, at)
        if isinstance(what, Message):
            self.deliver(what)
        else:
            self.step(what)


@contextmanager
def simulation() -> Iterator[Callable[[], World]]:
    """A maker of worlds, each without anything of the one before."""
    with pytest.MonkeyPatch.context() as patch, VendorServer() as vendors, mock_aws():
        for name, value in {**ENVIRONMENT, "SQS_QUEUE_URL": "https://sqs.example.org/q"}.items():
            patch.setenv(name, value)
        for name, value in vendors.environment().items():
            patch.setenv(name, value)
        patch.setenv("PDL_CALLS_PER_MINUTE", "60000")
        patch.setenv("FULLENRICH_CALLS_PER_MINUTE", "60000")
        for step in ("split_batches", "enrich_batch"):
            patch.setattr(f"chalicelib.steps.{step}.BATCH_ROWS", BATCH_ROWS)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        outside = Outside(vendors.base_url)
        outside.listen()
        outside.patch_vendors(patch)
        services = create_services(read_settings())
        bucket = boto3.client("s3")
        bucket.create_bucket(Bucket=services.settings.bucket)
        try:
            yield lambda: _fresh(services, outside, vendors)
        finally:
            boto3.DEFAULT_SESSION = None


def _fresh(services: Services, outside: Outside, vendors: VendorServer) -> World:
    random.seed(0)  # jitter, the same in every world
    for vendor in vendors.vendors.values():
        vendor.reset()
    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
    for table in dynamodb.list_tables()["TableNames"]:
        dynamodb.delete_table(TableName=table)
    create_tables()
    for item in s3.list_objects_v2(Bucket=services.settings.bucket).get("Contents", []):
        s3.delete_object(Bucket=services.settings.bucket, Key=item["Key"])
    outside.calls, outside.struck, outside.faults, outside.at = [], [], {}, {}
    world = World(services, outside, vendors)
    world.install()
    return world
