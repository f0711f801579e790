"""Apollo: one test for each trap of its API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    OutOfCreditsError,
    RefusedError,
    ThrottledError,
)
from chalicelib.providers.base import Found, Match, NoMatch, Outcome
from chalicelib.providers.values import UNCHECKED
from chalicelib.providers.vendors.apollo import ON_RECORD, ApolloProvider
from chalicelib.settings import ProviderSettings
from tests.vendors.apollo import STRANGER
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Reply, Vendor


@pytest.fixture(scope="module")
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server


@pytest.fixture
def vendor(server: VendorServer) -> Vendor:
    server["apollo"].reset()
    server["apollo"].configure(coverage=0.7)
    return server["apollo"]


@pytest.fixture
def provider(server: VendorServer, vendor: Vendor) -> ApolloProvider:
    settings = ProviderSettings(base_url=server.url("apollo"))
    return ApolloProvider(settings, lambda: vendor.key)


def enrich(provider: ApolloProvider, contacts: Sequence[Contact]) -> list[Outcome]:
    return list(provider.enrich(contacts, provider.fields))


def known(vendor: Vendor, number: int = 1) -> list[Contact]:
    return [parse_contact(row) for row in vendor.rows(True, number)]


def mixed(vendor: Vendor) -> list[Contact]:
    """Stranger, known, stranger, known, …"""
    pairs = zip(vendor.rows(False, 5), vendor.rows(True, 5), strict=True)
    return [parse_contact(row) for pair in pairs for row in pair]


def values(outcome: Outcome) -> dict[str, str]:
    found = outcome.values if isinstance(outcome, Match) else {}
    return {field: each.value for field, each in found.items()}


def answer(vendor: Vendor, provider: ApolloProvider, contacts: Sequence[Contact]) -> Any:
    """What Apollo would answer, to be spoilt."""
    enrich(provider, contacts)
    assert vendor.last_reply is not None
    return json.loads(json.dumps(vendor.last_reply.body))


def test_a_match_in_full(vendor, provider):
    contacts = known(vendor)
    (outcome,) = enrich(provider, contacts)
    found = values(outcome)
    assert found.keys() == provider.fields
    assert found["email"] == contacts[0].known["email"]
    assert found["email_status"] == "valid"
    assert found["linkedin_url"].startswith("https://www.linkedin.com/in/")
    assert outcome.credits == 1


# Whose answer is whose


@pytest.mark.parametrize("quirk", ["", "drop_misses"])
@pytest.mark.parametrize("fault", ["", "reorder", "shorten"])
def test_misses_as_null_or_left_out_move_nobody(vendor, provider, quirk, fault):
    """MemberJunction: "positionally aligned, null for a miss". best-prospect-finder: "Apollo reorders
    results and drops unmatched records; zip() silently shifts".
    """
    contacts = mixed(vendor)
    right = [values(each) for each in enrich(provider, contacts)]
    for name in filter(None, (quirk, fault)):
        vendor.faults.add(name)
    found = [values(each) for each in enrich(provider, contacts)]
    assert all(not f or f == r for f, r in zip(found, right, strict=True))
    left_out = sum(r != f for f, r in zip(found, right, strict=True))
    assert left_out == (fault == "shorten" and quirk == "drop_misses")
    assert not any(found[::2])


def test_somebody_in_the_right_place_is_not_the_right_person(vendor, provider):
    contacts = known(vendor, 3)
    body = answer(vendor, provider, contacts)
    body["matches"][1] |= {
        **{"email": "x.y@example.net", "linkedin_url": None},
        **{"first_name": "X", "last_name": "Y", "name": "X Y"},
    }
    vendor.script = Reply(200, body)
    assert [bool(values(each)) for each in enrich(provider, contacts)] == [True, False, True]


@pytest.mark.parametrize(
    "row",
    [
        {"email": "jane.doe@larkspur.com"},
        {"linkedin_url": "linkedin.com/in/jane-doe-1"},
        {"full_name": "Dr. Jane Doe", "company_domain": "larkspur.com"},
        {"email": "jd@larkspur.com", "full_name": "Jane Doe"},  # locked: name and domain remain
    ],
)
def test_matched_by_email_profile_or_name_and_domain(vendor, provider, row):
    person = {
        **{"first_name": "Jane", "last_name": "Doe", "title": "Head of Sales"},
        **{"linkedin_url": "http://www.linkedin.com/in/jane-doe-1"},
        **{"organization": {"primary_domain": "larkspur.com"}},
    }
    other = {**person, "first_name": "John", "linkedin_url": "http://linkedin.com/in/john"}
    mail = {} if "jd@" in row.get("email", "") else {"email": "jane.doe@larkspur.com"}
    vendor.script = Reply(200, {"matches": [other, {**person, **mail}]})
    contacts = [parse_contact(row), *known(vendor)]
    outcomes = enrich(provider, contacts)
    assert values(outcomes[0])["title"] == "Head of Sales"
    assert outcomes[1] == NoMatch()


def test_two_of_one_name_at_one_company_are_two(vendor, provider):
    jane = {"first_name": "Jane", "last_name": "Doe", "title": "Boss"}
    one = {**jane, "email": "jane.doe@larkspur.com", "organization": {"name": "Larkspur"}}
    vendor.script = Reply(200, {"matches": [one, None]})
    rows = [
        {"full_name": "Jane Doe", "email": "jane.doe@larkspur.com"},
        {"full_name": "Jane Doe", "email": "jane.doe2@larkspur.com"},
    ]
    outcomes = enrich(provider, [parse_contact(row) for row in rows])
    assert [bool(values(each)) for each in outcomes] == [True, False]


def test_the_customer_s_crm_entry_is_somebody_else(vendor, provider):
    contacts = known(vendor)
    body = answer(vendor, provider, contacts)
    (person,) = body["matches"]
    assert person["contact"]["email"] == STRANGER.email
    for name in ("email", "title", "linkedin_url"):
        person[name] = None
    vendor.script = Reply(200, body)
    found = values(enrich(provider, contacts)[0])
    assert found
    assert not {STRANGER.email, STRANGER.phone, STRANGER.first} & set(found.values())
    assert found.keys().isdisjoint({"email", "phone", "linkedin_url"})


# Values


def test_a_locked_email_is_none(vendor, provider):
    vendor.faults.add("masked")
    found = values(enrich(provider, known(vendor))[0])
    assert "title" in found
    assert found.keys().isdisjoint({"email", "email_status"})


def test_the_status_of_a_locked_email_says_nothing(vendor, provider):
    contacts = known(vendor)
    vendor.faults.add("masked")
    body = answer(vendor, provider, contacts)
    body["matches"][0]["email_status"] = "verified"
    vendor.script = Reply(200, body)
    assert "email_status" not in values(enrich(provider, contacts)[0])


@pytest.mark.parametrize(
    ("told", "status", "sure"),
    [
        ("verified", "valid", ON_RECORD),
        ("unverified", "unknown", UNCHECKED),
        ("likely to engage", "unknown", UNCHECKED),
        ("guessed", "guessed", 0.4),
        ("extrapolated", "guessed", 0.4),
        ("unavailable", None, UNCHECKED),
        ("new word", None, UNCHECKED),
        (None, None, UNCHECKED),
        (["verified"], None, UNCHECKED),
    ],
)
def test_how_sure_an_email_is(vendor, provider, told, status, sure):
    contacts = known(vendor)
    body = answer(vendor, provider, contacts)
    body["matches"][0]["email_status"] = told
    vendor.script = Reply(200, body)
    (outcome,) = enrich(provider, contacts)
    assert outcome.values["email"] == Found(contacts[0].known["email"], sure)
    assert values(outcome).get("email_status") == status


def test_an_address_that_bounced_is_none_unless_it_was_asked_about(vendor, provider):
    by_name = parse_contact({"full_name": "Ada Abara", "company_domain": "larkspur.com"})
    vendor.configure(coverage=1.0)
    body = answer(vendor, provider, [by_name])
    body["matches"][0]["email_status"] = "bounced"
    vendor.script = Reply(200, body)
    found = values(enrich(provider, [by_name])[0])
    assert "title" in found
    assert found.keys().isdisjoint({"email", "email_status"})
    asked = parse_contact({"email": body["matches"][0]["email"]})
    assert values(enrich(provider, [asked])[0])["email_status"] == "invalid"


# Credits


def test_fractions_of_credits_are_shared(vendor, provider):
    vendor.faults.add("fraction")
    outcomes = enrich(provider, mixed(vendor))
    assert {each.credits for each in outcomes if isinstance(each, Match)} == {0.5}
    assert sum(each.credits for each in outcomes) == vendor.account.credits == 2.5


def test_what_was_paid_for_and_is_nobody_s_still_counts(vendor, provider):
    contacts = known(vendor, 2)
    body = answer(vendor, provider, contacts)
    body["matches"] = []
    vendor.script = Reply(200, body)
    outcomes = enrich(provider, contacts)
    assert outcomes == [NoMatch(1.0), NoMatch(1.0)]


def test_success_without_anybody_and_without_counters(vendor, provider):
    body = {"status": "success", "unique_enriched_records": 0, "credits_consumed": 0}
    vendor.script = Reply(200, {**body, "matches": [None]})
    assert enrich(provider, known(vendor)) == [NoMatch()]
    vendor.script = None
    vendor.faults.add("uncounted")
    (outcome,) = enrich(provider, known(vendor))
    assert isinstance(outcome, Match)
    assert outcome.credits == 1
    assert "email" not in outcome.values


# Refusals


def test_empty_headers_are_no_numbers(vendor, provider):
    assert vendor.headers(None)["x-rate-limit-hourly"] == ""
    assert isinstance(enrich(provider, known(vendor))[0], Match)
    vendor.script = Reply(429, {"message": "The maximum number"}, {"retry-after": ""})
    with pytest.raises(ThrottledError) as error:
        enrich(provider, known(vendor))
    assert error.value.retry_after is None


def test_a_bad_key_is_plain_text(vendor, provider):
    vendor.faults.add("bad_key")
    with pytest.raises(BadKeyError):
        enrich(provider, known(vendor))


def test_a_key_for_other_things_is_a_bad_key(vendor, provider):
    vendor.faults.add("no_scope")
    with pytest.raises(BadKeyError):
        enrich(provider, known(vendor))


@pytest.mark.parametrize(
    ("quirk", "error"),
    [
        ("unprocessable", RefusedError),
        ("credits_422", OutOfCreditsError),
        ("out_of_credits", OutOfCreditsError),
    ],
)
def test_422_is_a_request_that_is_wrong_or_the_end_of_the_credits(vendor, provider, quirk, error):
    vendor.faults.add(quirk)
    with pytest.raises(error):
        enrich(provider, known(vendor))


def test_too_many_people_are_refused_and_not_asked_for_again(vendor, provider):
    with pytest.raises(RefusedError) as error:
        enrich(provider, known(vendor, 11))
    assert not error.value.may_be_billed
    assert vendor.account.credits == 0


@pytest.mark.parametrize("body", [{}, {"matches": None}, {"matches": {}}, {"person": {}}, []])
def test_no_list_of_matches_is_nonsense(vendor, provider, body):
    vendor.script = Reply(200, body)
    with pytest.raises(MalformedAnswerError):
        enrich(provider, known(vendor))


# Who can be asked for


@pytest.mark.parametrize(
    ("row", "enough"),
    [
        ({"email": "jane@example.org"}, True),
        ({"linkedin_url": "linkedin.com/in/jane-doe"}, True),
        ({"full_name": "Jane Doe", "company": "Acme"}, True),
        ({"first_name": "Jane", "last_name": "Doe", "company_domain": "acme.com"}, True),
        ({"full_name": "Jane Doe", "city": "Berlin"}, False),
        ({"phone": "+1 202 555 0143"}, False),
        ({"first_name": "Jane", "company": "Acme"}, False),
    ],
)
def test_the_least_that_apollo_needs(provider, row, enough):
    assert provider.identifies(parse_contact(row)) is enough
