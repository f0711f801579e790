"""Findymail: one test for each trap of its API (app.findymail.com/docs, public clients)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.errors import BadKeyError, OutOfCreditsError, ThrottledError
from chalicelib.providers.base import NoMatch, Outcome
from chalicelib.providers.vendors.findymail import FindymailProvider
from chalicelib.settings import ProviderSettings
from tests.unit.providers.answers import match
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Reply, Vendor

PROFILE = {"linkedin_url": "https://www.linkedin.com/in/ada-abara"}
NAME = {"first_name": "Ada", "last_name": "Abara", "company_domain": "larkspur.com"}


@pytest.fixture(scope="module")
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server


@pytest.fixture
def vendor(server: VendorServer) -> Vendor:
    server["findymail"].reset()
    server["findymail"].configure(coverage=1.0)
    return server["findymail"]


@pytest.fixture
def provider(server: VendorServer, vendor: Vendor) -> FindymailProvider:
    settings = ProviderSettings(base_url=server.url("findymail"))
    return FindymailProvider(settings, lambda: vendor.key)


def ask(provider: FindymailProvider, **given: str) -> Outcome:
    return next(iter(provider.enrich([parse_contact(given)], provider.fields)))


def test_an_address_is_sought_by_name_and_domain(vendor, provider):
    outcome = ask(provider, **NAME)
    found = match(outcome)
    assert found.keys() == provider.fields
    assert found["email"].endswith("@larkspur.com")
    assert found["email_status"] == "valid"
    assert outcome.values["email"].confidence == 0.9
    assert outcome.credits == vendor.account.credits == 1
    assert list(vendor.account.lookups) == ["ada abara, larkspur.com"]


def test_the_name_of_the_company_goes_where_its_domain_is_not_known(vendor, provider):
    assert match(ask(provider, full_name="Ada Abara", company="Larkspur Tools"))["email"]
    assert match(ask(provider, **NAME, company="Larkspur Tools"))["email"]
    expected = ["ada abara, larkspur tools", "ada abara, larkspur.com"]
    assert list(vendor.account.lookups) == expected


def test_a_profile_is_surer_than_a_name(vendor, provider):
    assert match(ask(provider, **PROFILE, **NAME))["email"]
    assert list(vendor.account.lookups) == ["in/ada-abara"]


@pytest.mark.parametrize(
    ("given", "enough"),
    [
        (PROFILE, True),
        (NAME, True),
        ({"full_name": "Ada Abara", "company": "Larkspur"}, True),
        ({"first_name": "Ada", "company_domain": "larkspur.com"}, False),
        ({"email": "ada@larkspur.com"}, False),
        ({"full_name": "Ada Abara", "city": "Berlin"}, False),
    ],
)
def test_what_it_can_identify(provider, given, enough):
    assert provider.identifies(parse_contact(given)) is enough


@pytest.mark.parametrize("quirk", ["", "empty", "null", "invalid_request"])
def test_a_miss_has_many_forms_and_is_free(vendor, provider, quirk):
    vendor.configure(coverage=0.0)
    if quirk:
        vendor.faults.add(quirk)
    assert ask(provider, **NAME) == NoMatch()
    assert vendor.account.credits == 0


def test_the_contact_may_be_the_answer_itself(vendor, provider):
    expected = match(ask(provider, **NAME))
    vendor.faults.add("flat")
    assert match(ask(provider, **NAME)) == expected


@pytest.mark.parametrize(
    "body", [{}, {"contact": []}, {"contact": "x"}, {"contact": {"name": "Ada Abara"}}]
)
def test_a_contact_without_an_address_is_a_miss(vendor, provider, body):
    vendor.script = Reply(200, body)
    assert ask(provider, **NAME) == NoMatch()


def test_a_masked_address_is_a_miss_that_was_paid_for(vendor, provider):
    vendor.faults.add("masked")
    assert ask(provider, **NAME) == NoMatch(1.0)
    assert vendor.account.credits == 1


def test_an_address_at_another_company_is_a_miss_that_was_paid_for(vendor, provider):
    """Clients have seen addresses at employers whom the person had left."""
    vendor.faults.add("other_domain", times=None)
    assert ask(provider, **NAME) == NoMatch(1.0)
    assert match(ask(provider, **PROFILE, **NAME)), "a profile is one person's, wherever they work"


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("ada@larkspur.com", None),
        ("ada@mail.larkspur.com", "larkspur-mail.net"),
        ("ada@larkspur-mail.net", "larkspur.com"),
    ],
)
def test_companies_have_several_domains(vendor, provider, email, domain):
    vendor.script = Reply(200, {"contact": {"email": email, "domain": domain}})
    assert match(ask(provider, **NAME))["email"] == email


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        *(("out_of_credits", OutOfCreditsError), ("paused", OutOfCreditsError)),
        *(("bad_key", BadKeyError), ("throttle", ThrottledError)),
    ],
)
def test_refusals(vendor, provider, fault, error):
    vendor.faults.add(fault)
    with pytest.raises(error) as raised:
        ask(provider, **NAME)
    assert not raised.value.may_be_billed
    assert vendor.account.credits == 0
