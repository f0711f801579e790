"""The file of a job has all of its rows, or there is none."""

from __future__ import annotations

import pytest

from chalicelib.aws import keys
from tests.functional.jobs import LIST, change_item


def test_a_file_that_lacks_rows_is_never_given_out(stack):
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    stack.work()
    change_item(keys.job(job_id), total_rows=251)
    state = stack.invoke("check_completion", state)
    with pytest.raises(Exception, match=r"RowsMissingError at aggregate_results\.py"):
        stack.invoke("aggregate_results", state)
    assert stack.status(job_id)["result"] is None
