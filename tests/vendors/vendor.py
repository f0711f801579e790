"""What the vendors of the test server share: a request goes in, the vendor's answer or none comes out.

A vendor's module subclasses ``Vendor`` with how it reads its key, how it answers and how it words its
refusals; keys, limits, credits, the account and the bad days are here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from tests.vendors import people
from tests.vendors.account import Account, OutOfCreditsError
from tests.vendors.faults import Faults
from tests.vendors.people import Asked, Person
from tests.vendors.windows import Windows

HUGE = 17 * 1024**2
#: Kinds of calls at vendors that answer later; at the others there is one kind, "".
SUBMIT, POLL = "submit", "poll"


@dataclass(frozen=True)
class Request:
    """``path`` below the vendor's own mount; header names in lower case; ``faults``: due now."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    elsewhere: str = ""
    faults: Mapping[str, float] = field(default_factory=dict)

    def json(self) -> Any:
        return json.loads(self.body or b"null")

    def arranged(self, items: Sequence[Any]) -> list[Any]:
        """The items of an answer as they leave the vendor on a bad day."""
        arranged = list(items)
        if "reorder" in self.faults:
            arranged.reverse()
        if "repeat" in self.faults:
            arranged = arranged[:1] + arranged
        if "shorten" in self.faults:
            arranged = arranged[1:]
        return arranged


@dataclass(frozen=True)
class Reply:
    """``body``: bytes and text go out as they are, None as nothing, anything else as JSON."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Vendor:
    """One vendor. ``limits``: (calls, seconds) that it enforces, but on polls ``poll_limits``;
    ``credits_left``: None for no end.

    ``coverage``: the part of mankind that it knows. ``quirks``: faults that only it has.
    """

    name: ClassVar[str]
    quirks: ClassVar[frozenset[str]] = frozenset()

    def __init__(self) -> None:
        self.key = f"{self.name}-secret-0123456789abcdef"
        self.coverage = 0.7
        self.reset()

    # What a vendor's module says.

    def key_of(self, request: Request) -> str:
        """The key in the request, "" if there is none."""
        raise NotImplementedError

    def answer(self, request: Request) -> Reply:
        """The answer to an authorised call; may raise OutOfCreditsError."""
        raise NotImplementedError

    def throttled(self, request: Request, retry_after: float) -> Reply:
        raise NotImplementedError

    def out_of_credits(self, request: Request) -> Reply:
        raise NotImplementedError

    def bad_key(self, request: Request) -> Reply:
        raise NotImplementedError

    def broken(self, request: Request) -> Reply:
        return Reply(500, {"error": "Internal Server Error"})

    def kind_of(self, request: Request) -> str:
        """SUBMIT or POLL, at a vendor that answers later."""
        return ""

    def headers(self, request: Request) -> Mapping[str, str]:
        """What goes with every answer to an authorised call."""
        return {}

    # What the tests say and read.

    def configure(
        self,
        *,
        key: str | None = None,
        limits: Sequence[tuple[int, float]] | None = None,
        poll_limits: Sequence[tuple[int, float]] | None = None,
        credits_left: float | None = None,
        coverage: float | None = None,
    ) -> None:
        """Only what is named changes. New limits begin with fresh windows."""
        self.key = self.key if key is None else key
        self.coverage = self.coverage if coverage is None else coverage
        if limits is not None:
            self.windows = Windows(limits)
        if poll_limits is not None:
            self.poll_windows = Windows(poll_limits)
        if credits_left is not None:
            self.account.credits_left = credits_left

    def reset(self) -> None:
        """A new account, no limits, no faults."""
        #: What was sent last, and what is sent instead of any answer.
        self.last_reply: Reply | None = None
        self.script: Reply | None = None
        self.account = Account()
        self.windows, self.poll_windows = Windows(()), Windows(())
        self.faults = Faults(self.quirks)

    def rows(self, known: bool = True, number: int = 1) -> list[dict[str, str]]:
        """Rows for a contact list of people whom this vendor knows, or does not."""
        endless = people.rows(self.name, known, self.coverage)
        return [next(endless) for _ in range(number)]

    # What the server and the vendor's module call.

    def look_up(self, asked: Asked, price: float, price_of_miss: float = 0.0) -> Person | None:
        """Who that is, if the vendor knows; it is in the account. Raises OutOfCreditsError."""
        known = people.knows(self.name, asked.identity, self.coverage)
        self.account.look_up(asked.identity, price if known else price_of_miss)
        return people.invent(asked) if known else None

    def handle(self, request: Request) -> Reply | None:
        """The reply to one call; None to hang up."""
        kind = self.kind_of(request)
        faults = self.faults.due(kind)
        request = replace(request, faults=faults)
        self.account.count_call(is_poll=kind == POLL)
        time.sleep(faults.get("lag", 0.0))
        refusal = self._refusal(request)
        if refusal or "hang_up_before" in faults:
            return refusal
        if kind != POLL:
            self.account.count_allowed()
        try:
            reply = self.answer(request)
        except OutOfCreditsError:
            self.account.count_refused()
            reply = self.out_of_credits(request)
        reply = replace(reply, headers={**self.headers(request), **reply.headers})
        self.last_reply = self.script or reply
        return self._spoiled(self.last_reply, request)

    def _refusal(self, request: Request) -> Reply | None:
        """Why this call is not carried out; None if it is."""
        if "bad_key" in request.faults or self.key_of(request) != self.key:
            return self._refused(self.bad_key(request))
        refusals: dict[str, Callable[[], Reply]] = {
            "redirect": lambda: Reply(302, headers={"Location": request.elsewhere}),
            "out_of_credits": lambda: self.out_of_credits(request),
            "broken": lambda: self.broken(request),
        }
        for kind, refusal in refusals.items():
            if kind in request.faults:
                return self._refused(refusal())
        return None if "hang_up_before" in request.faults else self._throttling(request)

    def _throttling(self, request: Request) -> Reply | None:
        told = request.faults.get("throttle")
        windows = self.poll_windows if self.kind_of(request) == POLL else self.windows
        wait = windows.admit() if told is None else told
        if told is None and not wait:
            return None
        self.account.count_throttled()
        return self.throttled(request, wait)

    def _refused(self, reply: Reply) -> Reply:
        self.account.count_refused()
        return reply

    def _spoiled(self, reply: Reply, request: Request) -> Reply | None:
        if "hang_up_after" in request.faults:
            return None
        spoils: dict[str, Callable[[], Reply]] = {
            "broken_after": lambda: self.broken(request),
            "not_json": lambda: Reply(200, b'{"status": 20'),
            "html": lambda: Reply(200, "<html>Down for maintenance</html>"),
            "wrong_shape": lambda: Reply(200, b'"surprise"'),
            "huge": lambda: Reply(200, b"[" + b" " * HUGE + b"]"),
        }
        due = [spoil for kind, spoil in spoils.items() if kind in request.faults]
        return due[0]() if due else reply
