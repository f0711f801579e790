"""Says to which addresses contacts and keys may be sent."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from chalicelib.number_settings import WrongSettingError


def check_addresses(environment: Mapping[str, str]) -> None:
    """Raises WrongSettingError at the first address of a provider to which nothing may be sent."""
    for name, text in environment.items():
        if name.endswith("_BASE_URL") and text:
            check_address(name, text)


def check_address(name: str, text: str) -> None:
    """Raises WrongSettingError if neither contacts nor a key may be sent to the address in a variable."""
    if not is_safe(text):
        raise WrongSettingError(  # without the address: it may hold a password
            f"{name} must begin with https:// and a host, without a user or a password (http:// only on "
            "loopback)."
        )


def is_safe(base_url: str) -> bool:
    """Whether contacts and a key may be sent there: encrypted, or without leaving this machine."""
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname or "", parts.port
        if not host or "@" in parts.netloc:
            return False
        if parts.scheme == "https" or host == "localhost":
            return parts.scheme in ("https", "http")
        return parts.scheme == "http" and ip_address(host).is_loopback
    except ValueError:  # an open bracket, a port that is no number, a host that is no IP address
        return False
