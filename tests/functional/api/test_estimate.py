"""Estimates: what a job would cost, without starting one, and within ten seconds whatever is slow."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest

from chalicelib.api.estimate import estimate
from chalicelib.api.sampling import StoredList
from chalicelib.aws.table import Table
from chalicelib.aws.vault import Vault
from chalicelib.files.inflating import read_head
from chalicelib.files.lists import ListText
from chalicelib.identity.contact import parse_contact
from chalicelib.identity.fingerprint import fingerprint
from chalicelib.lookups.known import PENDING_TRIES
from chalicelib.lookups.ledger import Book, Entry, Ledger
from chalicelib.model.errors import NotReadyError
from chalicelib.model.options import Options
from chalicelib.providers.base import NoMatch, Outcome, Pending
from chalicelib.services import Services, services
from tests.functional.jobs import contacts, use_of
from tests.functional.resources import ENVIRONMENT
from tests.layouts import detect_layout

NOW = 1_800_000_000.0
#: Pieces of the list in these tests arrive in this many bytes.
CHUNK = 50_000


@dataclass
class Clock:
    """A time that goes on when something slow is done, and a little at every look."""

    now: float = NOW
    tick: float = 0.0

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


@dataclass
class SlowLedger(Ledger):
    """The ledger, each look into which takes its time."""

    clock: Clock
    seconds: float

    def __post_init__(self) -> None:
        table = Table(boto3.client("dynamodb"), "test-records")
        super().__init__(table, Vault(lambda: ENVIRONMENT["LEDGER_SECRET"]))

    def get(self, book: Book, fingerprints: Sequence[str]) -> dict[str, Entry]:
        self.clock.now += self.seconds
        return super().get(book, fingerprints)


def arriving(data: bytes, clock: Clock, seconds: float) -> Iterator[bytes]:
    """The data in chunks, each of which takes so long to arrive."""
    for start in range(0, len(data), CHUNK):
        clock.now += seconds
        yield data[start : start + CHUNK]


def stored(data: bytes, chunks: Iterable[bytes] | None = None) -> StoredList:
    layout = detect_layout(*read_head(data[: 2**20], len(data) <= 2**20))
    text = ListText([data] if chunks is None else chunks, lambda: len(data))
    return StoredList(text, layout)


def with_clock(clock: Clock, **parts: Any) -> Services:
    return replace(services(), clock=clock, **parts)


def answer_for(people: Iterable[int], outcome: Outcome, tries: int = 1) -> None:
    """Write what pdl has answered for these people of ``contacts``."""
    claim = Entry("claim", NOW, "other-job", 0, int(NOW) + 10**6, NOW - 60, outcome, tries=tries)
    emails = (f"person.{n}@dept{n % 7}.example.org" for n in people)
    found = {fingerprint(parse_contact({"email": email}).known): claim for email in emails}
    services().ledger.answer(Book("default", "pdl"), found)


def test_estimates_start_nothing_and_are_right_at_most(stack, vendors):
    text = contacts(40, 4)
    stack.run(stack.submit_csv(contacts(10), "?providers=pdl"))
    credits = vendors["pdl"].account.credits
    answer = stack.post("/process?providers=pdl,hunter&estimate=true", text, "text/csv")
    assert answer.status_code == 200
    found = answer.json_body["estimate"]
    assert (found["contacts"], found["people"], found["complete"]) == (44, 40, True)
    pdl, hunter = found["providers"]
    assert (pdl["people"], pdl["cached"], pdl["lookups_at_most"]) == (40, 10, 30)
    assert hunter["people"] == 40
    assert vendors["pdl"].account.credits == credits
    status = stack.run(stack.submit_csv(text, "?providers=pdl,hunter"))
    billed = sum(vendors[name].account.credits for name in ("pdl", "hunter")) - credits
    assert billed <= found["credits_at_most"]
    assert use_of(status, "pdl")["credits"] <= pdl["credits_at_most"]


def test_a_slow_ledger_is_asked_as_long_as_there_is_time(stack, vendors):
    answer_for(range(0, 2_000, 2), NoMatch())
    clock = Clock()
    ledger = SlowLedger(clock, 0.8)
    options = Options(providers=("pdl", "hunter"))
    found = estimate(
        with_clock(clock, ledger=ledger), "default", stored(contacts(2_000).encode()), options
    )
    assert clock.now - NOW <= 10
    pdl, hunter = found["providers"]
    for part in (pdl, hunter):
        assert 400 <= part["people_looked_up"] < 1_000  # each gets its share of the time
        assert part["cached"] + part["lookups_at_most"] == part["people"] == 2_000
    assert 800 < pdl["cached"] < 1_200
    assert hunter["cached"] == 0
    assert (found["contacts"], found["contacts_read"]) == (2_000, 2_000)
    assert not found["complete"]


def people(count: int) -> list[dict[str, str]]:
    """People with notes that gzip cannot make smaller."""
    notes = random.Random(1)
    return [
        {"email": f"p{n}@dept{n % 7}.example.org", "note": notes.randbytes(60).hex()}
        for n in range(count)
    ]


def as_csv(rows: Sequence[dict[str, str]]) -> bytes:
    return "\n".join(["email,note", *(",".join(row.values()) for row in rows), ""]).encode()


LISTS = {
    "csv": as_csv,
    "ndjson": lambda rows: "\n".join(map(json.dumps, rows)).encode(),
    "json": lambda rows: json.dumps(rows, indent=4).encode(),
    "gzip": lambda rows: gzip.compress(as_csv(rows), 1, mtime=0),
}


@pytest.mark.parametrize("kind", LISTS)
def test_a_slow_list_is_extrapolated_by_its_bytes(stack, kind):
    count = 8_000
    data, clock = LISTS[kind](people(count)), Clock()
    source = stored(data, arriving(data, clock, 15 / (len(data) / CHUNK)))
    found = estimate(with_clock(clock), "default", source, Options())
    assert clock.now - NOW <= 10
    assert not found["complete"]
    assert found["contacts_read"] < 0.7 * count
    assert found["contacts"] == found["people"] == pytest.approx(count, rel=0.1)


def test_the_credits_of_a_slow_list_are_those_of_the_whole_list(stack, vendors):
    data, clock = as_csv(people(2_000)), Clock()
    source = stored(data, arriving(data, clock, 10 / (len(data) / CHUNK)))
    found = estimate(with_clock(clock), "default", source, Options(providers=("pdl",)))
    (pdl,) = found["providers"]
    assert pdl["people_looked_up"] == found["contacts_read"] < 1_500
    assert pdl["people"] == found["people"] == pytest.approx(2_000, rel=0.2)
    assert pdl["lookups_at_most"] == pdl["people"]
    price = services().providers.create("pdl").terms.credits
    assert found["credits_at_most"] == pytest.approx(pdl["people"] * price)


def test_everything_together_ends_in_time_and_within_the_cap(stack, vendors):
    data, clock = as_csv(people(2_000)), Clock(tick=0.002)
    ledger = SlowLedger(clock, 0.2)
    source = stored(data, arriving(data, clock, 0.3))
    options = Options(providers=("pdl", "apollo", "hunter"), max_credits=30)
    found = estimate(with_clock(clock, ledger=ledger), "default", source, options)
    assert clock.now - NOW <= 10
    assert not found["complete"]
    assert found["credits_at_most"] == 30


def test_a_sample_is_no_larger_than_was_asked_for(stack, vendors):
    data = contacts(2_000).encode()
    for wanted, tick in ((100, 0.0), (1_500, 0.01)):
        clock = Clock(tick=tick)
        options = Options(providers=("pdl",), sample=wanted)
        found = estimate(with_clock(clock), "default", stored(data), options)
        assert found["contacts"] == wanted
        assert found["complete"] == (not tick)


def test_a_list_that_does_not_come_in_time_is_not_guessed_at(stack, vendors):
    data, clock = contacts(5).encode(), Clock()
    with pytest.raises(NotReadyError, match="try again"):
        estimate(with_clock(clock), "default", stored(data, arriving(data, clock, 20)), Options())


def test_bytes_without_any_row_take_no_longer(stack):
    clock = Clock()
    data = gzip.compress(b"email\na\n", mtime=0) + gzip.compress(b"", mtime=0) * 50_000
    found = estimate(
        with_clock(clock), "default", stored(data, arriving(data, clock, 1)), Options()
    )
    assert clock.now - NOW <= 10
    assert not found["complete"]


def test_whom_a_provider_never_stopped_looking_for_is_not_asked_about_again(stack, vendors):
    answer_for(range(10), Pending(60.0), tries=PENDING_TRIES)
    answer_for(range(10, 30), Pending(60.0))
    found = estimate(
        with_clock(Clock()), "default", stored(contacts(40).encode()), Options(providers=("pdl",))
    )
    assert found["providers"][0]["cached"] == 10
    assert found["complete"]
