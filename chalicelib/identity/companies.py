"""Parses company domains from websites and e-mail domains, and guesses a company's name from one."""

from __future__ import annotations

import re
from functools import lru_cache

from chalicelib.identity.cells import ParsedCell, first_usable, tidy
from chalicelib.identity.domains import (
    canonical_domain,
    is_disposable,
    is_free,
    is_shared,
    registrable_domain,
)

_SEPARATORS = re.compile(r":::|[;,|\s]")
_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//|^https?:/*", re.IGNORECASE)

#: Sites where companies have pages. The domain of such a page is not the company's own; without a page,
#: it is the domain of the company that runs the site.
_HOSTS_OF_PAGES = frozenset(
    {"linkedin.com", "facebook.com", "instagram.com", "twitter.com", "x.com", "youtube.com"}
    | {"crunchbase.com", "google.com", "xing.com", "tiktok.com", "wikipedia.org", "linktr.ee"}
)

_CACHED_DOMAINS = 4096
_LONGEST_KEPT = 300  # characters

_ABBREVIATION = 3  # letters: "ibm.com" is IBM; "acme.com" is Acme


def parse_company_domain(cell: str) -> ParsedCell:
    """``"https://www.acme-tools.co.uk/about"`` → ``"acme-tools.co.uk"``."""
    return _read(cell) if len(cell) <= _LONGEST_KEPT else _read_any(cell)


@lru_cache(_CACHED_DOMAINS)
def _read(cell: str) -> ParsedCell:
    return _read_any(cell)


def _read_any(cell: str) -> ParsedCell:
    parts = _SEPARATORS.split(tidy(cell))
    return first_usable((part for part in parts if part), _parse_one)


@lru_cache(_CACHED_DOMAINS)
def company_from_domain(domain: str) -> str:
    """A guess from a registrable domain: ``"acme-tools.co.uk"`` → ``"Acme Tools"``."""
    label = domain.partition(".")[0]
    words = [word for word in label.split("-") if word]
    if len(label) <= _ABBREVIATION and len(words) == 1:
        return label.upper()
    return " ".join(word.capitalize() for word in words)


@lru_cache(_CACHED_DOMAINS)
def employer_domain(email_domain: str) -> str:
    """The registrable domain behind an e-mail address, unless anybody can have an address there."""
    if is_free(email_domain) or is_disposable(email_domain) or is_shared(email_domain):
        return ""
    return registrable_domain(email_domain)


def _parse_one(text: str) -> ParsedCell:
    authority, _, path = _SCHEME.sub("", text).replace("\\", "/").partition("/")
    host = re.split(r"[?#]", authority)[0].rpartition("@")[2]
    host = re.sub(r":\d*$", "", host).rstrip(".")
    name = canonical_domain(host)
    if not name:
        return ParsedCell(problem="not a domain name")
    domain = registrable_domain(name)
    if not domain:
        return ParsedCell(problem="a suffix such as co.uk, not a company's domain")
    if is_shared(name):
        return ParsedCell(problem="a service where anybody can have a site, not a company's domain")
    if not employer_domain(name):
        return ParsedCell(problem="a free mail service, not a company's domain")
    if domain in _HOSTS_OF_PAGES and path.strip("/"):
        return ParsedCell(problem="a page on somebody else's site, not a company's domain")
    return ParsedCell(domain)
