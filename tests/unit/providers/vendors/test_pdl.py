"""People Data Labs: one test for each trap of its API."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    OutOfCreditsError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.base import Match, NoMatch, Outcome, Pending
from chalicelib.providers.vendors.pdl import PeopleDataLabsProvider
from chalicelib.settings import ProviderSettings
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Reply, Vendor


@pytest.fixture(scope="module")
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server


@pytest.fixture
def vendor(server: VendorServer) -> Vendor:
    server["pdl"].reset()
    return server["pdl"]


@pytest.fixture
def provider(server: VendorServer, vendor: Vendor) -> PeopleDataLabsProvider:
    return make(server)


def make(server: VendorServer, **extra: str) -> PeopleDataLabsProvider:
    settings = ProviderSettings(base_url=server.url("pdl"), extra=extra)
    return PeopleDataLabsProvider(settings, lambda: server["pdl"].key)


def enrich(provider: PeopleDataLabsProvider, contacts: Sequence[Contact]) -> list[Outcome]:
    return list(provider.enrich(contacts, provider.fields))


def known(vendor: Vendor, number: int = 1) -> list[Contact]:
    return [parse_contact(row) for row in vendor.rows(True, number)]


def values(outcome: Outcome) -> dict[str, str]:
    assert isinstance(outcome, Match)
    return {field: found.value for field, found in outcome.values.items()}


def answer(vendor: Vendor, provider: PeopleDataLabsProvider, contacts: Sequence[Contact]) -> Any:
    """What PDL would answer, to be spoilt."""
    enrich(provider, contacts)
    assert vendor.last_reply is not None
    return json.loads(json.dumps(vendor.last_reply.body))


def test_a_match_in_full(vendor, provider):
    contact = parse_contact({"email": "ada.abara.0@example.com"})
    vendor.configure(coverage=1.0)
    (outcome,) = enrich(provider, [contact])
    found = values(outcome)
    assert found["email"] == "ada.abara.0@example.com"
    assert found["linkedin_url"].startswith("https://www.linkedin.com/in/ada-abara-")
    assert found["first_name"] == "Ada"
    assert found["company_domain"] == "example.com"
    assert len(found["country"]) == 2
    assert found["phone"].startswith("+")
    assert found.keys() == provider.fields
    assert found["title"].istitle(), "PDL's own texts are in lower case"


def test_confidence_is_likelihood(vendor, provider):
    contacts = known(vendor, 10)
    likelihoods = [item["likelihood"] for item in answer(vendor, provider, contacts)]
    sure = [next(iter(each.values.values())).confidence for each in enrich(provider, contacts)]
    assert sure == [likelihood / 10 for likelihood in likelihoods]


@pytest.mark.parametrize("data", [None, [], "x", {"emails": [None]}])
def test_a_match_that_holds_nothing(vendor, provider, data):
    contacts = known(vendor, 1)
    (item,) = answer(vendor, provider, contacts)
    vendor.script = Reply(200, [{**item, "data": data}])
    (outcome,) = enrich(provider, contacts)
    assert isinstance(outcome, NoMatch)


def test_the_unlikely_is_neither_told_nor_billed(server, vendor):
    vendor.configure(coverage=1.0)
    picky = make(server, MIN_LIKELIHOOD="9")
    outcomes = enrich(picky, known(vendor, 30))
    matches = [each for each in outcomes if isinstance(each, Match)]
    assert 0 < len(matches) < 30
    assert len(matches) == vendor.account.credits
    assert all(found.confidence >= 0.9 for each in matches for found in each.values.values())


def test_who_lacks_what_is_required_is_neither_told_nor_billed(server, vendor, provider):
    contacts = known(vendor, 20)
    vendor.faults.add("no_phones", times=None)
    phones = ["phone" in values(outcome) for outcome in enrich(provider, contacts)]
    assert 0 < sum(phones) < len(contacts) == vendor.account.credits
    outcomes = enrich(make(server, REQUIRED="phone_numbers"), contacts)
    assert [isinstance(outcome, Match) for outcome in outcomes] == phones
    assert sum(outcome.credits for outcome in outcomes) == sum(phones)
    assert vendor.account.credits == len(contacts) + sum(phones)


def test_the_free_plan_s_truths_are_no_values(vendor, provider):
    vendor.faults.add("masked")
    found = values(enrich(provider, known(vendor))[0])
    assert found.keys().isdisjoint({"email", "phone", "city"})
    assert "True" not in found.values()
    assert "title" in found


def test_former_addresses_are_not_for_outreach(vendor, provider):
    contacts = known(vendor)
    (item,) = answer(vendor, provider, contacts)
    item["data"] |= {"work_email": None, "recommended_personal_email": None, "personal_emails": []}
    assert item["data"]["emails"], "there are former ones"
    vendor.script = Reply(200, [item])
    assert "email" not in values(enrich(provider, contacts)[0])


def test_work_comes_before_private_unless_set_otherwise(server, vendor, provider):
    contacts = known(vendor)
    (item,) = answer(vendor, provider, contacts)
    data = item["data"]
    assert values(enrich(provider, contacts)[0])["email"] == data["work_email"]
    private = make(server, EMAIL_FIELDS="personal_emails, work_email")
    assert values(enrich(private, contacts)[0])["email"] == data["personal_emails"][0]
    data["work_email"] = None
    vendor.script = Reply(200, [item])
    assert values(enrich(provider, contacts)[0])["email"] == data["recommended_personal_email"]


def test_types_drift(vendor, provider):
    contacts = known(vendor)
    before = values(enrich(provider, contacts)[0])
    vendor.faults.add("drift")
    assert values(enrich(provider, contacts)[0]) == before


def test_matched_by_what_is_echoed_whatever_else_fits(vendor, provider):
    """The echo is PDL's word: the data of both say the same of everybody."""
    contacts = known(vendor, 2)
    first, second = answer(vendor, provider, contacts)
    first["data"]["job_title"], second["data"]["job_title"] = "First", "Second"
    vendor.script = Reply(200, [second, first])
    assert [values(each)["title"] for each in enrich(provider, contacts)] == ["First", "Second"]


def test_without_an_echo_by_identity(vendor, provider):
    contacts = known(vendor, 5)
    right = [values(each) for each in enrich(provider, contacts)]
    vendor.faults.add("no_metadata", times=None)
    vendor.faults.add("reorder")
    assert [values(each) for each in enrich(provider, contacts)] == right
    vendor.faults.add("shorten")
    outcomes = enrich(provider, contacts)
    assert outcomes[0] == NoMatch()
    assert [values(each) for each in outcomes[1:]] == right[1:]


def test_each_item_has_a_status_of_its_own(vendor, provider):
    """One that PDL failed at is neither a miss nor a reason to lose, and pay again, the others."""
    contacts = known(vendor, 3)
    vendor.faults.add("item_broken")
    outcomes = enrich(provider, contacts)
    assert isinstance(outcomes[0], Pending)
    assert all(isinstance(each, Match) for each in outcomes[1:])
    assert [each.credits for each in outcomes] == [0, 1, 1]


def test_credits_that_end_in_the_middle_of_a_call(vendor, provider):
    contacts = known(vendor, 5)
    vendor.configure(credits_left=3)
    outcomes = enrich(provider, contacts)
    assert [type(each) for each in outcomes] == [Match] * 3 + [Pending] * 2
    with pytest.raises(OutOfCreditsError):
        enrich(provider, contacts[3:])


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, BadKeyError), (402, OutOfCreditsError), (429, ThrottledError), (500, UnavailableError)],
)
def test_trouble_in_every_item_is_trouble_of_the_call(vendor, provider, status, error):
    contacts = known(vendor, 2)
    vendor.script = Reply(200, [{"status": status}, {"status": status}])
    with pytest.raises(error):
        enrich(provider, contacts)


@pytest.mark.parametrize("quirk", ["list_types", "flat_errors"])
@pytest.mark.parametrize(
    ("fault", "error"), [("bad_key", BadKeyError), ("out_of_credits", OutOfCreditsError)]
)
def test_errors_in_all_forms(vendor, provider, quirk, fault, error):
    vendor.faults.add(quirk)
    vendor.faults.add(fault)
    with pytest.raises(error):
        enrich(provider, known(vendor))


@pytest.mark.parametrize(
    "body",
    [
        {"status": 404, "message": "No records were found matching your request"},
        {"status": 404, "error": {"type": "not_found", "message": "No records"}},
        {"error": {"type": ["not_found"], "message": "No records"}},
    ],
)
def test_a_404_of_pdl_s_own_is_a_miss(vendor, provider, body):
    vendor.script = Reply(404, body)
    assert enrich(provider, known(vendor, 2)) == [NoMatch(), NoMatch()]


@pytest.mark.parametrize("body", ["<html>404</html>", {"message": "no route"}, [404]])
def test_any_other_404_is_no_news_of_anybody(vendor, provider, body):
    vendor.script = Reply(404, body)
    with pytest.raises(UnavailableError):
        enrich(provider, known(vendor))


@pytest.mark.parametrize(
    ("types", "outcome"),
    [
        ("not_found", NoMatch),
        (["not_found"], NoMatch),
        ("payment_required", Pending),
        (["x", "payment_required"], Pending),
    ],
)
def test_an_item_may_tell_its_status_in_words_alone(vendor, provider, types, outcome):
    contacts = known(vendor, 2)
    first, second = answer(vendor, provider, contacts)
    worded = {"error": {"type": types}, "metadata": second["metadata"]}
    vendor.script = Reply(200, [first, worded])
    assert [type(each) for each in enrich(provider, contacts)] == [Match, outcome]


@pytest.mark.parametrize("body", [[], [[]], ["x", 5, None], [{}], {"status": 200}])
def test_a_list_that_is_no_answer_is_nonsense_not_misses(vendor, provider, body):
    vendor.script = Reply(200, body)
    with pytest.raises(MalformedAnswerError):
        enrich(provider, known(vendor, 2))


@pytest.mark.parametrize("spent", ["4", "2.5"])
def test_what_the_header_says_was_spent_counts(vendor, provider, spent):
    """Of four that PDL charged for, three came back."""
    contacts = known(vendor, 4)
    items = answer(vendor, provider, contacts)
    vendor.script = Reply(200, items[:3], {"x-call-credits-spent": spent})
    outcomes = enrich(provider, contacts)
    assert sum(each.credits for each in outcomes) == pytest.approx(float(spent))
    assert outcomes[3].credits == 0


def test_no_blank_is_sent(vendor, provider):
    """PDL answers an item with a blank parameter with a 400."""
    contact = Contact(given={}, known=known(vendor)[0].known, problems={"company": "unreadable"})
    assert isinstance(enrich(provider, [contact])[0], Match)


# When to come back


def moment(seconds: float) -> datetime:
    return datetime.now(timezone.utc) + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("header", "text", "least", "most"),
    [
        ("retry-after", "12", 12, 12),
        ("x-ratelimit-reset", lambda: moment(300).isoformat(), 200, 300),
        ("x-ratelimit-reset", lambda: moment(300).isoformat().replace("+00:00", "Z"), 200, 300),
        ("x-ratelimit-reset", lambda: moment(300).replace(tzinfo=None).isoformat(), 200, 300),
        ("x-ratelimit-reset", lambda: str(int(moment(300).timestamp())), 200, 300),
        ("x-ratelimit-reset", "42", 42, 42),
        ("x-ratelimit-reset", lambda: moment(-300).isoformat(), 0, 0),
        ("x-ratelimit-remaining", '{"minute": 0, "day": 9, "month": null}', 60, 60),
        ("x-ratelimit-remaining", "{'minute': 0, 'day': None, 'month': None}", 60, 60),
        ("x-ratelimit-remaining", "{'minute': 9, 'day': 0, 'month': None}", 86_400, 86_400),
        ("x-ratelimit-remaining", "0", 60, 60),
    ],
)
def test_all_forms_of_the_rate_headers(vendor, provider, header, text, least, most):
    """Times are made when the test runs, which may be long after it was collected."""
    vendor.script = Reply(429, {"status": 429}, {header: text() if callable(text) else text})
    with pytest.raises(ThrottledError) as error:
        enrich(provider, known(vendor))
    assert error.value.retry_after is not None
    assert least <= error.value.retry_after <= most


def test_a_reset_without_a_zone_is_utc(vendor, provider, monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    reset = moment(300).replace(tzinfo=None).isoformat()
    vendor.script = Reply(429, {"status": 429}, {"x-ratelimit-reset": reset})
    try:
        with pytest.raises(ThrottledError) as error:
            enrich(provider, known(vendor))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert error.value.retry_after == pytest.approx(300, abs=100)


@pytest.mark.parametrize("header", ["x-ratelimit-reset", "x-ratelimit-remaining", "retry-after"])
@pytest.mark.parametrize("text", ["", "soon", "{", "[0]", "nan", "null", "{'minute': 5}"])
def test_rate_headers_that_say_nothing(vendor, provider, header, text):
    vendor.script = Reply(429, {"status": 429}, {header: text})
    with pytest.raises(ThrottledError) as error:
        enrich(provider, known(vendor))
    assert error.value.retry_after is None


@pytest.mark.parametrize("quirk", ["repr_headers", "int_headers"])
def test_a_throttled_call_in_old_dialects(vendor, provider, quirk):
    vendor.faults.add(quirk)
    vendor.faults.add("throttle", seconds=7)
    with pytest.raises(ThrottledError) as error:
        enrich(provider, known(vendor))
    assert error.value.retry_after == pytest.approx(7, abs=0.5)


# Who can be asked for


@pytest.mark.parametrize(
    ("row", "enough"),
    [
        ({"email": "jane@example.org"}, True),
        ({"phone": "+1 202 555 0143"}, True),
        ({"linkedin_url": "linkedin.com/in/jane-doe"}, True),
        ({"full_name": "Jane Doe", "company": "Acme"}, True),
        ({"full_name": "Jane Doe", "company_domain": "acme.com"}, True),
        ({"first_name": "Jane", "last_name": "Doe", "city": "Berlin"}, True),
        ({"full_name": "Jane Doe"}, False),
        ({"first_name": "Jane", "company": "Acme"}, False),
        ({"company": "Acme"}, False),
    ],
)
def test_the_least_that_pdl_needs(provider, row, enough):
    assert provider.identifies(parse_contact(row)) is enough
