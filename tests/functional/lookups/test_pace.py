"""Calls keep the vendor's limits over all workers."""

from __future__ import annotations

from itertools import pairwise

from chalicelib.lookups.pace import Slot
from chalicelib.providers.base import Limit
from chalicelib.services import services
from tests.functional.lookups.office import START, ask, bulk, people


def test_calls_keep_the_vendors_pace_over_all_workers(office):
    pace, limits = services().pace, [Limit(60, 60)]
    starts = []
    for _ in range(5):
        slot = pace.book("v", limits, 1, START, patience=10)
        assert slot.booked
        starts.append(slot.at)
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert all(1.0 <= gap < 1.05 for gap in gaps)


def test_beyond_the_patience_nothing_is_booked(office):
    pace, limits = services().pace, [Limit(6, 60)]
    assert pace.book("v", limits, 1, START, patience=5).booked
    slot = pace.book("v", limits, 1, START, patience=5)
    assert not slot.booked
    assert 10 <= slot.at - START < 11
    assert pace.book("v", limits, 1, slot.at, patience=5).booked


def test_long_windows_are_counted(office):
    pace, limits = services().pace, [Limit(10, 3600)]
    assert pace.book("v", limits, 7, START, patience=5) == Slot(True, START)
    assert pace.book("v", limits, 4, START + 60, patience=5) == Slot(False, START + 3600)
    assert pace.book("v", limits, 3, START + 60, patience=5).booked
    assert pace.book("v", limits, 10, START + 3601, patience=5).booked


def test_a_vendor_that_is_closed_for_long_is_done_without(office):
    vendor = bulk(batch_size=10, limits=(Limit(2, 3600),))
    replies, use = ask(office.run_of(office.job()), vendor, people(30))
    assert use.lookups == 20
    assert "its limits leave no time" in replies[29].note
