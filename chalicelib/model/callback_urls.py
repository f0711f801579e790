"""Parses the URLs that callbacks are sent to, and refuses those that cannot be right.

Only the text is looked at: which addresses the host has is looked up when the callback is sent
(callbacks/sending.py). No message repeats the URL, whose query may hold a password.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from chalicelib.model.errors import InvalidRequestError
from chalicelib.model.public_addresses import is_public

#: Characters of a URL.
MAX_URL = 2_000
_HTTPS, _HTTP = 443, 80
#: Lower ports are those of other services (mail, DNS, SSH), which must not get a request from here.
_LEAST_PORT = 1_024
#: The one reading of a URL: what does not fit is refused, so that no two parsers can disagree about it.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:(?P<port>[0-9]{1,5}))?"
    r"(?P<path>[/?][!-\"$-\[\]-~]*)?",
    re.ASCII | re.IGNORECASE,
)
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})+")
_RIGHT = "It must be like https://hooks.example.org/jobs?token=1"


@dataclass(frozen=True)
class Target:
    """Where a callback goes. ``host``: a name or an IP address; ``path``: with the query."""

    is_https: bool
    host: str
    port: int
    path: str


def parse_callback_url(url: Any, loopback: bool) -> Target:
    """The parts of a URL. ``loopback``: whether this machine may be named, also without TLS.

    InvalidRequestError says what is wrong.
    """
    if not isinstance(url, str) or not url:
        raise _wrong("is no text")
    if len(url) > MAX_URL:
        raise _wrong(f"has more than {MAX_URL:,} characters")
    if "@" in re.split(r"[/?#]", url.partition("://")[2])[0]:
        raise _wrong("names a user or a password")
    parts = _URL.fullmatch(url)
    if parts is None:
        raise _wrong("is not a URL with a scheme, a host and a path in ASCII, without a fragment")
    host = parts["host"].lower().strip("[]")
    is_https, is_local = parts["scheme"].lower() == "https", loopback and _is_loopback(host)
    if not is_https and not is_local:
        raise _wrong("does not begin with https://")
    if not is_local:
        _check_host(host)
    port = int(parts["port"] or (_HTTPS if is_https else _HTTP))
    if not is_local and port != _HTTPS and not _LEAST_PORT <= port <= 65_535:
        raise _wrong("has a port that is neither 443 nor from 1024 to 65535")
    path = parts["path"] or "/"
    return Target(is_https, host, port, path if path.startswith("/") else f"/{path}")


def _is_loopback(host: str) -> bool:
    address = _address_of(host)
    return host == "localhost" if address is None else address.is_loopback


def _check_host(host: str) -> None:
    address = _address_of(host)
    if address is None and not _is_name(host):
        raise _wrong("has a host that is neither a whole domain name nor an IP address")
    if address is not None and not is_public(address):
        raise _wrong("has a host that is not on the public internet")


def _is_name(host: str) -> bool:
    """A whole domain name. One whose last label is a number is an IPv4 address in an unusual form
    (url.spec.whatwg.org, "ends in a number checker"): 127.1, 0x7f.0.0.1, 2130706433.
    """
    last = host.rsplit(".", 1)[-1]
    is_number = last.isdigit() or re.fullmatch("0x[0-9a-f]*", last)
    return len(host) <= 253 and bool(_NAME.fullmatch(host)) and not is_number


def _address_of(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _wrong(problem: str) -> InvalidRequestError:
    return InvalidRequestError(f"callback_url {problem}. {_RIGHT}")
