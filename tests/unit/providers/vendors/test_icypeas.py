"""Icypeas: one test for each trap of its API (api-doc.icypeas.com, public clients)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    MalformedAnswerError,
    OutOfCreditsError,
    RefusedError,
    UnavailableError,
)
from chalicelib.providers.base import Limit, NoMatch
from chalicelib.providers.vendors.icypeas import IcypeasProvider
from chalicelib.settings import ProviderSettings
from tests.unit.providers.answers import answer, match, submitted
from tests.vendors.icypeas import Icypeas
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Reply

NAME = {"first_name": "Ada", "last_name": "Abara", "company_domain": "larkspur.com"}


@pytest.fixture(scope="module")
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server


@pytest.fixture
def vendor(server: VendorServer) -> Icypeas:
    vendor = server["icypeas"]
    assert isinstance(vendor, Icypeas)
    vendor.reset()
    vendor.configure(coverage=1.0, busy_polls=0)
    return vendor


@pytest.fixture
def provider(server: VendorServer, vendor: Icypeas) -> IcypeasProvider:
    settings = ProviderSettings(base_url=server.url("icypeas"))
    return IcypeasProvider(settings, lambda: vendor.key)


def sent(vendor: Icypeas) -> list[list[str]]:
    return list(list(vendor.submissions.values())[-1].sent.values())


def test_a_match_in_full(vendor, provider):
    outcome = answer(provider, **NAME)
    found = match(outcome)
    assert found.keys() == provider.fields
    assert found["email"].endswith("@larkspur.com")
    assert found["email_status"] == "valid"
    assert outcome.values["email"].confidence == 0.9
    assert outcome.credits == vendor.account.credits == 1


def test_the_key_is_sent_without_bearer(server, vendor):
    settings = ProviderSettings(base_url=server.url("icypeas"))
    vendor.configure(key="abc")
    assert match(answer(IcypeasProvider(settings, lambda: "abc"), **NAME))


@pytest.mark.parametrize(
    ("known", "row"),
    [
        ({**NAME, "company": "Larkspur Tools"}, ["Ada", "Abara", "larkspur.com"]),
        ({"full_name": "Dr. Ada Abara", "company": "Larkspur"}, ["Ada", "Abara", "Larkspur"]),
        ({"full_name": "王小明", "company": "Larkspur"}, ["", "王小明", "Larkspur"]),
    ],
)
def test_a_row_has_a_name_and_the_domain_or_the_company(vendor, provider, known, row):
    provider.enrich([Contact(given={}, known=known, problems={})], provider.fields)
    assert sent(vendor) == [row]


@pytest.mark.parametrize(
    ("given", "enough"),
    [
        (NAME, True),
        ({"full_name": "Ada Abara", "company": "Larkspur"}, True),
        ({"linkedin_url": "https://www.linkedin.com/in/ada-abara"}, False),
        ({"company_domain": "larkspur.com"}, False),
    ],
)
def test_what_it_can_identify(provider, given, enough):
    assert provider.identifies(parse_contact(given)) is enough


def test_reading_has_a_limit_of_its_own(provider):
    assert provider.terms.limits == (Limit(1, 1),)
    assert provider.collecting == (Limit(30, 60),)


def test_each_row_is_final_for_itself(vendor, provider):
    submission, contacts = submitted(provider, vendor.rows(True, 4))
    vendor.faults.add("partial", of="poll")
    first = provider.collect(submission, contacts)
    assert first.keys() == {"0", "1"}
    rest = {n: contact for n, contact in contacts.items() if n not in first}
    second = provider.collect(submission, rest)
    assert second.keys() == {"2", "3"}
    prices = [outcome.credits for outcome in (*first.values(), *second.values())]
    assert prices == [1, 1, 1, 1]
    assert vendor.account.credits == 4


def test_rows_that_are_not_there_yet_are_not_final(vendor, provider):
    submission, contacts = submitted(provider, vendor.rows(True, 2))
    vendor.faults.add("no_rows", of="poll")
    assert provider.collect(submission, contacts) == {}
    assert provider.collect(submission, contacts).keys() == contacts.keys()


@pytest.mark.parametrize("status", ["NONE", "SCHEDULED", "IN_PROGRESS", "", None, 7])
def test_a_row_is_not_final_if_its_status_does_not_say_so(vendor, provider, status):
    submission, contacts = submitted(provider, [NAME])
    row = {"status": status, "userData": {"externalId": "0"}, "results": {"emails": []}}
    vendor.script = Reply(200, {"success": True, "items": [row], "total": 1})
    assert provider.collect(submission, contacts) == {}


def test_results_come_in_pages(vendor, provider):
    submission, contacts = submitted(provider, vendor.rows(True, 5))
    vendor.faults.add("pages", times=None, of="poll")
    assert [match(each) for each in provider.collect(submission, contacts).values()]
    assert vendor.account.polls == 3


def test_pages_that_never_end(vendor, provider):
    submission, contacts = submitted(provider, [NAME])
    row = {"status": "FOUND", "userData": {"externalId": "7"}}
    body = {"success": True, "items": [row], "total": 10**9, "sorts": [1]}
    vendor.script, before = Reply(200, body), vendor.account.polls
    assert provider.collect(submission, contacts) == {}, "it may be on a later page"
    assert vendor.account.polls - before == 10


@pytest.mark.parametrize("known", [True, False])
def test_the_other_words_for_found_and_not_found(vendor, provider, known):
    vendor.configure(coverage=float(known))
    expected = answer(provider, **NAME)
    vendor.faults.add("debited", times=None, of="poll")
    assert answer(provider, **NAME) == expected
    assert expected.credits == float(known)


def test_a_row_that_it_cannot_search_for_is_a_free_miss(vendor, provider):
    vendor.faults.add("bad_input", times=None)
    assert answer(provider, **NAME) == NoMatch()
    assert vendor.account.credits == 0


def test_what_was_found_until_the_credits_ended_is_not_lost(vendor, provider):
    vendor.configure(credits_left=2)
    submission, contacts = submitted(provider, vendor.rows(True, 5))
    outcomes = provider.collect(submission, contacts)
    assert [match(outcome)["email"] for outcome in outcomes.values()]
    assert sum(outcome.credits for outcome in outcomes.values()) == vendor.account.credits == 2
    rest = {n: contact for n, contact in contacts.items() if n not in outcomes}
    assert len(rest) == 3
    with pytest.raises(OutOfCreditsError):
        provider.collect(submission, rest)


def test_an_aborted_search_is_not_asked_for_again(vendor, provider):
    submission, contacts = submitted(provider, vendor.rows(True, 2))
    vendor.faults.add("aborted", of="poll")
    with pytest.raises(RefusedError):
        provider.collect(submission, contacts)


def test_an_address_that_is_probable_is_not_a_sure_one(vendor, provider):
    vendor.faults.add("probable", times=None)
    outcome = answer(provider, **NAME)
    assert match(outcome)["email_status"] == "unknown"
    assert outcome.values["email"].confidence == 0.6
    assert outcome.credits == vendor.account.credits == 1


def test_the_surest_address_may_be_the_second_one(vendor, provider):
    vendor.faults.add("several", times=None)
    outcome = answer(provider, **NAME)
    assert not match(outcome)["email"].startswith("x.")


@pytest.mark.parametrize("quirk", ["masked", "other_domain", "undeliverable"])
def test_an_address_of_no_use_is_a_miss_that_was_paid_for(vendor, provider, quirk):
    vendor.faults.add(quirk, times=None)
    profile = "https://www.linkedin.com/in/ada-abara"
    assert answer(provider, **NAME, linkedin_url=profile) == NoMatch(1.0)
    assert vendor.account.credits == 1


def test_without_ids_nobody_is_matched_and_nothing_is_free(vendor, provider):
    vendor.faults.add("no_ids", times=None)
    submission, contacts = submitted(provider, vendor.rows(True, 3))
    assert provider.collect(submission, contacts) == dict.fromkeys(contacts, NoMatch(1.0))
    assert vendor.account.credits == 3


@pytest.mark.parametrize(
    ("quirk", "of", "error"),
    [
        ("unpaid", "submit", OutOfCreditsError),
        ("unpaid", "poll", OutOfCreditsError),
        ("invalid_request", "submit", RefusedError),
        ("invalid_request", "poll", RefusedError),
        ("nameless", "submit", RefusedError),
        ("nameless", "poll", UnavailableError),
    ],
)
def test_errors_are_200s_without_success(vendor, provider, quirk, of, error):
    vendor.faults.add(quirk, of=of)
    with pytest.raises(error) as raised:
        answer(provider, **NAME)
    assert type(raised.value) is error
    assert not raised.value.may_be_billed


@pytest.mark.parametrize("body", [{}, {"success": True}, {"success": True, "items": {}}])
def test_an_answer_without_a_list_is_nonsense(vendor, provider, body):
    submission, contacts = submitted(provider, [NAME])
    vendor.script = Reply(200, body)
    with pytest.raises(MalformedAnswerError) as error:
        provider.collect(submission, contacts)
    assert not error.value.may_be_billed
