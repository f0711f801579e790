"""Describes how the file of a list is laid out: kind, encoding, delimiter and columns."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

#: A header with more columns is a mistake. CRMs have hundreds; Excel's own limit is 16,384.
MAX_COLUMNS = 1_000


@dataclass(frozen=True)
class Layout:
    """``kind``: csv, ndjson or json. ``header_at``: records before the header of a CSV file.

    ``sheet``: the name of the sheet, if the file is a workbook, whose sheets are read as CSV files.

    ``columns``: the header of a CSV file; for JSON kinds, only the keys seen in the first bytes.
    """

    kind: str
    encoding: str
    columns: tuple[str, ...]
    delimiter: str = ","
    header_at: int = 0
    sheet: str = ""

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Layout:
        stored = json.loads(text)
        return cls(**{**stored, "columns": tuple(stored["columns"])})
