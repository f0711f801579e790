"""Reads lines of CloudWatch's embedded metric format, by the rules of its specification."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

_UNITS = {"Count", "Seconds", "Milliseconds"}
#: A metric: its name and its dimensions, such as ("Rows", "Stage=test", "Status=matched").
Series = tuple[str, ...]


def published(lines: Iterable[str]) -> dict[Series, list[float]]:
    """What CloudWatch makes of lines of a log: the values of each metric."""
    series: dict[Series, list[float]] = defaultdict(list)
    for line in lines:
        document = json.loads(line)
        if "_aws" in document:
            _read(document, series)
    return dict(series)


def sums(lines: Iterable[str]) -> dict[Series, float]:
    """The sum of each metric that is counted; of the others how many values there are."""
    return {
        name: round(sum(values), 3)
        if "Seconds" not in name[0] and "Milliseconds" not in name[0]
        else len(values)
        for name, values in published(lines).items()
    }


def _read(document: dict[str, Any], series: dict[Series, list[float]]) -> None:
    assert set(document["_aws"]) == {"Timestamp", "CloudWatchMetrics"}
    assert 1.6e12 < document["_aws"]["Timestamp"] < 4e12
    told: Counter[Series] = Counter()
    for directive in document["_aws"]["CloudWatchMetrics"]:
        assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
        assert directive["Namespace"] == "ContactEnrichment"
        assert 1 <= len(directive["Metrics"]) <= 100
        for metric in directive["Metrics"]:
            assert metric["Unit"] in _UNITS
            value = document[metric["Name"]]
            values = value if isinstance(value, list) else [value]
            assert 1 <= len(values) <= 100
            assert all(type(number) in (int, float) for number in values)
            for names in directive["Dimensions"]:
                assert len(names) <= 30
                assert all(isinstance(document[name], str) and document[name] for name in names)
                name = (metric["Name"], *(f"{name}={document[name]}" for name in names))
                told[name] += 1
                series[name] += values
    assert not [name for name, times in told.items() if times > 1], "told twice in one line"
