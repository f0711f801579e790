"""First floor: the language of DynamoDB. Plain dictionaries go in, items and expressions come out."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

#: The condition that an item is not there yet.
NEW = "attribute_not_exists(pk)"
#: Longer keys, and blank ones, are nobody's; DynamoDB itself refuses them from 1,024 bytes on.
_LONGEST_KEY = 255
#: The most that one call takes.
_READ, _WRITE = 100, 25
_TRIES = 10

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """A dictionary of text, numbers, bytes and booleans as a DynamoDB item; None is left out."""
    return {
        name: _serialize(Decimal(str(value)) if isinstance(value, float) else value)
        for name, value in values.items()
        if value is not None
    }


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """The reverse: numbers as int where they are whole, else float; binary as bytes."""
    return {name: _plain(_deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.value if isinstance(value, Binary) else value  # type: ignore[attr-defined]


class TableBusyError(RuntimeError):
    """DynamoDB left parts of a request undone, several times."""


def put_if(
    client: DynamoDBClient, table: str, item: Mapping[str, Any], condition: str, **values: Any
) -> bool:
    """Put an item; False where the condition does not hold and nothing was written."""
    try:
        client.put_item(
            TableName=table, Item=to_item(item), ConditionExpression=condition, **values
        )
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def get_item(client: DynamoDBClient, table: str, key: Mapping[str, str]) -> dict[str, Any] | None:
    """The item of a key as last written, None if there is none."""
    if not all(0 < len(part) <= _LONGEST_KEY for part in key.values()):
        return None
    answer = client.get_item(TableName=table, Key=to_item(key), ConsistentRead=True)
    return from_item(answer["Item"]) if "Item" in answer else None


def read_items(
    client: DynamoDBClient, table: str, keys: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The items of keys, as last written and in any order; those that are not there are left out."""
    for start in range(0, len(keys), _READ):
        wanted = [to_item(key) for key in keys[start : start + _READ]]
        request: Any = {table: {"Keys": wanted, "ConsistentRead": True}}
        for _ in _patiently():  # an answer holds at most 16 MB; the rest is asked for again
            answer = client.batch_get_item(RequestItems=request)
            yield from map(from_item, answer["Responses"].get(table, []))
            request = answer.get("UnprocessedKeys")
            if not request:
                break


def put_items(client: DynamoDBClient, table: str, items: Iterable[Mapping[str, Any]]) -> None:
    """Put items, in the form of DynamoDB, whatever is there."""
    _write(client, table, [{"PutRequest": {"Item": item}} for item in items])


def delete_items(client: DynamoDBClient, table: str, keys: Iterable[Mapping[str, Any]]) -> None:
    """Delete the items of keys; those that are not there are no error."""
    _write(client, table, [{"DeleteRequest": {"Key": to_item(key)}} for key in keys])


def _write(client: DynamoDBClient, table: str, requests: Sequence[Any]) -> None:
    for start in range(0, len(requests), _WRITE):
        batch: Any = {table: requests[start : start + _WRITE]}
        for _ in _patiently():
            batch = client.batch_write_item(RequestItems=batch).get("UnprocessedItems")
            if not batch:
                break


def _patiently() -> Iterator[None]:
    """Tries, with longer and longer pauses between them; TableBusyError after the last."""
    for number in range(_TRIES):
        if number:
            time.sleep(random.uniform(0, 0.05 * 2**number))  # noqa: S311 (no secret)
        yield
    raise TableBusyError(f"DynamoDB left parts of a request undone {_TRIES} times.")


def update_if(
    client: DynamoDBClient, table: str, key: Mapping[str, Any], condition: str, **update: Any
) -> dict[str, Any] | None:
    """Update an item: the attributes that ``ReturnValues`` asks for, None where the condition does not
    hold and nothing was written.
    """
    try:
        answer = client.update_item(
            TableName=table, Key=to_item(key), ConditionExpression=condition, **update
        )
    except client.exceptions.ConditionalCheckFailedException:
        return None
    return from_item(answer.get("Attributes", {}))


def update_of(changes: Mapping[str, Any], **values: Any) -> dict[str, Any]:
    """Arguments of UpdateItem that set ``changes``; ``values`` are what a condition needs besides.

    Every attribute gets the name placeholder ``#<name>``, every value ``:<name>``: most plain words
    are reserved in DynamoDB.
    """
    return {
        "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in changes),
        "ExpressionAttributeNames": {f"#{name}": name for name in changes},
        "ExpressionAttributeValues": {
            f":{name}": value for name, value in to_item({**changes, **values}).items()
        },
    }
