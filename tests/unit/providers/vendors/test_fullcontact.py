"""FullContact: one test for each trap of its API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.errors import (
    BadKeyError,
    OutOfCreditsError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.base import Match, NoMatch, Outcome, Pending
from chalicelib.providers.vendors.fullcontact import FullContactProvider
from chalicelib.settings import ProviderSettings
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Reply, Vendor

JANE = {"email": "jane.doe@example.org"}


@pytest.fixture(scope="module")
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server


@pytest.fixture
def vendor(server: VendorServer) -> Vendor:
    server["fullcontact"].reset()
    server["fullcontact"].configure(coverage=1.0)
    return server["fullcontact"]


@pytest.fixture
def provider(server: VendorServer, vendor: Vendor) -> FullContactProvider:
    settings = ProviderSettings(base_url=server.url("fullcontact"))
    return FullContactProvider(settings, lambda: vendor.key)


def ask(provider: FullContactProvider, **row: str) -> Outcome:
    return next(iter(provider.enrich([parse_contact(row or JANE)], provider.fields)))


def values(outcome: Outcome) -> dict[str, str]:
    assert isinstance(outcome, Match)
    return {field: found.value for field, found in outcome.values.items()}


def test_a_match_in_full(vendor, provider):
    found = values(ask(provider))
    assert found.keys() == provider.fields
    assert found["full_name"] == "Jane Doe"
    assert found["company"] != "Formerly Inc"
    assert found["company_domain"] == "example.org"


@pytest.mark.parametrize(
    ("row", "identity"),
    [
        ({"phone": "+1 202 555 0143"}, "+12025550143"),
        ({"linkedin_url": "linkedin.com/in/jane-doe"}, "in/jane-doe"),
    ],
)
def test_asked_by_phone_and_profile(vendor, provider, row, identity):
    assert isinstance(ask(provider, **row), Match)
    assert vendor.account.lookups == {identity: 1}


def test_a_name_alone_or_with_a_city_is_not_enough(provider):
    """Name and location come together, and a location has a street or a postal code."""
    row = {"full_name": "Jane Doe", "city": "Berlin", "company": "Acme"}
    assert not provider.identifies(parse_contact(row))


def test_a_search_that_is_queued_is_asked_for_again(vendor, provider):
    vendor.faults.add("pending")
    assert ask(provider) == Pending(120)


def test_a_miss_costs_a_call(vendor, provider):
    vendor.configure(coverage=0.0)
    assert ask(provider) == NoMatch(1.0)
    assert vendor.account.credits == 1


def test_a_400_says_code_in_place_of_status(vendor, provider):
    vendor.faults.add("bad_request")
    assert ask(provider) == NoMatch()


def test_a_404_that_is_not_fullcontact_s_is_no_news_of_anybody(vendor, provider):
    vendor.script = Reply(404, "<html>no such host</html>")
    with pytest.raises(UnavailableError):
        ask(provider)


def test_a_204_is_a_miss(vendor, provider):
    vendor.script = Reply(204)
    assert ask(provider) == NoMatch()


def test_a_401_echoes_the_key_and_we_do_not(vendor, provider):
    vendor.faults.add("bad_key")
    with pytest.raises(BadKeyError) as error:
        ask(provider)
    assert vendor.key not in f"{error.value!r} {error.value.__context__!r}"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Usage limit for this plan has been reached", OutOfCreditsError),
        ("Quota exceeded", OutOfCreditsError),
        ("Monthly LIMIT hit", OutOfCreditsError),
        ("API Key is missing or invalid.", BadKeyError),
        ("Forbidden", BadKeyError),
    ],
)
def test_a_403_is_the_quota_or_the_key(vendor, provider, message, expected):
    vendor.script = Reply(403, {"status": 403, "message": message})
    with pytest.raises(expected):
        ask(provider)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [({}, 0.0), ({"X-FullContact-RateDelay": "800"}, 0.8), ({"X-Rate-Limit-Reset": "50"}, 0.0)],
)
def test_a_429_may_be_tried_again_at_once(vendor, provider, headers, wait):
    """X-Rate-Limit-* are relics, and say nothing."""
    vendor.script = Reply(429, {"status": 429}, headers)
    with pytest.raises(ThrottledError) as error:
        ask(provider)
    assert error.value.retry_after == wait


def test_a_call_that_was_only_held_back_is_like_any_other(vendor, provider):
    vendor.faults.add("delayed")
    assert isinstance(ask(provider), Match)


def test_a_503_says_when_to_come_back(vendor, provider):
    vendor.faults.add("busy", seconds=30)
    with pytest.raises(ThrottledError) as error:
        ask(provider)
    assert error.value.retry_after == 30


@pytest.mark.parametrize("emails", [["x@example.org"], [{"value": "x@example.org"}], [1, "x@y"]])
def test_details_are_texts_or_objects(vendor, provider, emails):
    vendor.script = Reply(200, {"fullName": "Jane Doe", "details": {"emails": emails}})
    found = values(ask(provider))
    assert found.get("email", "x@example.org") == "x@example.org"
    assert found["full_name"] == "Jane Doe"
