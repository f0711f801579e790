"""The cap on a job's credits is hard, whoever holds them and whatever goes wrong."""

from __future__ import annotations

import pytest

from chalicelib.lookups.budget import Holder
from chalicelib.lookups.turns import PostponedError
from chalicelib.model.errors import (
    UnavailableError,
)
from chalicelib.providers.base import NoMatch
from chalicelib.services import services
from tests.functional.lookups.office import START, ask, bulk, people


def test_the_budget_leaves_the_rest_out_with_the_reason(office):
    vendor = bulk(batch_size=10)
    job = office.job(max_credits=12)
    replies, use = ask(office.run_of(job), vendor, people(30))
    assert sum(vendor.billed.values()) == 12
    assert use.credits == 12
    assert "max_credits is used up" in replies[29].note
    replies, _ = ask(office.run_of(job, 1), vendor, people(5, first=50))
    assert sum(vendor.billed.values()) == 12
    assert all("max_credits" in reply.note for reply in replies)


def test_what_is_not_spent_is_given_back(office):
    vendor, job = bulk(), office.job(max_credits=10)
    vendor.outcome = lambda email: NoMatch()
    ask(office.run_of(job), vendor, people(10))
    del vendor.outcome
    _, use = ask(office.run_of(job, 1), vendor, people(10, first=50))
    assert use.credits == 10


def test_credits_that_others_hold_are_waited_for(office):
    job = office.job(max_credits=10)
    other = Holder("job", "other", START + 70)
    assert services().budget.hold(other, 10, 1.0, 10, START) == 10
    with pytest.raises(PostponedError):
        ask(office.run_of(job), bulk(), people(3))
    services().budget.settle(other, 10, 4)
    _, use = ask(office.run_of(job), bulk(), people(9))
    assert use.credits == 6


def test_credits_that_the_dead_held_count_as_spent(office):
    job = office.job(max_credits=10)
    services().budget.hold(Holder("job", "dead", START + 70), 10, 1.0, 10, START)
    office.clock.now += 71
    replies, _ = ask(office.run_of(job), bulk(), people(3))
    assert all("max_credits" in reply.note for reply in replies)


def test_a_call_that_may_have_been_billed_is_settled_before_it_is_made_again(office):
    vendor, job = bulk(), office.job(max_credits=10)

    def hang_up(call):
        raise UnavailableError("hung up", may_be_billed=True)

    vendor.after = hang_up
    with pytest.raises(PostponedError):
        ask(office.run_of(job, run="a"), vendor, people(10))
    replies, _ = ask(office.run_of(job, run="b"), vendor, people(10))
    assert sum(vendor.billed.values()) == 10
    assert all("max_credits" in reply.note for reply in replies)


def test_fractions_of_credits_add_up(office):
    vendor, job = bulk(credits=0.2), office.job(max_credits=1)
    ask(office.run_of(job), vendor, people(10))
    assert sum(vendor.billed.values()) == 5
