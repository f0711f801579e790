"""Steering on the deployed service, by way of API Gateway and with the functions' own roles."""

from __future__ import annotations

import csv
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from machine.local_stack import LocalStack

from tests import signed

ENDS = ("COMPLETED", "COMPLETED_WITH_ERRORS", "FAILED", "CANCELLED")
ROWS = 3_000
#: Too many to be done before somebody cancels.
MANY = 15_000


@pytest.fixture(scope="module")
def api_url(deployed_stack: LocalStack) -> str:
    return deployed_stack.gateway_url


def contacts(rows: int, name: str) -> bytes:
    lines = (f"{name}.{n}@dept{n % 50}.example.org,{n}\n" for n in range(rows))
    return ("Email,Number\n" + "".join(lines)).encode()


def submit(api_url: str, body: bytes, **headers: str) -> str:
    answer = signed.post(
        f"{api_url}/process", data=body, headers={"Content-Type": "text/csv", **headers}, timeout=60
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def status_of(api_url: str, job_id: str) -> dict[str, Any]:
    answer = signed.get(f"{api_url}/status/{job_id}", timeout=60)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def wait_until(api_url: str, job_id: str, *statuses: str) -> dict[str, Any]:
    end = time.monotonic() + 120
    while (status := status_of(api_url, job_id))["status"] not in statuses:
        assert time.monotonic() < end, status
        assert status["status"] not in ENDS, status
        time.sleep(0.1)
    return status


def rows_of(status: dict[str, Any]) -> list[dict[str, str]]:
    text = requests.get(status["result"]["url"], timeout=30).content.decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def test_a_job_that_is_cancelled_comes_back_with_every_row(api_url: str) -> None:
    job_id = submit(api_url, contacts(MANY, "cancelled"))
    wait_until(api_url, job_id, "ENRICHING")
    for _ in range(2):
        answer = signed.post(f"{api_url}/jobs/{job_id}/cancel", timeout=30)
        assert answer.status_code == 202, answer.text
    status = wait_until(api_url, job_id, "CANCELLED")
    rows = rows_of(status)
    assert [row["Number"] for row in rows] == [str(n) for n in range(MANY)]
    found = Counter(row["enriched_status"] for row in rows)
    assert found["skipped"] == status["contacts"]["skipped"] > 0
    answer = signed.post(f"{api_url}/jobs/{job_id}/retry", timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_a_failed_batch_is_retried(deployed_stack: LocalStack, api_url: str) -> None:
    job_id = submit(api_url, contacts(250, "retried"))
    first = wait_until(api_url, job_id, "COMPLETED")
    table = deployed_stack.client("dynamodb")
    variables = deployed_stack.variables
    for sk, name, value in (("BATCH#000001", "state", "FAILED"), ("JOB", "status", ENDS[1])):
        table.update_item(  # as if the batch had kept failing
            TableName=variables["CONTROL_TABLE_NAME"],
            Key={"pk": {"S": job_id}, "sk": {"S": sk}},
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": {"S": value}},
        )
    answer = signed.post(f"{api_url}/jobs/{job_id}/retry", timeout=30)
    assert answer.status_code == 202, answer.text
    second = wait_until(api_url, job_id, "COMPLETED")
    assert second["finished_at"] > first["finished_at"]
    assert second["contacts"] == first["contacts"]
    assert [row["Number"] for row in rows_of(second)] == [str(n) for n in range(250)]


def test_an_erased_job_is_gone_at_once(deployed_stack: LocalStack, api_url: str) -> None:
    job_id = submit(api_url, contacts(250, "erased"))
    status = wait_until(api_url, job_id, "COMPLETED")
    assert signed.delete(f"{api_url}/jobs/{job_id}", timeout=60).status_code == 204
    assert requests.get(status["result"]["url"], timeout=30).status_code == 404
    assert signed.get(f"{api_url}/status/{job_id}", timeout=30).status_code == 404
    assert signed.delete(f"{api_url}/jobs/{job_id}", timeout=60).status_code == 204
    variables = deployed_stack.variables
    steps = deployed_stack.client("stepfunctions")
    run = (
        variables["STATE_MACHINE_ARN"].replace(":stateMachine:", ":execution:") + f":{job_id}-erase"
    )
    end = time.monotonic() + 60
    while True:  # the function's own role is enough for its sweep
        history = steps.get_execution_history(executionArn=run)["events"]
        if any(event["type"] == "WaitStateEntered" for event in history):
            break
        assert time.monotonic() < end, [event["type"] for event in history]
        time.sleep(0.2)
    objects = deployed_stack.client("s3").list_objects_v2(
        Bucket=variables["S3_BUCKET_NAME"], Prefix=f"jobs/{job_id}"
    )
    assert not objects.get("Contents")


def test_one_key_makes_one_job_also_at_once(api_url: str) -> None:
    body = contacts(50, "repeated")
    with ThreadPoolExecutor(6) as pool:
        ids = set(
            pool.map(lambda _: submit(api_url, body, **{"Idempotency-Key": "the-key"}), range(6))
        )
    (job_id,) = ids
    wait_until(api_url, job_id, "COMPLETED")
    assert submit(api_url, body, **{"Idempotency-Key": "the-key"}) == job_id
    listed = signed.get(f"{api_url}/jobs?limit=100", timeout=30).json()["jobs"]
    assert [job["id"] for job in listed].count(job_id) == 1
    page = signed.get(f"{api_url}/jobs?limit=1", timeout=30).json()
    assert page["jobs"] == listed[:1]
    following = signed.get(
        f"{api_url}/jobs", params={"limit": "1", "cursor": page["next_cursor"]}, timeout=30
    ).json()
    assert following["jobs"] == listed[1:2]
