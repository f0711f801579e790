"""Lists, jobs and what is left of them, for the tests of the API and of the steps."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import Any

import boto3

from chalicelib.aws import keys
from chalicelib.aws.dynamodb import to_item, update_of
from chalicelib.model.batches import BatchState
from chalicelib.services import services

ROWS = 250
LIST = "email,n\n" + "".join(f"p{n}@example.org,{n}\n" for n in range(ROWS))


def numbers(stack, status) -> list[str]:
    data = stack.download(status).decode("utf-8-sig")
    return [row["n"] for row in csv.DictReader(io.StringIO(data, newline=""))]


def rows_of(stack, status) -> list[dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(stack.download(status).decode("utf-8-sig"), newline="")))
    assert [row["n"] for row in rows] == [str(n) for n in range(ROWS)]
    assert Counter(row["enriched_status"] for row in rows) == {
        kind: count
        for kind, count in status["contacts"].items()
        if count and kind not in ("total", "processed")
    }
    return rows


def work_on_first(stack, batches: int) -> None:
    """Deliver some of the messages that wait; the others stay out of sight."""
    for record in stack.receive()[:batches]:
        stack.invoke("worker", {"Records": [record]})


def fail_batch(job_id: str, number: int) -> None:
    """A batch that kept failing, as the worker leaves it."""
    change_item(
        keys.batch(job_id, number),
        state=BatchState.FAILED.value,
        error="the batch could not be enriched",
    )


def change_item(key: dict[str, str], **changes: Any) -> None:
    """Change attributes of an item of the control table behind the service's back."""
    boto3.client("dynamodb").update_item(
        TableName="test-control", Key=to_item(key), **update_of(changes)
    )


def run_with_a_failure(stack) -> str:
    """A job of three batches whose second has failed."""
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    fail_batch(job_id, 1)
    status = stack.run_on(job_id, state)
    assert status["status"] == "COMPLETED_WITH_ERRORS"
    return job_id


def executions() -> list[str]:
    listed = boto3.client("stepfunctions").list_executions(
        stateMachineArn=services().settings.state_machine_arn
    )
    return sorted(execution["name"] for execution in listed["executions"])


def left_of(job_id: str) -> list[str]:
    """Whatever names a job, anywhere, but in what its owner has used on the day."""
    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
    found = [item["Key"] for item in s3.list_objects_v2(Bucket="test-bucket").get("Contents", [])]
    for table in ("test-control", "test-records"):
        found += [json.dumps(item, default=str) for item in dynamodb.scan(TableName=table)["Items"]]
    return [text for text in found if job_id in text and "OWNER#" not in text]


def contacts(count: int, duplicates: int = 0) -> str:
    """People by e-mail; duplicates are spread over the list and written differently."""
    emails = [f"person.{n}@dept{n % 7}.example.org" for n in range(count)]
    for n in range(duplicates):
        emails.insert((n * 37) % len(emails), f"  {emails[n * 5].upper()} ")
    return "Email,Note\n" + "".join(f"{email},{n}\n" for n, email in enumerate(emails))


def use_of(status, name: str) -> dict:
    return next(use for use in status["providers"] if use["name"] == name)
