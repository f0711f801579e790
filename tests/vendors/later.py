"""What vendors share that answer later: submissions go in, what is final of them comes out, poll by poll.

Nothing here knows the time: a submission is searched for as long as ``busy_polls`` polls ask for it. Who is
found is charged for at the submission, since the vendor finds them whether anybody asks for them or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.vendors.account import OutOfCreditsError
from tests.vendors.finders import Finder
from tests.vendors.people import Asked, Person
from tests.vendors.vendor import POLL, SUBMIT, Request


@dataclass
class Submission:
    """``found``: contact id → the person, None for a miss; whom the credits did not suffice for is in
    ``unpaid``. ``sent``: contact id → what was sent for it.
    """

    sent: Mapping[str, Any]
    found: dict[str, Person | None] = field(default_factory=dict)
    unpaid: set[str] = field(default_factory=set)
    polls: int = 0


class Later(Finder):
    """A vendor with submissions. The quirk ``partial``: half of the people are final before the others."""

    def reset(self) -> None:
        super().reset()
        self.submissions: dict[str, Submission] = {}
        #: How many polls of a submission find it in progress.
        self.busy_polls = 1

    def configure(self, *, busy_polls: int | None = None, **settings: Any) -> None:
        super().configure(**settings)
        self.busy_polls = self.busy_polls if busy_polls is None else busy_polls

    def is_poll(self, request: Request) -> bool:
        raise NotImplementedError

    def kind_of(self, request: Request) -> str:
        return POLL if self.is_poll(request) else SUBMIT

    def submit(self, asked: Mapping[str, Asked], sent: Mapping[str, Any], price: float = 1) -> str:
        """The name of the new submission; each person of it is looked up once, however often it has them."""
        with self.account.lock:
            submission, met = Submission(sent), dict[str, Person | None]()
            for contact_id, who in asked.items():
                try:
                    if who.identity not in met:
                        met[who.identity] = self.look_up(who, price)
                    submission.found[contact_id] = met[who.identity]
                except OutOfCreditsError:
                    submission.unpaid.add(contact_id)
            name = f"{self.name}-{len(self.submissions) + 1}"
            self.submissions[name] = submission
            return name

    def poll(
        self, name: str, request: Request, is_first: bool = True
    ) -> tuple[Submission | None, list[str]]:
        """The submission, None if there is none, and the ids of the contacts that are final. ``is_first``: False
        for the further pages of a poll.
        """
        with self.account.lock:
            submission = self.submissions.get(name)
            if submission is None:
                return None, []
            submission.polls += is_first
            contact_ids = list(submission.sent)
            if "partial" in request.faults:
                return submission, contact_ids[: len(contact_ids) // 2]
            return submission, contact_ids if submission.polls > self.busy_polls else []
