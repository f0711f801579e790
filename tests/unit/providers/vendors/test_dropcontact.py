"""Dropcontact: one test for each trap of its API (developer.dropcontact.com, public clients)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import MalformedAnswerError, OutOfCreditsError, RefusedError
from chalicelib.providers.base import NoMatch, Suppressed
from chalicelib.providers.vendors.dropcontact import DropcontactProvider
from chalicelib.settings import ProviderSettings
from tests.unit.providers.answers import answer, match, submitted
from tests.vendors.dropcontact import Dropcontact
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Reply

PROFILE = {"linkedin_url": "https://www.linkedin.com/in/ada-abara"}
NAME = {"first_name": "Ada", "last_name": "Abara", "company_domain": "larkspur.com"}


@pytest.fixture(scope="module")
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server


@pytest.fixture
def vendor(server: VendorServer) -> Dropcontact:
    vendor = server["dropcontact"]
    assert isinstance(vendor, Dropcontact)
    vendor.reset()
    vendor.configure(coverage=1.0, busy_polls=0)
    return vendor


@pytest.fixture
def provider(server: VendorServer, vendor: Dropcontact) -> DropcontactProvider:
    settings = ProviderSettings(base_url=server.url("dropcontact"))
    return DropcontactProvider(settings, lambda: vendor.key)


def sent(vendor: Dropcontact) -> Mapping[str, Mapping[str, object]]:
    return list(vendor.submissions.values())[-1].sent


@pytest.mark.parametrize("given", [PROFILE, NAME])
def test_a_match_in_full(vendor, provider, given):
    outcome = answer(provider, **given)
    found = match(outcome)
    assert found.keys() == provider.fields
    assert found["email_status"] == "valid"
    assert found["linkedin_url"].startswith("https://www.linkedin.com/in/ada-abara")
    assert outcome.values["email"].confidence == 0.9
    assert outcome.credits == vendor.account.credits == 1


def test_no_address_is_sent_because_each_one_costs_a_credit(vendor, provider):
    answer(provider, **PROFILE, **NAME, company="Larkspur Tools", email="ada@private.example.org")
    assert sent(vendor)["0"] == {
        **{"first_name": "Ada", "last_name": "Abara", "company": "Larkspur Tools"},
        **{"website": "larkspur.com", "linkedin": PROFILE["linkedin_url"]},
        "custom_fields": {"contact_id": "0"},
    }


def test_a_full_name_is_sent_where_its_parts_are_not_known(vendor, provider):
    known = {"full_name": "Ada Abara", "company": "Larkspur Tools"}
    provider.enrich([Contact(given={}, known=known, problems={})], provider.fields)
    assert sent(vendor)["0"]["full_name"] == "Ada Abara"


@pytest.mark.parametrize(
    ("given", "enough"),
    [
        *((PROFILE, True), (NAME, True)),
        ({"full_name": "Ada Abara", "company": "Larkspur"}, True),
        ({"email": "ada@larkspur.com"}, False),
        ({"company": "Larkspur"}, False),
    ],
)
def test_what_it_can_identify(provider, given, enough):
    assert provider.identifies(parse_contact(given)) is enough


def test_a_200_without_success_means_that_it_still_searches(vendor, provider):
    submission, contacts = submitted(provider, [NAME])
    vendor.configure(busy_polls=1)
    assert provider.collect(submission, contacts) == {}
    assert vendor.last_reply is not None
    assert (vendor.last_reply.status, vendor.last_reply.body["success"]) == (200, False)
    assert provider.collect(submission, contacts).keys() == contacts.keys()


def test_a_submission_without_success_is_no_ticket(vendor, provider):
    vendor.script = Reply(200, {"error": True, "success": False, "reason": "Try again"})
    with pytest.raises(MalformedAnswerError) as error:
        submitted(provider, [NAME])
    assert error.value.may_be_billed, "nobody knows"


@pytest.mark.parametrize("body", [{}, {"success": True}, {"success": True, "data": {}}])
def test_an_answer_without_a_list_is_nonsense(vendor, provider, body):
    submission, contacts = submitted(provider, [NAME])
    vendor.script = Reply(200, body)
    with pytest.raises(MalformedAnswerError):
        provider.collect(submission, contacts)


def test_credits_are_taken_at_the_submission_and_given_back(vendor, provider):
    vendor.configure(coverage=0.5, credits_left=6)
    rows = vendor.rows(True, 2) + vendor.rows(False, 4)
    submission, contacts = submitted(provider, rows)
    assert vendor.account.credits_left == 0
    with pytest.raises(OutOfCreditsError) as error:
        submitted(provider, [NAME])
    assert not error.value.may_be_billed
    outcomes = provider.collect(submission, contacts)
    assert [outcome.credits for outcome in outcomes.values()] == [1, 1, 0, 0, 0, 0]
    assert (vendor.account.credits, vendor.account.credits_left) == (2, 4)
    provider.collect(submission, contacts)
    assert vendor.account.credits_left == 4


def test_without_credits_for_all_nobody_is_taken(vendor, provider):
    vendor.configure(credits_left=1)
    with pytest.raises(OutOfCreditsError):
        submitted(provider, vendor.rows(True, 2))
    assert not vendor.account.lookups


@pytest.mark.parametrize(
    ("quirk", "status", "confidence"),
    [("catch_all", "catch_all", 0.6), ("non_validated", "unknown", 0.6), ("french", "valid", 0.9)],
)
def test_an_address_is_no_surer_than_its_qualification(vendor, provider, quirk, status, confidence):
    vendor.faults.add(quirk, times=None)
    outcome = answer(provider, **NAME)
    assert match(outcome)["email_status"] == status
    assert outcome.values["email"].confidence == confidence


@pytest.mark.parametrize(
    ("quirk", "credits"), [("generic", 1), ("private", 1), ("invalid", 0), ("no_email", 0)]
)
def test_an_address_that_is_not_the_person_s_at_work_is_not_used(vendor, provider, quirk, credits):
    vendor.faults.add(quirk, times=None)
    outcome = answer(provider, **NAME)
    assert match(outcome).keys() == provider.fields - {"email", "email_status"}
    assert outcome.credits == vendor.account.credits == credits


def test_the_address_at_work_may_be_the_second_one(vendor, provider):
    vendor.faults.add("several", times=None)
    assert match(answer(provider, **NAME))["email"].endswith("@larkspur.com")


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ([{"email": "ada@larkspur.com"}], ("ada@larkspur.com", "unknown")),
        ([{"email": "ada@larkspur.com", "qualification": None}], ("ada@larkspur.com", "unknown")),
        ([{"email": "ada@larkspur.com", "qualification": "robot@pro"}], None),
        ([{"email": "ada@larkspur.com", "qualification": "nominative@invalid domain"}], None),
        ("ada@larkspur.com", None),
        ([None, {"email": None}, "x"], None),
    ],
)
def test_addresses_in_other_forms(vendor, provider, email, expected):
    submission, contacts = submitted(provider, [NAME])
    record = {"custom_fields": {"contact_id": "0"}, "job": "Head of Sales", "email": email}
    vendor.script = Reply(200, {"success": True, "data": [record]})
    found = match(provider.collect(submission, contacts)["0"])
    assert (found.get("email"), found.get("email_status")) == (expected or (None, None))


@pytest.mark.parametrize("quirk", ["do_not_contact", "do_not_contact_fr"])
def test_who_must_not_be_contacted_is_suppressed(vendor, provider, quirk):
    vendor.faults.add(quirk, times=None)
    assert answer(provider, **NAME) == Suppressed(1.0)
    assert vendor.account.credits == 1


def test_what_was_sent_is_no_news(vendor, provider):
    vendor.configure(coverage=0.0)
    assert answer(provider, **NAME, company="Larkspur Tools") == NoMatch()


def test_without_ids_nobody_is_matched_and_nothing_is_free(vendor, provider):
    vendor.faults.add("no_custom", times=None)
    submission, contacts = submitted(provider, vendor.rows(True, 3))
    assert provider.collect(submission, contacts) == dict.fromkeys(contacts, NoMatch(1.0))
    assert vendor.account.credits == 3


def test_somebody_else_is_a_miss_that_was_paid_for(vendor, provider):
    submission, contacts = submitted(provider, [NAME])
    record = {"custom_fields": {"contact_id": "0"}, "full_name": "Bela Brandt"}
    email = {"email": "bela@larkspur.com", "qualification": "nominative@pro"}
    vendor.script = Reply(200, {"success": True, "data": [{**record, "email": [email]}]})
    assert provider.collect(submission, contacts) == {"0": NoMatch(1.0)}


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_submission_that_is_refused(vendor, provider, status):
    vendor.script = Reply(status, {"error": True, "reason": "Missing data in JSON"})
    with pytest.raises(RefusedError):
        submitted(provider, [NAME])
