"""Defines the options of a job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from chalicelib.model.contacts import DEFAULT_FIELDS, HEADLINE_FIELDS, REMARKS

OUTPUTS = ("csv", "jsonl", "xlsx")
CSV_SAFETIES = ("safe", "strict", "raw")
OFFLINE = "offline"
DEFAULT_PROVIDERS = (OFFLINE,)
DEFAULT_CACHE_DAYS = 30
MAX_CACHE_DAYS = 365


@dataclass(frozen=True)
class Options:
    """How to do a job.

    ``fields``: the fields to fill, DEFAULT_FIELDS if empty. ``mapping``: column name → field, "" for none.
    ``min_confidence``: the lowest confidence that a value may have, by field; "" stands for all others.
    ``max_credits``: the credits that all lookups together may cost, None for no limit. ``cache_days``:
    how old an answer from another job may be; 0 means that none is used. ``sample``: rows to enrich, 0
    for all. ``callback_url``: who is told that the job has ended, "" for nobody. ``charset``: the
    encoding that the list is said to have, "" for none. ``sources``: whether a CSV file has a column that
    says where the values are from.
    ``sheet``: the name or number of the sheet in a workbook, "" for the first. ``default_country``: where phone numbers
    without a country code are from in rows without a country (ISO 3166 alpha-2), "" for unknown.
    """

    providers: tuple[str, ...] = DEFAULT_PROVIDERS
    fields: tuple[str, ...] = ()
    output: str = "csv"
    csv_safety: str = "safe"
    mapping: Mapping[str, str] = field(default_factory=dict)
    min_confidence: Mapping[str, float] = field(default_factory=dict)
    max_credits: float | None = None
    cache_days: int = DEFAULT_CACHE_DAYS
    sample: int = 0
    callback_url: str = ""
    charset: str = ""
    sources: bool = False
    sheet: str = ""
    default_country: str = ""

    @property
    def wanted(self) -> tuple[str, ...]:
        """The fields to fill, in output order."""
        return self.fields or DEFAULT_FIELDS

    @property
    def goal(self) -> tuple[str, ...]:
        """The fields that make a row "matched" when it has them all."""
        if set(self.fields).issuperset(DEFAULT_FIELDS):  # not named because all are needed
            return HEADLINE_FIELDS
        asked = tuple(name for name in self.fields if name not in REMARKS)
        return asked or self.fields or HEADLINE_FIELDS

    @property
    def finds_duplicates(self) -> bool:
        """Whether rows about the same person are looked for while the list is split."""
        return "duplicate_of" in self.fields and OFFLINE in self.providers

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Options:
        stored = json.loads(text)
        stored.update({name: tuple(stored[name]) for name in ("providers", "fields")})
        return cls(**stored)
