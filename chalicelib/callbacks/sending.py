"""Sends callbacks: one POST, to an address of the public internet and to nothing else.

Whoever may start a job names the URL, so the host is not to be trusted. Its addresses are looked up once, all
of them are checked, and the connection is made to one of these very addresses: DNS that answers something
else a moment later changes nothing. TLS and the header Host still name the host. Redirects are not followed,
proxies not used, and of an answer only the status is read.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Event, Timer
from typing import Any

import certifi

from chalicelib.model.callback_urls import Target
from chalicelib.model.callbacks import Outcome
from chalicelib.model.public_addresses import is_public

#: Seconds to connect to one address, and from then until the status of the answer is there.
CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 15.0
#: So many addresses of a host are tried, those of IPv4 first: functions on AWS have no IPv6.
MOST_ADDRESSES = 3
_BROKE = "the connection broke, or what came is not HTTP"

Address = IPv4Address | IPv6Address


class Sender:
    """``loopback``: whether this machine may be a receiver. ``resolve`` and ``connect``: None for those of ``socket``.
    ``ca_file``: the certificates that are trusted, "" for those of browsers.
    """

    def __init__(
        self,
        loopback: bool = False,
        resolve: Callable[..., Any] | None = None,
        connect: Callable[..., socket.socket] | None = None,
        ca_file: str = "",
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._loopback, self._resolve, self._connect = loopback, resolve, connect
        self._ca_file, self._answer_seconds = ca_file, answer_seconds

    def post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Send a body once. Whatever the receiver does is an outcome, not an error."""
        try:
            addresses = self._addresses(target)
        except (
            OSError,
            UnicodeError,
            ValueError,
        ):  # a name that cannot be one in DNS is the second
            return Outcome(problem="the host has no address")
        if not addresses or not all(self._is_allowed(target, address) for address in addresses):
            problem = "the host has an address that is not on the public internet"
            return Outcome(problem=problem, is_final=True)
        for address in addresses[:MOST_ADDRESSES]:
            try:
                connect = self._connect or socket.create_connection
                connected = connect((str(address), target.port), CONNECT_SECONDS)
            except OSError:
                continue
            return self._exchange(connected, target, body, headers)
        return Outcome(problem="the host cannot be reached")

    def _addresses(self, target: Target) -> list[Address]:
        found = (self._resolve or socket.getaddrinfo)(
            target.host, target.port, type=socket.SOCK_STREAM
        )
        addresses = dict.fromkeys(ip_address(entry[4][0]) for entry in found)
        return sorted(addresses, key=lambda address: address.version)

    def _is_allowed(self, target: Target, address: Address) -> bool:
        if self._loopback and address.is_loopback:
            return True
        return target.is_https and is_public(address)

    def _exchange(
        self, connected: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]
    ) -> Outcome:
        try:
            secured = self._secured(connected, target)
        except (OSError, ValueError):  # it was closed meanwhile
            connected.close()
            return Outcome(problem=_BROKE)
        is_late = Event()
        with closing(secured) as channel:
            channel.settimeout(self._answer_seconds)
            # A receiver that sends a byte now and then never meets the timeout of a socket.
            timer = Timer(self._answer_seconds, _end, (channel, is_late))
            timer.daemon = True
            timer.start()
            try:
                return Outcome(_status_of(channel, target, body, headers))
            except ssl.SSLCertVerificationError:
                return Outcome(problem="the certificate of the host is not valid")
            except (OSError, HTTPException, ValueError) as error:
                if is_late.is_set() or isinstance(error, TimeoutError):
                    return Outcome(problem="there was no answer in time")
                return Outcome(problem=_BROKE)
            finally:
                timer.cancel()

    def _secured(self, connected: socket.socket, target: Target) -> socket.socket:
        if not target.is_https:
            return connected
        return self._context.wrap_socket(
            connected, server_hostname=target.host, do_handshake_on_connect=False
        )

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._ca_file or certifi.where())


def _status_of(
    channel: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]
) -> int:
    if isinstance(channel, ssl.SSLSocket):
        channel.do_handshake()
    kind = HTTPSConnection if target.is_https else HTTPConnection
    connection = kind(target.host, target.port)
    connection.sock = channel  # so that it makes no connection of its own
    own = {"Content-Type": "application/json", "User-Agent": "contact-enrichment"}
    connection.request("POST", target.path, body, {**own, "Connection": "close", **headers})
    return connection.getresponse().status


def _end(channel: socket.socket, is_late: Event) -> None:
    is_late.set()
    with suppress(OSError):  # it has ended by itself
        socket.socket.shutdown(
            channel, socket.SHUT_RDWR
        )  # not SSLSocket's, which another thread uses
