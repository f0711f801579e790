"""Reads and writes the items of one DynamoDB table, and asks again where DynamoDB is busy."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.aws.dynamodb import EXISTS, NEW, Item, from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

#: No stored key is longer, blank, or outside ASCII. DynamoDB itself refuses blank keys, lone surrogates, and
#: sort keys of more than 1,024 bytes.
_LONGEST_KEY = 255
#: The most that one call takes: BatchGetItem, BatchWriteItem, TransactWriteItems.
_READ, _WRITE, _TRANSACT = 100, 25, 100
_TRIES = 10
_LONGEST_PAUSE = 2.0
#: Why a transaction was cancelled although its conditions hold. The SDK does not repeat such a call.
_BUSY = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded", "TransactionConflict"})
_REFUSED = "ConditionalCheckFailed"

Action = dict[str, Any]


class TableBusyError(RuntimeError):
    """DynamoDB left a request, or parts of it, undone several times."""


class Table:
    """One table. All reads are consistent. ``sleep``: waits between tries, in seconds."""

    def __init__(
        self, client: DynamoDBClient, name: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._name = name
        self._sleep = sleep

    def get(self, key: Mapping[str, str], **options: Any) -> Item | None:
        """The item of a key as last written, None if there is none."""
        if not all(map(_can_be_key, key.values())):
            return None
        answer = self._client.get_item(
            TableName=self._name, Key=to_item(key), ConsistentRead=True, **options
        )
        return from_item(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[Mapping[str, str]]) -> Iterator[Item]:
        """The items of keys, in any order; those that are not there are left out."""
        for start in range(0, len(keys), _READ):
            wanted = [to_item(key) for key in keys[start : start + _READ]]
            request: Any = {self._name: {"Keys": wanted, "ConsistentRead": True}}
            for _ in self._tries():  # an answer holds at most 16 MB; the rest is asked for again
                answer = self._client.batch_get_item(RequestItems=request)
                yield from map(from_item, answer["Responses"].get(self._name, []))
                request = answer.get("UnprocessedKeys")
                if not request:
                    break

    def query(self, pk: str, prefix: str, **options: Any) -> Iterator[Item]:
        """The items of a partition whose sort key begins with ``prefix``, in their order."""
        return self._query("begins_with(sk, :prefix)", {":pk": pk, ":prefix": prefix}, **options)

    def query_from(self, pk: str, first: str, last: str, **options: Any) -> Iterator[Item]:
        """The items of a partition whose sort key is between these two, or one of them, in their order."""
        values = {":pk": pk, ":first": first, ":last": last}
        return self._query("sk BETWEEN :first AND :last", values, **options)

    def _query(self, condition: str, values: Item, **options: Any) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression=f"pk = :pk AND {condition}",
            ExpressionAttributeValues=to_item(values),
            ConsistentRead=True,
            **options,
        )
        for page in pages:
            yield from map(from_item, page["Items"])

    def scan(self) -> Iterator[Item]:
        """All items, in no order."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._name, ConsistentRead=True
        )
        for page in pages:
            yield from map(from_item, page["Items"])

    def query_keys(self, pk: str, prefix: str) -> list[dict[str, str]]:
        """The keys of those items."""
        return list(self.query(pk, prefix, ProjectionExpression="pk, sk"))

    def query_index(
        self, index: str, attribute: str, value: str, limit: int, after: Mapping[str, str] | None
    ) -> tuple[list[Item], Item | None]:
        """A page of an index, last first: up to ``limit`` items of one ``value``, and the key after
        which the list goes on, if it does. An index lags behind its table.
        """
        options: dict[str, Any] = {"ExclusiveStartKey": to_item(after)} if after else {}
        answer = self._client.query(
            TableName=self._name,
            IndexName=index,
            KeyConditionExpression="#attribute = :value",
            ExpressionAttributeNames={"#attribute": attribute},
            ExpressionAttributeValues=to_item({":value": value}),
            ScanIndexForward=False,
            Limit=limit,
            **options,
        )
        last = from_item(answer.get("LastEvaluatedKey", {}))
        return [from_item(item) for item in answer["Items"]], last or None

    def put_if(self, item: Mapping[str, Any], condition: str = NEW, **values: Any) -> bool:
        """Put an item; False where the condition does not hold and nothing was written."""
        try:
            self._client.put_item(
                TableName=self._name, Item=to_item(item), ConditionExpression=condition, **values
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def update_if(self, key: Mapping[str, str], condition: str, **update: Any) -> Item | None:
        """Update an item: the attributes that ``ReturnValues`` asks for, None where the condition does
        not hold and nothing was written.
        """
        try:
            answer = self._client.update_item(
                TableName=self._name, Key=to_item(key), ConditionExpression=condition, **update
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return from_item(answer.get("Attributes", {}))

    def put_many(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Put items, whatever is there."""
        requests = [{"PutRequest": {"Item": to_item(item)}} for item in items]
        for start in range(0, len(requests), _WRITE):
            batch: Any = {self._name: requests[start : start + _WRITE]}
            for _ in self._tries():
                batch = self._client.batch_write_item(RequestItems=batch).get("UnprocessedItems")
                if not batch:
                    break

    def delete_many(self, keys: Iterable[Mapping[str, str]]) -> None:
        """Delete the items of keys; those that are not there are no error.

        One by one: whoever may call BatchWriteItem may write items with it, too.
        """
        for key in keys:
            self._client.delete_item(TableName=self._name, Key=to_item(key))

    # Transactions

    def putting(self, item: Mapping[str, Any], condition: str = NEW, **values: Any) -> Action:
        """A put, as a part of a transaction. ``condition``: "" for none. ``values``: those it names."""
        return self._action("Put", condition, values, Item=to_item(item))

    def updating(
        self, key: Mapping[str, str], expression: str, condition: str = EXISTS, **values: Any
    ) -> Action:
        """An update, as a part of a transaction. ``values``: those that the expressions name."""
        update = {"Key": to_item(key), "UpdateExpression": expression}
        return self._action("Update", condition, values, **update)

    def deleting(self, key: Mapping[str, str], condition: str = EXISTS) -> Action:
        """A deletion, as a part of a transaction."""
        return self._action("Delete", condition, {}, Key=to_item(key))

    def _action(self, kind: str, condition: str, values: Mapping[str, Any], **parts: Any) -> Action:
        action = {"TableName": self._name, **parts}
        if condition:
            action["ConditionExpression"] = condition
        if values:
            named = {f":{name}": value for name, value in values.items()}
            action["ExpressionAttributeValues"] = to_item(named)
        return {kind: action}

    def write_all(self, *actions: Action) -> bool:
        """Carry out all actions, or none where a condition does not hold: then False."""
        return not self._refused(actions)

    def write_each(self, actions: Sequence[Action]) -> list[bool]:
        """Carry out those actions whose conditions hold; which of them were."""
        done = [False] * len(actions)
        for start in range(0, len(actions), _TRANSACT):
            left = list(range(start, min(start + _TRANSACT, len(actions))))
            while left and (refused := self._refused([actions[place] for place in left])):
                left = [place for n, place in enumerate(left) if n not in refused]
            for place in left:
                done[place] = True
        return done

    def _refused(self, actions: Sequence[Action]) -> frozenset[int]:
        """Carry out all actions together. If that fails, those whose conditions do not hold."""
        for _ in self._tries():
            try:
                self._client.transact_write_items(TransactItems=list(actions))  # type: ignore[arg-type]
                return frozenset()
            except self._client.exceptions.TransactionCanceledException as error:
                reasons = error.response["CancellationReasons"]
                codes = [reason.get("Code", "None") for reason in reasons]
                if _REFUSED in codes:
                    return frozenset(n for n, code in enumerate(codes) if code == _REFUSED)
                if not _BUSY.issuperset(set(codes) - {"None"}):
                    raise
        raise AssertionError("the tries end with an error of their own")

    def _tries(self) -> Iterator[None]:
        """Tries, with longer and longer pauses between them; TableBusyError after the last."""
        for number in range(_TRIES):
            if number:
                pause = min(_LONGEST_PAUSE, 0.05 * 2**number)
                self._sleep(random.uniform(0, pause))  # noqa: S311 (no secret)
            yield
        raise TableBusyError(f"DynamoDB left a request undone {_TRIES} times.")


def _can_be_key(part: str) -> bool:
    return 0 < len(part) <= _LONGEST_KEY and part.isascii()
