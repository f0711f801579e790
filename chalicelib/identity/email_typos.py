"""Suggests the address that was probably meant where the domain looks like a slip of the keyboard."""

from __future__ import annotations

import re
from functools import lru_cache

from chalicelib.identity.domains import has_known_ending, is_free

_CACHED_DOMAINS = 4096

#: Large mailbox services with names so long that hardly another domain differs by one letter.
_SERVICES = frozenset(
    {"gmail.com", "googlemail.com", "icloud.com", "protonmail.com", "comcast.net", "btinternet.com"}
    | {f"hotmail.{end}" for end in ("com", "de", "fr", "es", "it", "co.uk", "com.br")}
    | {f"yahoo.{end}" for end in ("com", "de", "fr", "es", "it", "co.uk", "com.br", "com.mx")}
    | {f"outlook.{end}" for end in ("com", "de", "fr", "es")}
    | {"t-online.de", "wanadoo.fr", "laposte.net"}
)
#: Length and first letter of a domain → the services that it may be a slip of.
_LIKE = {
    (length, letter): [s for s in _SERVICES if abs(len(s) - length) <= 1 and letter in s[:2]]
    for length in range(50)
    for letter in {sign for service in _SERVICES for sign in service[:2]}
}
#: Top-level domains that do not exist → what the fingers meant.
_ENDINGS = {
    **dict.fromkeys(
        "con cmo ocm vom xom cim comm coom c0m cpm clm ckm ccom conm cmm som dom".split(), "com"
    ),
    **dict.fromkeys("ner nte ent nett ney ne6".split(), "net"),
    **dict.fromkeys("ogr rog orgg otg ofg prg 0rg og orh".split(), "org"),
}
_ADDRESS = re.compile(
    r"([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
)
_LONGEST = 254


def suggested_address(text: str) -> str:
    """``"jane@gmial.com"``, ``"jane@acme.con"`` → the same with another domain; "" where nothing looks wrong.

    A suggestion is no correction: somebody may own that domain.
    """
    domain = _meant(text.rpartition("@")[2].strip().lower()) if len(text) <= _LONGEST else ""
    address = _ADDRESS.fullmatch(text.strip()) if domain else None
    return f"{address[1].lower()}@{domain}" if address else ""


@lru_cache(_CACHED_DOMAINS)
def _meant(domain: str) -> str:
    """The domain that was probably meant; "" if it is this one, or nobody knows which."""
    start, _, ending = domain.rpartition(".")
    repaired = f"{start}.{_ENDINGS[ending]}" if ending in _ENDINGS else domain
    if not has_known_ending(repaired) or (repaired == domain and is_free(domain)):
        return ""
    near = repaired if repaired in _SERVICES else _near(repaired)
    return near or (repaired if repaired != domain and has_known_ending(repaired) else "")


def _near(domain: str) -> str:
    """The one service whose domain differs by one letter, or by two that changed places."""
    found = [
        service for service in _LIKE.get((len(domain), domain[:1]), ()) if _is_slip(domain, service)
    ]
    return found[0] if len(found) == 1 else ""


def _is_slip(typed: str, meant: str) -> bool:
    """One letter more, less or another, or two exchanged; not the first letter: "ymail.com" is a service."""
    if abs(len(typed) - len(meant)) > 1 or typed == meant:
        return False
    same = next((i for i, (a, b) in enumerate(zip(typed, meant)) if a != b), len(meant))  # noqa: B905 (by one)
    rest, other = typed[same:], meant[same:]
    swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:]
    if len(rest) == len(other):
        return swapped or (same > 0 and rest[1:] == other[1:])
    longer, shorter = (rest, other) if len(rest) > len(other) else (other, rest)
    return same > 0 and longer[1:] == shorter
