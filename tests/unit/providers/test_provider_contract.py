"""What every vendor's provider does, whoever the vendor is: the same cases for all of them. Answers
that are anything at all are in ``test_any_answer.py``.
"""

from __future__ import annotations

import logging
import math
import socket
import traceback
from collections.abc import Iterable, Iterator, Sequence

import pytest

from chalicelib.model.contacts import FIELDS, Contact
from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    OutOfCreditsError,
    ProviderError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.number_settings import WrongSettingError
from chalicelib.providers import ProviderFactory
from chalicelib.providers.base import (
    Limit,
    Match,
    NoMatch,
    Outcome,
    Pending,
    Provider,
    Suppressed,
)
from chalicelib.settings import ProviderSettings
from tests.unit.providers.answers import answers
from tests.unit.providers.vendor_cases import CASES, Case
from tests.vendors.faults import KINDS, REFUSALS, SPOILS
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Vendor

#: Seconds that the providers wait for an answer, and that a lagging vendor takes.
SHORT, LONG = "0.15", 0.5


@pytest.fixture(scope="module")
def servers() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    chosen: Case = request.param
    return chosen


@pytest.fixture
def server(servers: VendorServer, case: Case) -> VendorServer:
    servers[case.name].reset()
    servers.strayed = 0
    return servers


@pytest.fixture
def vendor(server: VendorServer, case: Case) -> Vendor:
    return server[case.name]


@pytest.fixture
def provider(server: VendorServer, case: Case, vendor: Vendor) -> Provider:
    return make(case, server.url(case.name), vendor.key)


def those(cases: Iterable[Case]) -> pytest.MarkDecorator:
    """Run a test with these cases only."""
    return pytest.mark.parametrize("case", list(cases), ids=lambda case: case.name)


def make(case: Case, base_url: str, key: str, **extra: str) -> Provider:
    told = {"TIMEOUT_SECONDS": "5", **extra}
    return case.make(ProviderSettings(key="set", base_url=base_url, extra=told), lambda: key)


def people(case: Case, vendor: Vendor, known: bool = True, number: int = 1) -> list[Contact]:
    return [case.contact(row) for row in vendor.rows(known, number)]


def mixed(case: Case, vendor: Vendor, provider: Provider) -> list[Contact]:
    """One call's worth of people, of whom the vendor knows every second; at most 20."""
    number = min(provider.terms.batch_size, 20)
    sides = people(case, vendor, True, number), people(case, vendor, False, number)
    return [contact for pair in zip(*sides, strict=True) for contact in pair][:number]


def enrich(provider: Provider, contacts: Sequence[Contact]) -> list[Outcome]:
    outcomes = answers(provider, contacts)
    for outcome in outcomes:
        check(outcome, provider)
    return outcomes


def check(outcome: Outcome, provider: Provider) -> None:
    """An outcome that the rest of the service can work with."""
    assert isinstance(outcome, Match | NoMatch | Suppressed | Pending)
    assert 0 <= outcome.credits < math.inf
    if isinstance(outcome, Match):
        assert outcome.values, "a match knows something"
        assert outcome.values.keys() <= provider.fields <= set(FIELDS)
        for found in outcome.values.values():
            assert found.value == found.value.strip() != ""
            assert 0 <= found.confidence <= 1


def told(outcome: Outcome) -> dict[str, str]:
    values = outcome.values if isinstance(outcome, Match) else {}
    return {name: found.value for name, found in values.items()}


# Good days


@pytest.mark.parametrize(
    "address",
    [
        *("http://api.example.org", "http://192.0.2.1", "http://127.0.0.1.example.org", "ftp://x"),
        *(
            "http://localhost@example.org",
            "https://user:password@example.org",
            "//x",
            "api.example.org",
        ),
        *(
            "http://[::1",
            "http://[fe80::1]",
            "http://0.0.0.0",
            "https://x:port",
            "http://2130706433",
        ),
    ],
)
@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_a_key_never_travels_in_clear(name, address):
    [case] = [case for case in CASES if case.name == name]
    with pytest.raises(WrongSettingError, match=f"{name.upper()}_BASE_URL must begin") as error:
        case.make(ProviderSettings(key="k", base_url=address), lambda: "k")
    assert "password@" not in str(error.value)


def test_people_are_matched_and_cost_what_the_vendor_bills(case, vendor, provider):
    contacts = people(case, vendor, True, provider.terms.batch_size)
    outcomes = enrich(provider, contacts)
    assert all(isinstance(outcome, Match) for outcome in outcomes)
    assert sum(outcome.credits for outcome in outcomes) == pytest.approx(vendor.account.credits)
    assert vendor.account.calls == 1
    assert max(outcome.credits for outcome in outcomes) <= provider.terms.credits
    assert bool(vendor.account.credits) == case.has_credits


def test_strangers_are_misses_and_cost_what_the_vendor_bills(case, vendor, provider):
    vendor.configure(coverage=0.3)
    contacts = people(case, vendor, False, provider.terms.batch_size)
    outcomes = enrich(provider, contacts)
    assert not any(isinstance(outcome, Suppressed | Pending) for outcome in outcomes)
    if case.name != "zerobounce":  # which answers of any address that it is "unknown"
        assert not any(isinstance(outcome, Match) for outcome in outcomes)
    assert sum(outcome.credits for outcome in outcomes) == pytest.approx(vendor.account.credits)
    assert vendor.account.lookups.total() == len(contacts)


def test_a_place_alone_identifies_nobody(case, vendor, provider):
    (somebody,) = people(case, vendor)
    assert provider.identifies(somebody)
    assert not provider.identifies(Contact(given={}, known={"city": "Berlin"}, problems={}))


def test_settings_replace_the_published_terms(case):
    base = "https://vendor.example.com"
    changed = case.make(
        ProviderSettings(key="k", base_url=base, credits=3.5, calls_per_minute=7), lambda: "k"
    )
    assert changed.terms.credits == 3.5
    assert changed.terms.limits == (Limit(7, 60),)


# Order


@pytest.mark.parametrize("fault", ["reorder", "repeat", "shorten"])
def test_answers_find_their_people_whatever_their_order(case, vendor, provider, fault):
    contacts = mixed(case, vendor, provider)
    right = [told(each) for each in enrich(provider, contacts)]
    vendor.faults.add(fault, times=None)
    found = [told(each) for each in enrich(provider, contacts)]
    lost = sum(bool(r and not a) for r, a in zip(right, found, strict=True))
    assert lost <= (fault == "shorten"), "at most the one that was left out"
    assert all(not a or a == r for r, a in zip(right, found, strict=True)), "somebody else's"
    assert not any(a and not r for r, a in zip(right, found, strict=True))


def test_values_are_of_those_who_were_asked_for(case, vendor, provider):
    """Whatever they were asked for with comes back, if anything of it does."""
    asked_with = ("email", "company_domain")
    for contact in mixed(case, vendor, provider):
        (outcome,) = enrich(provider, [contact])
        for field in contact.known.keys() & {*asked_with}:
            assert told(outcome).get(field, contact.known[field]) == contact.known[field]


# Refusals


def test_a_throttled_call_says_when_to_come_back(case, vendor, provider):
    vendor.faults.add("throttle", seconds=7)
    with pytest.raises(ThrottledError) as error:
        enrich(provider, people(case, vendor))
    if case.throttled is None:
        assert error.value.retry_after is None
    else:
        assert error.value.retry_after is not None
        assert case.throttled[0] <= error.value.retry_after <= case.throttled[1]
    assert not error.value.may_be_billed
    assert not vendor.account.lookups


def test_a_vendor_s_window_is_its_limit(case, vendor, provider):
    vendor.configure(limits=[(2, 60)])
    for _ in range(2):
        enrich(provider, people(case, vendor))
    with pytest.raises(ThrottledError):
        enrich(provider, people(case, vendor))
    assert vendor.account.throttled == 1


@those(case for case in CASES if case.has_credits)
def test_an_account_that_is_used_up(case, vendor, provider):
    vendor.configure(credits_left=0)
    with pytest.raises(OutOfCreditsError) as error:
        enrich(provider, people(case, vendor))
    assert not error.value.may_be_billed


def test_a_key_that_is_not_accepted(case, server, vendor, provider):
    wrong = make(case, server.url(case.name), "wrong")
    # ZeroBounce words both alike; for the job they come to the same.
    expected = OutOfCreditsError if case.name == "zerobounce" else BadKeyError
    with pytest.raises(expected):
        enrich(wrong, people(case, vendor))
    vendor.faults.add("bad_key")
    with pytest.raises(expected):
        enrich(provider, people(case, vendor))


@pytest.mark.parametrize("key", ["", " \n", "“smart-quotes”", "two\nlines"])
def test_a_key_that_cannot_be_one_is_not_sent(case, server, vendor, key):
    with pytest.raises(BadKeyError) as error:
        enrich(make(case, server.url(case.name), key), people(case, vendor))
    assert key.strip() == "" or key not in str(error.value)
    assert vendor.account.calls == 0


def test_the_end_of_the_line_is_not_the_key_s(case, server, vendor):
    enrich(make(case, server.url(case.name), f"{vendor.key}\n"), people(case, vendor))


# Bad days


def test_a_vendor_that_is_not_there_was_not_told_anything(case, vendor):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UnavailableError) as error:
        enrich(make(case, f"http://127.0.0.1:{port}", "k"), people(case, vendor))
    assert not error.value.may_be_billed
    assert "reached" in str(error.value)


@pytest.mark.parametrize("fault", ["hang_up_before", "hang_up_after", "broken", "broken_after"])
def test_a_call_that_breaks_off_may_have_been_billed(case, vendor, provider, fault):
    vendor.faults.add(fault)
    with pytest.raises(UnavailableError) as error:
        enrich(provider, people(case, vendor))
    assert error.value.may_be_billed, "one cannot tell whether it was carried out"
    assert bool(vendor.account.lookups) == fault.endswith("after")
    assert isinstance(enrich(provider, people(case, vendor))[0], Match), "the next one works"


def test_a_vendor_that_takes_too_long(case, server, vendor):
    hasty = make(case, server.url(case.name), vendor.key, TIMEOUT_SECONDS=SHORT)
    vendor.faults.add("lag", seconds=LONG)
    with pytest.raises(UnavailableError) as error:
        enrich(hasty, people(case, vendor))
    assert error.value.may_be_billed


@pytest.mark.parametrize("fault", ["not_json", "html", "wrong_shape", "huge"])
def test_nonsense_is_an_error_of_the_call(case, vendor, provider, fault):
    vendor.faults.add(fault)
    with pytest.raises(MalformedAnswerError) as error:
        enrich(provider, people(case, vendor))
    assert error.value.may_be_billed
    assert isinstance(enrich(provider, people(case, vendor))[0], Match), "the next one works"


def test_nobody_is_led_elsewhere_with_the_key(case, server, vendor, provider):
    vendor.faults.add("redirect")
    with pytest.raises(UnavailableError):
        enrich(provider, people(case, vendor))
    assert server.strayed == 0


@those(case for case in CASES if case.masked)
def test_masked_values_are_no_values(case, vendor, provider):
    contacts = people(case, vendor)
    assert case.hidden <= told(enrich(provider, contacts)[0]).keys()
    vendor.faults.add(case.masked, times=None)
    outcome = enrich(provider, contacts)[0]
    assert isinstance(outcome, Match)
    assert told(outcome).keys().isdisjoint(case.hidden)


# Privacy


@pytest.mark.parametrize("fault", sorted(KINDS))
def test_no_key_and_nobody_in_errors_and_logs(case, server, vendor, fault, caplog):
    caplog.set_level(logging.DEBUG)
    provider = make(case, server.url(case.name), vendor.key, TIMEOUT_SECONDS=SHORT)
    vendor.faults.add(fault, seconds=LONG)
    contacts = people(case, vendor)
    caplog.clear()
    text = repr(provider) + repr(vars(provider))
    try:
        enrich(provider, contacts)
    except ProviderError as error:
        text += "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    secrets = [vendor.key, server.base_url, *contacts[0].known.values()]
    assert not [secret for secret in secrets if secret in text + caplog.text]


def test_every_provider_is_tested():
    """The others call no vendor: test_offline.py, vendors/test_dns.py."""
    assert {case.name for case in CASES} >= {*ProviderFactory().names} - {"offline", "dns"}


def test_every_fault_of_the_server_is_one_of_these():
    assert {"lag", *REFUSALS, *SPOILS} == KINDS
