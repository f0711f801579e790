"""How vendors are asked: nobody twice, never over the budget, at the vendor's pace, whatever goes wrong."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest

from chalicelib.identity.fingerprint import fingerprint
from chalicelib.lookups.calling import BREAKER_FAILURES, Desk, Doors, PostponedError
from chalicelib.lookups.ledger import Asker
from chalicelib.lookups.lookup import ask
from chalicelib.model.clock import iso_time
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    OutOfCreditsError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.model.jobs import Job
from chalicelib.model.layout import Layout
from chalicelib.model.options import Options
from chalicelib.providers.base import Found, Limit, Match, NoMatch, Pending, Terms
from chalicelib.services import services

START = 1_800_000_000.0
WANTED = frozenset({"title"})


@dataclass
class Clock:
    """Time that passes only by sleeping."""

    now: float = START

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Vendor:
    """Keeps its own account of whom it billed; ``before`` and ``after`` may raise, around the billing."""

    terms: Terms
    name: str = "vendor"
    fields: frozenset[str] = frozenset({"title"})
    billed: Counter[str] = field(default_factory=Counter)
    calls: list[int] = field(default_factory=list)
    before: Callable[[int], None] = lambda call: None
    after: Callable[[int], None] = lambda call: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def identifies(self, contact):
        return True

    def enrich(self, contacts, wanted):
        with self.lock:
            self.calls.append(len(contacts))
            call = len(self.calls)
        self.before(call)
        outcomes = [self.outcome(contact.known["email"]) for contact in contacts]
        with self.lock:
            self.billed.update(
                c.known["email"] for c, o in zip(contacts, outcomes, strict=True) if o.credits
            )
        self.after(call)
        return outcomes

    def outcome(self, email):
        if email.startswith("nobody"):
            return NoMatch()
        return Match({"title": Found("CEO", 0.9)}, self.terms.credits)


def people(count: int, first: int = 0) -> list[Contact]:
    emails = [f"p{n}@example.org" for n in range(first, first + count)]
    return [Contact({}, {"email": email}, {}) for email in emails]


@pytest.fixture
def office(stack):
    return Office(Clock())


@dataclass
class Office:
    """Desks for batches of jobs, over moto."""

    clock: Clock

    def job(self, job_id: str = "job", **options) -> Job:
        job = Job(
            id=job_id,
            owner="default",
            created_at=iso_time(self.clock.now),
            options=Options(providers=("vendor",), **options),
            layout=Layout("csv", "utf-8", ("email",)),
            input_key="",
            input_etag="",
        )
        services().control.create_job(job, self.clock.now)
        return job

    def desk(self, job: Job, batch: int = 0, run: str = "run") -> Desk:
        parts = services()
        doors = Doors(
            parts.ledger,
            parts.budget,
            parts.rates,
            parts.control,
            parts.troubles,
            self.clock,
            self.clock.sleep,
        )
        now = self.clock.now
        asker = Asker(f"{run}-{job.id}-{batch}-{now}", job.id, batch, now + 70, int(now) + 10**6)
        return Desk(doors, parts.control.get_job(job.owner, job.id), asker, now + 30)


def bulk(**terms) -> Vendor:
    return Vendor(Terms(**{"batch_size": 100, "credits": 1.0, **terms}))


def test_everybody_is_asked_once_in_calls_of_the_vendors_size(office):
    vendor = bulk(batch_size=10)
    replies, use = ask(office.desk(office.job()), vendor, people(25), WANTED)
    assert vendor.calls == [10, 10, 5]
    assert all(reply.outcome.values["title"].value == "CEO" for reply in replies)
    assert (use.lookups, use.matches, use.cached, use.credits) == (25, 25, 0, 25.0)


def test_duplicates_in_a_batch_are_one_lookup(office):
    vendor = bulk()
    _, use = ask(office.desk(office.job()), vendor, people(5) * 3, WANTED)
    assert vendor.calls == [5]
    assert (use.lookups, use.cached) == (5, 10)


def test_a_batch_that_is_run_again_pays_nothing_and_counts_the_same(office):
    vendor, job = bulk(), office.job()
    _, first = ask(office.desk(job, run="a"), vendor, people(9), WANTED)
    _, second = ask(office.desk(job, run="b"), vendor, people(9), WANTED)
    assert vendor.calls == [9]
    assert first == second


def test_other_batches_and_jobs_find_the_answers_misses_too(office):
    vendor = bulk()
    missing = [Contact({}, {"email": "nobody@example.org"}, {})]
    ask(office.desk(office.job(), batch=0), vendor, people(5) + missing, WANTED)
    _, use = ask(office.desk(office.job("other"), batch=7), vendor, people(5) + missing, WANTED)
    assert vendor.calls == [6]
    assert (use.lookups, use.cached, use.credits) == (0, 6, 0)


@pytest.mark.parametrize(
    ("cache_days", "days_later", "calls"), [(0, 0, 2), (30, 29, 1), (30, 31, 2)]
)
def test_answers_age(office, cache_days, days_later, calls):
    vendor = bulk()
    ask(office.desk(office.job()), vendor, people(3), WANTED)
    office.clock.now += days_later * 24 * 3600 + 1
    job = office.job("other", cache_days=cache_days)
    ask(office.desk(job), vendor, people(3), WANTED)
    ask(office.desk(job, run="again"), vendor, people(3), WANTED)
    assert len(vendor.calls) == calls


def test_who_is_claimed_elsewhere_is_waited_for_not_asked(office):
    parts, job = services(), office.job()
    claimed = fingerprint(people(1)[0].known)
    other = Asker("other", "other-job", 3, office.clock.now + 70, int(START) + 10**6)
    parts.ledger.claim("vendor", other, {claimed: None})
    vendor = bulk()
    with pytest.raises(PostponedError) as postponed:
        ask(office.desk(job), vendor, people(4), WANTED)
    assert postponed.value.seconds <= 2
    assert vendor.billed.keys() == {f"p{n}@example.org" for n in range(1, 4)}


def test_a_claim_whose_owner_died_is_taken_over_and_counted_as_uncertain(office):
    vendor, job = bulk(), office.job()

    class Killed(BaseException):
        pass

    def die(call):
        raise Killed

    vendor.after = die
    with pytest.raises(Killed):
        ask(office.desk(job, run="a"), vendor, people(3), WANTED)
    vendor.after = lambda call: None
    with pytest.raises(PostponedError):
        ask(office.desk(job, run="b"), vendor, people(3), WANTED)
    office.clock.now += 71
    replies, use = ask(office.desk(job, run="c"), vendor, people(3), WANTED)
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
        ask(office.desk(job, run="a"), vendor, people(50), WANTED)
    office.clock.now += 71
    _, use = ask(office.desk(job, run="b"), vendor, people(50), WANTED)
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
    _, use = ask(office.desk(job), vendor, people(40), WANTED)
    assert (use.lookups, use.uncertain) == (40, 0)
    assert max(vendor.billed.values()) == 1
    assert office.clock.now >= START + 2
    assert services().control.get_job(job.owner, job.id).throttled["vendor"] >= START + 2


def test_a_long_rest_postpones_the_batch_and_nobody_is_left_claimed(office):
    vendor, job = bulk(batch_size=10), office.job()

    def throttle(call):
        if call == 2:
            raise ThrottledError("slow down", retry_after=60)

    vendor.before = throttle
    with pytest.raises(PostponedError) as postponed:
        ask(office.desk(job, run="a"), vendor, people(30), WANTED)
    assert 59 <= postponed.value.seconds <= 62
    office.clock.now += 61
    _, use = ask(office.desk(job, run="b"), vendor, people(30), WANTED)
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
    replies, _ = ask(office.desk(job), vendor, people(30), WANTED)
    assert [reply.outcome is not None for reply in replies] == [True] * 10 + [False] * 20
    assert "vendor was not asked" in replies[29].note
    assert services().control.get_job(job.owner, job.id).stopped == {"vendor": state}
    ask(office.desk(job, batch=1), vendor, people(30, first=100), WANTED)
    assert len(vendor.calls) == 2
    other, _ = ask(office.desk(office.job("other"), batch=1), bulk(), people(30), WANTED)
    assert all(reply.outcome is not None for reply in other)


def test_a_vendor_that_is_down_is_tried_again_then_skipped_for_the_job(office):
    vendor, job = bulk(), office.job()

    def refuse(call):
        raise UnavailableError("down")

    vendor.before = refuse
    for batch in range(BREAKER_FAILURES - 1):
        with pytest.raises(PostponedError):
            ask(office.desk(job, batch), vendor, people(5), WANTED)
    replies, _ = ask(office.desk(job, 9), vendor, people(5), WANTED)
    assert {reply.note for reply in replies} == {"vendor was not asked: it is down"}
    assert services().control.get_job(job.owner, job.id).stopped == {"vendor": "down"}
    tried = len(vendor.calls)
    ask(office.desk(job, 10), vendor, people(5), WANTED)
    assert len(vendor.calls) == tried


def test_an_answer_that_arrives_after_failures_resets_the_breaker(office):
    vendor, job = bulk(), office.job()

    def fail_first(call):
        if call <= 2:
            raise UnavailableError("down", may_be_billed=call == 2)

    vendor.before = fail_first
    replies, use = ask(office.desk(job), vendor, people(5), WANTED)
    assert all(reply.outcome is not None for reply in replies)
    assert use.uncertain == 5


def test_nonsense_is_an_error_of_that_call_not_of_the_job(office):
    vendor, job = bulk(batch_size=10), office.job()

    def nonsense(call):
        if call == 2:
            raise MalformedAnswerError("nonsense")

    vendor.after = nonsense
    replies, use = ask(office.desk(job), vendor, people(30), WANTED)
    assert [reply.outcome is not None for reply in replies] == [True] * 10 + [False] * 10 + [
        True
    ] * 10
    assert "made no sense" in replies[15].note
    assert max(vendor.billed.values()) == 1
    assert use.lookups == 20


def test_a_vendor_that_is_still_looking_postpones_the_batch_then_answers(office):
    vendor, job = bulk(), office.job()
    found = vendor.outcome
    vendor.outcome = lambda email: Pending(120)
    with pytest.raises(PostponedError) as postponed:
        ask(office.desk(job, run="a"), vendor, people(2), WANTED)
    assert postponed.value.seconds == 120
    office.clock.now += 121
    vendor.outcome = found
    _, use = ask(office.desk(job, run="b"), vendor, people(2), WANTED)
    assert (use.matches, use.uncertain) == (2, 0)


# Budget


def test_the_budget_leaves_the_rest_out_with_the_reason(office):
    vendor = bulk(batch_size=10)
    job = office.job(max_credits=12)
    replies, use = ask(office.desk(job), vendor, people(30), WANTED)
    assert sum(vendor.billed.values()) == 12
    assert use.credits == 12
    assert "max_credits is used up" in replies[29].note
    replies, _ = ask(office.desk(job, 1), vendor, people(5, first=50), WANTED)
    assert sum(vendor.billed.values()) == 12
    assert all("max_credits" in reply.note for reply in replies)


def test_what_is_not_spent_is_given_back(office):
    vendor, job = bulk(), office.job(max_credits=10)
    vendor.outcome = lambda email: NoMatch()
    ask(office.desk(job), vendor, people(10), WANTED)
    del vendor.outcome
    _, use = ask(office.desk(job, 1), vendor, people(10, first=50), WANTED)
    assert use.credits == 10


def test_credits_that_others_hold_are_waited_for(office):
    job = office.job(max_credits=10)
    held = services().budget.hold("job", "other", 10, 1.0, 10, START, START + 70)
    with pytest.raises(PostponedError):
        ask(office.desk(job), bulk(), people(3), WANTED)
    services().budget.settle("job", held, 4)
    _, use = ask(office.desk(job), bulk(), people(9), WANTED)
    assert use.credits == 6


def test_credits_that_the_dead_held_count_as_spent(office):
    job = office.job(max_credits=10)
    services().budget.hold("job", "dead", 10, 1.0, 10, START, START + 70)
    office.clock.now += 71
    replies, _ = ask(office.desk(job), bulk(), people(3), WANTED)
    assert all("max_credits" in reply.note for reply in replies)


def test_a_call_that_may_have_been_billed_is_settled_before_it_is_made_again(office):
    vendor, job = bulk(), office.job(max_credits=10)

    def hang_up(call):
        raise UnavailableError("hung up", may_be_billed=True)

    vendor.after = hang_up
    with pytest.raises(PostponedError):
        ask(office.desk(job, run="a"), vendor, people(10), WANTED)
    replies, _ = ask(office.desk(job, run="b"), vendor, people(10), WANTED)
    assert sum(vendor.billed.values()) == 10
    assert all("max_credits" in reply.note for reply in replies)


def test_fractions_of_credits_add_up(office):
    vendor, job = bulk(credits=0.2), office.job(max_credits=1)
    ask(office.desk(job), vendor, people(10), WANTED)
    assert sum(vendor.billed.values()) == 5


# Rates


def test_calls_keep_the_vendors_pace_over_all_workers(office):
    rates, limits = services().rates, [Limit(60, 60)]
    starts = []
    for _ in range(5):
        granted, at = rates.reserve("v", limits, 1, START, patience=10)
        assert granted
        starts.append(at)
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert all(1.0 <= gap < 1.05 for gap in gaps)


def test_beyond_the_patience_nothing_is_booked(office):
    rates, limits = services().rates, [Limit(6, 60)]
    assert rates.reserve("v", limits, 1, START, patience=5)[0]
    granted, at = rates.reserve("v", limits, 1, START, patience=5)
    assert not granted
    assert 10 <= at - START < 11
    assert rates.reserve("v", limits, 1, at, patience=5)[0]


def test_long_windows_are_counted(office):
    rates, limits = services().rates, [Limit(10, 3600)]
    assert rates.reserve("v", limits, 7, START, patience=5) == (True, START)
    assert rates.reserve("v", limits, 4, START + 60, patience=5) == (False, START + 3600)
    assert rates.reserve("v", limits, 3, START + 60, patience=5)[0]
    assert rates.reserve("v", limits, 10, START + 3601, patience=5)[0]


def test_a_vendor_that_is_closed_for_long_is_done_without(office):
    vendor = bulk(batch_size=10, limits=(Limit(2, 3600),))
    replies, use = ask(office.desk(office.job()), vendor, people(30), WANTED)
    assert use.lookups == 20
    assert "its limits leave no time" in replies[29].note


def test_calls_of_vendors_that_take_one_contact_run_side_by_side(office):
    vendor = bulk(batch_size=1, parallel=4)
    meeting = threading.Barrier(4, timeout=5)
    vendor.before = lambda call: meeting.wait()
    _, use = ask(office.desk(office.job()), vendor, people(8), WANTED)
    assert use.lookups == 8


def test_no_call_begins_when_the_worker_has_no_time_left_for_it(office):
    vendor, job = bulk(), office.job()
    desk = replace(office.desk(job), deadline=START - 1)
    with pytest.raises(PostponedError):
        ask(desk, vendor, people(3), WANTED)
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
        ask(office.desk(job), vendor, people(3), WANTED)
    office.clock.now += 80  # the lease has ended
    with pytest.raises(PostponedError):
        ask(office.desk(job), vendor, people(3), WANTED)
    office.clock.now += 80
    replies, use = ask(office.desk(job), vendor, people(3), WANTED)
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
            replies, use = ask(office.desk(job), vendor, people(2), WANTED)
            break
        except PostponedError:
            office.clock.now += 20
    again = sum(times - 1 for times in vendor.billed.values())
    assert again == use.uncertain > 0
    assert all("may have charged" in reply.note for reply in replies)
