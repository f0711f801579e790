"""What a job with a vendor costs: ``python tests/benchmarks/vendor_job.py``, on the embedded AWS and the
vendor server.

1. The service's own CPU per batch of 100: that of the worker's step less that of the provider within.
2. How near a vendor's limit a job comes: calls allowed per second as a share of the limit, and the
   share of calls that the vendor had to throttle.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "statemachine")]

import requests
from local import LocalStack

from chalicelib.aws.queue import Message
from chalicelib.model.contacts import Contact
from chalicelib.model.jobs import Job
from chalicelib.model.layout import Layout
from chalicelib.model.options import Options
from chalicelib.providers import ProviderFactory
from chalicelib.providers.base import Outcome, Provider
from chalicelib.services import create_services
from chalicelib.settings import Settings
from chalicelib.steps.enrich_batch import enrich_batch
from chalicelib.steps.split_batches import split_batches
from tests.benchmarks.running import without_ports
from tests.vendors.server import VendorServer

BATCHES = 60
#: The vendor's limit in the second part, in its windows, and the same for the service.
LIMIT_CALLS, LIMIT_SECONDS = 100, 20
RATE_CALLS = 300


class Timed:
    """A provider whose CPU time is taken."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.name, self.fields, self.terms = provider.name, provider.fields, provider.terms
        self.seconds = 0.0

    def identifies(self, contact: Contact) -> bool:
        return self._provider.identifies(contact)

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        start = time.thread_time()
        try:
            return self._provider.enrich(contacts, wanted)
        finally:
            self.seconds += time.thread_time() - start


class TimedFactory(ProviderFactory):
    def _make(self, name: str) -> Provider:
        return Timed(super()._make(name))


def people(count: int, department: str) -> bytes:
    rows = (
        f"person.{n}@{department}{n % 50}.example.org,Person Example{n}\n" for n in range(count)
    )
    return ("Email,Name\n" + "".join(rows)).encode()


def own_cpu(stack: LocalStack) -> None:
    variables = stack.variables
    # Nobody listens to this queue: the batches are worked on here.
    queue = stack.client("sqs").create_queue(QueueName="benchmark")["QueueUrl"]
    parts = replace(
        create_services(
            Settings(
                queue_url=queue,
                records_table=variables["DYNAMO_TABLE_NAME"],
                control_table=variables["CONTROL_TABLE_NAME"],
                bucket=variables["S3_BUCKET_NAME"],
                state_machine_arn="",
            )
        ),
        providers=TimedFactory(),
    )
    stored = parts.bucket.put("jobs/cpu/input", people(BATCHES * 100, "cpu"))
    job = Job(
        id="cpu",
        owner="default",
        created_at=time.time(),
        options=Options(providers=("pdl",)),
        layout=Layout("csv", "utf-8", ("Email", "Name")),
        input_key=stored.key,
        input_etag=stored.etag,
    )
    parts.jobs.create(job, time.time())
    split_batches(parts, "cpu")
    enrich_batch(parts, Message("cpu", 0, 0, 0, 0), 1)  # the first imports and connects
    provider: Any = parts.providers.create("pdl")
    provider.seconds, start = 0.0, time.process_time()
    for number in range(1, BATCHES):
        enrich_batch(parts, Message("cpu", number, 0, 0, 0), 1)
    whole = time.process_time() - start
    own = (whole - provider.seconds) / (BATCHES - 1) * 1000
    theirs = provider.seconds / (BATCHES - 1) * 1000
    print(
        f"CPU per batch of 100: {own:.1f} ms of the service's own, {theirs:.1f} ms of the provider's"
    )


def at_the_limit(stack: LocalStack, vendors: VendorServer) -> None:
    pdl = vendors["pdl"]
    pdl.reset()
    pdl.configure(limits=[(LIMIT_CALLS, LIMIT_SECONDS)])
    answer = requests.post(
        f"{stack.api_url}/process?providers=pdl",
        data=people(RATE_CALLS * 100, "rate"),
        headers={"Content-Type": "text/csv"},
        timeout=30,
    )
    job_id = answer.json()["id"]
    while not (status := requests.get(f"{stack.api_url}/status/{job_id}", timeout=30).json())[
        "finished_at"
    ]:
        time.sleep(1)
    # Without the first and the last window of time: they begin and end somewhere.
    seconds = sorted(pdl.account.allowed_at)[2:-2]
    calls = sum(pdl.account.allowed_at[second] for second in seconds)
    share = calls / (seconds[-1] - seconds[0] + 1) / (LIMIT_CALLS / LIMIT_SECONDS)
    throttled = pdl.account.throttled / pdl.account.calls
    print(
        f"at a limit of {LIMIT_CALLS} calls in {LIMIT_SECONDS} s: {share:.1%} of the rate, "
        f"{throttled:.2%} of {pdl.account.calls} calls throttled ({json.dumps(status['providers'])})"
    )


def main() -> None:
    elsewhere = [sys.executable, str(ROOT / "tests/vendors/server.py"), "--port", "0"]
    with (
        VendorServer() as vendors,
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(elsewhere, stdout=subprocess.PIPE, text=True) as process,
    ):
        assert process.stdout is not None
        os.environ.update(vendors.environment())
        os.environ["PDL_CALLS_PER_MINUTE"] = str(LIMIT_CALLS * 60 // LIMIT_SECONDS)
        stack = LocalStack(Path(folder), without_ports(os.environ))
        try:
            stack.start()
            os.environ.update(
                AWS_ENDPOINT_URL=stack.aws_url,
                AWS_ACCESS_KEY_ID="test",
                AWS_SECRET_ACCESS_KEY="test",
                AWS_DEFAULT_REGION="us-east-1",
            )
            at_the_limit(stack, vendors)
            # In a process of its own the vendor's CPU is not taken for the service's.
            os.environ["PDL_BASE_URL"] = process.stdout.readline().split()[-1] + "/pdl"
            os.environ["PDL_CALLS_PER_MINUTE"] = "60000"
            own_cpu(stack)
        finally:
            process.terminate()
            stack.stop()


if __name__ == "__main__":
    main()
