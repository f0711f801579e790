"""The rows of batches as they are stored."""

from __future__ import annotations

import random

import boto3

from chalicelib.aws.results import BatchRows
from chalicelib.model.tallies import Tally
from chalicelib.services import services


def test_of_two_results_of_a_batch_the_first_stands(stack):
    results = services().results
    first = BatchRows(b"first", Tally({"matched": 1}))
    second = BatchRows(b"second", Tally({"partial": 1}))
    assert results.put("job", 0, first, 0) == first
    assert results.put("job", 0, second, 0) == first
    assert results.get("job", [0]) == [first]
    assert results.packed(first) == b"first"


def test_rows_too_large_for_an_item_go_to_the_bucket_each_to_a_place_of_its_own(stack):
    """DynamoDB takes 400 KB; bytes of chance do not compress."""
    results, chance = services().results, random.Random(1)
    first, second = (BatchRows(chance.randbytes(450_000), Tally({"matched": n})) for n in (1, 2))
    assert results.put("job", 0, first, 0) == first
    assert results.put("job", 0, second, 0).tally == first.tally
    (stands,) = results.get("job", [0])
    assert stands.packed == b""  # until its turn comes
    assert results.packed(stands) == first.packed
    spilled = boto3.client("s3").list_objects_v2(Bucket="test-bucket", Prefix="jobs/job/rows/")
    assert [item["Size"] > 400 * 1024 for item in spilled["Contents"]] == [True, True]
