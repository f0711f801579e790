"""Reads single values of a declaration and checks them.

A mistake is an InvalidRequestError that names the file, the key, and what would be right.
"""

from __future__ import annotations

from collections.abc import KeysView, Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.model.errors import InvalidRequestError

if TYPE_CHECKING:
    from jmespath.parser import ParsedResult  # type: ignore[import-untyped]


class Section:
    """One object of a declaration. Read its keys, then call ``done``: keys that were not read are mistakes."""

    def __init__(self, file: str, where: str, value: Any) -> None:
        self._file = file
        self._where = where
        self._read: dict[str, None] = {}
        if not isinstance(value, dict) or not all(isinstance(key, str | int) for key in value):
            raise InvalidRequestError(
                f"{file}: {where or 'it'} must be an object of keys and values"
            )
        # YAML reads "200:" as a number; JSON has no such keys.
        self._values = {str(key): inner for key, inner in value.items()}

    @property
    def keys(self) -> KeysView[str]:
        return self._values.keys()

    def wrong(self, key: str, right: str) -> InvalidRequestError:
        """The error to raise for a key: ``right`` says what would be right."""
        where = ".".join(filter(None, (self._where, key)))
        return InvalidRequestError(f"{self._file}: {where}: {right}")

    def done(self) -> None:
        """Refuses unknown keys: who writes "batchsize" must not silently get batches of one."""
        for key in self._values:
            if key not in self._read:
                raise self.wrong(key, f"is unknown; known are {', '.join(self._read)}")

    def value(self, key: str) -> Any:
        """The value of a key, of any type; None if there is none."""
        self._read[key] = None
        return self._values.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty; without a default it must be there."""
        value = self.value(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value:
            raise self.wrong(key, "must be a text" + (", and is missing" if value is None else ""))
        return value

    def number(self, key: str, default: float | None, least: float, most: float) -> float:
        """A number from ``least`` to ``most``; without a default it must be there."""
        value = self.value(key)
        if value is None and default is not None:
            return default
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not least <= value <= most:
            raise self.wrong(key, f"must be a number from {least:g} to {most:g}")
        return float(value)

    def whole(self, key: str, default: int | None, most: int) -> int:
        """A whole number from 1 to ``most``; without a default it must be there."""
        value = self.number(key, default, 1, most)
        if value != int(value):
            raise self.wrong(key, f"must be a whole number from 1 to {most}")
        return int(value)

    def flag(self, key: str) -> bool:
        """True or false; false if it is missing."""
        value = self.value(key)
        if value not in (None, True, False):
            raise self.wrong(key, "must be true or false")
        return bool(value)

    def section(self, key: str) -> Section:
        """An object; an empty one if it is missing."""
        value = self.value(key)
        where = ".".join(filter(None, (self._where, key)))
        return Section(self._file, where, {} if value is None else value)

    def sections(self, key: str) -> list[Section]:
        """A list of objects."""
        where = ".".join(filter(None, (self._where, key)))
        listed = enumerate(self.listed(key))
        return [Section(self._file, f"{where}[{number}]", value) for number, value in listed]

    def listed(self, key: str) -> list[Any]:
        """A list of anything; an empty one if it is missing."""
        value = self.value(key)
        if value is not None and not isinstance(value, list):
            raise self.wrong(key, "must be a list")
        return value or []

    def texts(self) -> Mapping[str, str]:
        """The whole object, all of whose values must be texts."""
        return {key: self.text(key) for key in self._values}

    def expression(self, key: str) -> ParsedResult | None:
        """A JMESPath expression (https://jmespath.org), ready to search with; None for none."""
        import jmespath  # type: ignore[import-untyped]

        text = self.text(key, "")
        try:
            return jmespath.compile(text) if text else None
        except jmespath.exceptions.JMESPathError:
            raise self.wrong(key, "must be a JMESPath expression, see jmespath.org") from None
