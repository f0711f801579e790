"""Holds varied rows with what became of them; the files in golden/ are what they look like in a result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chalicelib.model.options import Options
from chalicelib.model.tallies import RowStatus

CSV_COLUMNS = ("Email", "Email", "n", "größe", "=note")
JSON_COLUMNS = ("email", "n", "\ud800", "x,y")


@dataclass(frozen=True)
class Case:
    """A row as it was given, and its result. ``values``: field → value, provider, confidence.

    ``error``: None where the row itself is the reason.
    """

    row: Any
    status: RowStatus
    values: dict[str, tuple[str, str, float]] = field(default_factory=dict)
    error: str | None = ""


FULL = {
    "email": ("ada@example.org", "input", 1.0),
    "phone": ("+12025550143", "pdl", 0.98765),
    "title": ('=HYPERLINK("x")', "pdl", 0.5),
    "company": ("Beispiel, Söhne\r\n& Co", "offline", 1),
    "linkedin_url": ("-x", "über", 0.0),
}
PART = {"email": ("ada@example.org", "input", 1.0), "phone": ("\ud800", "offline", 0.1 + 0.2)}
CSV_CASES = (
    Case(["a@example.org", "", "1", "ü", "x"], RowStatus.MATCHED, FULL),
    Case(["a@example.org", "", "2", "ü", "x"], RowStatus.MATCHED, FULL),
    Case(
        ['q"', "a\r\nb", "+49 30 23125 001", "-5", "@SUM(A1)"], RowStatus.PARTIAL, PART, "=why; ü"
    ),
    Case(["\t=1", "\r", "-2+3", "+1+cmd", "\n"], RowStatus.NOT_FOUND),
    Case([" ", "\u2028", "\x85", "\0", "＝1"], RowStatus.INVALID, {}, "nothing to identify"),
    Case(["a@example.org"], RowStatus.INVALID, {}, None),
    Case(["a@example.org", "", "", "", "x", 'y"', "ü"], RowStatus.INVALID, {}, None),
    Case(["a@example.org"], RowStatus.FAILED, {}, "the batch could not be enriched"),
    Case(["a@example.org", "", "4", "", ""], RowStatus.SKIPPED, {}, "beyond the sample"),
    Case(["", "😀", "5", "e\u0301", "\ufeff"], RowStatus.PARTIAL, {"title": ("😀", "pdl", 0.25)}),
)
JSON_CASES = (
    Case({"email": "a@example.org", "n": 1.5, "x,y": None}, RowStatus.MATCHED, FULL),
    Case({"n": [1, {"ü": None}], "email": True, "other": "=1"}, RowStatus.PARTIAL, PART, "ü"),
    Case({"email": "\ud800", "\ud800": {"a": "\udfff"}}, RowStatus.NOT_FOUND),
    Case({}, RowStatus.INVALID, {}, "nothing to identify"),
    Case("[1, 2]", RowStatus.INVALID, {}, None),
    Case('not "JSON"\u2028ü', RowStatus.INVALID, {}, None),
    Case("[3]", RowStatus.FAILED, {}, "the batch could not be enriched"),
)
LISTS = {"csv": (CSV_COLUMNS, CSV_CASES), "json": (JSON_COLUMNS, JSON_CASES)}
FIELDS = ("email", "phone", "title", "company", "linkedin_url")
FORMATS = {
    "safe.csv": Options(fields=FIELDS),
    "strict.csv": Options(fields=FIELDS, csv_safety="strict"),
    "raw.csv": Options(fields=FIELDS, csv_safety="raw"),
    "all.csv": Options(),
    "sources.csv": Options(fields=FIELDS, sources=True),
    "some.jsonl": Options(fields=FIELDS, output="jsonl"),
    "all.jsonl": Options(output="jsonl"),
}
