"""Asks the DNS which service hosts the mail of an e-mail's domain, and whether any does: free, without a key.

A domain without a mail server makes its addresses undeliverable. Whether a mailbox exists is not asked: mail
servers could only be asked by SMTP, whose port 25 is closed on Lambda, and they ban those who try.
Sources: RFC 5321, 5.1 (a domain without MX records may have its mail server at its own address), RFC 7505
(a single MX record of "." says that the domain takes no mail).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from chalicelib.model.contacts import Contact
from chalicelib.providers.addresses import dns_servers
from chalicelib.providers.base import Found, Match, NoMatch, Outcome, Terms, any_of, meets
from chalicelib.providers.vendors.dns_hosts import host_of
from chalicelib.settings import ProviderSettings

if TYPE_CHECKING:
    from dns.name import Name
    from dns.resolver import Resolver

#: Seconds that one question takes at most, and the questions of one batch together. What is not answered by
#: then stays unknown.
QUESTION_SECONDS, BATCH_SECONDS = 2.0, 5.0
#: Domains that are asked for at the same time.
PARALLEL = 16
#: Seconds for which an answer counts, and for which a domain that gave none is not asked again.
KNOWN_SECONDS, UNKNOWN_SECONDS = 3600.0, 300.0
#: Domains whose answers are kept in memory.
MOST_DOMAINS = 20_000
#: The record may be changed today: a domain that takes no mail now may take it tomorrow.
SURE = 0.95


@dataclass(frozen=True)
class Domain:
    """``takes_mail``: None where nobody knows. ``host``: the service that its mail goes to, "" for unknown."""

    takes_mail: bool | None
    host: str = ""


class DnsProvider:
    """Satisfies ``Provider``. DNS_SERVERS: the servers to ask, as IP addresses, each perhaps with ":" and a
    port, separated by commas; the system's by default. One provider may be used by several threads.
    """

    name = "dns"
    fields = frozenset({"email_host", "email_status", "email_problem"})
    terms = Terms(needs_key=False, is_local=True)

    def __init__(
        self,
        settings: ProviderSettings,
        key: Callable[[], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._servers = dns_servers(settings.extra.get("SERVERS") or "")
        self._clock = clock
        self._kept: dict[str, tuple[float, Domain]] = {}
        self._lock = Lock()

    def identifies(self, contact: Contact) -> bool:
        """By an e-mail, whoever gave or found it."""
        return meets(contact, any_of("email"))

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One outcome for each contact; each domain is asked for once."""
        domains = [contact.known["email"].rpartition("@")[2] for contact in contacts]
        answers = self._answers(dict.fromkeys(domains))
        return [_outcome(answers[domain]) for domain in domains]

    def _answers(self, domains: Iterable[str]) -> Mapping[str, Domain]:
        now = self._clock()
        with self._lock:
            kept = {
                d: self._kept[d][1] for d in domains if d in self._kept and self._kept[d][0] > now
            }
        new = [domain for domain in domains if domain not in kept]
        if not new:
            return kept
        resolver, end = _resolver(self._servers), now + BATCH_SECONDS

        def ask(domain: str) -> Domain:
            return _ask(resolver, domain, lambda: min(QUESTION_SECONDS, end - self._clock()))

        with ThreadPoolExecutor(min(PARALLEL, len(new))) as threads:
            found = dict(zip(new, threads.map(ask, new), strict=True))
        self._keep(found)
        return {**kept, **found}

    def _keep(self, found: Mapping[str, Domain]) -> None:
        now = self._clock()
        with self._lock:
            if len(self._kept) + len(found) > MOST_DOMAINS:
                self._kept.clear()
            for domain, answer in found.items():
                is_known = answer.takes_mail is not None
                self._kept[domain] = (
                    now + (KNOWN_SECONDS if is_known else UNKNOWN_SECONDS),
                    answer,
                )


def _outcome(domain: Domain) -> Outcome:
    if domain.takes_mail is False:
        problem = Found("its domain takes no mail", SURE)
        return Match({"email_status": Found("invalid", SURE), "email_problem": problem})
    return Match({"email_host": Found(domain.host, SURE)}) if domain.host else NoMatch()


def _ask(resolver: Resolver, domain: str, seconds: Callable[[], float]) -> Domain:
    """What the DNS says of a domain; ``seconds``: how long the next question may take."""
    from dns.exception import DNSException
    from dns.name import IDNA_2008, from_text
    from dns.resolver import NXDOMAIN

    try:
        name = from_text(domain, idna_codec=IDNA_2008)
        records = _records(resolver, name, "MX", seconds())
        if records:
            best = min(records, key=lambda record: record.preference).exchange
            host = best.to_text(omit_final_dot=True).lower()
            return Domain(True, host_of(host)) if host != "." else Domain(False)
        addresses = (_records(resolver, name, kind, seconds()) for kind in ("A", "AAAA"))
        return Domain(True) if any(addresses) else Domain(False)
    except NXDOMAIN:
        return Domain(False)
    except (DNSException, ValueError, OSError):  # no answer in time, a failure, or no name at all
        return Domain(None)


def _records(resolver: Resolver, name: Name, kind: str, seconds: float) -> list[Any]:
    """The records of a name, none where it has no such records. Raises a DNSException for all else, also where
    no time is left.
    """
    answer = resolver.resolve(name, kind, lifetime=seconds, search=False, raise_on_no_answer=False)
    return list(answer.rrset or ())


def _resolver(servers: Sequence[tuple[str, int]]) -> Resolver:
    from dns.nameserver import Do53Nameserver
    from dns.resolver import Resolver

    resolver = Resolver(configure=not servers)
    if servers:
        resolver.nameservers = [Do53Nameserver(host, port) for host, port in servers]
    resolver.timeout = QUESTION_SECONDS / 2  # of one server; then the next is asked
    return resolver
