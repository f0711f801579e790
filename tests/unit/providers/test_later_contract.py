"""What every provider does that answers later: it submits, and collects. What it shares with the others is in
``test_provider_contract.py``.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    ProviderError,
    RefusedError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.base import AnswersLater, Match, NoMatch, Outcome, Ticket
from chalicelib.settings import ProviderSettings
from tests.unit.providers.vendor_cases import CASES, Case
from tests.vendors.faults import KINDS
from tests.vendors.later import Later
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Reply


def make(case: Case, base_url: str = "", key: str = "k", seconds: str = "5") -> AnswersLater:
    settings = ProviderSettings(base_url=base_url, extra={"TIMEOUT_SECONDS": seconds})
    provider = case.make(settings, lambda: key)
    assert isinstance(provider, AnswersLater)
    return provider


LATER = [
    case for case in CASES if isinstance(case.make(ProviderSettings(), lambda: "k"), AnswersLater)
]


@pytest.fixture(scope="module")
def servers() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server


@pytest.fixture(params=LATER, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    chosen: Case = request.param
    return chosen


@pytest.fixture
def vendor(servers: VendorServer, case: Case) -> Later:
    vendor = servers[case.name]
    assert isinstance(vendor, Later)
    vendor.reset()
    return vendor


@pytest.fixture
def provider(servers: VendorServer, case: Case, vendor: Later) -> AnswersLater:
    return make(case, servers.url(case.name), vendor.key)


@pytest.fixture
def people(vendor: Later) -> list[Contact]:
    """Four that the vendor knows and two that it does not."""
    return [
        parse_contact(row) for known, n in ((True, 4), (False, 2)) for row in vendor.rows(known, n)
    ]


def submit(provider: AnswersLater, people: list[Contact]) -> tuple[str, dict[str, Contact]]:
    tickets = provider.enrich(people, provider.fields)
    assert all(isinstance(each, Ticket) for each in tickets)
    ids = [each.contact_id for each in tickets if isinstance(each, Ticket)]
    return tickets[0].submission, dict(zip(ids, people, strict=True))  # type: ignore[union-attr]


def credits(outcomes: dict[str, Outcome]) -> float:
    return sum(outcome.credits for outcome in outcomes.values())


def test_everybody_gets_a_ticket_in_one_call(vendor, provider, people):
    tickets = provider.enrich(people, provider.fields)
    assert len({ticket.contact_id for ticket in tickets}) == len(tickets) == len(people)
    assert {ticket.submission for ticket in tickets} == set(vendor.submissions)
    assert {ticket.credits for ticket in tickets} == {provider.terms.credits}
    assert all(ticket.wait > 0 for ticket in tickets)
    assert (vendor.account.calls, vendor.account.polls) == (1, 0)


def test_nobody_can_be_told_by_an_id(provider, people):
    _, contacts = submit(provider, people)
    words = {
        word.lower() for each in people for value in each.known.values() for word in value.split()
    }
    assert words.isdisjoint({contact_id.lower() for contact_id in contacts})


def test_as_long_as_it_searches_there_are_no_answers(vendor, provider, people):
    vendor.configure(busy_polls=3)
    submission, contacts = submit(provider, people)
    for _ in range(3):
        assert provider.collect(submission, contacts) == {}
    assert provider.collect(submission, contacts).keys() == contacts.keys()
    assert (vendor.account.calls, vendor.account.polls) == (1, 4)


def test_collecting_costs_nothing_and_can_be_repeated(vendor, provider, people):
    vendor.configure(busy_polls=0)
    submission, contacts = submit(provider, people)
    before = (vendor.account.lookups.copy(), vendor.account.credits)
    first = provider.collect(submission, contacts)
    assert [type(outcome) for outcome in first.values()].count(Match) == 4
    assert provider.collect(submission, contacts) == first
    assert (vendor.account.lookups, vendor.account.credits) == before
    assert credits(first) == pytest.approx(before[1])


def test_nothing_is_counted_twice_if_they_are_collected_one_by_one(vendor, provider, people):
    vendor.configure(busy_polls=0)
    submission, contacts = submit(provider, people)
    right = provider.collect(submission, contacts)
    alone = {}
    for contact_id, contact in contacts.items():
        alone |= provider.collect(submission, {contact_id: contact})
    assert alone == right
    assert credits(alone) == pytest.approx(vendor.account.credits)


def test_somebody_of_whom_the_answer_says_nothing_is_a_miss(vendor, provider, people):
    vendor.configure(busy_polls=0)
    submission, contacts = submit(provider, people)
    asked = {**contacts, "somebody-else": people[0]}
    assert provider.collect(submission, asked)["somebody-else"] == NoMatch()


def test_answers_are_never_matched_by_position(vendor, provider, people):
    """As if the ids had been mixed up here or there: each contact is asked for under the next one's id."""
    vendor.configure(busy_polls=0)
    known = people[:4]
    submission, contacts = submit(provider, known)
    mixed = dict(zip(contacts, [*known[1:], known[0]], strict=True))
    outcomes = provider.collect(submission, mixed)
    assert all(isinstance(outcome, NoMatch) for outcome in outcomes.values())
    assert credits(outcomes) == pytest.approx(vendor.account.credits), "they were paid for"


def test_who_is_submitted_again_is_charged_again(vendor, provider, people):
    submit(provider, people)
    assert vendor.account.billed_twice == {}
    submit(provider, people)
    assert len(vendor.account.billed_twice) == 4


def test_a_submission_that_it_does_not_know(case, vendor, provider, people):
    if not case.knows_submissions:
        assert provider.collect("nothing", {"0": people[0]}) == {}
        return
    with pytest.raises(RefusedError) as error:
        provider.collect("nothing", {"0": people[0]})
    assert not error.value.may_be_billed


@pytest.mark.parametrize("name", [None, "", 7, [], "a/../b", "a?b", "ä", "x" * 201])
def test_a_submission_without_a_usable_name_is_lost(vendor, provider, people, name):
    provider.enrich(people, provider.fields)
    (reply,) = [vendor.last_reply]
    assert reply is not None
    (key,) = [key for key, value in reply.body.items() if value in vendor.submissions]
    vendor.script = Reply(200, {**reply.body, key: name})
    with pytest.raises(MalformedAnswerError) as error:
        provider.enrich(people, provider.fields)
    assert error.value.may_be_billed


# Bad days of collecting


@pytest.mark.parametrize(
    "fault",
    [
        "hang_up_before",
        "hang_up_after",
        "broken",
        "broken_after",
        "not_json",
        "wrong_shape",
        "huge",
    ],
)
def test_a_poll_that_fails_is_not_billed_and_can_be_repeated(vendor, provider, people, fault):
    vendor.configure(busy_polls=0)
    submission, contacts = submit(provider, people)
    before = vendor.account.credits
    vendor.faults.add(fault, of="poll")
    with pytest.raises(UnavailableError) as error:
        provider.collect(submission, contacts)
    assert not error.value.may_be_billed
    assert provider.collect(submission, contacts).keys() == contacts.keys()
    assert vendor.account.credits == before


@pytest.mark.parametrize(
    ("fault", "kind"), [("throttle", ThrottledError), ("bad_key", BadKeyError)]
)
def test_a_poll_that_is_refused(vendor, provider, people, fault, kind):
    submission, contacts = submit(provider, people)
    vendor.faults.add(fault, of="poll")
    with pytest.raises(kind):
        provider.collect(submission, contacts)


def test_polls_have_limits_of_their_own(vendor, provider, people):
    assert provider.collecting
    vendor.configure(limits=[(1, 60)], poll_limits=[(2, 60)])
    submission, contacts = submit(provider, people)
    for _ in range(2):
        provider.collect(submission, contacts)
    with pytest.raises(ThrottledError):
        provider.collect(submission, contacts)
    with pytest.raises(ThrottledError):
        submit(provider, people)


@pytest.mark.parametrize("fault", sorted(KINDS))
def test_no_key_and_nobody_in_errors_and_logs(case, servers, vendor, people, fault, caplog):
    caplog.set_level(logging.DEBUG)
    provider = make(case, servers.url(case.name), vendor.key, seconds="0.15")
    submission, contacts = submit(provider, people)
    vendor.faults.add(fault, seconds=0.5, of="poll")
    caplog.clear()
    text = repr(provider) + repr(vars(provider))
    try:
        provider.collect(submission, contacts)
    except ProviderError as error:
        text += "".join(traceback.format_exception(error)) + repr(vars(error))
    values = [value for each in people for value in each.known.values()]
    secrets = [vendor.key, servers.base_url, submission, *values]
    assert not [secret for secret in secrets if secret in text + caplog.text]
