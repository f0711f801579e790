"""Says which IP addresses belong to the public internet, and not to somebody's own network or machine."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

#: What is not on the public internet, by IANA's registries of special-purpose addresses (RFC 6890 and later).
#: Spelled out, since ``is_global`` differs between versions of Python and takes multicast for global.
_SPECIAL = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
            *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
            *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        ),
    )
)
#: All of IPv6 that is given out. Outside of it are loopback, link-local and private addresses, and forms
#: that hold an address of IPv4: mapped (::ffff:0:0/96) and NAT64 (64:ff9b::/96). 2002::/16 (6to4) and
#: 2001::/32 (Teredo), which are inside, hold one as well.
_GIVEN_OUT = ip_network("2000::/3")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether this is the address of a machine on the public internet."""
    if isinstance(address, IPv6Address) and address not in _GIVEN_OUT:
        return False
    return address.is_global and not any(address in network for network in _SPECIAL)
