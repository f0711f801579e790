"""Parses the options of a job from JSON or query parameters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import islice
from typing import Any

from chalicelib.model.callback_urls import parse_callback_url
from chalicelib.model.charsets import parse_charset
from chalicelib.model.contacts import COLUMN_FIELDS, FIELDS
from chalicelib.model.errors import InvalidRequestError
from chalicelib.model.options import CSV_SAFETIES, MAX_CACHE_DAYS, OUTPUTS, Options
from chalicelib.model.strict_json import parse_json

#: Stands for every field.
ALL_FIELDS = "all"
_MOST_SHOWN = 30
#: Characters of a sheet's name (Excel takes 31), and a number that no sheet has.
_LONGEST_SHEET = 100
_MOST_SHEETS = 1_000_000


def parse_options(
    raw: Mapping[str, Any], providers: Collection[str], loopback: bool = False
) -> Options:
    """Options from JSON values or from query parameters (all strings).

    ``providers``: the names that exist. ``loopback``: whether callbacks may go to this machine.
    InvalidRequestError names the option and the allowed values.
    """
    parsers: dict[str, Callable[[Any], Any]] = {
        "providers": lambda value: _names("providers", value, providers),
        "fields": _fields,
        "output": lambda value: _choice("output", value, OUTPUTS),
        "csv_safety": lambda value: _choice("csv_safety", value, CSV_SAFETIES),
        "mapping": _mapping,
        "min_confidence": _min_confidence,
        "max_credits": lambda value: _number("max_credits", value, 0, 1e9),
        "cache_days": lambda value: _whole("cache_days", value, 0, MAX_CACHE_DAYS),
        "charset": _charset,
        "sources": lambda value: parse_flag("sources", value),
        "sample": lambda value: _whole("sample", value, 1, 1e9),
        "callback_url": lambda value: _callback_url(value, loopback),
        "sheet": _sheet,
        "default_country": _country,
    }
    unknown = sorted(set(raw) - set(parsers))
    if unknown:
        raise InvalidRequestError(
            f"Unknown option {_quoted(unknown)}. The options are {_quoted(parsers)}."
        )
    return Options(**{name: parsers[name](value) for name, value in raw.items()})


def _names(option: str, value: Any, known: Collection[str]) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise InvalidRequestError(f"{option} must be a list of names out of {_quoted(known)}.")
    names = tuple(dict.fromkeys(name.strip() for name in names))
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InvalidRequestError(
            f"{option}: {_quoted(unknown)} is not known. Known names: {_quoted(known)}."
        )
    return names


def _fields(value: Any) -> tuple[str, ...]:
    asked = _names("fields", value, (*FIELDS, ALL_FIELDS))
    return tuple(name for name in FIELDS if name in asked or ALL_FIELDS in asked)


def _choice(option: str, value: Any, allowed: Collection[str]) -> str:
    if value not in allowed:
        raise InvalidRequestError(f"{option} must be one of {_quoted(allowed)}.")
    return str(value)


def parse_flag(option: str, value: Any) -> bool:
    """A value that is true or false. InvalidRequestError for any other."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise InvalidRequestError(f"{option} must be true or false.")


def _charset(value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidRequestError('charset must be the name of an encoding, such as "Shift_JIS".')
    return parse_charset(value)


def _mapping(value: Any) -> dict[str, str]:
    given = _json_if_text("mapping", value)
    if not isinstance(given, dict) or not all(isinstance(f, str | None) for f in given.values()):
        raise InvalidRequestError(
            'mapping must be an object that maps column names to fields: {"Mail": "email"}.'
        )
    mapping = {column: name or "" for column, name in given.items()}
    unknown = sorted(set(mapping.values()) - set(COLUMN_FIELDS) - {""})
    if unknown:
        raise InvalidRequestError(
            f"mapping: {_quoted(unknown)} is not a field that a column can hold. These are: "
            f"{_quoted(COLUMN_FIELDS)}."
        )
    return mapping


def _min_confidence(value: Any) -> dict[str, float]:
    given = _json_if_text("min_confidence", value)
    by_field = given if isinstance(given, dict) else {"": given}
    unknown = sorted(set(by_field) - set(FIELDS) - {""})
    if unknown:
        raise InvalidRequestError(
            f"min_confidence: {_quoted(unknown)} is not a field. The fields are {_quoted(FIELDS)}."
        )
    for number in by_field.values():
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1:
            raise InvalidRequestError(
                "min_confidence must be a number from 0 to 1, or an object that maps fields to such "
                'numbers: {"email": 0.8}.'
            )
    return {name: float(number) for name, number in by_field.items()}


def _callback_url(value: Any, loopback: bool) -> str:
    parse_callback_url(value, loopback)
    return str(value)


def _sheet(value: Any) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MOST_SHEETS
    if not is_number and not (isinstance(value, str) and 0 < len(value) <= _LONGEST_SHEET):
        raise InvalidRequestError(
            "sheet must be the name of a sheet in the workbook, or its number, counted from 1."
        )
    return str(value)


def _country(value: Any) -> str:
    from iso3166 import countries_by_alpha2  # most requests do not need it

    code = value.upper() if isinstance(value, str) else ""
    if code not in countries_by_alpha2:
        raise InvalidRequestError(
            'default_country must be the two-letter ISO 3166 code of a country, such as "DE" or "GB".'
        )
    return code


def _number(option: str, value: Any, least: float, most: float) -> float:
    number = _json_if_text(option, value)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise InvalidRequestError(f"{option} must be a number.")
    if not least <= number <= most:
        raise InvalidRequestError(f"{option} must be from {least:,.0f} to {most:,.0f}.")
    return number


def _whole(option: str, value: Any, least: float, most: float) -> int:
    """A number without a fraction: rounded, it would be one that nobody asked for."""
    number = _number(option, value, least, most)
    if number != int(number):
        span = f"from {least:,.0f} to {most:,.0f}"
        raise InvalidRequestError(f"{option} must be a whole number {span}.")
    return int(number)


def _json_if_text(option: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse_json(value)
    except ValueError:
        raise InvalidRequestError(f"{option} in the query string must be JSON.") from None


def _quoted(names: Collection[str]) -> str:
    """Names for a message, only the first if there are many: an answer has at most 6 MB."""
    shown = ", ".join(f'"{name[:60]}"' for name in islice(names, _MOST_SHOWN))
    return f"{shown} and {len(names) - _MOST_SHOWN:,} more" if len(names) > _MOST_SHOWN else shown
