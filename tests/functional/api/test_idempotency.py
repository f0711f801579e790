"""The same request twice, at once or later, makes one job."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from threading import RLock

from moto.core.botocore_stubber import BotocoreStubber

from chalicelib.aws import keys
from chalicelib.aws.vault import Vault
from tests.functional.jobs import LIST, change_item, left_of, rows_of
from tests.functional.resources import ENVIRONMENT


def post(stack, key: str, text: str = LIST, query: str = ""):
    return stack.post(f"/process{query}", text, "text/csv", Idempotency_Key=key)


def one_call_at_a_time(monkeypatch) -> None:
    """As DynamoDB looks from outside; moto's conditions do not hold among threads."""
    carry_out, lock = BotocoreStubber.process_request, RLock()

    def carried_out(stubber, request):
        with lock:
            return carry_out(stubber, request)

    monkeypatch.setattr(BotocoreStubber, "process_request", carried_out)
    # Chalice's test client replaces os.environ during a request; of threads one leaves its copy there.
    monkeypatch.setattr(os, "environ", os.environ)


def test_the_same_key_gives_the_same_job(stack):
    first, second = post(stack, "a"), post(stack, "a")
    assert first.status_code == second.status_code == 202
    assert first.json_body["id"] == second.json_body["id"]
    job_id = first.json_body["id"]
    stack.run(job_id)
    assert post(stack, "a").json_body == {**first.json_body, "status": "COMPLETED"}
    assert post(stack, "b").json_body["id"] != job_id
    assert len(stack.client.http.get("/jobs").json_body["jobs"]) == 2


def test_concurrent_repeats_make_one_job(stack, monkeypatch):
    one_call_at_a_time(monkeypatch)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(stack, "a"), range(8)))
    assert {answer.status_code for answer in answers} == {202}
    (job_id,) = {answer.json_body["id"] for answer in answers}
    assert [job["id"] for job in stack.client.http.get("/jobs").json_body["jobs"]] == [job_id]
    rows_of(stack, stack.run(job_id))


def test_a_key_stands_for_one_request(stack):
    post(stack, "a")
    for answer in (
        post(stack, "a", LIST + "x@example.org,250\n"),
        post(stack, "a", query="?sample=1"),
    ):
        assert (answer.status_code, answer.json_body["code"]) == (409, "conflict")
        assert "Idempotency-Key" in answer.json_body["message"]


def test_a_key_whose_job_was_erased_does_not_bring_it_back(stack):
    job_id = post(stack, "a").json_body["id"]
    stack.client.http.delete(f"/jobs/{job_id}")
    assert post(stack, "a").status_code == 409
    assert len(left_of(job_id)) == 2  # the tombstone and the key


def test_a_key_that_has_expired_stands_for_a_new_request_before_dynamodb_has_deleted_it(stack):
    first = post(stack, "a").json_body["id"]
    vault = Vault(lambda: ENVIRONMENT["LEDGER_SECRET"])
    place, now = keys.idempotency(vault.digest("idempotency", "default", "a")), int(time.time())
    change_item(place, expires_at=now + 1000)
    assert post(stack, "a").json_body["id"] == first
    change_item(place, expires_at=now - 1)
    other = LIST + "x@example.org,250\n"
    second = post(stack, "a", other).json_body["id"]
    assert second != first
    assert post(stack, "a", other).json_body["id"] == second


def test_an_endless_key_is_refused(stack):
    answer = post(stack, "k" * 256)
    assert answer.status_code == 400
    assert "at most 255 characters" in answer.json_body["message"]
