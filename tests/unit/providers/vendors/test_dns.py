"""The DNS: what is read from it, what is not known when it does not answer, and how long that may take.

All questions go to a server on this machine.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.contacts import Contact
from chalicelib.number_settings import WrongSettingError
from chalicelib.providers import ProviderFactory
from chalicelib.providers.addresses import check_addresses, dns_servers
from chalicelib.providers.base import Match, NoMatch, Outcome
from chalicelib.providers.vendors import dns as module
from chalicelib.providers.vendors.dns import DnsProvider
from chalicelib.providers.vendors.dns_hosts import host_of
from chalicelib.settings import ProviderSettings
from tests.vendors.dns_server import BROKEN, SILENT, DnsServer

GOOGLE = {"MX": ["1 aspmx.l.google.com.", "5 alt1.aspmx.l.google.com."]}


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer({}) as server:
        yield server


class Clock:
    """It goes only when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(server: DnsServer, clock: Clock) -> DnsProvider:
    settings = ProviderSettings(extra={"SERVERS": server.address})
    return DnsProvider(settings, str, clock)


def at(*domains: str) -> list[Contact]:
    return [parse_contact({"email": f"ada.{n}@{domain}"}) for n, domain in enumerate(domains)]


def ask(provider: DnsProvider, *domains: str) -> Sequence[Outcome]:
    return provider.enrich(at(*domains), provider.fields)


def told(outcome: Outcome) -> dict[str, str]:
    values = outcome.values if isinstance(outcome, Match) else {}
    return {name: found.value for name, found in values.items()}


UNDELIVERABLE = {"email_status": "invalid", "email_problem": "its domain takes no mail"}


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (GOOGLE, {"email_host": "Google"}),
        ({"MX": ["20 mx.other.net.", "10 mx1.larkspur.co.uk."]}, {"email_host": "larkspur.co.uk"}),
        ({"MX": ["0 larkspur-com.mail.protection.outlook.com."]}, {"email_host": "Microsoft"}),
        ({"MX": ["0 ."]}, UNDELIVERABLE),  # RFC 7505
        ({"A": ["192.0.2.1"]}, {}),  # RFC 5321: the domain itself is its mail server
        ({"AAAA": ["2001:db8::1"]}, {}),
        ({"TXT": ['"v=spf1 -all"']}, UNDELIVERABLE),
        (None, UNDELIVERABLE),  # there is no such domain
        (BROKEN, {}),
    ],
)
def test_what_the_records_of_a_domain_say(server, provider, zone, expected):
    if zone is not None:
        server.zones["larkspur.com"] = zone
    (outcome,) = ask(provider, "larkspur.com")
    assert told(outcome) == expected
    assert outcome.credits == 0


def test_each_domain_is_asked_for_once(server, provider):
    server.zones.update({"larkspur.com": GOOGLE, "quillfern.net": {"MX": ["0 ."]}})
    domains = ["larkspur.com", "quillfern.net"] * 20
    expected = [{"email_host": "Google"}, UNDELIVERABLE] * 20
    assert [told(outcome) for outcome in ask(provider, *domains)] == expected
    assert [told(outcome) for outcome in ask(provider, *domains)] == expected
    assert set(server.questions.values()) == {1}


@pytest.mark.parametrize(
    ("zone", "seconds"),
    [(GOOGLE, module.KNOWN_SECONDS), (BROKEN, module.UNKNOWN_SECONDS)],
)
def test_an_answer_counts_for_a_time(server, provider, clock, zone, seconds):
    server.zones["larkspur.com"] = zone
    ask(provider, "larkspur.com")
    asked = server.questions.total()
    clock.now += seconds - 1
    ask(provider, "larkspur.com")
    assert server.questions.total() == asked
    clock.now += 2
    ask(provider, "larkspur.com")
    assert server.questions.total() > asked


def test_memory_has_an_end(server, provider, monkeypatch):
    monkeypatch.setattr(module, "MOST_DOMAINS", 5)
    for n in range(12):
        ask(provider, f"larkspur{n}.com")
    assert len(provider._kept) <= 5


def test_servers_that_do_not_answer_take_a_bounded_time_and_make_nobody_invalid(
    server, monkeypatch
):
    monkeypatch.setattr(module, "QUESTION_SECONDS", 0.4)
    monkeypatch.setattr(module, "BATCH_SECONDS", 1.0)
    provider = DnsProvider(ProviderSettings(extra={"SERVERS": server.address}), str)
    domains = [f"larkspur{n}.com" for n in range(100)]
    server.zones.update(dict.fromkeys(domains, SILENT))
    began = time.monotonic()
    outcomes = ask(provider, *domains)
    assert time.monotonic() - began < 10, "a hundred domains one after the other take 40 seconds"
    assert outcomes == [NoMatch()] * 100


def test_slow_servers_are_asked_for_many_domains_at_once(server, monkeypatch):
    """One after the other they would take twice the time that a batch has."""
    monkeypatch.setattr(module, "QUESTION_SECONDS", 5.0)
    monkeypatch.setattr(module, "BATCH_SECONDS", 10.0)
    provider = DnsProvider(ProviderSettings(extra={"SERVERS": server.address}), str)
    domains = [f"larkspur{n}.com" for n in range(50)]
    server.zones.update(dict.fromkeys(domains, GOOGLE))
    server.lag = 2 * module.BATCH_SECONDS / len(domains)
    assert [told(outcome) for outcome in ask(provider, *domains)] == [{"email_host": "Google"}] * 50


def test_nobody_is_asked_when_the_time_of_the_batch_is_over(server, provider, monkeypatch):
    monkeypatch.setattr(module, "BATCH_SECONDS", 0.0)
    server.zones["larkspur.com"] = GOOGLE
    assert ask(provider, "larkspur.com") == [NoMatch()]
    assert server.questions.total() == 0


def test_a_name_in_other_letters_is_asked_for_in_those_of_the_dns(server, provider):
    server.zones["xn--mller-kva.example"] = GOOGLE
    contact = Contact({}, {"email": "ada@müller.example"}, {})
    assert told(provider.enrich([contact], provider.fields)[0]) == {"email_host": "Google"}


@pytest.mark.parametrize("domain", ["a..b", "x" * 70 + ".com", "\u2028.com"])
def test_what_is_no_name_is_unknown(provider, domain):
    contact = Contact({}, {"email": f"ada@{domain}"}, {})
    assert provider.enrich([contact], provider.fields) == [NoMatch()]


@pytest.mark.parametrize(
    ("server_name", "host"),
    [
        *(("aspmx.l.google.com", "Google"), ("mx.zoho.eu", "Zoho")),
        *(("mx1.notgoogle.com", "notgoogle.com"), ("mail.larkspur.co.uk", "larkspur.co.uk")),
        *(("localhost", ""), ("co.uk", "")),
    ],
)
def test_hosts_have_names(server_name, host):
    assert host_of(server_name) == host


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("", ()),
        ("9.9.9.9", (("9.9.9.9", 53),)),
        ("127.0.0.1:5353, 2620:fe::fe", (("127.0.0.1", 5353), ("2620:fe::fe", 53))),
        ("[::1]:5353,[::1]", (("::1", 5353), ("::1", 53))),
    ],
)
def test_the_servers_are_a_setting(text, servers):
    assert dns_servers(text) == servers


@pytest.mark.parametrize(
    "text", ["dns.example.org", "1.2.3", "9.9.9.9:0", "9.9.9.9:x", "[::1]:99999"]
)
def test_a_server_must_be_an_address(text):
    with pytest.raises(WrongSettingError, match="DNS_SERVERS has"):
        DnsProvider(ProviderSettings(extra={"SERVERS": text}), str)
    with pytest.raises(WrongSettingError, match="DNS_SERVERS has"):
        check_addresses({"DNS_SERVERS": f"9.9.9.9,{text}"})  # a deployment is refused


def test_it_is_free_needs_no_key_and_only_an_e_mail():
    provider = ProviderFactory().create("dns")
    assert ProviderFactory().is_configured("dns")
    assert provider.terms.credits == 0
    assert provider.identifies(at("larkspur.com")[0])
    assert not provider.identifies(parse_contact({"full_name": "Ada Abara"}))
