"""Prospeo, as it is declared: one test for each trap of its API (prospeo.io/api-docs)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    OutOfCreditsError,
    RefusedError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.base import Match, NoMatch, Outcome
from chalicelib.providers.declared.files import OWN_FOLDER
from chalicelib.providers.declared.provider import DeclaredProvider, create_declared
from chalicelib.settings import ProviderSettings
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Reply, Vendor


@pytest.fixture(scope="module")
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server


@pytest.fixture
def vendor(server: VendorServer) -> Vendor:
    server["prospeo"].reset()
    server["prospeo"].configure(coverage=0.7)
    return server["prospeo"]


@pytest.fixture
def provider(server: VendorServer, vendor: Vendor) -> DeclaredProvider:
    settings = ProviderSettings(base_url=server.url("prospeo"))
    return create_declared(OWN_FOLDER / "prospeo.yaml", settings, lambda: vendor.key)


def ask(provider: DeclaredProvider, contacts: Sequence[Contact]) -> Sequence[Outcome]:
    return provider.enrich(contacts, provider.fields)


def known(vendor: Vendor, number: int = 1) -> list[Contact]:
    return [parse_contact(row) for row in vendor.rows(True, number)]


def mixed(vendor: Vendor) -> list[Contact]:
    """Stranger, known, stranger, known, …"""
    pairs = zip(vendor.rows(False, 5), vendor.rows(True, 5), strict=True)
    return [parse_contact(row) for pair in pairs for row in pair]


def values(outcome: Outcome) -> dict[str, str]:
    found = outcome.values if isinstance(outcome, Match) else {}
    return {field: each.value for field, each in found.items()}


def test_fifty_people_are_one_call(vendor, provider):
    contacts = known(vendor, 50)
    outcomes = ask(provider, contacts)
    assert [values(o)["email"] for o in outcomes] == [c.known["email"] for c in contacts]
    assert values(outcomes[0]).keys() == provider.fields
    assert vendor.account.calls == 1
    assert sum(outcome.credits for outcome in outcomes) == vendor.account.credits == 50


@pytest.mark.parametrize("fault", ["", "numbers", "reorder", "repeat"])
def test_the_identifier_tells_whose_answer_it_is(vendor, provider, fault):
    if fault:
        vendor.faults.add(fault)
    contacts = mixed(vendor)
    for contact, outcome in zip(contacts, ask(provider, contacts), strict=True):
        assert values(outcome).get("email", "") in ("", contact.known["email"])
    assert [bool(values(o)) for o in ask(provider, contacts)] == [False, True] * 5


def test_repeats_are_free_and_the_answer_says_so(vendor, provider):
    contacts = known(vendor, 2)
    assert [o.credits for o in ask(provider, contacts)] == [1.0, 1.0]
    assert [o.credits for o in ask(provider, contacts)] == [0.0, 0.0]
    assert vendor.account.credits == 2


def test_mobiles_are_not_asked_for_nor_are_masked_ones_read(vendor, provider):
    found = values(ask(provider, known(vendor))[0])
    assert "phone" not in found
    assert "phone" not in provider.fields


def test_a_masked_e_mail_is_none_and_its_status_means_nothing(vendor, provider):
    vendor.faults.add("masked")
    found = values(ask(provider, known(vendor))[0])
    assert "title" in found
    assert found.keys().isdisjoint({"email", "email_status"})


def test_revealed_counts_whatever_the_text_looks_like(vendor, provider):
    contacts = known(vendor)
    ask(provider, contacts)
    body = dict(vendor.last_reply.body)
    email = {"status": "VERIFIED", "revealed": False, "email": "jane@example.com"}
    match = {"identifier": "0", "person": {"full_name": "Jane Doe", "email": email}}
    vendor.script = Reply(200, {**body, "matched": [match]})
    assert values(ask(provider, contacts)[0]).keys() == {"full_name"}


def test_an_e_mail_that_is_not_verified_is_less_sure(vendor, provider):
    by_name = {"full_name": "Ada Abara", "company_domain": "larkspur.com"}
    vendor.configure(coverage=1.0)
    (sure,) = ask(provider, [parse_contact(by_name)])
    vendor.faults.add("unverified")
    (unsure,) = ask(provider, [parse_contact(by_name)])
    assert (sure.values["email"].confidence, unsure.values["email"].confidence) == (0.9, 0.6)
    assert (values(sure)["email_status"], values(unsure)["email_status"]) == ("valid", "unknown")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        *(("out_of_credits", OutOfCreditsError), ("bad_request", RefusedError)),
        *(("internal", UnavailableError), ("bad_key", BadKeyError)),
        ("wrong_shape", MalformedAnswerError),
    ],
)
def test_the_code_tells_400s_apart(vendor, provider, fault, error):
    vendor.faults.add(fault)
    with pytest.raises(error) as raised:
        ask(provider, known(vendor, 2))
    assert type(raised.value) is error


def test_400_may_only_mean_that_nobody_matches(vendor, provider):
    vendor.faults.add("no_match")
    assert ask(provider, known(vendor, 2)) == [NoMatch(), NoMatch()]


def test_the_minute_says_when_to_come_back(vendor, provider):
    vendor.faults.add("throttle", seconds=12)
    with pytest.raises(ThrottledError) as error:
        ask(provider, known(vendor))
    assert error.value.retry_after == 12


def test_credits_that_do_not_suffice_for_all_are_no_credits(vendor, provider):
    vendor.configure(credits_left=3)
    with pytest.raises(OutOfCreditsError):
        ask(provider, known(vendor, 5))
    assert vendor.account.credits == 0


@pytest.mark.parametrize(
    ("row", "enough"),
    [
        ({"email": "jane@example.org"}, True),
        ({"linkedin_url": "linkedin.com/in/jane-doe"}, True),
        ({"full_name": "Jane Doe", "company": "Acme"}, True),
        ({"first_name": "Jane", "last_name": "Doe", "company_domain": "acme.com"}, True),
        ({"first_name": "Jane", "company": "Acme"}, False),
        ({"phone": "+1 202 555 0143"}, False),
    ],
)
def test_the_least_that_prospeo_needs(provider, row, enough):
    assert provider.identifies(parse_contact(row)) is enough
