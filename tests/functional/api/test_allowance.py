"""What an owner may have: open jobs, rows a day, credits a day; more is refused until there is room again."""

from __future__ import annotations

import time
from dataclasses import replace

import boto3
import pytest

from chalicelib.api.allowance import admit
from chalicelib.aws.usage import day_of
from chalicelib.model.clock import DAY
from chalicelib.model.errors import LimitReachedError
from chalicelib.model.options import Options
from chalicelib.services import services
from tests.functional.jobs import LIST, ROWS, contacts, run_with_a_failure, use_of
from tests.functional.resources import KEY_SECRET, put_key

SMALL = "email\na@example.org\n"


@pytest.fixture
def limited(monkeypatch):
    """Sets limits: limited(MAX_OPEN_JOBS=1)."""

    def limit(**limits: int) -> None:
        for name, value in limits.items():
            monkeypatch.setenv(name, str(value))
        services.cache_clear()

    return limit


def refused(answer, longest: float = DAY) -> str:
    assert (answer.status_code, answer.json_body["code"]) == (429, "limit_reached")
    assert 0 < int(answer.headers["Retry-After"]) <= longest
    return str(answer.json_body["message"])


def send(stack, query: str = "", text: str = SMALL, **headers: str):
    return stack.post(f"/process{query}", text, "text/csv", **headers)


def files() -> int:
    return int(boto3.client("s3").list_objects_v2(Bucket="test-bucket")["KeyCount"])


def test_a_job_more_than_may_be_open_is_refused_until_one_has_ended(stack, limited):
    limited(MAX_OPEN_JOBS=2)
    first = send(stack).json_body["id"]
    assert send(stack).status_code == 202
    before = files()
    assert "2 jobs that have not ended; 2 are allowed" in refused(send(stack), 60)
    assert files() == before  # nothing of it is stored
    stack.run(first)
    assert send(stack).status_code == 202
    refused(send(stack))


def test_open_jobs_of_one_owner_do_not_hinder_another(stack, limited):
    limited(MAX_OPEN_JOBS=1)
    put_key("b" * 16, owner="other")
    assert send(stack).status_code == 202
    refused(send(stack))
    other = f"Bearer ce_{'b' * 16}_{KEY_SECRET}"
    assert send(stack, Authorization=other).status_code == 202


def test_the_same_request_again_gets_its_job_and_counts_once(stack, limited):
    limited(MAX_OPEN_JOBS=1)
    first, again = (send(stack, Idempotency_Key="k") for _ in range(2))
    assert first.json_body["id"] == again.json_body["id"]
    refused(send(stack, Idempotency_Key="another"))


def test_a_request_that_was_refused_may_come_again_with_its_key(stack, limited):
    limited(MAX_OPEN_JOBS=1)
    first = send(stack).json_body["id"]
    refused(send(stack, Idempotency_Key="k"))
    stack.run(first)
    assert send(stack, Idempotency_Key="k").status_code == 202


def test_a_retry_is_a_job_that_is_open(stack, limited):
    failed = run_with_a_failure(stack)
    limited(MAX_OPEN_JOBS=1)
    running = send(stack).json_body["id"]
    refused(stack.client.http.post(f"/jobs/{failed}/retry"))
    assert stack.status(failed)["status"] == "COMPLETED_WITH_ERRORS"
    stack.run(running)
    assert stack.client.http.post(f"/jobs/{failed}/retry").status_code == 202
    refused(send(stack))


def test_when_the_rows_of_the_day_are_used_up_no_list_is_taken(stack, limited):
    limited(MAX_ROWS_PER_DAY=ROWS + 10)
    status = stack.run(stack.submit_csv(LIST))
    assert status["status"] == "COMPLETED"
    failed = stack.run(stack.submit_csv(LIST))
    assert failed["status"] == "FAILED"
    assert "250 rows. Of the 260 rows that you may send on a day, 10 were left" in failed["error"]
    ten = "email\n" + "".join(f"p{n}@example.org\n" for n in range(10))
    assert stack.run(stack.submit_csv(ten))["status"] == "COMPLETED"
    assert "260 rows that are allowed" in refused(send(stack))
    # Erasing the job gives nothing back.
    stack.client.http.delete(f"/jobs/{status['id']}")
    refused(send(stack))
    tomorrow = replace(services(), clock=lambda: time.time() + DAY)
    assert admit(tomorrow, "default", "0" * 32, Options()) == Options()


def test_a_list_that_is_split_twice_counts_once(stack, limited):
    limited(MAX_ROWS_PER_DAY=ROWS)
    job_id = stack.submit_csv(LIST)
    for _ in range(3):
        stack.invoke("split_batches", {"job_id": job_id})
    (entry,) = services().usage.recent("default", time.time())
    assert entry.rows == ROWS
    services().usage.set_rows("default", job_id, 0, time.time())


def test_jobs_may_spend_the_credits_of_the_day_and_no_more(stack, vendors, limited):
    limited(MAX_CREDITS_PER_DAY=100)
    query = "?providers=pdl&max_credits=60"
    first = send(stack, query, contacts(40)).json_body["id"]
    told = refused(send(stack, query, contacts(40)))
    assert "100 credits on a day, of which 40 are left" in told
    spent = use_of(stack.run(first), "pdl")["credits"]
    assert 0 < spent < 40
    # Now the first counts with what it has spent.
    second = send(stack, query, contacts(30)).json_body["id"]
    refused(send(stack, query, contacts(30)))
    assert send(stack, "?providers=offline").status_code == 202
    stack.run(second)
    assert vendors["pdl"].account.credits <= 100


def test_a_job_without_max_credits_gets_what_is_left_of_the_day(stack, vendors, limited):
    limited(MAX_CREDITS_PER_DAY=10)
    jobs = services().jobs
    first = send(stack, "?providers=pdl&max_credits=4", contacts(5)).json_body["id"]
    second = send(stack, "?providers=pdl", contacts(50)).json_body["id"]
    assert jobs.get("default", second).options.max_credits == 6
    refused(send(stack, "?providers=pdl", contacts(5)))
    stack.run(first)
    stack.run(second)
    assert vendors["pdl"].account.credits <= 10


def test_erasing_a_job_gives_no_credits_back(stack, vendors, limited):
    limited(MAX_CREDITS_PER_DAY=10)
    first = send(stack, "?providers=pdl&max_credits=10", contacts(50)).json_body["id"]
    stack.run(first)
    stack.client.http.delete(f"/jobs/{first}")
    refused(send(stack, "?providers=pdl&max_credits=5"))


def test_a_refused_retry_keeps_what_the_job_has_used(stack, limited):
    failed = run_with_a_failure(stack)
    limited(MAX_OPEN_JOBS=1)
    send(stack)
    refused(stack.client.http.post(f"/jobs/{failed}/retry"))
    entries = {entry.job_id: entry for entry in services().usage.recent("default", time.time())}
    assert (entries[failed].rows, entries[failed].day) == (ROWS, day_of(time.time()))


def test_of_requests_that_come_at_once_no_more_are_admitted_than_allowed(stack, limited):
    """The worst order: all are entered before any of them is counted."""
    limited(MAX_OPEN_JOBS=3)
    names = [f"{n:032x}" for n in range(5)]
    for name in names:
        services().usage.begin("default", name, 0.0, time.time())
    admitted = 0
    for name in names:
        try:
            admit(services(), "default", name, Options())
            admitted += 1
        except LimitReachedError:
            pass
    assert admitted <= 3
