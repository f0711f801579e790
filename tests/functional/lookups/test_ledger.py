"""Of several who would ask for a person, one wins, however their steps interleave."""

from __future__ import annotations

import hashlib
from typing import Any

import boto3
import pytest

from chalicelib.aws.table import Table
from chalicelib.aws.vault import TamperedError, Vault
from chalicelib.identity.fingerprint import fingerprint
from chalicelib.lookups.ledger import Book, Claimant, Entry, Ledger
from chalicelib.providers.base import Found, Match, NoMatch, Outcome, Pending, Suppressed
from chalicelib.services import services
from chalicelib.settings import MissingSettingError

NOW = 1_800_000_000.0
BOOK = Book("owner", "v")


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
    assert ledger.claim(BOOK, claimant("a"), {"p": None}).keys() == {"p"}
    assert ledger.claim(BOOK, claimant("b"), before).keys() == {"q"}
    assert ledger.get(BOOK, ["p", "q"])["p"].claim == "a"


def test_of_two_who_take_over_a_claim_one_wins(ledger):
    ledger.claim(BOOK, claimant("dead"), {"p": None})
    before = ledger.get(BOOK, ["p"])
    (won,) = ledger.claim(BOOK, claimant("a"), before).values()
    assert won.uncertain == 1
    assert ledger.claim(BOOK, claimant("b"), before) == {}


def test_an_answer_that_aged_is_replaced_by_one(ledger):
    (claim,) = ledger.claim(BOOK, claimant("first"), {"p": None}).values()
    ledger.answer(BOOK, {"p": answered(claim, NoMatch())})
    before = ledger.get(BOOK, ["p"])
    (won,) = ledger.claim(BOOK, claimant("a"), before).values()
    assert won.uncertain == 0
    assert ledger.claim(BOOK, claimant("b"), before) == {}


def test_a_hundred_are_claimed_together_but_for_those_who_are_taken(ledger):
    ledger.claim(BOOK, claimant("a"), {f"p{n}": None for n in range(0, 150, 10)})
    won = ledger.claim(BOOK, claimant("b"), {f"p{n}": None for n in range(150)})
    assert won.keys() == {f"p{n}" for n in range(150) if n % 10}


def test_what_is_given_back_is_free(ledger):
    ledger.claim(BOOK, claimant("a"), {"p": None})
    ledger.release(BOOK, ["p"])
    assert ledger.claim(BOOK, claimant("b"), {"p": None})


@pytest.mark.parametrize(
    "outcome",
    [Match({"title": Found("CEO", 0.9)}, 0.2), NoMatch(1.0), Suppressed(), Pending(120, 0.0)],
)
def test_answers_come_back_as_they_were(ledger, outcome):
    (claim,) = ledger.claim(BOOK, claimant("a"), {"p": None}).values()
    ledger.answer(BOOK, {"p": answered(claim, outcome)})
    assert ledger.get(BOOK, ["p"])["p"].outcome == outcome


def test_providers_do_not_see_each_others_answers(ledger):
    ledger.claim(BOOK, claimant("a"), {"p": None})
    assert ledger.get(Book("owner", "w"), ["p"]) == {}


def test_owners_do_not_see_each_others_answers(ledger):
    ledger.claim(BOOK, claimant("a"), {"p": None})
    assert ledger.get(Book("other", "v"), ["p"]) == {}
    # Nor where owner and provider would look the same in a row.
    assert ledger.get(Book("ownerv", ""), ["p"]) == {}


def items() -> list[dict[str, Any]]:
    return boto3.client("dynamodb").scan(TableName="test-records")["Items"]


def test_an_item_tells_neither_who_nor_what_and_is_never_the_same_twice(ledger):
    (claim,) = ledger.claim(BOOK, claimant("a"), {"p": None}).values()
    (first,) = items()
    assert first.keys() == {"pk", "claim", "entry", "expires_at"}
    match = Match({"title": Found("Chief Example Officer", 0.9)}, 0.2)
    ledger.answer(BOOK, {"p": answered(claim, match)})
    (once,) = items()
    ledger.answer(BOOK, {"p": answered(claim, match)})
    (again,) = items()
    assert b"Example" not in once["entry"]["B"]
    assert b"job-a" not in once["entry"]["B"]
    assert once["entry"] != again["entry"]
    assert once["pk"] == again["pk"]


def test_an_entry_that_was_put_in_the_place_of_another_is_not_believed(ledger):
    ledger.claim(BOOK, claimant("a"), {"p": None, "q": None})
    one, other = items()
    boto3.client("dynamodb").put_item(TableName="test-records", Item={**one, "pk": other["pk"]})
    with pytest.raises(TamperedError):
        ledger.get(BOOK, ["p", "q"])


def test_plain_entries_of_earlier_versions_are_not_read(ledger):
    person = hashlib.sha256(b"email:jane@example.org").hexdigest()
    old = {"pk": {"S": f"v#{person}"}, "claim": {"S": "c"}, "entry": {"S": "{}"}}
    boto3.client("dynamodb").put_item(TableName="test-records", Item=old)
    assert ledger.get(BOOK, [person, fingerprint({"email": "jane@example.org"})]) == {}


def test_another_secret_is_another_ledger(ledger):
    ledger.claim(BOOK, claimant("a"), {"p": None})
    table = Table(boto3.client("dynamodb"), "test-records")
    assert Ledger(table, Vault(lambda: "guessed")).get(BOOK, ["p"]) == {}


def test_without_a_secret_nothing_is_written(stack, monkeypatch):
    monkeypatch.delenv("LEDGER_SECRET")
    services.cache_clear()
    with pytest.raises(MissingSettingError, match="LEDGER_SECRET"):
        services().ledger.claim(BOOK, claimant("a"), {"p": None})
    assert items() == []
