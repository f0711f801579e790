"""Finds each contact's item in the answer of a declared provider, and the values in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from chalicelib.model.contacts import Contact
from chalicelib.model.errors import MalformedAnswerError
from chalicelib.providers.answer import Answer, Json
from chalicelib.providers.base import Found
from chalicelib.providers.declared.declaration import AnswerPaths
from chalicelib.providers.values import canonical, confidence_of, with_email_status

if TYPE_CHECKING:
    from jmespath.parser import ParsedResult  # type: ignore[import-untyped]

#: An item with what it says about whom it is about: canonical values by field.
_EchoedItem = tuple[Mapping[str, str], Json]


def search(expression: ParsedResult | None, value: Json) -> Json:
    """What a JMESPath expression finds; None if it finds nothing or does not fit the answer."""
    from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]

    if expression is None:
        return None
    try:
        return expression.search(value)
    except (JMESPathError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None  # its functions are written for other types than the vendor sent
    except RecursionError:
        return None


def error_code(answer: Answer, paths: AnswerPaths) -> str:
    """The vendor's own code in an answer; "" if there is none, or the declaration does not use it."""
    if paths.code is None:
        return ""
    try:
        return str(search(paths.code, answer.json()) or "")
    except MalformedAnswerError:
        return ""


def items_of(
    answer: Json, contacts: Sequence[Contact], paths: AnswerPaths, vendor: str
) -> list[Json]:
    """The item of each contact, in their order; None for contacts without one.

    An item belongs to the contact that it names. If items name nobody, there is one contact, and the
    item is its own if it is the only one. Raises MalformedAnswerError.
    """
    items = _all_items(answer, len(contacts), paths, vendor)
    if not paths.echo:
        return [items[0] if len(items) == 1 else None]
    by_echo: dict[tuple[str, str], list[_EchoedItem]] = {}
    for item in items:
        echo = _echo(item, paths)
        for field_and_value in echo.items():
            by_echo.setdefault(field_and_value, []).append((echo, item))
    return [
        _item_of({**contact.known, "number": str(number)}, by_echo)
        for number, contact in enumerate(contacts)
    ]


def values_of(
    item: Json, paths: AnswerPaths, known: Mapping[str, str]
) -> tuple[dict[str, Found], bool]:
    """The usable values of an item, and whether it has any values at all, usable or not.

    ``known``: what is known of the contact whose item it is.
    """
    raw = {field: search(expression, item) for field, expression in paths.fields.items()}
    confidence = confidence_of(search(paths.score, item), paths.scale, paths.confidence)
    values = canonical(raw, confidence)
    has_address = "email" in values or "email" not in paths.fields
    if has_address:  # else it is the status of an address that nobody knows
        values = with_email_status(values, raw.get("email_status"), known.get("email"))
    return values, any(value not in (None, "", [], {}) for value in raw.values())


def _all_items(answer: Json, contacts: int, paths: AnswerPaths, vendor: str) -> list[Json]:
    if not isinstance(answer, dict | list):
        raise MalformedAnswerError(f"{vendor} answered with neither an object nor a list.")
    items = answer if paths.items is None else search(paths.items, answer)
    if isinstance(items, dict):
        return [items]
    if isinstance(items, list):
        return items
    if contacts > 1 or items is not None:
        raise MalformedAnswerError(f"{vendor} answered without a list of items.")
    return []


def _echo(item: Json, paths: AnswerPaths) -> Mapping[str, str]:
    """Whom an item is about, in canonical form."""
    raw = {field: search(expression, item) for field, expression in paths.echo.items()}
    number = raw.pop("number", None)
    echo = {field: found.value for field, found in canonical(raw, 1.0).items()}
    if isinstance(number, str | int) and not isinstance(number, bool):
        echo["number"] = str(number)
    return echo


def _item_of(
    contact: Mapping[str, str], by_echo: Mapping[tuple[str, str], Sequence[_EchoedItem]]
) -> Json:
    """The first item that names this contact and does not also name another one."""
    for field_and_value in contact.items():
        for echo, item in by_echo.get(field_and_value, ()):
            if all(echo[field] == contact[field] for field in echo.keys() & contact.keys()):
                return item
    return None
