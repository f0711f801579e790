"""ZeroBounce: one test for each trap of its API (docs and SDK)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    OutOfCreditsError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.base import Limit, Match, Outcome, Suppressed
from chalicelib.providers.values import EMAIL_STATUSES
from chalicelib.providers.vendors.zerobounce import ZeroBounceProvider
from chalicelib.settings import ProviderSettings, read_provider_settings
from tests.vendors.people import Asked, number_of
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Reply
from tests.vendors.zerobounce import STATUSES

KEY = "zerobounce-secret-0123456789abcdef"


@pytest.fixture
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        server["zerobounce"].configure(coverage=1.0)
        yield server


@pytest.fixture
def provider(server: VendorServer) -> ZeroBounceProvider:
    return ZeroBounceProvider(ProviderSettings(base_url=server.url("zerobounce")), lambda: KEY)


def found(email: str) -> Contact:
    """Somebody whose address another provider found."""
    return Contact({"full_name": "Ada Abara"}, {"full_name": "Ada Abara", "email": email}, {})


def people(number: int) -> list[Contact]:
    return [found(f"ada.{n}@example.com") for n in range(number)]


def ask(provider: ZeroBounceProvider, contacts: Sequence[Contact]) -> Sequence[Outcome]:
    return provider.enrich(contacts, provider.fields)


def expected(contact: Contact) -> str:
    identity = Asked(email=contact.known["email"]).identity
    return STATUSES[number_of(identity) % len(STATUSES)].replace("-", "_")


def told(outcomes: Sequence[Outcome]) -> list[str]:
    return [o.values["email_status"].value if isinstance(o, Match) else "" for o in outcomes]


def test_a_hundred_addresses_are_one_call(server, provider):
    contacts = people(100)
    outcomes = ask(provider, contacts)
    assert told(outcomes) == [expected(contact) for contact in contacts]
    assert server["zerobounce"].account.calls == 1
    assert sum(o.credits for o in outcomes) == server["zerobounce"].account.credits == 100
    assert set(told(outcomes)) == {s.replace("-", "_") for s in STATUSES}


def test_what_the_user_gave_is_not_verified(provider):
    assert not provider.identifies(parse_contact({"email": "ada@example.com"}))
    assert provider.identifies(found("ada@example.com"))
    unusable = parse_contact({"email": "ada at example"})
    assert not provider.identifies(unusable)
    replaced = Contact(unusable.given, {"email": "ada@example.com"}, unusable.problems)
    assert provider.identifies(replaced)


def test_answers_find_their_contacts_in_any_order(server, provider):
    contacts = people(20)
    for fault in ("reorder", "repeat", "capitals"):
        server["zerobounce"].faults.add(fault)
        assert told(ask(provider, contacts)) == [expected(contact) for contact in contacts]


def test_what_is_left_out_is_a_miss_and_nobody_moves_up(server, provider):
    contacts = people(20)
    server["zerobounce"].faults.add("shorten")
    outcomes = told(ask(provider, contacts))
    assert outcomes == ["", *(expected(contact) for contact in contacts[1:])]


def test_the_same_address_is_paid_for_once(server, provider):
    twice = [found("ada.1@example.com"), found("ada.1@example.com")]
    outcomes = ask(provider, twice)
    assert [o.credits for o in outcomes] == [1.0, 0.0]
    assert server["zerobounce"].account.credits == 1
    assert len(set(told(outcomes))) == 1


def test_an_error_is_a_200_that_says_key_or_credits(server, provider):
    server["zerobounce"].faults.add("out_of_credits")
    with pytest.raises(OutOfCreditsError) as error:
        ask(provider, people(2))
    assert KEY not in str(error.value)


def test_the_error_may_be_in_the_batch_for_all(server, provider):
    server["zerobounce"].faults.add("error_all")
    with pytest.raises(OutOfCreditsError):
        ask(provider, people(2))


def test_a_text_that_speaks_of_the_key_alone_is_about_the_key(server, provider):
    server["zerobounce"].faults.add("key_only")
    with pytest.raises(BadKeyError, match="ZEROBOUNCE_API_KEY"):
        ask(provider, people(2))


def test_a_block_lasts_ten_minutes(server, provider):
    server["zerobounce"].faults.add("blocked")
    with pytest.raises(ThrottledError) as error:
        ask(provider, people(2))
    assert error.value.retry_after == 600


def test_403_is_the_api_shield_and_says_nothing_of_the_key(server, provider):
    server["zerobounce"].faults.add("shield")
    with pytest.raises(ThrottledError) as error:
        ask(provider, people(2))
    assert error.value.retry_after == 600
    assert set(told(ask(provider, people(2)))) != {""}, "the next one works"


def test_429_names_no_time(server, provider):
    server["zerobounce"].script = Reply(429, {"error": "Too many requests"})
    with pytest.raises(ThrottledError) as error:
        ask(provider, people(2))
    assert error.value.retry_after == 600


def test_thirty_calls_a_minute_are_allowed(provider):
    assert provider.terms.limits == (Limit(30, 60),)


def test_an_error_of_one_address_is_its_own(server, provider):
    contacts = people(5)
    server["zerobounce"].faults.add("one_error")
    assert told(ask(provider, contacts)) == ["", *(expected(c) for c in contacts[1:])]


def test_keys_may_be_missing(server, provider):
    server["zerobounce"].faults.add("missing_keys")
    assert told(ask(provider, people(1))) == [expected(people(1)[0])]


def test_who_is_on_a_suppression_list_is_suppressed(server, provider):
    server["zerobounce"].faults.add("suppressed")
    assert ask(provider, people(1)) == [Suppressed(1.0)]


def test_unknown_is_not_billed(server, provider):
    server["zerobounce"].configure(coverage=0.0)
    (outcome,) = ask(provider, people(1))
    assert told([outcome]) == ["unknown"]
    assert outcome.credits == server["zerobounce"].account.credits == 0
    assert outcome.values["email_status"].confidence == EMAIL_STATUSES["unknown"] < 0.5


def test_nothing_but_the_status_is_believed(provider):
    """The answer has "firstname": "somebody" and "mx_found": "true", a string."""
    outcomes = ask(provider, people(8))
    assert all(o.values.keys() == {"email_status"} for o in outcomes if isinstance(o, Match))


@pytest.mark.parametrize(("seconds", "told_seconds"), [("", 23), ("60", 56), ("5", 10)])
def test_it_is_told_to_answer_before_we_hang_up(server, seconds, told_seconds):
    env = {
        **{"ZEROBOUNCE_TIMEOUT_SECONDS": seconds, "ZEROBOUNCE_API_KEY": KEY},
        "ZEROBOUNCE_BASE_URL": server.url("zerobounce"),
    }
    ask(ZeroBounceProvider(read_provider_settings("zerobounce", env), lambda: KEY), people(1))
    assert server["zerobounce"].told_seconds == told_seconds


@pytest.mark.parametrize(
    ("fault", "error"),
    [("broken", UnavailableError), ("wrong_shape", MalformedAnswerError)],
)
def test_other_answers(server, provider, fault, error):
    server["zerobounce"].faults.add(fault)
    with pytest.raises(error):
        ask(provider, people(2))
