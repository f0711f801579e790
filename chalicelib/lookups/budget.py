"""First floor: the door to a job's credits. Lookups go in, how many of them may be made comes out.

Credits are *held* on the job's item before a call and *settled* after it. What is held or spent never
exceeds the job's ``max_credits``, whatever happens: a hold whose owner died counts as spent, since the
vendor may have billed it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.aws.dynamodb import from_item, get_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIES = 12


@dataclass(frozen=True)
class Hold:
    """Credits that nobody else can use until they are settled. ``lookups``: what they are enough for."""

    sk: str
    amount: float
    lookups: int


@dataclass(frozen=True)
class Refused:
    """Nothing is left. ``for_good``: not even when those who hold credits settle."""

    for_good: bool


class Budget:
    """The credits of jobs. ``sleep`` waits between tries where several workers collide."""

    def __init__(
        self, client: DynamoDBClient, table: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._table = table
        self._sleep = sleep

    def hold(
        self,
        job_id: str,
        owner: str,
        lookups: int,
        price: float,
        most: float,
        now: float,
        lease: float,
    ) -> Hold | Refused:
        """Hold credits for as many of ``lookups`` as ``most`` credits in all leave room for."""
        for _ in range(_TRIES):
            room = most - self._committed(job_id)
            affordable = min(lookups, int(room / price + 1e-9))
            if affordable < 1:
                return Refused(not self._others_may_settle(job_id, now))
            hold = Hold(f"HOLD#{owner}", affordable * price, affordable)
            if self._hold(job_id, hold, most, lease):
                return hold
            self._sleep(random.uniform(0.01, 0.1))  # noqa: S311 (no secret)
        return Refused(for_good=False)

    def settle(self, job_id: str, hold: Hold, spent: float) -> None:
        """Give back what was held but not spent."""
        change = {":back": spent - hold.amount, ":spent": spent}
        self._together(
            self._job_update(
                job_id,
                "SET credits_committed = credits_committed + :back, "
                "credits_spent = credits_spent + :spent",
                change,
            ),
            self._hold_deletion(job_id, hold.sk),
        )

    def _hold(self, job_id: str, hold: Hold, most: float, lease: float) -> bool:
        update = self._job_update(
            job_id,
            "SET credits_committed = if_not_exists(credits_committed, :none) + :amount, "
            "credits_spent = if_not_exists(credits_spent, :none)",
            {":amount": hold.amount, ":none": 0, ":room": most - hold.amount},
        )
        update["Update"]["ConditionExpression"] = (
            "attribute_not_exists(credits_committed) OR credits_committed <= :room"
        )
        item = {"pk": job_id, "sk": hold.sk, "amount": hold.amount, "lease": lease}
        put = {
            "Put": {
                "TableName": self._table,
                "Item": to_item({**item, "expires_at": int(lease) + 7 * 24 * 3600}),
            }
        }
        return self._together(update, put)

    def _others_may_settle(self, job_id: str, now: float) -> bool:
        """Whether somebody alive holds credits; what the dead held becomes spent."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=to_item({":pk": job_id, ":prefix": "HOLD#"}),
            ConsistentRead=True,
        )
        holds = [from_item(item) for item in answer["Items"]]
        for hold in holds:
            if hold["lease"] <= now:
                self.settle(job_id, Hold(hold["sk"], hold["amount"], 0), hold["amount"])
        return any(hold["lease"] > now for hold in holds)

    def _committed(self, job_id: str) -> float:
        """What is held or spent so far."""
        item = get_item(self._client, self._table, {"pk": job_id, "sk": "JOB"}) or {}
        return float(item.get("credits_committed", 0))

    def _job_update(self, job_id: str, expression: str, values: dict[str, Any]) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self._table,
                "Key": to_item({"pk": job_id, "sk": "JOB"}),
                "UpdateExpression": expression,
                "ExpressionAttributeValues": to_item(values),
            }
        }

    def _hold_deletion(self, job_id: str, sk: str) -> dict[str, Any]:
        return {
            "Delete": {
                "TableName": self._table,
                "Key": to_item({"pk": job_id, "sk": sk}),
                "ConditionExpression": "attribute_exists(pk)",
            }
        }

    def _together(self, *actions: dict[str, Any]) -> bool:
        """Whether the actions were carried out; False where a condition does not hold."""
        for _ in range(_TRIES):
            try:
                self._client.transact_write_items(TransactItems=list(actions))  # type: ignore[arg-type]
                return True
            except self._client.exceptions.TransactionCanceledException as error:
                reasons = error.response["CancellationReasons"]
                codes = {reason.get("Code", "None") for reason in reasons}
                if "ConditionalCheckFailed" in codes:
                    return False
                if not codes <= {"None", "TransactionConflict"}:
                    raise
            self._sleep(random.uniform(0.01, 0.1))  # noqa: S311 (no secret)
        return False
