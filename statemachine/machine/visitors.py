"""Tells the programs of this machine from pages in a browser, which can send requests to it as well."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def refusal(host: str, origin: str | None, origins: Collection[str] = ()) -> str:
    """Why a request is refused, "" if it is not. ``host``, ``origin``: its headers, None for none.

    A browser names in Origin where the page is from that sends something. A page whose name was made to
    mean this machine (DNS rebinding) has its own name as Host. ``origins``: pages that may ask.
    """
    if _hostname(f"//{host}") not in _LOOPBACK:
        return "Ask for 127.0.0.1 or localhost: the service on this machine has no other name."
    if origin is not None and origin not in origins and _hostname(origin) not in _LOOPBACK:
        return "Pages from elsewhere may not use the service on this machine."
    return ""


def _hostname(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
