"""Speaks the language of DynamoDB: plain dictionaries go in, items and expressions come out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

#: The condition that an item is not there yet, and that it is.
NEW, EXISTS = "attribute_not_exists(pk)", "attribute_exists(pk)"

Item = dict[str, Any]


def to_item(values: Mapping[str, Any]) -> Item:
    """A dictionary of text, numbers, bytes and booleans as a DynamoDB item; None is left out."""
    return {name: _packed(value) for name, value in values.items() if value is not None}


def _packed(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float) and math.isfinite(value):
        return {"N": repr(value)}
    if isinstance(value, bytes):
        return {"B": value}
    raise TypeError(f"DynamoDB holds no {type(value).__name__} such as this.")


def from_item(item: Mapping[str, Any]) -> Item:
    """The reverse of ``to_item``: numbers come back as int where they are whole, else as float."""
    return {name: _plain(*value.items()) for name, value in item.items()}


def _plain(pair: tuple[str, Any]) -> Any:
    kind, value = pair
    if kind != "N":
        return value
    try:
        return int(value)
    except ValueError:
        number = float(value)
        return int(number) if number.is_integer() else number


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
