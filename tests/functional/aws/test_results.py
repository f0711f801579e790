"""The rows of batches as they are stored."""

from __future__ import annotations

import random

import boto3
import pytest

from chalicelib.aws.results import BatchRows
from chalicelib.aws.vault import TamperedError
from chalicelib.model.tallies import Tally
from chalicelib.services import services


def test_of_two_results_of_a_batch_the_first_stands(stack):
    results = services().results
    first = BatchRows(b"first", Tally({"matched": 1}))
    second = BatchRows(b"second", Tally({"partial": 1}))
    assert results.put("job", 0, first, 0, is_secret=False) == first
    assert results.put("job", 0, second, 0, is_secret=False) == first
    assert results.get("job", [0]) == [first]
    assert results.packed("job", first) == b"first"


def test_rows_too_large_for_an_item_go_to_the_bucket_each_to_a_place_of_its_own(stack):
    """DynamoDB takes 400 KB; bytes of chance do not compress."""
    results, chance = services().results, random.Random(1)
    first, second = (BatchRows(chance.randbytes(450_000), Tally({"matched": n})) for n in (1, 2))
    assert results.put("job", 0, first, 0, is_secret=False) == first
    assert results.put("job", 0, second, 0, is_secret=False).tally == first.tally
    (stands,) = results.get("job", [0])
    assert stands.packed == b""  # until its turn comes
    assert results.packed("job", stands) == first.packed
    spilled = boto3.client("s3").list_objects_v2(Bucket="test-bucket", Prefix="jobs/job/rows/")
    assert [item["Size"] > 400 * 1024 for item in spilled["Contents"]] == [True, True]


@pytest.mark.parametrize("size", [450_000, 1_000])
def test_secret_rows_are_encrypted_wherever_they_are(stack, size):
    results, rows = services().results, BatchRows(b"jane@example.org " * size, Tally())
    results.put("job", 0, rows, 0, is_secret=True)
    (stored,) = results.get("job", [0])
    content = (
        stored.packed
        or boto3.client("s3").get_object(Bucket="test-bucket", Key=stored.spilled_to)["Body"].read()
    )
    assert b"jane" not in content
    assert results.packed("job", stored) == rows.packed
    with pytest.raises(TamperedError):
        results.packed("another job", stored)
