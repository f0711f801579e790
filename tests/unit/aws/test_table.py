"""A busy table is asked again; a condition that does not hold is an answer, not an error."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.aws.table import Table, TableBusyError

ITEM = {"pk": "a"}


class Stubbed:
    """A table whose client answers what a test says, and the pauses that were made."""

    def __init__(self) -> None:
        client = boto3.client(
            "dynamodb",
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        self.pauses: list[float] = []
        self.table = Table(client, "table", self.pauses.append)
        self.stubber = Stubber(client)
        self.stubber.activate()

    def cancelled(self, *codes: str) -> None:
        """The next transaction is cancelled, with a reason for each of its actions."""
        self.stubber.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]},
        )

    def done(self) -> None:
        self.stubber.add_response("transact_write_items", {})


@pytest.fixture
def stubbed() -> Stubbed:
    return Stubbed()


@pytest.mark.parametrize(
    "reason", ["ThrottlingError", "ProvisionedThroughputExceeded", "TransactionConflict"]
)
def test_a_transaction_that_was_cancelled_because_dynamodb_is_busy_is_repeated(stubbed, reason):
    stubbed.cancelled("None", reason)
    stubbed.cancelled(reason, "None")
    stubbed.done()
    actions = [stubbed.table.putting(ITEM), stubbed.table.deleting({"pk": "b"})]
    assert stubbed.table.write_all(*actions)
    assert len(stubbed.pauses) == 2


def test_a_condition_that_does_not_hold_is_not_tried_again(stubbed):
    stubbed.cancelled("TransactionConflict", "ConditionalCheckFailed")
    actions = [stubbed.table.putting(ITEM), stubbed.table.deleting({"pk": "b"})]
    assert not stubbed.table.write_all(*actions)
    assert stubbed.pauses == []


def test_of_several_actions_those_whose_conditions_hold_are_carried_out(stubbed):
    stubbed.cancelled("None", "ConditionalCheckFailed", "None")
    stubbed.cancelled("TransactionConflict", "None")
    stubbed.done()
    actions = [stubbed.table.putting({"pk": key}) for key in "abc"]
    assert stubbed.table.write_each(actions) == [True, False, True]


def test_a_hundred_actions_are_one_transaction(stubbed):
    for _ in range(3):
        stubbed.done()
    actions = [stubbed.table.putting({"pk": str(n)}) for n in range(201)]
    assert stubbed.table.write_each(actions) == [True] * 201
    stubbed.stubber.assert_no_pending_responses()


def test_a_table_that_stays_busy_is_an_error_after_a_while(stubbed):
    for _ in range(10):
        stubbed.cancelled("ThrottlingError")
    with pytest.raises(TableBusyError):
        stubbed.table.write_all(stubbed.table.putting(ITEM))
    assert max(stubbed.pauses) <= 2


def test_any_other_reason_is_raised(stubbed):
    stubbed.cancelled("ValidationError")
    with pytest.raises(Exception, match="TransactionCanceled"):
        stubbed.table.write_all(stubbed.table.putting(ITEM))


def unprocessed(items: list[dict[str, Any]]) -> dict[str, Any]:
    requests = [{"PutRequest": {"Item": item}} for item in items]
    return {"UnprocessedItems": {"table": requests} if requests else {}}


def test_what_a_batch_write_left_undone_is_sent_again(stubbed):
    stubbed.stubber.add_response("batch_write_item", unprocessed([{"pk": {"S": "b"}}]))
    stubbed.stubber.add_response(
        "batch_write_item",
        unprocessed([]),
        {"RequestItems": unprocessed([{"pk": {"S": "b"}}])["UnprocessedItems"]},
    )
    stubbed.table.put_many([{"pk": "a"}, {"pk": "b"}])
    stubbed.stubber.assert_no_pending_responses()


def test_a_key_that_no_item_can_have_finds_nothing_without_asking(stubbed):
    assert stubbed.table.get({"pk": ""}) is None
    assert stubbed.table.get({"pk": "x" * 300}) is None


@pytest.mark.parametrize("part", ["", "\ud800", "ü", "x" * 256])
def test_a_text_that_can_be_no_key_is_not_asked_for(part):
    no_client: Any = None  # a call would fail
    assert Table(no_client, "table").get({"pk": part, "sk": "JOB"}) is None
