"""Providers that answer later: nobody is submitted twice, whatever happens between submission and answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.identity.fingerprint import fingerprint
from chalicelib.lookups.budget import LONGEST_TICKET
from chalicelib.lookups.health import stopped
from chalicelib.lookups.ledger import Book
from chalicelib.lookups.trouble import CANCELLED
from chalicelib.lookups.turns import PostponedError
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    OutOfCreditsError,
    RefusedError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.base import Limit, Match, Ticket
from chalicelib.services import services
from tests.functional.lookups.office import START, ask, later, people


def postponed(run, vendor, contacts) -> float:
    """For how many seconds the batch is put off."""
    with pytest.raises(PostponedError) as wait:
        ask(run, vendor, contacts)
    return wait.value.seconds


def raising(error):
    def collect(submission, contacts):
        raise error

    return collect


def test_contacts_are_submitted_and_their_answers_collected_when_they_can_be_ready(office):
    vendor, job = later(batch_size=10), office.job()
    assert postponed(office.run_of(job), vendor, people(25)) == 30
    assert postponed(office.run_of(job), vendor, people(25)) == 30
    assert (vendor.calls, vendor.polls) == ([10, 10, 5], [])
    office.clock.now += 30
    replies, use = ask(office.run_of(job), vendor, people(25))
    assert (vendor.calls, vendor.polls) == ([10, 10, 5], ["0", "1", "2"])
    assert all(reply.outcome.values["title"].value == "CEO" for reply in replies)
    assert (use.lookups, use.matches, use.cached, use.credits, use.uncertain) == (25, 25, 0, 25, 0)


def test_a_batch_that_is_run_again_collects_nothing_again(office):
    vendor, job = later(), office.job()
    postponed(office.run_of(job), vendor, people(9))
    office.clock.now += 30
    _, first = ask(office.run_of(job), vendor, people(9))
    _, second = ask(office.run_of(job), vendor, people(9))
    assert (vendor.calls, vendor.polls) == ([9], ["0"])
    assert first == second


def test_what_is_ready_is_kept_and_the_rest_collected_later(office):
    vendor, job = later(), office.job()
    postponed(office.run_of(job), vendor, people(4))
    office.clock.now += 30
    vendor.ready = lambda email: email < "p2"
    assert postponed(office.run_of(job), vendor, people(4)) == 30
    asked = []
    collect = vendor.collect
    vendor.collect = lambda number, contacts: (asked.extend(contacts), collect(number, contacts))[1]
    vendor.ready = lambda email: True
    office.clock.now += 30
    _, use = ask(office.run_of(job), vendor, people(4))
    assert asked == ["c2", "c3"]
    assert (vendor.calls, use.matches, use.credits) == ([4], 4, 4)


def test_the_longer_it_takes_the_longer_the_pauses_until_it_is_given_up(office):
    vendor, job = later(), office.job()
    vendor.ready = lambda email: False
    pauses = []
    while True:
        try:
            replies, use = ask(office.run_of(job), vendor, people(1))
            break
        except PostponedError as wait:
            pauses.append(wait.seconds)
            office.clock.now += wait.seconds
    assert pauses[:4] == [30, 30, 30, 45]
    assert max(pauses) == 300
    assert LONGEST_TICKET - 300 <= sum(pauses) <= LONGEST_TICKET
    assert (vendor.calls, len(vendor.polls)) == ([1], len(pauses))
    assert "has not answered" in replies[0].note
    assert (use.credits, use.uncertain) == (1, 1)


def test_nobody_waits_beyond_the_jobs_deadline(office):
    vendor, job = later(), office.job()
    run = replace(office.run_of(job), job_ends_at=START + 60)
    replies, _ = ask(run, vendor, people(1))
    assert "has not answered" in replies[0].note


def test_another_job_collects_what_is_already_submitted(office):
    vendor, job = later(), office.job()
    postponed(office.run_of(job), vendor, people(3))
    other = office.job("other")
    assert postponed(office.run_of(other), vendor, people(3)) == 30
    office.clock.now += 30
    _, use = ask(office.run_of(other), vendor, people(3))
    assert (vendor.calls, use.lookups, use.cached, use.credits) == ([3], 0, 3, 0)
    _, use = ask(office.run_of(job), vendor, people(3))
    assert (vendor.calls, vendor.polls) == ([3], ["0"])
    assert (use.lookups, use.matches, use.credits) == (3, 3, 3)


def test_what_a_job_gave_up_the_next_one_collects(office):
    vendor, job = later(), office.job()
    postponed(office.run_of(job), vendor, people(1))
    vendor.ready = lambda email: False
    office.clock.now += LONGEST_TICKET
    ask(office.run_of(job), vendor, people(1))
    vendor.ready = lambda email: True
    replies, _ = ask(office.run_of(office.job("other")), vendor, people(1))
    assert isinstance(replies[0].outcome, Match)
    assert vendor.calls == [1]


@pytest.mark.parametrize(
    "error", [UnavailableError("down", True), ThrottledError("slow", 20), ThrottledError("slow")]
)
def test_a_look_that_fails_is_made_again_later_and_costs_nothing(office, error):
    vendor, job = later(), office.job()
    postponed(office.run_of(job), vendor, people(3))
    office.clock.now += 30
    vendor.collect = raising(error)
    assert postponed(office.run_of(job), vendor, people(3)) == 30
    del vendor.collect
    office.clock.now += 30
    _, use = ask(office.run_of(job), vendor, people(3))
    assert (vendor.calls, use.credits, use.uncertain) == ([3], 3, 0)


def test_looks_keep_to_a_schedule_of_their_own(office):
    vendor, job = later(batch_size=1, limits=()), office.job()
    vendor.collecting = (Limit(6, 60),)
    postponed(office.run_of(job), vendor, people(3))
    office.clock.now += 30
    seconds = postponed(office.run_of(job), vendor, people(3))
    assert vendor.polls == ["0"]
    assert 8 < seconds < 12


def test_a_key_that_is_refused_ends_the_waiting(office):
    vendor, job = later(), office.job()
    postponed(office.run_of(job), vendor, people(3))
    office.clock.now += 30
    vendor.collect = raising(BadKeyError("no"))
    replies, _ = ask(office.run_of(job), vendor, people(3))
    assert all("has not answered" in reply.note for reply in replies)
    assert office.run_of(job).job.health.stopped == {vendor.name: BadKeyError.code}
    del vendor.collect
    replies, _ = ask(office.run_of(office.job("other")), vendor, people(3))
    assert all(isinstance(reply.outcome, Match) for reply in replies)
    assert vendor.calls == [3]


def test_a_submission_that_the_vendor_does_not_know_is_not_waited_for(office):
    vendor, job = later(), office.job()
    postponed(office.run_of(job), vendor, people(3))
    office.clock.now += 30
    vendor.collect = raising(RefusedError("unknown"))
    replies, use = ask(office.run_of(job), vendor, people(3))
    assert all("may charge" in reply.note for reply in replies)
    assert (vendor.calls, use.uncertain) == ([3], 3)


def test_what_is_paid_is_collected_also_where_the_account_is_out_of_credits(office):
    vendor, job = later(batch_size=2), office.job()
    postponed(office.run_of(job), vendor, people(2))
    services().health.stop(job.id, vendor.name, "OUT_OF_CREDITS")
    office.clock.now += 30
    replies, _ = ask(office.run_of(job), vendor, people(4))
    assert [isinstance(reply.outcome, Match) for reply in replies] == [True, True, False, False]


def test_a_cancelled_job_does_not_wait(office):
    vendor, job = later(), office.job()
    postponed(office.run_of(job), vendor, people(3))
    office.clock.now += 30
    run = office.run_of(job)
    cancelled = replace(run.job, health=stopped(run.job.health, [vendor.name], CANCELLED))
    replies, _ = ask(replace(run, job=cancelled), vendor, people(3))
    assert all("has not answered" in reply.note for reply in replies)
    assert vendor.polls == []


def test_a_submission_whose_answer_was_lost_is_uncertain(office):
    vendor, job = later(), office.job()

    def lose(call):
        if call == 1:
            raise UnavailableError("gone", True)

    vendor.after = lose
    postponed(office.run_of(job), vendor, people(2))
    assert vendor.calls == [2, 2]
    office.clock.now += 30
    replies, use = ask(office.run_of(job), vendor, people(2))
    assert use.uncertain == 2
    assert all("may have charged for this 2 times" in reply.note for reply in replies)


def test_an_answer_about_a_person_who_was_erased_meanwhile_brings_nothing_back(office):
    vendor, job, contacts = later(), office.job(), people(1)
    postponed(office.run_of(job), vendor, contacts)
    book, person = Book(job.owner, vendor.name), fingerprint(contacts[0].known)
    office.clock.now += 30
    collect = vendor.collect

    def erased_while_collecting(submission, asked):
        services().ledger.erase(services().ledger.keys_of(book, [person]))
        return collect(submission, asked)

    vendor.collect = erased_while_collecting
    ask(office.run_of(job), vendor, contacts)
    assert services().ledger.get(book, [person]) == {}


def committed(job) -> float:
    return services().budget.committed(job.id)


def test_under_a_cap_credits_are_held_until_the_answers_are_there(office):
    vendor, job = later(), office.job(max_credits=10)
    postponed(office.run_of(job), vendor, people(6))
    assert committed(job) == 6
    vendor.ready = lambda email: email < "p3"
    office.clock.now += 30
    postponed(office.run_of(job), vendor, people(6))
    assert committed(job) == 6
    vendor.ready = lambda email: True
    vendor.outcome = lambda email: Match({}, 0.0)
    office.clock.now += 30
    _, use = ask(office.run_of(job), vendor, people(6))
    assert (committed(job), use.credits) == (3, 3)


def test_credits_of_a_submission_that_is_open_are_nobody_elses(office):
    vendor, job = later(), office.job(max_credits=10)
    postponed(office.run_of(job), vendor, people(8))
    replies_of_others = office.run_of(job, batch=1)
    postponed(replies_of_others, vendor, people(5, first=50))
    assert vendor.calls == [8, 2]
    assert committed(job) == 10


def test_credits_are_settled_also_where_somebody_else_collected(office):
    vendor, job = later(), office.job(max_credits=10)
    postponed(office.run_of(job), vendor, people(6))
    office.clock.now += 30
    vendor.outcome = lambda email: Match({}, 0.5)
    ask(office.run_of(office.job("other")), vendor, people(6))
    assert committed(job) == 6
    ask(office.run_of(job), vendor, people(6))
    ask(office.run_of(job), vendor, people(6))
    assert committed(job) == 3


def test_credits_of_answers_that_never_come_are_spent_in_the_end(office):
    vendor, job = later(), office.job(max_credits=6)
    postponed(office.run_of(job), vendor, people(6))
    office.clock.now += LONGEST_TICKET + 200
    replies, _ = ask(office.run_of(job, batch=1), vendor, people(2, first=50))
    assert vendor.calls == [6]
    assert all("max_credits is used up" in reply.note for reply in replies)
    assert committed(job) == 6


def test_the_ledger_keeps_the_ticket(office):
    vendor, job = later(), office.job()
    postponed(office.run_of(job), vendor, people(1))
    person = fingerprint(people(1)[0].known)
    entry = services().ledger.get(Book(job.owner, vendor.name), [person])[person]
    assert entry.outcome == Ticket("0", "c0", 30.0, 1.0)
    assert (entry.ticket, entry.answered_at) == ("0", START)


def test_a_batch_that_shares_a_person_settles_nothing_for_the_others(office):
    vendor, job = later(), office.job(max_credits=10)
    postponed(office.run_of(job), vendor, people(6))
    office.clock.now += 30
    ask(office.run_of(job, batch=1), vendor, people(1))
    assert committed(job) == 6
    ask(office.run_of(job), vendor, people(6))
    assert committed(job) == 6
    assert vendor.calls == [6]


def test_a_pause_that_the_vendor_wants_is_kept(office):
    vendor, job = later(), office.job()
    postponed(office.run_of(job), vendor, people(3))
    office.clock.now += 30
    vendor.collect = raising(ThrottledError("slow", 100))
    postponed(office.run_of(job), vendor, people(3))
    del vendor.collect
    office.clock.now += 30
    assert 68 < postponed(office.run_of(job), vendor, people(3)) < 72
    assert vendor.polls == []


def test_whom_the_credits_did_not_suffice_for_is_asked_for_again_by_the_next_job(office):
    vendor, job = later(), office.job(max_credits=10)
    postponed(office.run_of(job), vendor, people(4))
    office.clock.now += 30
    vendor.ready = lambda email: email < "p2"
    postponed(office.run_of(job), vendor, people(4))
    office.clock.now += 30
    vendor.collect = raising(OutOfCreditsError("empty"))
    replies, use = ask(office.run_of(job), vendor, people(4))
    assert [isinstance(reply.outcome, Match) for reply in replies] == [True, True, False, False]
    assert "out of credits" in replies[2].note
    assert (use.lookups, use.credits, use.uncertain, committed(job)) == (2, 2, 0, 2)
    del vendor.collect
    assert postponed(office.run_of(office.job("other")), vendor, people(4)) == 30
    assert vendor.calls == [4, 2]


def test_credits_of_a_submission_are_held_longer_than_the_worker_lives(office):
    vendor, job = later(), office.job(max_credits=6)
    postponed(office.run_of(job), vendor, people(6))
    office.clock.now += 200
    postponed(office.run_of(job, batch=1), vendor, people(2, first=50))
    assert vendor.calls == [6]


def test_an_answer_that_a_profile_may_have_decided_is_not_for_rows_without_it(office):
    vendor, job = later(), office.job()
    known = {"email": "p0@example.org", "linkedin_url": "https://www.linkedin.com/in/p0"}
    postponed(office.run_of(job), vendor, [Contact({}, known, {})])
    office.clock.now += 30
    ask(office.run_of(job), vendor, [Contact({}, known, {})])
    postponed(office.run_of(office.job("other")), vendor, people(1))
    assert vendor.calls == [1, 1]
