"""Gravatar: one test for each trap of its API (OpenAPI description 3.0.0)."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import BadKeyError, ThrottledError, UnavailableError
from chalicelib.providers.base import Limit, Match, NoMatch, Outcome
from chalicelib.providers.vendors.gravatar import GravatarProvider
from chalicelib.settings import ProviderSettings
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Reply

KEY = "gravatar-secret-0123456789abcdef"
EMAIL = "ada.abara.0@example.com"
#: echo -n ada.abara.0@example.com | sha256sum
HASH = "1fa3d5d6cb4005ac19b90d3f3c55d2359e8b2dd582a222a198870ec758b5b80a"


@pytest.fixture
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        server["gravatar"].configure(coverage=1.0)
        yield server


def create(server: VendorServer, key: str = KEY) -> GravatarProvider:
    settings = ProviderSettings(base_url=server.url("gravatar"), key=key)
    return GravatarProvider(settings, lambda: key)


def ask(provider: GravatarProvider, contact: Contact | None = None) -> Outcome:
    asked = contact or parse_contact({"email": EMAIL})
    return next(iter(provider.enrich([asked], provider.fields)))


def found(outcome: Outcome) -> dict[str, str]:
    assert isinstance(outcome, Match)
    return {field: found.value for field, found in outcome.values.items()}


def test_a_profile_of_the_hash_of_the_address(server):
    values = found(ask(create(server)))
    assert {"first_name", "last_name", "full_name", "title", "company"} <= values.keys()
    assert values["linkedin_url"].startswith("https://www.linkedin.com/in/")
    assert len(values["country"]) == 2
    (person,) = server["gravatar"].account.lookups
    assert person.startswith(HASH)


def test_case_and_blanks_around_the_address_make_no_difference(server):
    ask(create(server), Contact({}, {"email": f" {EMAIL.upper()} "}, {}))
    ask(create(server))
    assert list(server["gravatar"].account.lookups.values()) == [2]


def test_without_a_key_there_is_less_and_slower(server):
    provider = create(server, key="")
    assert not {"first_name", "last_name"} & found(ask(provider)).keys()
    assert provider.terms.limits == (Limit(100, 3600),)
    assert not provider.terms.needs_key
    assert create(server).terms.limits == (Limit(1000, 3600),)


def test_phones_come_with_a_key_alone_and_the_one_at_work_first(server):
    assert "phone" not in create(server, key="").fields
    assert "phone" not in found(ask(create(server, key="")))
    provider = create(server)
    assert "phone" in provider.fields
    at_work = found(ask(provider))["phone"]
    server["gravatar"].faults.add("home_only")
    assert found(ask(provider))["phone"] == "+442079460958" != at_work


@pytest.mark.parametrize("info", [None, [], "x", {"work_phone": True}, {"cell_phone": "call me"}])
def test_contact_info_may_be_anything(server, info):
    provider = create(server)
    ask(provider)
    body = dict(server["gravatar"].last_reply.body)
    server["gravatar"].script = Reply(200, {**body, "contact_info": info})
    assert "phone" not in found(ask(provider))


def test_empty_texts_are_no_values(server):
    server["gravatar"].faults.add("blank")
    assert ask(create(server)) == NoMatch()


def test_404_has_no_body(server):
    server["gravatar"].configure(coverage=0.0)
    assert ask(create(server)) == NoMatch()


def test_429_says_at_what_time_to_come_back(server):
    server["gravatar"].faults.add("throttle", seconds=30)
    with pytest.raises(ThrottledError) as error:
        ask(create(server))
    assert error.value.retry_after == pytest.approx(31, abs=2)


@pytest.mark.parametrize(("seconds", "wait"), [(-1e6, 0.0), (1e6, 3600.0)])
def test_a_time_long_past_or_far_away_is_not_believed(server, seconds, wait):
    reset = str(int(time.time() + seconds))
    server["gravatar"].script = Reply(429, {}, {"X-RateLimit-Reset": reset})
    with pytest.raises(ThrottledError) as error:
        ask(create(server))
    assert error.value.retry_after == wait


def test_a_wrong_key_is_told(server):
    with pytest.raises(BadKeyError, match="GRAVATAR_API_KEY"):
        ask(create(server, key="wrong"))


def test_500_is_unavailable(server):
    server["gravatar"].faults.add("broken")
    with pytest.raises(UnavailableError):
        ask(create(server))


def test_a_hidden_account_stays_hidden(server):
    server["gravatar"].faults.add("hidden")
    assert "linkedin_url" not in found(ask(create(server)))


def test_a_nickname_is_no_name(server):
    server["gravatar"].faults.add("nickname")
    assert "full_name" not in found(ask(create(server)))


def test_maine_is_not_montenegro(server):
    server["gravatar"].faults.add("maine")
    assert not {"city", "country"} & found(ask(create(server))).keys()


def test_the_profile_of_somebody_else_is_a_miss(server):
    server["gravatar"].faults.add("other_hash")
    assert ask(create(server)) == NoMatch()


def test_it_is_free_and_needs_an_email(server):
    provider = create(server)
    assert provider.terms.credits == 0
    assert not provider.identifies(parse_contact({"full_name": "Ada Abara"}))
