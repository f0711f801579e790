"""What happens when calls fail: nothing that may have been billed is forgotten, and nobody is asked in vain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.lookups.trouble import BREAKER_FAILURES
from chalicelib.lookups.turns import PostponedError
from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    OutOfCreditsError,
    RefusedError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.services import services
from tests.functional.lookups.office import START, ask, bulk, people


def test_a_claim_whose_owner_died_is_taken_over_and_counted_as_uncertain(office):
    vendor, job = bulk(), office.job()

    class Killed(BaseException):
        pass

    def die(call):
        raise Killed

    vendor.after = die
    with pytest.raises(Killed):
        ask(office.run_of(job, run="a"), vendor, people(3))
    vendor.after = lambda call: None
    with pytest.raises(PostponedError):
        ask(office.run_of(job, run="b"), vendor, people(3))
    office.clock.now += 71
    replies, use = ask(office.run_of(job, run="c"), vendor, people(3))
    assert use.uncertain == 3
    assert "may have charged for this 2 times" in replies[0].note
    assert max(vendor.billed.values()) == 2


def test_a_death_costs_one_call_at_most(office):
    vendor, job = bulk(batch_size=10), office.job()

    class Killed(BaseException):
        pass

    def die(call):
        if call == 3:
            raise Killed

    vendor.after = die
    with pytest.raises(Killed):
        ask(office.run_of(job, run="a"), vendor, people(50))
    office.clock.now += 71
    _, use = ask(office.run_of(job, run="b"), vendor, people(50))
    assert use.uncertain == 10
    assert sum(count - 1 for count in vendor.billed.values()) == 10
    assert use.lookups == 50


def test_a_throttled_call_is_made_again_after_the_rest_asked_for(office):
    vendor = bulk(batch_size=10)

    def throttle(call):
        if call % 3 == 0:
            raise ThrottledError("slow down", retry_after=2)

    vendor.before = throttle
    job = office.job()
    _, use = ask(office.run_of(job), vendor, people(40))
    assert (use.lookups, use.uncertain) == (40, 0)
    assert max(vendor.billed.values()) == 1
    assert office.clock.now >= START + 2
    assert services().jobs.get(job.owner, job.id).health.throttled["vendor"] >= START + 2


def test_a_long_rest_postpones_the_batch_and_nobody_is_left_claimed(office):
    vendor, job = bulk(batch_size=10), office.job()

    def throttle(call):
        if call == 2:
            raise ThrottledError("slow down", retry_after=60)

    vendor.before = throttle
    with pytest.raises(PostponedError) as postponed:
        ask(office.run_of(job, run="a"), vendor, people(30))
    assert 59 <= postponed.value.seconds <= 62
    office.clock.now += 61
    _, use = ask(office.run_of(job, run="b"), vendor, people(30))
    assert (use.lookups, use.uncertain) == (30, 0)
    assert max(vendor.billed.values()) == 1


@pytest.mark.parametrize(
    ("error", "state"),
    [(OutOfCreditsError("empty"), "out_of_credits"), (BadKeyError("no"), "bad_key")],
)
def test_an_account_that_is_of_no_use_stops_the_vendor_for_the_job(office, error, state):
    vendor, job = bulk(batch_size=10), office.job()

    def refuse(call):
        if call >= 2:
            raise error

    vendor.before = refuse
    replies, _ = ask(office.run_of(job), vendor, people(30))
    assert [reply.outcome is not None for reply in replies] == [True] * 10 + [False] * 20
    assert "vendor was not asked" in replies[29].note
    assert services().jobs.get(job.owner, job.id).health.stopped == {"vendor": state}
    ask(office.run_of(job, batch=1), vendor, people(30, first=100))
    assert len(vendor.calls) == 2
    other, _ = ask(office.run_of(office.job("other"), batch=1), bulk(), people(30))
    assert all(reply.outcome is not None for reply in other)


def test_a_vendor_that_is_down_is_tried_again_then_skipped_for_the_job(office):
    vendor, job = bulk(), office.job()

    def refuse(call):
        raise UnavailableError("down")

    vendor.before = refuse
    for batch in range(BREAKER_FAILURES - 1):
        with pytest.raises(PostponedError):
            ask(office.run_of(job, batch), vendor, people(5))
    replies, _ = ask(office.run_of(job, 9), vendor, people(5))
    assert {reply.note for reply in replies} == {"vendor was not asked: it is down"}
    assert services().jobs.get(job.owner, job.id).health.stopped == {"vendor": "down"}
    tried = len(vendor.calls)
    ask(office.run_of(job, 10), vendor, people(5))
    assert len(vendor.calls) == tried


def test_an_answer_that_arrives_after_failures_resets_the_breaker(office):
    vendor, job = bulk(), office.job()

    def fail_first(call):
        if call <= 2:
            raise UnavailableError("down", may_be_billed=call == 2)

    vendor.before = fail_first
    replies, use = ask(office.run_of(job), vendor, people(5))
    assert all(reply.outcome is not None for reply in replies)
    assert use.uncertain == 5


def test_nonsense_is_an_error_of_that_call_not_of_the_job(office):
    vendor, job = bulk(batch_size=10), office.job()

    def nonsense(call):
        if call == 2:
            raise MalformedAnswerError("nonsense")

    vendor.after = nonsense
    replies, use = ask(office.run_of(job), vendor, people(30))
    assert [reply.outcome is not None for reply in replies] == [True] * 10 + [False] * 10 + [
        True
    ] * 10
    assert "made no sense" in replies[15].note
    assert max(vendor.billed.values()) == 1
    assert use.lookups == 20


def test_a_request_that_is_refused_is_not_made_again_and_nobody_stays_claimed(office):
    vendor, job = bulk(batch_size=10), office.job(max_credits=30)

    def refuse(call):
        if call == 2:
            raise RefusedError("refused")

    vendor.before = refuse
    replies, use = ask(office.run_of(job), vendor, people(30))
    assert [reply.outcome is not None for reply in replies[:20]] == [True] * 10 + [False] * 10
    assert replies[15].note == "vendor was not asked: it refused the request"
    assert (len(vendor.calls), use.lookups, use.uncertain) == (3, 20, 0)
    vendor.before = lambda call: None
    again, use = ask(office.run_of(job), vendor, people(30))
    assert all(reply.outcome is not None for reply in again)
    assert (use.lookups, max(vendor.billed.values())) == (30, 1)


def test_no_call_begins_when_the_worker_has_no_time_left_for_it(office):
    vendor, job = bulk(), office.job()
    late = replace(office.run_of(job), deadline=START - 1)
    with pytest.raises(PostponedError):
        ask(late, vendor, people(3))
    assert vendor.calls == []


def test_what_may_have_been_billed_is_not_forgotten_where_the_next_call_is_refused(office):
    vendor, job = bulk(), office.job()

    def die(call: int) -> None:
        if call == 1:
            raise RuntimeError("killed")

    def refuse(call: int) -> None:
        if call == 2:
            raise ThrottledError("slow down", retry_after=60)

    vendor.after, vendor.before = die, refuse
    with pytest.raises(RuntimeError):
        ask(office.run_of(job), vendor, people(3))
    office.clock.now += 80  # the lease has ended
    with pytest.raises(PostponedError):
        ask(office.run_of(job), vendor, people(3))
    office.clock.now += 80
    replies, use = ask(office.run_of(job), vendor, people(3))
    assert set(vendor.billed.values()) == {2}
    assert use.uncertain == 3
    assert all("2 times" in reply.note for reply in replies)


@pytest.mark.parametrize("cap", [{}, {"max_credits": 20}])
def test_two_calls_of_one_moment_that_lose_their_answers_are_both_remembered(office, cap):
    """The trouble of the first postpones the batch; the second may have been billed all the same."""
    vendor, job = bulk(batch_size=1, parallel=2), office.job(**cap)

    def break_off(call: int) -> None:
        if call <= 6:
            raise UnavailableError("broke off", may_be_billed=True)

    vendor.after = break_off
    for _ in range(8):
        try:
            replies, use = ask(office.run_of(job), vendor, people(2))
            break
        except PostponedError:
            office.clock.now += 20
    again = sum(times - 1 for times in vendor.billed.values())
    assert again == use.uncertain > 0
    assert all("may have charged" in reply.note for reply in replies)
