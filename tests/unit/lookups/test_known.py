"""What the ledger holds of a person decides: take the answer, wait for it, or ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.identity.fingerprint import fingerprint
from chalicelib.lookups.known import (
    OTHERS_ANSWER,
    PENDING_TRIES,
    Known,
    decided_by,
    further_of,
    pause_of,
    reply_of,
    sort_out,
)
from chalicelib.lookups.ledger import Entry
from chalicelib.providers.base import Found, Match, NoMatch, Pending

NOW = 1_800_000_000.0
SINCE = NOW - 30 * 86_400
CLAIM = Entry("claim", NOW + 60, "other-job", 3, int(NOW) + 10**6)
ANSWER = replace(CLAIM, outcome=NoMatch(), answered_at=NOW - 5)
LOOKING = replace(CLAIM, outcome=Pending(120), answered_at=NOW - 100)


def known(entry: Entry | None) -> Known:
    return sort_out({"p": frozenset()}, {"p": entry} if entry else {}, "job", SINCE, NOW)


@pytest.mark.parametrize("entry", [ANSWER, replace(ANSWER, outcome=Match())])
def test_an_answer_counts_match_or_not(entry):
    assert known(entry) == Known({"p": entry}, {}, {})


def test_an_answer_that_is_too_old_counts_only_for_the_job_that_paid_for_it():
    old = replace(ANSWER, answered_at=SINCE - 1)
    assert known(old) == Known({}, {"p": old}, {})
    own = replace(old, job_id="job")
    assert known(own) == Known({"p": own}, {}, {})


def test_nobody_knows_anything():
    assert known(None) == Known({}, {"p": None}, {})


def test_whom_another_worker_asks_for_is_waited_for_until_its_lease_ends():
    assert known(CLAIM) == Known({}, {}, {"p": OTHERS_ANSWER})
    ending = replace(CLAIM, lease=NOW + 1)
    assert known(ending) == Known({}, {}, {"p": 1.0})
    dead = replace(CLAIM, lease=NOW)
    assert known(dead) == Known({}, {"p": dead}, {})


def test_a_provider_that_is_still_looking_is_asked_again_when_it_said():
    assert known(LOOKING) == Known({}, {}, {"p": 20.0})
    due = replace(LOOKING, answered_at=NOW - 120)
    assert known(due) == Known({}, {"p": due}, {})


def test_a_provider_that_never_stops_looking_is_asked_no_more():
    tired = replace(LOOKING, tries=PENDING_TRIES)
    assert pause_of(tired) is None
    assert known(tired) == Known({"p": tired}, {}, {})
    reply = reply_of("pdl", tired, frozenset())
    assert (reply.outcome, reply.note) == (
        NoMatch(),
        "pdl was still looking when it was last asked",
    )


def test_a_reply_tells_of_lookups_whose_answers_were_lost():
    assert reply_of("pdl", ANSWER, frozenset()).note == ""
    assert (
        "charged for this 3 times"
        in reply_of("pdl", replace(ANSWER, uncertain=2), frozenset()).note
    )


BOUND = replace(ANSWER, outcome=Match(), further=frozenset({"a"}))


@pytest.mark.parametrize(
    ("further", "counts"), [(set(), False), ({"b"}, False), ({"a"}, True), ({"a", "b"}, True)]
)
def test_an_answer_that_another_identifier_may_have_decided_counts_for_who_has_that_too(
    further, counts
):
    found = sort_out({"p": frozenset(further)}, {"p": BOUND}, "job", SINCE, NOW)
    assert (found.answered == {"p": BOUND}, found.to_ask == {"p": BOUND}) == (counts, not counts)


def test_within_the_job_it_is_not_asked_for_again_and_not_used_for_the_other_row():
    own = replace(BOUND, job_id="job")
    assert sort_out({"p": frozenset()}, {"p": own}, "job", SINCE, NOW).answered == {"p": own}
    reply = reply_of("pdl", own, frozenset())
    assert reply.outcome == NoMatch()
    assert "another row's phone or LinkedIn URL" in reply.note
    assert reply_of("pdl", own, frozenset({"a"})).outcome == Match()


class Asks:
    """A provider that finds people by e-mail and LinkedIn URL."""

    def identifies(self, contact):
        return not {"email", "linkedin_url"}.isdisjoint(contact.known)


JANE = {"email": "jane@example.org", "linkedin_url": "https://example.org/in/bob", "phone": "+1"}


def test_only_identifiers_that_the_provider_takes_can_decide():
    assert further_of(Asks(), JANE) == {fingerprint({"linkedin_url": JANE["linkedin_url"]})}
    assert further_of(Asks(), {"email": "jane@example.org", "phone": "+1"}) == frozenset()
    assert further_of(Asks(), {"full_name": "Jane Doe", "company": "Acme"}) == frozenset()


@pytest.mark.parametrize(
    ("outcome", "decided_by_first"),
    [
        (Match({"email": Found("jane@example.org", 1.0)}), True),
        (Match({"email": Found("j.doe@example.com", 1.0)}, 1.0, frozenset({JANE["email"]})), True),
        (Match({"email": Found("bob@example.com", 1.0)}), False),
        (Match({"title": Found("CEO", 1.0)}), False),
        (NoMatch(1.0), False),
    ],
)
def test_an_answer_that_repeats_the_first_identifier_is_about_that_person(
    outcome, decided_by_first
):
    assert (decided_by(Asks(), JANE, outcome) == frozenset()) == decided_by_first
