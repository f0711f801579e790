"""Describes how the file of a list is laid out: kind, encoding, delimiter and columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

#: A header with more columns is a mistake. CRMs have hundreds; Excel's own limit is 16,384.
MAX_COLUMNS = 1_000
#: ``header_at`` of a CSV file that begins with its first contact.
NO_HEADER = -1


@dataclass(frozen=True)
class Columns:
    """The columns of a list. ``fields``: field → positions of its columns, best first; the others are ignored.

    ``warnings``: what turned out while all of the list was read. ``country``: the list's own (ISO 3166 alpha-2), if
    its rows say clearly that it has one.
    """

    names: tuple[str, ...]
    fields: Mapping[str, tuple[int, ...]]
    warnings: tuple[str, ...] = ()
    country: str = ""

    @property
    def field_of(self) -> dict[int, str]:
        """Position → field, of the columns that are not ignored."""
        return {at: name for name, positions in self.fields.items() for at in positions}

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> Columns:
        stored = json.loads(text)
        return cls(
            tuple(stored["names"]),
            _positions(stored["fields"]),
            tuple(stored["warnings"]),
            stored.get("country", ""),
        )


@dataclass(frozen=True)
class Layout:
    """``kind``: csv, ndjson or json. ``header_at``: records before the header of a CSV file; NO_HEADER if it
    has none.

    ``columns``: the names in the header of a CSV file, invented ones where it has none; for JSON kinds, only the
    keys seen in the first bytes. ``fields``: which of them are read as what (see Columns). ``encoding_certain``:
    whether the encoding is known, and not guessed.

    ``sheet``: the name of the sheet, if the file is a workbook, whose sheets are read as CSV files.
    """

    kind: str
    encoding: str
    columns: tuple[str, ...]
    delimiter: str = ","
    header_at: int = 0
    fields: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    encoding_certain: bool = True
    sheet: str = ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What somebody should look at before the list is enriched, in sentences."""
        said = []
        if not self.encoding_certain:
            said.append(
                f"The encoding {self.encoding} is a guess. If letters are wrong, say the right one with the option "
                "charset."
            )
        if self.header_at == NO_HEADER:
            said.append('The list has no header: its columns are called "Column 1" and on.')
        if self.header_at > 0:
            are = (
                "line above the header is" if self.header_at == 1 else "lines above the header are"
            )
            said.append(f"{self.header_at} {are} left out of the result.")
        if not self.fields:
            said.append("No column is understood. Say what they hold with the option mapping.")
        return tuple(said)

    @property
    def read_as(self) -> Columns:
        """The columns, with what each is read as."""
        return Columns(self.columns, self.fields)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Layout:
        stored = json.loads(text)
        columns, fields = tuple(stored["columns"]), _positions(stored["fields"])
        return cls(**{**stored, "columns": columns, "fields": fields})


def _positions(stored: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(positions) for name, positions in stored.items()}
