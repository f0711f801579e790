"""Gathers the figures of one call of a function, as lines of CloudWatch's embedded metric format (EMF).

CloudWatch Logs makes metrics of such a line by itself: no call, no permission, no agent. A line is a JSON
object and nothing else; its member ``_aws`` says which of the others are metrics and which dimensions.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from threading import Lock
from typing import Any

NAMESPACE = "ContactEnrichment"
#: Of so many values at most a line tells each; more would make it long. CloudWatch takes 100.
MAX_VALUES = 10

_STAGE = ("Stage",)
_STATUS = ("Stage", "Status")
_PROVIDER = ("Stage", "Provider")


@dataclass(frozen=True)
class Metric:
    """``sets``: the sets of dimensions that a value counts for. ``adds_up``: values are added; else each
    is kept, for averages and extremes.
    """

    unit: str
    sets: tuple[tuple[str, ...], ...] = (_STAGE,)
    adds_up: bool = True

    @property
    def dimension(self) -> str:
        """What ``of`` names in Figures.add: "Status", "Provider" or, for nothing, "Stage"."""
        return self.sets[0][-1]


#: Each value of a dimension is a metric that costs money: statuses and providers, never a job or a person.
METRICS: Mapping[str, Metric] = {
    "JobsEnded": Metric("Count", (_STATUS,)),
    "Rows": Metric("Count", (_STATUS,)),
    "BatchSeconds": Metric("Seconds", adds_up=False),
    "QueueDelaySeconds": Metric("Seconds", adds_up=False),
    "Postponements": Metric("Count"),
    "VendorCalls": Metric("Count", (_PROVIDER,)),
    "VendorErrors": Metric("Count", (_PROVIDER,)),
    "VendorPolls": Metric("Count", (_PROVIDER,)),
    "VendorLatencyMilliseconds": Metric("Milliseconds", (_PROVIDER,), adds_up=False),
    "Credits": Metric("Count", (_PROVIDER, _STAGE)),
    "VendorStopped": Metric("Count", (_PROVIDER, _STAGE)),
}


class Figures:
    """What one call of a function counts and measures. Threads may add at the same time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._values: dict[tuple[str, str], list[float]] = {}

    def add(self, metric: str, value: float, of: str = "") -> None:
        """Add a value; ``of``: the status or the provider, for a metric that has one."""
        with self._lock:
            values = self._values.setdefault((metric, of), [])
            if METRICS[metric].adds_up and values:
                values[0] += value
            else:
                values.append(value)

    def documents(self, stage: str, now: float) -> list[dict[str, Any]]:
        """The figures as EMF documents, as few as can be. ``now``: seconds since the epoch.

        A dimension has one value in a document: every status and every provider takes one, which a
        status and a provider share.
        """
        with self._lock:
            values = dict(self._values)
        statuses = sorted({of for name, of in values if METRICS[name].dimension == "Status"})
        providers = sorted({of for name, of in values if METRICS[name].dimension == "Provider"})
        pairs = list(zip_longest(statuses, providers)) or [(None, None)]
        documents = []
        for place, (status, provider) in enumerate(pairs):
            owner = {"Stage": None if place else "", "Status": status, "Provider": provider}
            chosen = {
                name: members
                for (name, of), members in values.items()
                if owner[METRICS[name].dimension] == of
            }
            if chosen:
                documents.append(_document({**owner, "Stage": stage}, chosen, now))
        return documents


def _document(
    dimensions: Mapping[str, str | None], values: Mapping[str, Sequence[float]], now: float
) -> dict[str, Any]:
    sets: dict[tuple[tuple[str, ...], ...], list[dict[str, str]]] = {}
    for name in values:
        metric = METRICS[name]
        sets.setdefault(metric.sets, []).append({"Name": name, "Unit": metric.unit})
    directives = [
        {"Namespace": NAMESPACE, "Dimensions": dimension_sets, "Metrics": metrics}
        for dimension_sets, metrics in sets.items()
    ]
    used = {name for of_metric in sets for one in of_metric for name in one}
    return {
        "_aws": {"Timestamp": int(now * 1000), "CloudWatchMetrics": directives},
        **{name: value for name, value in dimensions.items() if name in used},
        **{name: _told(members) for name, members in values.items()},
    }


def _told(values: Sequence[float]) -> float | list[float]:
    """A number, or the values from the least to the greatest at equal distances, if they are many."""
    ordered = sorted(round(value, 3) for value in values)
    if len(ordered) == 1:
        return ordered[0]
    if len(ordered) <= MAX_VALUES:
        return ordered
    step = (len(ordered) - 1) / (MAX_VALUES - 1)
    return [ordered[round(place * step)] for place in range(MAX_VALUES)]
