"""Figures become lines that CloudWatch can read: few, short, with every sum."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

from chalicelib.metrics import MAX_VALUES, Figures
from tests.emf import published, sums

NOW = 1_800_000_000.0


def lines(figures: Figures) -> list[str]:
    return [json.dumps(document) for document in figures.documents("test", NOW)]


def test_a_call_that_counted_nothing_writes_nothing():
    assert lines(Figures()) == []


def test_a_line_has_a_status_and_a_provider_and_all_that_has_neither():
    figures = Figures()
    for status, rows in (("matched", 60), ("partial", 30), ("invalid", 10)):
        figures.add("Rows", rows, status)
    for provider in ("pdl", "hunter"):
        figures.add("VendorCalls", 2, provider)
        figures.add("Credits", 1.5, provider)
    figures.add("BatchSeconds", 1.23456)
    written = lines(figures)
    assert len(written) == 3
    assert published(written) == {
        ("Rows", "Stage=test", "Status=matched"): [60],
        ("Rows", "Stage=test", "Status=partial"): [30],
        ("Rows", "Stage=test", "Status=invalid"): [10],
        ("VendorCalls", "Stage=test", "Provider=pdl"): [2],
        ("VendorCalls", "Stage=test", "Provider=hunter"): [2],
        ("Credits", "Stage=test", "Provider=pdl"): [1.5],
        ("Credits", "Stage=test", "Provider=hunter"): [1.5],
        ("Credits", "Stage=test"): [1.5, 1.5],
        ("BatchSeconds", "Stage=test"): [1.235],
    }


def test_many_values_are_told_by_some_with_the_least_and_the_greatest():
    figures = Figures()
    for milliseconds in reversed(range(1000, 1100)):
        figures.add("VendorLatencyMilliseconds", milliseconds, "pdl")
    (values,) = published(lines(figures)).values()
    assert len(values) == MAX_VALUES
    assert (values[0], values[-1]) == (1000, 1099)
    assert abs(sum(values) / len(values) - 1049.5) < 1
    assert len(lines(figures)[0]) < 400


def test_few_values_are_all_told():
    figures = Figures()
    for seconds in range(MAX_VALUES):
        figures.add("BatchSeconds", seconds)
    assert published(lines(figures)) == {("BatchSeconds", "Stage=test"): [*range(MAX_VALUES)]}


class Slow(float):
    """A number that lets other threads run while it is added."""

    def __radd__(self, other: float) -> float:
        time.sleep(0.001)
        return other + float(self)


def test_threads_count_together():
    figures = Figures()
    with ThreadPoolExecutor(8) as threads:
        for _ in range(100):
            threads.submit(figures.add, "VendorCalls", Slow(1), "pdl")
    assert sums(lines(figures)) == {("VendorCalls", "Stage=test", "Provider=pdl"): 100}


def test_the_credits_of_calls_add_up_as_decimals():
    figures = Figures()
    for _ in range(3):
        figures.add("Credits", 0.1, "pdl")
    assert json.loads(lines(figures)[0])["Credits"] == 0.3
