"""What 100,000 contacts cost on AWS: the calls that the functions make, and dollars:
``python tests/benchmarks/cost.py [provider ...]``.

The functions run here, one call after the other, on AWS in the same process (moto) and on the vendor server. A
few batches are counted and scaled up, the steps as if each of their calls grew with the list, which is a little
too much. Assumed: the prices, the time of a call to AWS and of a vendor's answer, and that Lambda at a memory of
1,769 MB has the core of this machine. Not in the sum: what a worker waits while others have the vendor's next
calls (vendor_job.py shows how often batches are postponed), storage, downloads, logs, what the vendors charge.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import boto3
from moto import mock_aws

import app
from chalicelib.services import services
from tests.benchmarks.metering import Meter
from tests.functional.conftest import PROJECT, KeyedClient, Stack
from tests.functional.resources import ENVIRONMENT, create_resources
from tests.vendors.server import VendorServer

#: Dollars in us-east-1: a million requests or units; a GB-second (x86); a state transition; S3.
LAMBDA_CALL, LAMBDA_GB_SECOND = 0.20e-6, 0.0000166667
WRITE_UNIT, READ_UNIT = 0.625e-6, 0.125e-6
SQS_CALL, TRANSITION, S3_PUT, S3_GET = 0.40e-6, 25e-6, 5e-6, 0.4e-6
#: Lambda receives and deletes each message; the state machine's ways: a check, and all others.
SQS_OF_A_DELIVERY, STATES_OF_A_CHECK, STATES_BESIDE = 2, 3, 6
AWS_CALL_SECONDS = 0.01
FULL_CORE_MEGABYTES = 1769
WORKERS = 10

#: Vendor → batches that are counted, and seconds until the vendor answers.
CASES = {"offline": (10, 0.0), "pdl": (10, 1.0), "hunter": (2, 0.5)}
BATCHES = 1000


@dataclass
class Bill:
    """Dollars by what they are for."""

    dollars: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)

    def add(self, function: str, meter: Meter, seconds: float, cpu: float, times: float) -> float:
        """Bill a function's call, ``times`` over; how long Lambda would have taken for one."""
        memory = _memory(function)
        calls = sum(meter.calls.values())
        slower = max(FULL_CORE_MEGABYTES / memory, 1.0)
        elsewhere = max(seconds - meter.waited - cpu, 0.0)  # asleep, or waiting for a vendor
        took = elsewhere + cpu * slower + calls * AWS_CALL_SECONDS
        self.dollars["Lambda"] += times * (LAMBDA_CALL + took * memory / 1024 * LAMBDA_GB_SECOND)
        self.dollars["DynamoDB writes"] += times * meter.writes * WRITE_UNIT
        self.dollars["DynamoDB reads"] += times * meter.reads * READ_UNIT
        for name, count in meter.calls.items():
            service, operation = name.split(" ")
            self.calls[f"{function}: {name}"] += round(times * count)
            if service == "s3":
                self.dollars["S3"] += times * count * (S3_GET if "Get" in operation else S3_PUT)
            if service == "sqs":
                self.dollars["SQS"] += times * count * SQS_CALL
        return took


def _memory(function: str) -> int:
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text("utf-8"))
    return int(config["lambda_functions"][function]["lambda_memory_size"])


class Metered:
    """A stack whose functions are billed."""

    def __init__(self, stack: Stack, meter: Meter, bill: Bill) -> None:
        self._stack, self._meter, self._bill = stack, meter, bill

    def invoke(self, function: str, event: dict[str, object], times: float) -> tuple[dict, float]:
        self._meter.clear()
        start, cpu = time.monotonic(), time.process_time()
        state = self._stack.invoke(function, event)
        seconds, cpu = time.monotonic() - start, time.process_time() - cpu
        cpu = max(cpu - self._meter.waited, 0.0)  # moto works in this process
        return state, self._bill.add(function, self._meter, seconds, cpu, times)

    def work(self, batches: int) -> tuple[int, float]:
        """Deliver all messages, as they become due: how many, and the seconds of all workers."""
        deliveries, seconds, sqs = 0, 0.0, boto3.client("sqs")
        while not self._all_done(batches):
            for record in self._stack.receive():
                _, took = self.invoke("worker", {"Records": [record]}, BATCHES / batches)
                url, handle = self._stack.queue_url, record["receiptHandle"]
                sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
                deliveries, seconds = deliveries + 1, seconds + took
            time.sleep(0.1)
        return deliveries, seconds

    def _all_done(self, batches: int) -> bool:
        found = boto3.client("dynamodb").scan(
            TableName="test-control",
            FilterExpression="#state = :done",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":done": {"S": "DONE"}},
        )
        return bool(found["Count"] == batches)


def checks_in(seconds: float) -> int:
    """How often a job of so many seconds is looked at: after a tenth of its time, 1 to 60 s."""
    looks, elapsed = 0, 0.0
    while elapsed < seconds:
        looks, elapsed = looks + 1, elapsed + min(max(elapsed / 10, 1.0), 60.0)
    return looks


def people(rows: int) -> str:
    lines = (f"person.{n}@dept{n % 50}.example.org,Person Example{n}\n" for n in range(rows))
    return "Email,Name\n" + "".join(lines)


def bill_of(stack: Stack, provider: str, batches: int) -> Bill:
    bill = Bill()
    session, plain = boto3.Session(), boto3.Session().client("dynamodb")
    meter = Meter(session, plain)
    boto3.DEFAULT_SESSION = session
    services.cache_clear()
    metered = Metered(stack, meter, bill)
    stack.submit_csv("Email\nwarm@example.org\n")  # imports, connects
    job_id = stack.submit_csv(people(100 * batches), f"?providers={provider}")
    scale = BATCHES / batches
    state, _ = metered.invoke("split_batches", {"job_id": job_id}, scale)
    deliveries, seconds = metered.work(batches)
    looks = checks_in(scale * seconds / WORKERS)
    metered.invoke("check_completion", state, looks)
    metered.invoke("aggregate_results", {"job_id": job_id}, scale)
    bill.dollars["SQS"] += scale * deliveries * SQS_OF_A_DELIVERY * SQS_CALL
    bill.dollars["Step Functions"] += (looks * STATES_OF_A_CHECK + STATES_BESIDE) * TRANSITION
    print(
        f"\n{provider}: ${sum(bill.dollars.values()):.4f} for {100 * BATCHES:,} contacts "
        f"({batches} batches counted; {deliveries / batches:.1f} deliveries and "
        f"{seconds / batches:.2f} s of worker a batch)"
    )
    return bill


def show(bill: Bill) -> None:
    for name, dollars in bill.dollars.most_common():
        print(f"  {name:<40} ${dollars:.4f}")
    for name, count in bill.calls.most_common():
        print(f"  {name:<40} {count:>9,} calls")


def main() -> None:
    os.environ.update(ENVIRONMENT)
    os.environ.pop("AWS_ENDPOINT_URL", None)
    print(
        f"assumed: {1000 * AWS_CALL_SECONDS:.0f} ms a call to AWS, {WORKERS} workers, vendors' answers after "
        + ", ".join(f"{lag} s ({name})" for name, (_, lag) in CASES.items() if lag)
    )
    with VendorServer() as vendors:
        os.environ.update(vendors.environment())
        for provider in sys.argv[1:] or CASES:
            batches, lag = CASES[provider]
            if lag:
                vendors[provider].faults.add("lag", times=None, seconds=lag)
            with mock_aws():
                os.environ["SQS_QUEUE_URL"] = create_resources()
                with KeyedClient(app.app, project_dir=str(PROJECT)) as client:
                    stack = Stack(client, os.environ["SQS_QUEUE_URL"])
                    show(bill_of(stack, provider, batches))
            services.cache_clear()


if __name__ == "__main__":
    main()
