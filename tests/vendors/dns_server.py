"""A DNS server on a loopback port, over UDP: the zones that a test gives go in, answers to questions come out."""

from __future__ import annotations

import socket
from collections import Counter
from threading import Thread, Timer
from types import TracebackType

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

#: What a name may have in place of records: it does not answer, it fails.
SILENT, BROKEN = "silent", "broken"


class DnsServer:
    """``zones``: name → records by type, such as ``{"example.org": {"MX": ["10 mx.example.org."]}}``, or
    SILENT, or BROKEN. A name that is not there does not exist. ``questions``: how often each was asked.
    ``lag``: seconds until an answer leaves; questions do not wait for each other.
    """

    lag = 0.0

    def __init__(self, zones: dict[str, dict[str, list[str]] | str]) -> None:
        self.zones = zones
        self.questions: Counter[tuple[str, str]] = Counter()
        self._later: list[Timer] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> DnsServer:
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self._socket.getsockname())  # the end
        self._thread.join()
        for later in self._later:
            later.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            wire, sender = self._socket.recvfrom(4096)
            if not wire:
                return
            answer = self._answer(dns.message.from_wire(wire))
            if answer is not None:
                later = Timer(self.lag, self._socket.sendto, (answer.to_wire(), sender))
                later.start()
                self._later.append(later)

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.questions[name, kind] += 1
        zone = self.zones.get(name)
        if zone == SILENT:
            return None
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if zone is None or zone == BROKEN:
            answer.set_rcode(dns.rcode.NXDOMAIN if zone is None else dns.rcode.SERVFAIL)
        elif isinstance(zone, dict) and kind in zone:
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *zone[kind]))
        return answer
