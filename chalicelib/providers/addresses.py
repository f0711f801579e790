"""Says to which addresses contacts and keys may be sent, and which DNS servers are asked."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from chalicelib.number_settings import WrongSettingError


def check_addresses(environment: Mapping[str, str]) -> None:
    """Raises WrongSettingError at the first address of a provider to which nothing may be sent."""
    dns_servers(environment.get("DNS_SERVERS", ""))
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


def dns_servers(text: str) -> tuple[tuple[str, int], ...]:
    """The IP addresses and ports in DNS_SERVERS; none for "". Raises WrongSettingError."""
    return tuple(_dns_server(part.strip()) for part in text.split(",") if part.strip())


def _dns_server(text: str) -> tuple[str, int]:
    """``"127.0.0.1:5353"``, ``"9.9.9.9"``, ``"2620:fe::fe"``, ``"[::1]:5353"``."""
    host, port = text, "53"
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":") or "53"
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    try:
        if 0 < int(port) < 65_536:
            return str(ip_address(host)), int(port)
    except ValueError:
        pass
    raise WrongSettingError(
        f"DNS_SERVERS has {text!r}; it must be IP addresses, with commas between: 9.9.9.9, [::1]:5353"
    )
