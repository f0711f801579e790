"""The file of a job has all of its rows, or there is none."""

from __future__ import annotations

import pytest

from chalicelib.aws import keys
from chalicelib.aws.results import BatchRows
from chalicelib.files.enriched import OutputRow, pack
from chalicelib.model.tallies import RowStatus, Tally
from chalicelib.services import services
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


@pytest.mark.parametrize(("batch", "rows"), [(1, 99), (1, 101), (2, 51)])
def test_results_that_are_not_one_for_each_row_are_never_given_out(stack, batch, rows):
    """Otherwise every row after them would get the result of another one."""
    job_id = stack.submit_csv(LIST)
    state = stack.invoke("split_batches", {"job_id": job_id})
    counted = Tally({"matched": 50 if batch == 2 else 100})
    wrong = BatchRows(pack([OutputRow(RowStatus.MATCHED)] * rows), counted)
    services().results.put(
        job_id, batch, wrong, services().clock(), is_secret=False
    )  # the first stand
    stack.work()
    state = stack.invoke("check_completion", state)
    with pytest.raises(Exception, match=r"RowsMissingError at aggregate_results\.py"):
        stack.invoke("aggregate_results", state)
    assert stack.status(job_id)["result"] is None
