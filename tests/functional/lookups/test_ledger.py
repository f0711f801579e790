"""Of several who would ask for a person, one wins, however their steps interleave."""

from __future__ import annotations

import pytest

from chalicelib.lookups.ledger import Claimant, Entry, Ledger
from chalicelib.providers.base import Found, Match, NoMatch, Outcome, Pending, Suppressed
from chalicelib.services import services

NOW = 1_800_000_000.0


@pytest.fixture
def ledger(stack) -> Ledger:
    return services().ledger


def claimant(name: str) -> Claimant:
    return Claimant(name, f"job-{name}", 0, NOW + 60, int(NOW) + 10**6)


def answered(entry: Entry, outcome: Outcome) -> Entry:
    kept = {**entry.__dict__, "outcome": outcome, "answered_at": NOW}
    return Entry(**kept)


def test_of_two_who_saw_nobody_one_wins(ledger):
    before = dict.fromkeys(["p", "q"])
    assert ledger.claim("v", claimant("a"), {"p": None}).keys() == {"p"}
    assert ledger.claim("v", claimant("b"), before).keys() == {"q"}
    assert ledger.get("v", ["p", "q"])["p"].claim == "a"


def test_of_two_who_take_over_a_claim_one_wins(ledger):
    ledger.claim("v", claimant("dead"), {"p": None})
    before = ledger.get("v", ["p"])
    (won,) = ledger.claim("v", claimant("a"), before).values()
    assert won.uncertain == 1
    assert ledger.claim("v", claimant("b"), before) == {}


def test_an_answer_that_aged_is_replaced_by_one(ledger):
    (claim,) = ledger.claim("v", claimant("first"), {"p": None}).values()
    ledger.answer("v", {"p": answered(claim, NoMatch())})
    before = ledger.get("v", ["p"])
    (won,) = ledger.claim("v", claimant("a"), before).values()
    assert won.uncertain == 0
    assert ledger.claim("v", claimant("b"), before) == {}


def test_a_hundred_are_claimed_together_but_for_those_who_are_taken(ledger):
    ledger.claim("v", claimant("a"), {f"p{n}": None for n in range(0, 150, 10)})
    won = ledger.claim("v", claimant("b"), {f"p{n}": None for n in range(150)})
    assert won.keys() == {f"p{n}" for n in range(150) if n % 10}


def test_what_is_given_back_is_free(ledger):
    ledger.claim("v", claimant("a"), {"p": None})
    ledger.release("v", ["p"])
    assert ledger.claim("v", claimant("b"), {"p": None})


@pytest.mark.parametrize(
    "outcome",
    [Match({"title": Found("CEO", 0.9)}, 0.2), NoMatch(1.0), Suppressed(), Pending(120, 0.0)],
)
def test_answers_come_back_as_they_were(ledger, outcome):
    (claim,) = ledger.claim("v", claimant("a"), {"p": None}).values()
    ledger.answer("v", {"p": answered(claim, outcome)})
    assert ledger.get("v", ["p"])["p"].outcome == outcome


def test_providers_do_not_see_each_others_answers(ledger):
    ledger.claim("v", claimant("a"), {"p": None})
    assert ledger.get("w", ["p"]) == {}
