"""Counts the AWS calls of botocore's clients, and what DynamoDB would bill for each."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import boto3

#: Bytes in a unit of DynamoDB, of writes and of reads; a read that may be a little old is half of one.
_WRITE_BYTES, _READ_BYTES = 1024, 4096
Item = Mapping[str, Any]


class Meter:
    """What the clients of a session have asked for since the last ``clear``.

    ``calls``: by service and operation. ``writes`` and ``reads``: DynamoDB's units. ``waited``: seconds
    in calls. Clients must be made after this. Calls are made one after the other.
    """

    def __init__(self, session: boto3.Session, plain: Any) -> None:
        """``plain``: a client of DynamoDB of another session, to look at items with."""
        self._plain = plain
        self.clear()
        session.events.register("before-parameter-build", self._keep)
        session.events.register("before-call", self._begin)
        session.events.register("after-call", self._end)

    def clear(self) -> None:
        self.calls: Counter[str] = Counter()
        self.writes = self.reads = self.waited = 0.0

    def _keep(self, params: Any, context: dict[str, Any], **_: Any) -> None:
        context["metered"] = params

    def _begin(self, model: Any, context: dict[str, Any], **_: Any) -> None:
        self.calls[f"{model.service_model.service_name} {model.name}"] += 1
        context["began"] = time.monotonic()

    def _end(self, model: Any, parsed: Any, context: dict[str, Any], **_: Any) -> None:
        self.waited += time.monotonic() - context["began"]
        if model.service_model.service_name == "dynamodb":
            asked = context["metered"]
            self.writes += sum(self._written(model.name, asked))
            self.reads += sum(_read(model.name, asked, parsed))

    def _written(self, operation: str, asked: Any) -> Iterator[int]:
        if operation in ("PutItem", "UpdateItem", "DeleteItem"):
            yield self._units(asked)
        for requests in asked.get("RequestItems", {}).values() if "Write" in operation else ():
            yield from (self._units(next(iter(request.values()))) for request in requests)
        for action in asked.get("TransactItems", ()):  # twice as dear
            yield 2 * self._units(next(iter(action.values())))

    def _units(self, write: Any) -> int:
        item = write.get("Item")
        if item is None and "UpdateExpression" in write:
            name, key = write["TableName"], write["Key"]
            item = self._plain.get_item(TableName=name, Key=key).get("Item")
        return math.ceil(max(size_of(item or {}), 1) / _WRITE_BYTES)


def _read(operation: str, asked: Any, answer: Any) -> Iterator[float]:
    share = 1.0 if asked.get("ConsistentRead") else 0.5
    if operation == "GetItem":
        yield share * _pages(size_of(answer.get("Item", {})))
    if operation == "Query":
        yield share * _pages(sum(map(size_of, answer.get("Items", ()))))
    if operation == "BatchGetItem":
        for name, request in asked["RequestItems"].items():
            each = 1.0 if request.get("ConsistentRead") else 0.5
            found = answer.get("Responses", {}).get(name, ())
            yield from (each * _pages(size_of(item)) for item in found)
            yield each * (len(request["Keys"]) - len(found))


def _pages(size: int) -> int:
    return math.ceil(max(size, 1) / _READ_BYTES)


def size_of(item: Item) -> int:
    """The bytes of an item, by DynamoDB's rules: names count as well."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: Any) -> int:
    kind, content = next(iter(value.items()))
    if kind == "N":
        return len(content) // 2 + 1
    if kind == "M":
        return 3 + size_of(content) + len(content)
    if kind == "L":
        return 3 + sum(1 + _size(each) for each in content)
    return 1 if kind in ("BOOL", "NULL") else len(content.encode() if kind == "S" else content)
