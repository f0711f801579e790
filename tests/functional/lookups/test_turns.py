"""Batches take turns at a vendor that limits its calls, instead of asking for it again and again."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from chalicelib.lookups.turns import PostponedError
from chalicelib.model.batches import Turn
from chalicelib.providers.base import Limit
from chalicelib.services import services
from tests.functional.lookups.office import START, Office, ask, bulk, people

#: One call in 6.1 seconds.
SLOW = (Limit(10, 60),)


def slow_vendor():
    return bulk(batch_size=1, limits=SLOW)


def turns_of(office: Office, job, batches: int) -> list:
    """The turns of batches of ten calls that all ask at the same moment; the first begins at once."""
    turns = []
    for batch in range(batches):
        with pytest.raises(PostponedError) as wait:
            ask(office.run_of(job, batch), slow_vendor(), people(10, first=100 * batch))
        turns.append(wait.value.turns["vendor"])
    return turns


def test_turns_follow_each_other_at_the_vendors_rate(office):
    turns = turns_of(office, office.job(), 5)
    assert turns[0].at == START
    assert all(later.at == pytest.approx(before.end) for before, later in pairwise(turns))
    assert all(turn.end - turn.at == pytest.approx(10 * 6 / 0.98) for turn in turns)


def test_a_batch_asks_once_before_its_turn_and_makes_all_its_calls_in_it(office):
    job, vendor = office.job(), slow_vendor()
    turns_of(office, job, 1)  # another batch comes first
    run, postponed, use = office.run_of(job, 1), 0, None
    contacts = people(10, first=100)
    while postponed < 100:
        try:
            _, use = ask(run, vendor, contacts)
            break
        except PostponedError as wait:
            postponed += 1
            office.clock.now += wait.seconds
            run = replace(office.run_of(job, 1), turns=wait.turns)
    assert use is not None
    assert use.lookups == 10
    # Once for its turn, and before each call: six seconds are too long to wait for in the worker.
    assert postponed <= 1 + 10
    assert office.clock.now - START < 20 * 6.2 + 5


def test_nobody_is_asked_before_the_turn_of_the_batch(office):
    vendor = slow_vendor()
    turn = Turn(START + 100, START + 161)
    run = replace(office.run_of(office.job()), turns={"vendor": turn})
    with pytest.raises(PostponedError) as wait:
        ask(run, vendor, people(10))
    assert wait.value.seconds == pytest.approx(100, abs=2)
    assert wait.value.turns == {"vendor": turn}
    assert not vendor.calls


def test_a_full_schedule_gives_another_turn_behind_the_others_of_the_job(office):
    job = office.job()
    _, second = turns_of(office, job, 2)
    services().pace.pause("vendor", second.end + 30)
    office.clock.now = second.at
    run = replace(office.run_of(job, 1), turns={"vendor": second})
    with pytest.raises(PostponedError) as wait:
        ask(run, slow_vendor(), people(10, first=100))
    again = wait.value.turns["vendor"]
    assert again.at == pytest.approx(second.end + 30)


def test_jobs_do_not_wait_for_each_others_turns(office):
    turns_of(office, office.job("large"), 20)
    office.clock.now += 10
    _, use = ask(office.run_of(office.job("small")), slow_vendor(), people(1, first=9000))
    assert use.lookups == 1


def test_turns_begin_when_the_vendor_is_free_so_that_no_batch_comes_too_early(office):
    ask(office.run_of(office.job("before")), slow_vendor(), people(1, first=9000))
    office.clock.now += 2  # the vendor takes the next call in 4.1 seconds
    job, back = office.job(), []
    for batch in range(5):
        contacts = people(1, first=100 * batch)
        with pytest.raises(PostponedError) as wait:
            ask(office.run_of(job, batch), slow_vendor(), contacts)
        back.append((office.clock.now + wait.value.seconds, wait.value.turns, batch, contacts))
    for at, turns, batch, contacts in back:
        office.clock.now = max(office.clock.now, at)
        _, use = ask(replace(office.run_of(job, batch), turns=turns), slow_vendor(), contacts)
        assert use.lookups == 1


def test_a_vendor_that_is_closed_for_an_hour_is_done_without(office):
    services().pace.pause("vendor", START + 3600)
    replies, use = ask(office.run_of(office.job()), slow_vendor(), people(3))
    assert use.lookups == 0
    assert all("vendor was not asked" in reply.note for reply in replies)


def test_what_cannot_be_done_before_the_jobs_deadline_is_not_waited_for(office):
    job = office.job()
    turns_of(office, job, 2)
    run = replace(office.run_of(job, 2), job_ends_at=START + 150)
    replies, use = ask(run, slow_vendor(), people(10, first=200))
    assert use.lookups == 0
    assert {reply.note for reply in replies} == {
        "vendor was not asked: its limits leave no time for it before the job's deadline"
    }
    assert services().jobs.get(job.owner, job.id).health.too_slow == {"vendor": 1}


def test_vendors_without_short_limits_need_no_turn(office):
    job = office.job()
    ask(office.run_of(job), bulk(), people(10))
    ask(office.run_of(job), bulk(limits=(Limit(1000, 3600),)), people(10, first=50))
    services().pace.forget(job.id)  # there is nothing to forget
    table = services().pace._table
    assert table.query_keys(job.id, "TURNS#") == []
