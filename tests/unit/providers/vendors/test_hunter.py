"""Hunter: one test for each trap of its API (hunter.io/api-documentation/v2)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import BadKeyError, OutOfCreditsError, ThrottledError, UnavailableError
from chalicelib.providers.base import NoMatch, Outcome, Pending, Suppressed
from chalicelib.providers.vendors.hunter import HunterProvider
from chalicelib.settings import ProviderSettings, read_provider_settings
from tests.unit.providers.answers import match
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Reply

KEY = "hunter-secret-0123456789abcdef"
PROFILE = {"linkedin_url": "https://www.linkedin.com/in/ada-abara"}
NAME = {"first_name": "Ada", "last_name": "Abara", "company_domain": "larkspur.com"}


@pytest.fixture
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        server["hunter"].configure(coverage=1.0)
        yield server


@pytest.fixture
def provider(server: VendorServer) -> HunterProvider:
    return HunterProvider(ProviderSettings(base_url=server.url("hunter")), lambda: KEY)


def ask(provider: HunterProvider, **given: str) -> Outcome:
    return next(iter(provider.enrich([parse_contact(given)], provider.fields)))


def contact(**given: str) -> Contact:
    return parse_contact(given)


def test_an_email_is_looked_up_as_it_is(server, provider):
    outcome = ask(provider, email="ada.abara@larkspur.com", **NAME)
    found = match(outcome)
    assert {"full_name", "title", "phone", "city"} <= found.keys()
    assert found["company_domain"] == "larkspur.com"
    assert found["linkedin_url"].startswith("https://www.linkedin.com/in/")
    assert len(found["country"]) == 2
    assert outcome.credits == server["hunter"].account.credits == 2.0


def test_a_profile_is_looked_up_by_its_handle_when_there_is_no_email(server, provider):
    found = match(ask(provider, **PROFILE, **NAME))
    assert {"email", "title"} <= found.keys()
    assert server["hunter"].account.lookups == {"in/ada-abara": 1}
    assert server["hunter"].account.credits == 1.0


def test_the_address_is_sought_by_name_and_domain(server, provider):
    outcome = ask(provider, **NAME)
    found = match(outcome)
    assert found["email"].startswith("ada.abara")
    assert found["email"].endswith("@larkspur.com")
    assert found["email_status"] == "valid"
    assert 0.6 <= outcome.values["email"].confidence < 1.0
    assert match(ask(provider, full_name="Ada Abara", company_domain="larkspur.com"))["email"]


def test_the_address_is_sought_by_name_and_company_too(server, provider):
    outcome = ask(provider, full_name="Ada Abara", company="Larkspur Tools")
    assert match(outcome)["email"].startswith("ada.abara")
    assert match(outcome)["company_domain"] == match(outcome)["email"].partition("@")[2]
    assert list(server["hunter"].account.lookups) == ["ada abara, larkspur tools"]
    ask(provider, **NAME, company="Larkspur Tools")
    assert "ada abara, larkspur.com" in server["hunter"].account.lookups, "the domain is surer"


def test_a_person_at_another_company_is_a_miss_that_was_paid_for(server, provider):
    server["hunter"].faults.add("other_company", times=None)
    assert ask(provider, full_name="Ada Abara", company="Larkspur Tools") == NoMatch(1.0)
    assert match(ask(provider, **NAME)), "a domain is nobody else's, whatever its company is called"


@pytest.mark.parametrize(
    ("given", "enough"),
    [
        ({"email": "ada@larkspur.com"}, True),
        (PROFILE, True),
        (NAME, True),
        ({"full_name": "Ada Abara", "company_domain": "larkspur.com"}, True),
        ({"first_name": "Ada", "company_domain": "larkspur.com"}, False),
        ({"full_name": "Ada Abara", "company": "Larkspur"}, True),
        ({"first_name": "Ada", "company": "Larkspur"}, False),
        ({"phone": "+12025550143"}, False),
        ({"email": "no address", **NAME}, True),
    ],
)
def test_what_it_can_identify(provider, given, enough):
    assert provider.identifies(contact(**given)) is enough


def test_403_is_too_fast(server, provider):
    server["hunter"].faults.add("throttle")
    with pytest.raises(ThrottledError):
        ask(provider, **NAME)


def test_429_is_out_of_credits(server, provider):
    server["hunter"].faults.add("out_of_credits")
    with pytest.raises(OutOfCreditsError):
        ask(provider, **NAME)


def test_401_is_a_bad_key(server, provider):
    server["hunter"].configure(key="another")
    with pytest.raises(BadKeyError, match="HUNTER_API_KEY"):
        ask(provider, **NAME)


def test_451_suppresses_the_person(server, provider):
    server["hunter"].faults.add("claimed", times=None)
    assert ask(provider, **NAME) == Suppressed()
    assert ask(provider, email="ada@larkspur.com") == Suppressed()


@pytest.mark.parametrize("quirk", ["running", "whim"])
def test_202_and_222_are_pending_and_free(server, provider, quirk):
    server["hunter"].faults.add(quirk)
    outcome = ask(provider, **NAME)
    assert isinstance(outcome, Pending)
    assert outcome.retry_after > 0
    assert outcome.credits == server["hunter"].account.credits == 0
    assert match(ask(provider, **NAME))


@pytest.mark.parametrize("quirk", ["wrong_params", "unprocessable"])
def test_what_cannot_be_asked_is_a_miss_of_that_contact(server, provider, quirk):
    server["hunter"].faults.add(quirk)
    assert ask(provider, **NAME) == NoMatch()


@pytest.mark.parametrize("given", [{"email": "ada@larkspur.com"}, PROFILE, NAME])
def test_404_is_a_free_miss(server, provider, given):
    server["hunter"].configure(coverage=0.0)
    assert ask(provider, **given) == NoMatch()
    assert server["hunter"].account.credits == 0


def test_a_miss_of_the_finder_may_be_a_200_without_email(server, provider):
    server["hunter"].configure(coverage=0.0)
    server["hunter"].faults.add("null_email")
    assert ask(provider, **NAME) == NoMatch()


def test_500_is_unavailable(server, provider):
    server["hunter"].faults.add("broken")
    with pytest.raises(UnavailableError):
        ask(provider, **NAME)


@pytest.mark.parametrize("quirks", [(), ("in_handle",)])
def test_a_handle_may_begin_with_in(server, provider, quirks):
    for quirk in quirks:
        server["hunter"].faults.add(quirk)
    assert match(ask(provider, **PROFILE))["linkedin_url"] == PROFILE["linkedin_url"]


def test_the_record_of_somebody_else_is_a_miss_that_was_paid_for(server, provider):
    server["hunter"].faults.add("somebody_else")
    assert ask(provider, email="ada@larkspur.com") == NoMatch(2.0)
    assert server["hunter"].account.credits == 2.0


def test_masked_values_are_no_values(server, provider):
    server["hunter"].faults.add("masked", times=None)
    assert ask(provider, **NAME) == NoMatch(1.0)
    found = match(ask(provider, email="ada@larkspur.com"))
    assert not {"phone", "linkedin_url"} & found.keys()


def test_likeness_is_less_sure(server, provider):
    sure = ask(provider, email="ada@larkspur.com").values["title"].confidence
    server["hunter"].faults.add("fuzzy")
    assert ask(provider, email="ada@larkspur.com").values["title"].confidence < sure


def test_a_domain_that_takes_everything_says_little_of_the_mailbox(server, provider):
    server["hunter"].faults.add("accept_all")
    found = ask(provider, **NAME).values["email_status"]
    assert (found.value, found.confidence) == ("catch_all", 0.5)


@pytest.mark.parametrize(("told", "sure"), [("valid", 0.97), ("accept_all", 0.6), (None, 0.6)])
def test_a_high_score_is_no_surer_than_the_verification(server, provider, told, sure):
    data = {"email": "ada.abara@larkspur.com", "score": 97, "verification": {"status": told}}
    server["hunter"].script = Reply(200, {"data": data})
    assert ask(provider, **NAME).values["email"].confidence == sure


def test_an_address_that_hunter_knows_to_be_invalid_is_a_miss_that_was_paid_for(server, provider):
    data = {"email": "ada.abara@larkspur.com", "score": 40, "verification": {"status": "invalid"}}
    server["hunter"].script = Reply(200, {"data": data})
    assert ask(provider, **NAME) == NoMatch(1.0)


def test_the_address_of_a_record_was_not_checked(provider):
    found = ask(provider, **PROFILE).values
    assert found["email"].confidence < found["title"].confidence


def test_prices_are_settings():
    published = HunterProvider(ProviderSettings(), str)
    assert published.terms.credits == 2.0
    env = {"HUNTER_COMBINED_CREDITS": "0.2", "HUNTER_PEOPLE_CREDITS": "0.2"}
    assert HunterProvider(read_provider_settings("hunter", env), str).terms.credits == 1.0
    env = {"HUNTER_CREDITS": "0.2", "HUNTER_FINDER_CREDITS": "1.5"}  # what is reserved is enough
    assert HunterProvider(read_provider_settings("hunter", env), str).terms.credits == 1.5


def test_no_lookup_costs_more_than_the_most(server):
    env = {"HUNTER_CREDITS": "0.2", "HUNTER_BASE_URL": server.url("hunter")}
    provider = HunterProvider(read_provider_settings("hunter", env), lambda: KEY)
    assert provider.terms.credits == ask(provider, email="ada@larkspur.com").credits == 0.2
