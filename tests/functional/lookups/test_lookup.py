"""How people are looked up: nobody twice, whoever else asks, and whatever was asked before."""

from __future__ import annotations

import threading

import pytest

from chalicelib.identity.fingerprint import fingerprint
from chalicelib.lookups.ledger import Book, Claimant
from chalicelib.lookups.turns import PostponedError
from chalicelib.model.contacts import Contact
from chalicelib.providers.base import Found, Match, Pending
from chalicelib.services import services
from tests.functional.lookups.office import START, ask, bulk, people


def test_everybody_is_asked_once_in_calls_of_the_vendors_size(office):
    vendor = bulk(batch_size=10)
    replies, use = ask(office.run_of(office.job()), vendor, people(25))
    assert vendor.calls == [10, 10, 5]
    assert all(reply.outcome.values["title"].value == "CEO" for reply in replies)
    assert (use.lookups, use.matches, use.cached, use.credits) == (25, 25, 0, 25.0)


def test_duplicates_in_a_batch_are_one_lookup(office):
    vendor = bulk()
    _, use = ask(office.run_of(office.job()), vendor, people(5) * 3)
    assert vendor.calls == [5]
    assert (use.lookups, use.cached) == (5, 10)


def test_a_batch_that_is_run_again_pays_nothing_and_counts_the_same(office):
    vendor, job = bulk(), office.job()
    _, first = ask(office.run_of(job, run="a"), vendor, people(9))
    _, second = ask(office.run_of(job, run="b"), vendor, people(9))
    assert vendor.calls == [9]
    assert first == second


def test_other_batches_and_jobs_find_the_answers_misses_too(office):
    vendor = bulk()
    missing = [Contact({}, {"email": "nobody@example.org"}, {})]
    ask(office.run_of(office.job(), batch=0), vendor, people(5) + missing)
    _, use = ask(office.run_of(office.job("other"), batch=7), vendor, people(5) + missing)
    assert vendor.calls == [6]
    assert (use.lookups, use.cached, use.credits) == (0, 6, 0)


@pytest.mark.parametrize(
    ("cache_days", "days_later", "calls"), [(0, 0, 2), (30, 29, 1), (30, 31, 2)]
)
def test_answers_age(office, cache_days, days_later, calls):
    vendor = bulk()
    ask(office.run_of(office.job()), vendor, people(3))
    office.clock.now += days_later * 24 * 3600 + 1
    job = office.job("other", cache_days=cache_days)
    ask(office.run_of(job), vendor, people(3))
    ask(office.run_of(job, run="again"), vendor, people(3))
    assert len(vendor.calls) == calls


def test_who_is_claimed_elsewhere_is_waited_for_not_asked(office):
    parts, job = services(), office.job()
    claimed = fingerprint(people(1)[0].known)
    other = Claimant("other", "other-job", 3, office.clock.now + 70, int(START) + 10**6)
    parts.ledger.claim(Book(job.owner, "vendor"), other, {claimed: None})
    vendor = bulk()
    with pytest.raises(PostponedError) as postponed:
        ask(office.run_of(job), vendor, people(4))
    assert postponed.value.seconds <= 2
    assert vendor.billed.keys() == {f"p{n}@example.org" for n in range(1, 4)}


def test_a_vendor_that_is_still_looking_postpones_the_batch_then_answers(office):
    vendor, job = bulk(), office.job()
    found = vendor.outcome
    vendor.outcome = lambda email: Pending(120)
    with pytest.raises(PostponedError) as postponed:
        ask(office.run_of(job, run="a"), vendor, people(2))
    assert postponed.value.seconds == 120
    office.clock.now += 121
    vendor.outcome = found
    _, use = ask(office.run_of(job, run="b"), vendor, people(2))
    assert (use.matches, use.uncertain) == (2, 0)


def test_calls_of_vendors_that_take_one_contact_run_side_by_side(office):
    vendor = bulk(batch_size=1, parallel=4)
    meeting = threading.Barrier(4, timeout=5)
    vendor.before = lambda call: meeting.wait()
    _, use = ask(office.run_of(office.job()), vendor, people(8))
    assert use.lookups == 8


def finds_bob_by_linkedin():
    """A vendor that believes a LinkedIn URL more than an e-mail address."""
    vendor = bulk()

    def enrich(contacts, wanted):
        vendor.calls.append(len(contacts))
        bob = Match({"title": Found("Bob's title", 0.9)}, 1.0)
        jane = Match({"title": Found("Jane's title", 0.9)}, 1.0)
        return [bob if "linkedin_url" in contact.known else jane for contact in contacts]

    vendor.enrich = enrich
    return vendor


JANE = Contact({}, {"email": "jane@example.org"}, {})
JANE_OR_BOB = Contact(
    {}, {"email": "jane@example.org", "linkedin_url": "https://www.linkedin.com/in/bob-example"}, {}
)


def titles(replies) -> list[str]:
    return [
        r.outcome.values["title"].value if isinstance(r.outcome, Match) else r.note for r in replies
    ]


def test_a_second_identifier_that_conflicts_with_the_first_does_not_decide_for_later_jobs(office):
    vendor = finds_bob_by_linkedin()
    replies, _ = ask(office.run_of(office.job("first")), vendor, [JANE_OR_BOB])
    assert titles(replies) == ["Bob's title"]
    replies, _ = ask(office.run_of(office.job("second")), vendor, [JANE_OR_BOB])
    assert (titles(replies), len(vendor.calls)) == (["Bob's title"], 1)
    replies, _ = ask(office.run_of(office.job("later")), vendor, [JANE])
    assert (titles(replies), len(vendor.calls)) == (["Jane's title"], 2)


def test_nor_for_other_rows_of_its_job_which_do_not_pay_again(office):
    vendor, job = finds_bob_by_linkedin(), office.job()
    ask(office.run_of(job), vendor, [JANE_OR_BOB])
    replies, _ = ask(office.run_of(job, batch=1), vendor, [JANE, JANE_OR_BOB])
    assert "another row's phone or LinkedIn URL: not used" in titles(replies)[0]
    assert titles(replies)[1] == "Bob's title"
    assert vendor.calls == [1]
