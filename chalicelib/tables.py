"""First floor: the language of DynamoDB. Plain dictionaries go in, items and expressions come out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

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
