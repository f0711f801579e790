"""The cap of a job is hard, however many workers run: ten at once, again and again, on a real table."""

from __future__ import annotations

import os
import random
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from machine.local_stack import LocalStack

from chalicelib.lookups.ledger import Claimant
from chalicelib.lookups.lookup import Lookups
from chalicelib.lookups.paid_call import BatchRun
from chalicelib.lookups.turns import PostponedError
from chalicelib.model.contacts import Contact
from chalicelib.model.jobs import Job
from chalicelib.model.options import Options
from chalicelib.providers.base import Found, Match, NoMatch, Outcome, Terms
from chalicelib.services import Services, create_services
from chalicelib.settings import Settings

#: The full proof is ``BUDGET_RUNS=100``.
RUNS = int(os.environ.get("BUDGET_RUNS", "3"))
WORKERS = 10
BATCHES = 20
CAP = 1_000


@pytest.fixture
def parts(deployed_stack: LocalStack) -> Iterator[Services]:
    variables = deployed_stack.variables
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": deployed_stack.aws_url,
            **deployed_stack.root_key,
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            patch.setenv(name, value)
        yield create_services(
            Settings(
                queue_url=variables["SQS_QUEUE_URL"],
                records_table=variables["DYNAMO_TABLE_NAME"],
                control_table=variables["CONTROL_TABLE_NAME"],
                access_table=variables["ACCESS_TABLE_NAME"],
                bucket=variables["S3_BUCKET_NAME"],
                state_machine_arn=variables["STATE_MACHINE_ARN"],
                ledger_secret=f"secretsmanager:{variables['LEDGER_SECRET_ARN']}",
            )
        )


@dataclass
class Vendor:
    """Bills seven of ten people."""

    name: str
    fields: frozenset[str] = frozenset({"title"})
    terms: Terms = field(default_factory=lambda: Terms(credits=1.0))
    billed: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def identifies(self, contact: Contact) -> bool:
        return True

    def enrich(self, contacts: list[Contact], wanted: frozenset[str]) -> list[Outcome]:
        time.sleep(random.uniform(0, 0.02))
        outcomes = [
            Match({"title": Found("CEO", 1.0)}, 1.0)
            if hash(contact.known["email"]) % 10 < 7
            else NoMatch()
            for contact in contacts
        ]
        with self.lock:
            self.billed += sum(outcome.credits for outcome in outcomes)
        return outcomes


def run_once(parts: Services) -> Vendor:
    now = time.time()
    vendor = Vendor(f"v{uuid.uuid4().hex[:8]}")
    job = Job(
        id=uuid.uuid4().hex,
        owner="default",
        created_at=now,
        options=Options(max_credits=CAP),
        input_key="",
    )
    parts.jobs.create(job, now)

    def work(batch: int) -> None:
        people = [Contact({}, {"email": f"p{batch}.{n}@example.org"}, {}) for n in range(100)]
        while True:
            start = time.time()
            claimant = Claimant(uuid.uuid4().hex, job.id, batch, start + 70, int(start) + 1000)
            try:
                stored = parts.jobs.get(job.owner, job.id)
                run = BatchRun(parts, stored, claimant, start + 30, start + 10**6)
                Lookups(run).ask(vendor, people, frozenset({"title"}))
                return
            except PostponedError as wait:
                time.sleep(min(wait.seconds, 0.1))

    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(work, range(BATCHES)))
    return vendor


def test_the_cap_is_never_exceeded_and_used_up(parts: Services) -> None:
    for _ in range(RUNS):
        vendor = run_once(parts)
        assert vendor.billed <= CAP
        assert vendor.billed > CAP - 1, "credits were left although people were"
