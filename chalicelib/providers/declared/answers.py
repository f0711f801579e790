"""First floor: the answers of declared providers. JSON and the contacts that were asked for go in, each
contact's own item and what is in it come out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from chalicelib.model.contacts import Contact
from chalicelib.model.errors import MalformedAnswerError
from chalicelib.providers.base import Found
from chalicelib.providers.declared.declaration import Reading
from chalicelib.providers.values import Json, canonical, confidence_of, email_status

if TYPE_CHECKING:
    from jmespath.parser import ParsedResult  # type: ignore[import-untyped]


_Echoed = tuple[Mapping[str, str], Json]


def search(expression: ParsedResult | None, value: Json) -> Json:
    """What a JMESPath expression finds; None for nothing, and where the answer is not made for it."""
    from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]

    if expression is None:
        return None
    try:
        return expression.search(value)
    except (JMESPathError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None  # its functions are written for other types than the vendor sent
    except RecursionError:
        return None


def items_of(
    answer: Json, contacts: Sequence[Contact], reading: Reading, vendor: str
) -> list[Json]:
    """The item of each contact, in their order; None for those without.

    An item belongs to the contact that it names. Where nothing is echoed there is one contact, and the
    item is its own if it is the only one. Raises MalformedAnswerError.
    """
    if not isinstance(answer, dict | list):
        raise MalformedAnswerError(f"{vendor} answered with neither an object nor a list.")
    items = answer if reading.items is None else search(reading.items, answer)
    if isinstance(items, dict):
        items = [items]
    if not isinstance(items, list):
        if len(contacts) > 1 or items is not None:
            raise MalformedAnswerError(f"{vendor} answered without a list of items.")
        items = []
    if not reading.echo:
        return [items[0] if len(items) == 1 else None]
    named: dict[tuple[str, str], list[_Echoed]] = {}
    for echoed in ((_echo(item, reading), item) for item in items):
        for field_and_value in echoed[0].items():
            named.setdefault(field_and_value, []).append(echoed)
    return [
        _own({**contact.known, "number": str(number)}, named)
        for number, contact in enumerate(contacts)
    ]


def values_of(item: Json, reading: Reading) -> tuple[dict[str, Found], bool]:
    """The usable values of an item, and whether there is anything in it, usable or not."""
    told = {field: search(expression, item) for field, expression in reading.fields.items()}
    sure = confidence_of(search(reading.score, item), reading.scale, reading.confidence)
    values = {**canonical(told, sure), **email_status(told.get("email_status"))}
    return values, any(value not in (None, "", [], {}) for value in told.values())


def _echo(item: Json, reading: Reading) -> Mapping[str, str]:
    """Whom an item is about, in our spelling."""
    told = {field: search(expression, item) for field, expression in reading.echo.items()}
    number = told.pop("number", None)
    echo = {field: found.value for field, found in canonical(told, 1.0).items()}
    if isinstance(number, str | int) and not isinstance(number, bool):
        echo["number"] = str(number)
    return echo


def _own(identity: Mapping[str, str], named: Mapping[tuple[str, str], Sequence[_Echoed]]) -> Json:
    """The first item that names this contact, and nobody else at the same time."""
    for field_and_value in identity.items():
        for echo, item in named.get(field_and_value, ()):
            if all(echo[field] == identity[field] for field in echo.keys() & identity.keys()):
                return item
    return None
