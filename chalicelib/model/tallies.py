"""Counts what became of rows, and what providers were asked for them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

#: Among the fields that are filled: the reason why a row is as it is.
ERROR = "error"


class RowStatus(str, Enum):
    """What became of one row."""

    MATCHED = "matched"
    PARTIAL = "partial"
    NOT_FOUND = "not_found"
    INVALID = "invalid"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class ProviderUse:
    """What a provider was asked and what it cost, in its own credits.

    ``cached``: answers that were paid for before, or for another row. ``uncertain``: lookups of which
    the answer was lost, so that they may have been charged twice.
    """

    lookups: int = 0
    matches: int = 0
    cached: int = 0
    credits: float = 0.0
    uncertain: int = 0

    def __add__(self, other: ProviderUse) -> ProviderUse:
        return ProviderUse(
            self.lookups + other.lookups,
            self.matches + other.matches,
            self.cached + other.cached,
            round(self.credits + other.credits, 6),
            self.uncertain + other.uncertain,
        )


@dataclass(frozen=True)
class Tally:
    """``counts``: how many rows have which status. ``uses``: what each provider was asked. ``filled``: the fields
    that at least one row has, and ERROR if one has a reason.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    uses: Mapping[str, ProviderUse] = field(default_factory=dict)
    filled: tuple[str, ...] = ()

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Tally:
        return cls.from_dict(json.loads(text))

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Tally:
        """The tally that ``asdict`` made a dictionary."""
        uses = {name: ProviderUse(**use) for name, use in stored["uses"].items()}
        return cls(stored["counts"], uses, tuple(stored["filled"]))


def add_tallies(tallies: Iterable[Tally]) -> Tally:
    """The sum of tallies."""
    counts: Counter[str] = Counter()
    uses: dict[str, ProviderUse] = {}
    filled: set[str] = set()
    for tally in tallies:
        filled.update(tally.filled)
        counts.update(tally.counts)
        for name, use in tally.uses.items():
            uses[name] = uses.get(name, ProviderUse()) + use
    return Tally(dict(counts), uses, tuple(sorted(filled)))
