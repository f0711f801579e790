"""FullEnrich: one test for each trap of its API (docs.fullenrich.com/api/v2, public clients)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    OutOfCreditsError,
    RefusedError,
)
from chalicelib.providers.base import NoMatch
from chalicelib.providers.vendors.fullenrich import FullEnrichProvider
from chalicelib.settings import ProviderSettings
from tests.unit.providers.answers import answer, answers, match, submitted
from tests.vendors.fullenrich import FullEnrich
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Reply

PROFILE = {"linkedin_url": "https://www.linkedin.com/in/ada-abara"}
NAME = {"first_name": "Ada", "last_name": "Abara", "company_domain": "larkspur.com"}


@pytest.fixture(scope="module")
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server


@pytest.fixture
def vendor(server: VendorServer) -> FullEnrich:
    vendor = server["fullenrich"]
    assert isinstance(vendor, FullEnrich)
    vendor.reset()
    vendor.configure(coverage=1.0, busy_polls=0)
    return vendor


@pytest.fixture
def provider(server: VendorServer, vendor: FullEnrich) -> FullEnrichProvider:
    settings = ProviderSettings(base_url=server.url("fullenrich"))
    return FullEnrichProvider(settings, lambda: vendor.key)


def people(number: int) -> list[dict[str, str]]:
    """Rows of whom the vendor knows everybody."""
    return [{**NAME, "company_domain": f"larkspur{n}.com"} for n in range(number)]


def sent(vendor: FullEnrich) -> Mapping[str, Mapping[str, object]]:
    return list(vendor.submissions.values())[-1].sent


def test_an_address_is_sought_by_name_and_domain(vendor, provider):
    outcome = answer(provider, **NAME)
    found = match(outcome)
    assert found.keys() == {"email", "email_status"}
    assert found["email"].endswith("@larkspur.com")
    assert found["email_status"] == "valid"
    assert outcome.values["email"].confidence == 0.9
    assert outcome.credits == vendor.account.credits == 1


def test_a_profile_gives_the_whole_person(vendor, provider):
    found = match(answer(provider, **PROFILE))
    assert found.keys() == provider.fields
    assert list(vendor.account.lookups) == ["in/ada-abara"]


def test_all_that_helps_is_sent_and_neither_phones_nor_private_addresses_are_asked_for(
    vendor, provider
):
    answer(provider, **PROFILE, **NAME, company="Larkspur Tools", phone="+12025550143")
    assert sent(vendor)["0"] == {
        **{"first_name": "Ada", "last_name": "Abara", "company_name": "Larkspur Tools"},
        **{"domain": "larkspur.com", "linkedin_url": PROFILE["linkedin_url"]},
        **{"enrich_fields": ["contact.work_emails"], "custom": {"contact_id": "0"}},
    }


def test_a_full_name_is_sent_in_its_parts(vendor, provider):
    known = {"full_name": "Dr. Ada Abara", "company": "Larkspur Tools"}
    provider.enrich([Contact(given={}, known=known, problems={})], provider.fields)
    assert sent(vendor)["0"].items() >= {"first_name": "Ada", "last_name": "Abara"}.items()


def test_one_that_it_cannot_search_for_does_not_stop_the_others(vendor, provider):
    known = {"full_name": "王小明", "company": "Larkspur Tools"}
    contacts = [Contact(given={}, known=known, problems={}), parse_contact(NAME)]
    outcomes = answers(provider, contacts)
    assert outcomes[0] == NoMatch()
    assert match(outcomes[1])["email"]


@pytest.mark.parametrize(
    ("given", "enough"),
    [
        (PROFILE, True),
        (NAME, True),
        ({"full_name": "Ada Abara", "company": "Larkspur"}, True),
        ({"first_name": "Ada", "company_domain": "larkspur.com"}, False),
        ({"email": "ada@larkspur.com"}, False),
    ],
)
def test_what_it_can_identify(provider, given, enough):
    assert provider.identifies(parse_contact(given)) is enough


def test_400_means_that_it_still_searches(vendor, provider):
    submission, contacts = submitted(provider, people(2))
    vendor.configure(busy_polls=1)
    assert provider.collect(submission, contacts) == {}
    assert vendor.last_reply is not None
    assert vendor.last_reply.status == 400
    assert provider.collect(submission, contacts).keys() == contacts.keys()


@pytest.mark.parametrize("quirk", ["partial", "rate_limit"])
def test_a_200_alone_does_not_mean_that_it_is_finished(vendor, provider, quirk):
    submission, contacts = submitted(provider, people(4))
    vendor.faults.add(quirk, of="poll")
    assert provider.collect(submission, contacts) == {}
    assert len(provider.collect(submission, contacts)) == 4


def test_a_new_word_for_the_status_is_no_answer(vendor, provider):
    submission, contacts = submitted(provider, people(1))
    vendor.script = Reply(200, {"status": "PAUSED", "data": []})
    assert provider.collect(submission, contacts) == {}


@pytest.mark.parametrize("body", [{}, {"status": None}, {"status": "FINISHED"}])
def test_an_answer_without_a_status_or_a_list_is_nonsense(vendor, provider, body):
    submission, contacts = submitted(provider, people(1))
    vendor.script = Reply(200, body)
    with pytest.raises(MalformedAnswerError) as error:
        provider.collect(submission, contacts)
    assert not error.value.may_be_billed


def test_what_was_found_until_the_credits_ended_is_not_lost(vendor, provider):
    vendor.configure(credits_left=2)
    submission, contacts = submitted(provider, people(5))
    outcomes = provider.collect(submission, contacts)
    assert [match(outcome)["email"] for outcome in outcomes.values()]
    assert sum(outcome.credits for outcome in outcomes.values()) == vendor.account.credits == 2
    rest = {n: contact for n, contact in contacts.items() if n not in outcomes}
    assert len(rest) == 3
    with pytest.raises(OutOfCreditsError) as error:
        provider.collect(submission, rest)
    assert not error.value.may_be_billed


def test_the_same_without_a_result(vendor, provider):
    submission, contacts = submitted(provider, people(1))
    vendor.script = Reply(402, "<html>Payment required</html>")
    with pytest.raises(OutOfCreditsError):
        provider.collect(submission, contacts)


def test_a_canceled_submission_is_not_asked_for_again(vendor, provider):
    submission, contacts = submitted(provider, people(2))
    vendor.faults.add("canceled", of="poll")
    with pytest.raises(RefusedError):
        provider.collect(submission, contacts)


def test_whoever_was_found_lately_is_free(vendor, provider):
    vendor.faults.add("free", times=None)
    outcome = answer(provider, **NAME)
    assert match(outcome)["email"]
    assert outcome.credits == vendor.account.credits == 0


@pytest.mark.parametrize(
    ("quirk", "status", "confidence"),
    [("high_probability", "catch_all", 0.8), ("catch_all", "catch_all", 0.6)],
)
def test_an_address_is_no_surer_than_its_status(vendor, provider, quirk, status, confidence):
    vendor.faults.add(quirk, times=None)
    outcome = answer(provider, **NAME)
    assert match(outcome)["email_status"] == status
    assert outcome.values["email"].confidence == confidence
    assert outcome.credits == vendor.account.credits == 1


def test_an_invalid_address_is_no_address_and_free(vendor, provider):
    vendor.faults.add("invalid", times=None)
    assert answer(provider, **NAME) == NoMatch()
    assert vendor.account.credits == 0


@pytest.mark.parametrize("quirk", ["masked", "other_domain"])
def test_an_address_of_no_use_is_a_miss_that_was_paid_for(vendor, provider, quirk):
    vendor.faults.add(quirk, times=None)
    assert answer(provider, **NAME) == NoMatch(1.0)
    assert vendor.account.credits == 1


def test_without_ids_nobody_is_matched_and_nothing_is_free(vendor, provider):
    vendor.faults.add("no_custom", times=None)
    submission, contacts = submitted(provider, people(4))
    outcomes = provider.collect(submission, contacts)
    assert outcomes == {contact_id: NoMatch(1.0) for contact_id in contacts}
    assert vendor.account.credits == 4


@pytest.mark.parametrize("quirk", ["datas", "linkedin"])
def test_words_of_the_first_version(vendor, provider, quirk):
    expected = match(answer(provider, **PROFILE))
    vendor.faults.add(quirk, times=None)
    assert match(answer(provider, **PROFILE)) == expected


def test_somebody_else_s_profile_is_a_miss_that_was_paid_for(vendor, provider):
    submission, contacts = submitted(provider, people(1))
    provider.collect(submission, contacts)
    assert vendor.last_reply is not None
    other = parse_contact({**PROFILE, "full_name": "Ada Abara"})
    (record,) = vendor.last_reply.body["data"]
    network = {"professional_network": {"url": "https://www.linkedin.com/in/ada-b"}}
    told = {**record, "profile": {"full_name": "Ada B", "social_profiles": network}}
    vendor.script = Reply(200, {**vendor.last_reply.body, "data": [told]})
    assert provider.collect(submission, {"0": other}) == {"0": NoMatch(1.0)}


@pytest.mark.parametrize(
    ("status", "error"), [(400, RefusedError), (402, OutOfCreditsError), (403, BadKeyError)]
)
def test_a_submission_that_is_refused(vendor, provider, status, error):
    vendor.script = Reply(status, {"code": "error.enrichment.data.empty"})
    with pytest.raises(error) as raised:
        answer(provider, **NAME)
    assert not raised.value.may_be_billed
