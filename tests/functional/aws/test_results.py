"""The rows of batches as they are stored."""

from __future__ import annotations

import random

import boto3

from chalicelib.aws.results import BatchRows
from chalicelib.model.tallies import Tally
from chalicelib.services import services
from tests.functional.jobs import numbers


def test_of_two_results_of_a_batch_the_first_stands(stack):
    results = services().results
    first = BatchRows(b"first", Tally({"matched": 1}))
    second = BatchRows(b"second", Tally({"partial": 1}))
    assert results.put("job", 0, first, 0) == first
    assert results.put("job", 0, second, 0) == first
    assert results.get("job", [0]) == [first]


def test_rows_too_large_for_an_item_go_to_the_bucket(stack):
    """DynamoDB takes 400 KB; cells of chance do not compress."""
    chance = random.Random(1)
    cells = [chance.randbytes(4_000).hex() for _ in range(120)]
    text = "email,n,note\n" + "".join(f"p{n}@example.org,{n},{c}\n" for n, c in enumerate(cells))
    job_id = stack.submit_csv(text)
    status = stack.run(job_id)
    assert status["status"] == "COMPLETED"
    assert numbers(stack, status) == [str(n) for n in range(120)]
    spilled = boto3.client("s3").list_objects_v2(
        Bucket="test-bucket", Prefix=f"jobs/{job_id}/rows/"
    )["Contents"]
    assert len(spilled) == 1
    assert spilled[0]["Size"] > 400 * 1024
