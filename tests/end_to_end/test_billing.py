"""Nobody is charged twice, shown on the deployed service by the vendors' own account: every message is
delivered twice and workers are killed; and the log says nothing about anybody.
"""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from machine.local_stack import LocalStack

from tests import signed
from tests.end_to_end.workers import (
    finds_workers,
    make_redelivery_quick,
    messages_of,
    worker_processes,
)
from tests.vendors.server import VendorServer

ROOT = Path(__file__).resolve().parents[2]
#: The full proof takes 5,000: ``BILLED_CONTACTS=5000``.
CONTACTS = int(os.environ.get("BILLED_CONTACTS", "1500"))
KILLS = 3
BATCH = 100


@pytest.fixture(scope="module")
def vendors() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server


@pytest.fixture(scope="module")
def stack(vendors: VendorServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A service of its own, whose functions know the vendors from its environment."""
    environ = vendors.environment()
    environ |= {f"{name.upper()}_CALLS_PER_MINUTE": "60000" for name in vendors.vendors}
    own = LocalStack(tmp_path_factory.mktemp("billing"), environ)
    try:
        own.start()
        signed.use(own)
        yield own
    finally:
        own.stop()


def emails(count: int, duplicates: int) -> list[str]:
    listed = [f"person.{n}@dept{n % 50}.example.org" for n in range(count - duplicates)]
    for n in range(duplicates):
        listed.insert((n * 97) % len(listed), listed[n * 3].upper())
    return listed


def submit(stack: LocalStack, body: str, query: str) -> str:
    answer = signed.post(
        f"{stack.api_url}/process?{query}",
        data=body.encode(),
        headers={"Content-Type": "text/csv"},
        timeout=30,
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def status_of(stack: LocalStack, job_id: str) -> dict[str, Any]:
    status: dict[str, Any] = signed.get(f"{stack.api_url}/status/{job_id}", timeout=30).json()
    return status


def wait_for(stack: LocalStack, job_id: str, seconds: float = 240) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        status = status_of(stack, job_id)
        if status["finished_at"]:
            return status
        time.sleep(0.3)
    raise AssertionError(f"not done after {seconds} s: {status}")


def rows_of(status: dict[str, Any]) -> list[dict[str, str]]:
    text = requests.get(status["result"]["url"], timeout=30).content.decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def send_everything_again(stack: LocalStack, job_id: str) -> None:
    """Every message twice, as SQS may deliver it."""
    sqs = stack.client("sqs")
    end = time.monotonic() + 30
    while not status_of(stack, job_id)["batches"]["total"]:
        assert time.monotonic() < end
        time.sleep(0.05)
    for body in messages_of(stack, job_id):
        sqs.send_message(QueueUrl=stack.variables["SQS_QUEUE_URL"], MessageBody=body)


def kill_workers(stack: LocalStack, kills: int, calls_so_far: Callable[[], int]) -> int:
    """Kill workers while they wait for an answer of the vendor."""
    killed = 0
    end = time.monotonic() + 90
    while killed < kills and time.monotonic() < end:
        calls = calls_so_far()
        while calls_so_far() < calls + 2 and time.monotonic() < end:
            time.sleep(0.005)
        for process in list(worker_processes(stack))[:1]:
            os.kill(process, signal.SIGKILL)
            killed += 1
    return killed


@finds_workers
def test_nobody_is_billed_twice(stack: LocalStack, vendors: VendorServer) -> None:
    make_redelivery_quick(stack, seconds=15)  # only for messages that are received after it
    account = vendors["pdl"].account
    vendors["pdl"].faults.add("lag", times=None, seconds=0.2)
    listed = emails(CONTACTS, CONTACTS // 10)
    text = "Email,Number\n" + "".join(f"{email},{n}\n" for n, email in enumerate(listed))
    job_id = submit(stack, text, "providers=pdl")
    send_everything_again(stack, job_id)
    killed = kill_workers(stack, KILLS, lambda: account.calls)
    status = wait_for(stack, job_id)
    vendors["pdl"].faults.clear()

    assert killed == KILLS
    assert status["status"] == "COMPLETED"
    rows = rows_of(status)
    assert [row["Number"] for row in rows] == [str(n) for n in range(len(listed))]
    kinds = ("matched", "partial", "not_found", "invalid", "failed", "skipped")
    assert sum(status["contacts"][kind] for kind in kinds) == len(listed)
    (use,) = status["providers"]
    again = sum(times - 1 for times in account.lookups.values())
    logged = stack.keep_logs().read_text("utf-8")
    assert '"event":"function_failed"' not in logged  # both copies of a message can be worked on
    # On a very busy machine a worker that takes 60 s is killed as well, and a call can end without an answer.
    slow = Counter(re.findall(r"Task timed out after|\"event\":\"provider_trouble\"", logged))
    assert again <= (killed + slow.total()) * BATCH, slow
    assert again <= use["uncertain"]
    noted = {
        row["Email"].strip().lower()
        for row in rows
        if "may have charged" in row.get("enriched_error", "")
    }
    twice = [identity for identity, times in account.lookups.items() if times > 1]
    assert all(any(email in identity for email in noted) for identity in twice)
    assert len(account.lookups) == CONTACTS - CONTACTS // 10


@finds_workers
def test_nobody_is_submitted_twice(
    stack: LocalStack, vendors: VendorServer, record_property: pytest.RecordProperty
) -> None:
    """At a vendor that answers later: workers die while they submit, and while they collect."""
    make_redelivery_quick(stack, seconds=15)
    vendor = vendors["dropcontact"]
    account = vendor.account
    vendor.faults.add("lag", times=None, seconds=0.3)
    profiles = [f"https://www.linkedin.com/in/person-{n}" for n in range(1000)]
    text = "LinkedIn,Number\n" + "".join(f"{url},{n}\n" for n, url in enumerate(profiles))
    job_id = submit(stack, text, "providers=dropcontact")
    send_everything_again(stack, job_id)
    submitting = kill_workers(stack, 2, lambda: account.calls - account.polls)
    collecting = kill_workers(stack, 2, lambda: account.polls)
    status = wait_for(stack, job_id, 400)

    assert (submitting, collecting) == (2, 2)
    assert status["status"] == "COMPLETED"
    rows = rows_of(status)
    assert [row["LinkedIn"] for row in rows] == profiles
    (use,) = status["providers"]
    twice = [identity for identity, times in account.lookups.items() if times > 1]
    again = sum(account.lookups[identity] - 1 for identity in twice)
    killed = f"{submitting} workers killed while they submitted, {collecting} while they collected"
    said = f"{again} of {len(profiles)} people submitted again, {use['uncertain']} said to be uncertain"
    record_property("said", f"{killed}: {said}")
    # A worker that dies while it collects costs nothing: whoever comes next collects.
    assert again <= min(submitting * BATCH, use["uncertain"])
    noted = {row["LinkedIn"] for row in rows if "may have charged" in row["enriched_error"]}
    assert all(any(url.endswith(who.removeprefix("in/")) for url in noted) for who in twice)
    assert len(account.lookups) == len(profiles)
    found = [row for row in rows if row["enriched_email"]]
    assert use["credits"] == len(found) == len(account.billed)


def test_two_jobs_at_once_over_one_list_bill_each_person_once(
    stack: LocalStack, vendors: VendorServer
) -> None:
    vendors["pdl"].reset()
    vendors["pdl"].faults.add("lag", times=None, seconds=0.2)
    text = "Email\n" + "".join(f"other.{n}@example.org\n" for n in range(600))
    jobs = [submit(stack, text, "providers=pdl") for _ in range(2)]
    first, second = (wait_for(stack, job_id) for job_id in jobs)
    account = vendors["pdl"].account
    assert set(account.lookups.values()) == {1}
    assert first["contacts"] == second["contacts"]
    lookups = [status["providers"][0]["lookups"] for status in (first, second)]
    assert sum(lookups) == 600


def test_three_vendors_and_a_log_that_names_nobody(
    stack: LocalStack, vendors: VendorServer
) -> None:
    for name in ("pdl", "apollo", "hunter"):
        vendors[name].reset()
    vendors["pdl"].faults.add("throttle", times=3, every=3, seconds=1)
    vendors["apollo"].faults.add("not_json")
    vendors["hunter"].faults.add("hang_up_after")
    text = "Name,Email,Company\n" + "".join(
        f"Zaphod Beeble{n},zaphod.{n}@third{n % 9}.example.org,Example\n" for n in range(300)
    )
    status = wait_for(stack, submit(stack, text, "providers=pdl,apollo,hunter"))
    assert status["status"] == "COMPLETED"
    assert status["contacts"]["processed"] == 300
    assert all(use["lookups"] for use in status["providers"])
    logged = stack.keep_logs().read_text("utf-8")
    assert "provider_trouble" in logged
    for secret in ("zaphod", "beeble", "third", *(vendors[n].key for n in vendors.vendors)):
        assert secret not in logged.lower()


def test_make_run_with_vendors(vendors: VendorServer, tmp_path: Path) -> None:
    """As a user runs it: the environment names the vendors."""
    vendors["pdl"].reset()
    output = tmp_path / "enriched.csv"
    command = [sys.executable, str(ROOT / "statemachine" / "local.py")]
    command += ["--directory", str(tmp_path / "local"), "run", str(ROOT / "examples/contacts.csv")]
    run = subprocess.run(
        [*command, "-o", str(output), "--providers", "pdl,offline"],
        env={**os.environ, **vendors.environment()},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    with output.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    # Nobody but a vendor finds a profile.
    assert any(row["enriched_linkedin_url"] and not row["LinkedIn"] for row in rows)
    assert vendors["pdl"].account.credits > 0
