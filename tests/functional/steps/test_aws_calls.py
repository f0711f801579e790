"""How many AWS calls a batch makes, from its delivery to its end."""

from __future__ import annotations

import boto3
import pytest

from chalicelib.services import services
from tests.functional.jobs import contacts

#: All that a batch of the offline provider asks of AWS, in order. The worker waits for each call, and those
#: that write are most of the price of such a job.
OF_A_BATCH = (
    "s3 GetObject",  # the rows of the batch
    "dynamodb PutItem",  # the result rows
    "dynamodb UpdateItem",  # the batch is DONE
)
#: What a process asks besides, now and then.
OF_A_PROCESS = (
    "dynamodb GetItem",  # the job, every five seconds
    "dynamodb Query",  # who was erased, every five seconds
    "s3 GetObject",  # what its list tells, once
    "s3 GetObject",  # the names of its columns, once
)
#: A batch that is delivered for the second time.
OF_A_FINISHED_BATCH = ("dynamodb UpdateItem",)  # it would be RUNNING again


@pytest.fixture
def calls(stack, monkeypatch) -> list[str]:
    """The calls of the service's clients, as botocore makes them. Retries of a call are not seen."""
    made: list[str] = []

    def note(model, **_) -> None:
        made.append(f"{model.service_model.service_name} {model.name}")

    session = boto3.Session()  # clients copy its handlers when they are made
    session.events.register("before-call", note)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    services.cache_clear()
    return made


def test_the_calls_of_a_batch_of_the_offline_provider(stack, calls) -> None:
    job_id = stack.submit_csv(contacts(300))
    stack.invoke("split_batches", {"job_id": job_id})
    first, second, third = stack.receive()
    again = {**third, "attributes": {**third["attributes"], "ApproximateReceiveCount": "2"}}
    made = []
    for record in (first, second, third, again):
        calls.clear()
        stack.invoke("worker", {"Records": [record]})
        made.append(tuple(calls))
    assert made == [OF_A_PROCESS + OF_A_BATCH, OF_A_BATCH, OF_A_BATCH, OF_A_FINISHED_BATCH]
