"""POST /enrich: one contact, whose row is the answer."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.api.enrich_one import LONGEST_WAIT, enrich_one
from chalicelib.api.submission import Submission
from chalicelib.model.callers import SPEND, WRITE, Caller
from chalicelib.model.errors import ForbiddenError
from chalicelib.model.jobs import Job
from chalicelib.services import services
from tests.functional.jobs import contacts, executions, fail_batch

CONTACT = {"name": "Jane Doe", "email": "JANE@acme.example.org", "note": "ours"}


class Waiting:
    """A caller's wait: each pause takes no time of the test, and something happens in it."""

    def __init__(self, during: Callable[[], None]) -> None:
        self._during, self._waited = during, 0.0

    def clock(self) -> float:
        return services().clock() + self._waited

    def sleep(self, seconds: float) -> None:
        self._waited += seconds
        self._during()


def asked(body: dict[str, Any], key: str = "", scopes=(WRITE, SPEND)) -> Submission:
    caller = Caller("default", frozenset(scopes))
    return Submission(caller, json.dumps(body).encode(), "application/json", {}, key)


def enrich(during: Callable[[], None], submission: Submission) -> Job | dict[str, Any]:
    wait = Waiting(during)
    return enrich_one(replace(services(), clock=wait.clock, sleep=wait.sleep), submission)


def work(stack) -> None:
    """What the state machine and a worker do, up to the end of the batch."""
    for job_id in executions():  # again for one that has ended, which changes nothing
        stack.invoke("split_batches", {"job_id": job_id})
    stack.work()


def test_the_answer_is_the_row_of_its_job(stack):
    answer = enrich(
        lambda: work(stack), asked({"contact": CONTACT, "fields": ["email", "company"]})
    )
    assert isinstance(answer, dict)
    assert answer["input"] == CONTACT
    assert answer["enriched"]["email"] == "jane@acme.example.org"
    assert answer["enriched"]["status"] == "matched"
    assert answer["enriched"]["sources"]["email"]["provider"] == "input"
    job = stack.run(answer["id"])
    line = json.loads(stack.download(job))
    assert {"id": answer["id"], **line, "credits": 0.0} == answer


def test_a_paid_lookup_is_paid_once(stack, vendors):
    (contact,) = csv.DictReader(io.StringIO(contacts(1)))
    body = {"contact": contact, "providers": ["pdl"]}
    first = enrich(lambda: work(stack), asked(body))
    again = enrich(lambda: work(stack), asked(body))
    assert isinstance(first, dict)
    assert isinstance(again, dict)
    assert (first["credits"], again["credits"]) == (1.0, 0.0)
    assert first["enriched"] == again["enriched"]
    assert first["enriched"]["status"] in ("matched", "partial")
    assert vendors["pdl"].account.credits == 1


def test_the_same_request_again_gets_the_same_answer_at_once(stack):
    body, key = {"contact": CONTACT, "fields": ["email"]}, "lead-4711"
    first = enrich(lambda: work(stack), asked(body, key))
    answer = stack.post("/enrich", body, Idempotency_Key=key)
    assert (answer.status_code, answer.json_body) == (200, first)
    assert len(executions()) == 1
    other = stack.post("/enrich", {**body, "fields": ["phone"]}, Idempotency_Key=key)
    assert other.status_code == 409


def test_whoever_is_not_answered_in_time_gets_the_job(stack):
    wait = Waiting(lambda: None)
    began = wait.clock()
    job = enrich_one(
        replace(services(), clock=wait.clock, sleep=wait.sleep), asked({"contact": CONTACT})
    )
    assert isinstance(job, Job)
    assert LONGEST_WAIT - 2 < wait.clock() - began <= LONGEST_WAIT
    assert stack.run(job.id)["contacts"]["processed"] == 1


def test_a_contact_whose_batch_failed_says_so(stack):
    def fail() -> None:
        stack.invoke("split_batches", {"job_id": executions()[-1]})
        fail_batch(executions()[-1], 0)

    answer = enrich(fail, asked({"contact": CONTACT}))
    assert isinstance(answer, dict)
    assert answer["enriched"]["status"] == "failed"
    assert answer["enriched"]["error"]
    assert answer["input"] == CONTACT


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/enrich", {}, "There is no contact"),
        ("/enrich", {"contact": {}}, "There is no contact"),
        ("/enrich", {"contact": [CONTACT]}, "There is no contact"),
        ("/enrich", {"contact": CONTACT, "upload_id": "0" * 32}, '"upload_id" is for lists'),
        ("/enrich", {"contact": CONTACT, "output": "csv"}, '"output" is for lists'),
        ("/enrich", {"contact": CONTACT, "colour": "red"}, "Unknown option"),
        ("/enrich?fields=email", {"contact": CONTACT}, "none in the query"),
        ("/enrich", {"contact": {"note": "nobody"}}, "knows no column"),
    ],
)
def test_requests_that_are_refused(stack, path, body, told):
    answer = stack.post(path, body)
    assert (answer.status_code, told in answer.json_body["message"]) == (400, True), answer.body
    assert executions() == []


def test_a_provider_that_costs_needs_the_scope_to_spend(stack, vendors):
    with pytest.raises(ForbiddenError, match="spend"):
        enrich(lambda: None, asked({"contact": CONTACT, "providers": ["pdl"]}, scopes=(WRITE,)))
