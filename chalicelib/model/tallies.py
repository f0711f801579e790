"""Counts what became of rows, and what providers were asked for them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, dataclass, field
from enum import Enum
from typing import Any

#: Among the fields that are filled: the reason why a row is as it is.
ERROR = "error"
#: Different reasons that a tally counts one by one, and the characters of each; the tally of a whole job is part
#: of the job's item.
MAX_PROBLEMS, MAX_PROBLEM = 20, 160
#: The rest of the reasons together.
OTHER_PROBLEMS = "other reasons"


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
class Fill:
    """How many rows have a field: ``given`` by the row itself, ``found`` by a provider, or ``guessed``."""

    given: int = 0
    found: int = 0
    guessed: int = 0

    def __add__(self, other: Fill) -> Fill:
        return Fill(
            self.given + other.given, self.found + other.found, self.guessed + other.guessed
        )


@dataclass(frozen=True)
class Tally:
    """``counts``: how many rows have which status. ``uses``: what each provider was asked. ``fills``: how many rows
    have which field. ``problems``: how many rows have which reason for being as they are.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    uses: Mapping[str, ProviderUse] = field(default_factory=dict)
    fills: Mapping[str, Fill] = field(default_factory=dict)
    problems: Mapping[str, int] = field(default_factory=dict)

    @property
    def filled(self) -> frozenset[str]:
        """The fields that at least one row has, and ERROR if one has a reason."""
        return frozenset([*self.fills, *([ERROR] if self.problems else [])])

    @property
    def credits(self) -> float:
        """What the lookups cost, all providers together."""
        return round(sum(use.credits for use in self.uses.values()), 3)

    @property
    def outline(self) -> Tally:
        """The tally without what it says of fields and problems."""
        return Tally(self.counts, self.uses)

    def to_json(self, *, is_whole: bool = False) -> str:
        """As text. Without ``is_whole`` it says of fields and problems only which there are: how many is almost a
        portrait of the person, if a list is short.
        """
        uses = {name: asdict(use) for name, use in self.uses.items()}
        stored: dict[str, Any] = {"counts": self.counts, "uses": uses}
        if is_whole:
            fills = {name: astuple(fill) for name, fill in self.fills.items()}
            stored |= {"fills": fills, "problems": self.problems}
        else:
            stored["filled"] = sorted(self.filled)
        return json.dumps(stored, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Tally:
        stored = json.loads(text)
        fills = stored.get("fills") or dict.fromkeys(stored.get("filled", ()), ())
        return cls(
            stored["counts"],
            {name: ProviderUse(**use) for name, use in stored["uses"].items()},
            {name: Fill(*fill) for name, fill in fills.items()},
            stored.get("problems", {}),
        )


def add_tallies(tallies: Iterable[Tally]) -> Tally:
    """The sum of tallies."""
    counts: Counter[str] = Counter()
    uses: dict[str, ProviderUse] = {}
    fills: dict[str, Fill] = {}
    problems: Counter[str] = Counter()
    for tally in tallies:
        counts.update(tally.counts)
        problems.update(tally.problems)
        for name, use in tally.uses.items():
            uses[name] = uses.get(name, ProviderUse()) + use
        for name, fill in tally.fills.items():
            fills[name] = fills.get(name, Fill()) + fill
    return Tally(dict(counts), uses, fills, commonest(problems))


def commonest(problems: Mapping[str, int]) -> dict[str, int]:
    """So many problems as a tally holds, the commonest first, each shortened; the rest is counted as one."""
    short: Counter[str] = Counter()
    for problem, rows in problems.items():
        short[problem[:MAX_PROBLEM]] += rows
    rest = short.pop(OTHER_PROBLEMS, 0)
    kept = dict(short.most_common(MAX_PROBLEMS))
    rest += short.total() - sum(kept.values())
    return {**kept, OTHER_PROBLEMS: rest} if rest else kept
