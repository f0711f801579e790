"""First floor: what a declared provider says of itself, and the words in which it does. Read by
``declaration_reader``, used by ``declared``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.model.contacts import HEADER_ALIASES
from chalicelib.providers.base import Terms

if TYPE_CHECKING:
    from jmespath.parser import ParsedResult  # type: ignore[import-untyped]

#: What is known of a contact and may be sent.
SENDABLE = frozenset(HEADER_ALIASES)
#: What may be found.
FINDABLE = SENDABLE | {"email_status"}
#: What tells people apart, and hence answers: the contact's number in its batch, or one of these.
ECHOES = frozenset({"number", "email", "phone", "linkedin_url"})

MEANINGS = frozenset(
    {"match", "no_match", "suppressed", "pending"}
    | {"throttled", "out_of_credits", "bad_key", "unavailable"}
)
#: Unless the declaration says otherwise; anything else is "unavailable".
USUAL = {
    **{"200": "match", "202": "pending", "404": "no_match", "451": "suppressed"},
    **{"401": "bad_key", "403": "bad_key", "402": "out_of_credits", "429": "throttled"},
}
METHODS = ("GET", "POST")
_LOOPBACK = "localhost"


@dataclass(frozen=True)
class Reading:
    """Where in an answer things are: JMESPath expressions. ``score`` goes from 0 to ``scale``."""

    items: ParsedResult | None
    echo: Mapping[str, ParsedResult]
    status: ParsedResult | None
    fields: Mapping[str, ParsedResult]
    confidence: float
    score: ParsedResult | None
    scale: float


@dataclass(frozen=True)
class Declaration:
    """Everything there is to know of a vendor. ``base_url``: scheme, host and port."""

    name: str
    base_url: str
    path: str
    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    contact: Any
    terms: Terms
    needs: tuple[frozenset[str], ...]
    reading: Reading
    statuses: Mapping[str, str]
    retry_after: str
    bills_misses: bool


def is_safe(base_url: str) -> bool:
    """Whether contacts and a key may be sent there: encrypted, or not leaving this machine."""
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname or "", parts.port
        if not host or "@" in parts.netloc:
            return False
        if parts.scheme == "https" or host == _LOOPBACK:
            return parts.scheme in ("https", "http")
        return parts.scheme == "http" and ip_address(host).is_loopback
    except ValueError:  # brackets that do not close, a port that is no number, a host that is no IP
        return False
