"""LeadMagic, as it is declared: one test for each trap of its API (leadmagic.io/docs)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.errors import BadKeyError, OutOfCreditsError, ThrottledError
from chalicelib.providers.base import Match, NoMatch, Outcome
from chalicelib.providers.declared.files import OWN_FOLDER
from chalicelib.providers.declared.provider import DeclaredProvider, create_declared
from chalicelib.settings import ProviderSettings
from tests.unit.providers.answers import match
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Reply, Vendor

NAME = {"first_name": "Ada", "last_name": "Abara", "company_domain": "larkspur.com"}


@pytest.fixture(scope="module")
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server


@pytest.fixture
def vendor(server: VendorServer) -> Vendor:
    server["leadmagic"].reset()
    server["leadmagic"].configure(coverage=1.0)
    return server["leadmagic"]


@pytest.fixture
def provider(server: VendorServer, vendor: Vendor) -> DeclaredProvider:
    settings = ProviderSettings(base_url=server.url("leadmagic"))
    return create_declared(OWN_FOLDER / "leadmagic.yaml", settings, lambda: vendor.key)


def ask(provider: DeclaredProvider, **given: str) -> Outcome:
    return next(iter(provider.enrich([parse_contact(given)], provider.fields)))


def test_an_address_is_sought_by_name_and_domain(vendor, provider):
    outcome = ask(provider, **NAME)
    found = match(outcome)
    assert found.keys() == provider.fields
    assert found["email"].endswith("@larkspur.com")
    assert (found["email_status"], outcome.values["email"].confidence) == ("valid", 0.9)
    assert outcome.credits == vendor.account.credits == 1


def test_the_name_of_the_company_is_enough(vendor, provider):
    assert match(ask(provider, full_name="Ada Abara", company="Larkspur Tools"))["email"]
    assert list(vendor.account.lookups) == ["ada abara, larkspur tools"]


@pytest.mark.parametrize("quirk", ["", "null_status"])
def test_a_miss_is_a_200_and_free(vendor, provider, quirk):
    vendor.configure(coverage=0.0)
    if quirk:
        vendor.faults.add(quirk)
    assert ask(provider, **NAME) == NoMatch()
    assert vendor.account.lookups.total() == 1


def test_a_domain_that_takes_everything_says_less_even_if_the_word_begins_with_valid(
    vendor, provider
):
    vendor.faults.add("valid_catch_all")
    outcome = ask(provider, **NAME)
    assert match(outcome)["email_status"] == "catch_all"
    assert outcome.values["email"].confidence == 0.8


def test_an_address_that_is_known_to_be_wrong_is_a_miss_though_it_was_charged(vendor, provider):
    vendor.faults.add("invalid")
    outcome = ask(provider, **NAME)
    assert "email" not in (outcome.values if isinstance(outcome, Match) else {})
    assert outcome.credits == vendor.account.credits == 1


@pytest.mark.parametrize(("consumed", "booked"), [(0, 0.0), (0.25, 0.25), (5, 5.0), (None, 1.0)])
def test_what_was_consumed_is_booked(vendor, provider, consumed, booked):
    ask(provider, **NAME)
    body = dict(vendor.last_reply.body)
    vendor.script = Reply(200, {**body, "credits_consumed": consumed})
    assert ask(provider, **NAME).credits == booked


def test_what_cannot_be_asked_is_a_miss_of_that_contact(vendor, provider):
    vendor.faults.add("validation")
    assert ask(provider, **NAME) == NoMatch()


def test_a_person_at_another_company_is_a_miss_that_was_paid_for(vendor, provider):
    vendor.faults.add("other_company", times=None)
    assert ask(provider, full_name="Ada Abara", company="Larkspur Tools") == NoMatch(1.0)
    assert match(ask(provider, **NAME)), "a domain is nobody else's, whatever its company is called"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        *(("out_of_credits", OutOfCreditsError), ("bad_key", BadKeyError)),
        ("throttle", ThrottledError),
    ],
)
def test_refusals(vendor, provider, fault, error):
    vendor.faults.add(fault, seconds=7)
    with pytest.raises(error) as raised:
        ask(provider, **NAME)
    assert getattr(raised.value, "retry_after", 7) == 7
    assert vendor.account.credits == 0


@pytest.mark.parametrize(
    ("row", "enough"),
    [
        (NAME, True),
        ({"full_name": "Ada Abara", "company": "Larkspur"}, True),
        ({"first_name": "Ada", "company_domain": "larkspur.com"}, False),
        ({"email": "ada@larkspur.com"}, False),
        ({"linkedin_url": "linkedin.com/in/ada-abara"}, False),
    ],
)
def test_what_it_can_identify(provider, row, enough):
    assert provider.identifies(parse_contact(row)) is enough
