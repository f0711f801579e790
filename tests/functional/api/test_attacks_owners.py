"""Attacks on what belongs to somebody else, or costs somebody's credits: named as the attack reads."""

from __future__ import annotations

import json
from collections import Counter

import boto3
import pytest

from chalicelib.services import services
from tests.functional.api.routes import ROUTES, path_of
from tests.functional.checks import upload
from tests.functional.jobs import LIST, run_with_a_failure
from tests.functional.resources import KEY_SECRET, SIGNED, put_key

OTHER = {"Authorization": f"Bearer ce_{'b' * 16}_{KEY_SECRET}"}
PAID, FREE = "pdl,offline", "gravatar,offline"


@pytest.fixture
def other(stack) -> dict[str, str]:
    """The headers of another owner, who may do everything."""
    put_key("b" * 16, owner="other")
    return OTHER


@pytest.mark.parametrize(("path", "method"), [route for route in ROUTES if "job_id" in route[0]])
def test_using_the_id_of_somebody_elses_job(stack, other, method, path):
    job_id = run_with_a_failure(stack)
    before = stack.status(job_id)
    answers = [
        stack.client.http.request(method, path_of(path, name), other) for name in (job_id, "0" * 32)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json_body == answers[1].json_body
    now = stack.status(job_id)
    assert {**now, "result": None} == {**before, "result": None}


@pytest.mark.parametrize("path", ["/status/{}", "/jobs/{}"])
def test_telling_an_erased_job_of_somebody_else_from_an_unknown_one(stack, other, path):
    job_id = stack.submit_csv(LIST)
    assert stack.client.http.delete(f"/jobs/{job_id}").status_code == 204
    method = "GET" if "status" in path else "DELETE"
    answers = [
        stack.client.http.request(method, path.format(name), other) for name in (job_id, "0" * 32)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json_body == answers[1].json_body


def test_somebody_elses_job_takes_as_many_reads_as_an_unknown_one(stack, other):
    job_id = stack.submit_csv(LIST)
    client = services().jobs._table._client
    calls: Counter[str] = Counter()
    client.meta.events.register(
        "before-call.dynamodb", lambda model, **_: calls.update([model.name])
    )
    seen = []
    for name in (job_id, "0" * 32):
        stack.client.http.get(f"/status/{name}", headers=other)
        seen.append(dict(calls))
        calls.clear()
    # The first of the two also reads the key, which the second remembers.
    assert seen == [{"GetItem": 2}, {"GetItem": 1}]


def test_listing_somebody_elses_jobs(stack, other):
    job_id = stack.submit_csv(LIST)
    assert stack.client.http.get("/jobs", headers=other).json_body["jobs"] == []
    assert [job["id"] for job in stack.client.http.get("/jobs").json_body["jobs"]] == [job_id]


def test_going_on_in_somebody_elses_list_with_their_cursor(stack, other):
    for _ in range(3):
        stack.submit_csv(LIST)
    cursor = stack.client.http.get("/jobs?limit=1").json_body["next_cursor"]
    assert cursor
    answer = stack.client.http.get(f"/jobs?limit=5&cursor={cursor}", headers=other)
    assert answer.json_body.get("jobs", []) == []


@pytest.mark.parametrize("query", ["", "?estimate=true"])
def test_using_somebody_elses_upload(stack, other, query):
    upload_id = upload(stack, LIST.encode())
    answers = [
        stack.post(f"/process{query}", {"upload_id": name}, **other)
        for name in (upload_id, "0" * 32)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json_body == answers[1].json_body
    assert stack.post(f"/process{query}", {"upload_id": upload_id}).status_code in (200, 202)


def test_getting_somebody_elses_job_by_their_idempotency_key(stack, other):
    sent = {"contacts": [{"email": "a@example.org"}]}
    mine = stack.post("/process", sent, Idempotency_Key="k").json_body["id"]
    theirs = stack.post("/process", sent, Idempotency_Key="k", **other).json_body["id"]
    assert mine != theirs
    assert services().jobs.get("other", theirs).owner == "other"


def test_naming_an_owner_in_the_request(stack, other):
    answer = stack.post("/process?owner=default", LIST.encode(), "text/csv", **other)
    assert answer.status_code == 400
    answer = stack.post("/process", {"contacts": [{"email": "a"}], "owner": "default"}, **other)
    assert answer.status_code == 400


@pytest.mark.parametrize("query", ["", "&estimate=true"])
def test_spending_credits_without_the_scope(stack, vendors, query):
    put_key(scopes="jobs:read jobs:write erase")
    answer = stack.post(f"/process?providers={PAID}{query}", LIST.encode(), "text/csv")
    assert (answer.status_code, answer.json_body["code"]) == (403, "forbidden")
    assert all(word in answer.json_body["message"] for word in ('"pdl"', '"spend"'))
    assert vendors["pdl"].account.calls == 0
    assert boto3.client("s3").list_objects_v2(Bucket="test-bucket")["KeyCount"] == 0
    answer = stack.post(f"/process?providers={FREE}{query}", LIST.encode(), "text/csv")
    assert answer.status_code in (200, 202)


def test_spending_credits_by_a_retry_without_the_scope(stack, vendors):
    body = json.dumps({"contacts": [{"email": "a@example.org"}], "providers": ["pdl"]})
    job_id = stack.submit(body, "application/json")
    put_key("b" * 16, scopes="jobs:read jobs:write")
    answer = stack.client.http.post(f"/jobs/{job_id}/retry", headers=OTHER)
    assert (answer.status_code, answer.json_body["code"]) == (403, "forbidden")
    answer = stack.client.http.post(f"/jobs/{job_id}/retry", headers=SIGNED)
    assert answer.status_code == 202
