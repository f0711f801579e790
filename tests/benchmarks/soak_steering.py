"""What users do to jobs under way in the soak: each action calls a route at a random moment and checks what
that promises. A service that lacks a route is left alone.

More of them go into ``WHILE_RUNNING`` and ``ONCE_ENDED``, with the share of the jobs that they are done to.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import requests

from tests import signed
from tests.benchmarks.soak_jobs import Plan

ENDED_WELL = frozenset({"COMPLETED", "COMPLETED_WITH_ERRORS"})


@dataclass
class Ticket:
    """A job under way. ``endings``: how it may end; ``erased``: it is to be gone; ``done``: actions."""

    plan: Plan
    api: str
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    job_id: str = ""
    endings: frozenset[str] = ENDED_WELL
    erased: bool = False
    done: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def call(self, method: str, path: str, **request: Any) -> requests.Response:
        return signed.request(method, f"{self.api}{path}", timeout=60, **request)

    def submit(self) -> str:
        """Send the list, with the ticket's own key; the job's id."""
        headers = {"Content-Type": "text/csv", "Idempotency-Key": self.key}
        plan = self.plan
        answer = self.call("POST", "/process", data=plan.body, params=plan.query, headers=headers)
        if answer.status_code != 202:
            raise RuntimeError(f"POST /process answered {answer.status_code}: {answer.text[:200]}")
        return str(answer.json()["id"])

    def expect(self, answer: requests.Response, *statuses: int) -> bool:
        """Whether the answer has the first of the statuses; any other than these is a problem."""
        if answer.status_code not in statuses:
            told = f"{answer.status_code}: {answer.text[:200]}"
            self.problems.append(f"{answer.request.method} {answer.request.path_url}: {told}")
        return answer.status_code == statuses[0]


def repeat(ticket: Ticket) -> None:
    """The same request with the same key gives the same job."""
    again = ticket.submit()
    if again != ticket.job_id:
        ticket.problems.append(f"job {ticket.job_id}: its key gave {again} as well")


def cancel(ticket: Ticket) -> None:
    """A job that is cancelled ends so, with a file; one that had ended before stays as it is."""
    answer = ticket.call("POST", f"/jobs/{ticket.job_id}/cancel")
    if ticket.expect(answer, 202, 409):
        ticket.endings = frozenset({"CANCELLED"})


def erase(ticket: Ticket) -> None:
    """A job that is erased is not there any more."""
    if ticket.expect(ticket.call("DELETE", f"/jobs/{ticket.job_id}"), 204):
        ticket.erased = True
        ticket.expect(ticket.call("GET", f"/status/{ticket.job_id}"), 404)


def retry(ticket: Ticket) -> None:
    """What failed of a job is tried again; where nothing did, or it is cancelled, it stays."""
    ticket.expect(ticket.call("POST", f"/jobs/{ticket.job_id}/retry"), 202, 409)


Action = Callable[[Ticket], None]
WHILE_RUNNING: list[tuple[float, Action]] = [(0.1, repeat), (0.06, cancel), (0.04, erase)]
ONCE_ENDED: list[tuple[float, Action]] = [
    *((0.05, repeat), (0.05, cancel), (1.0, retry), (0.03, erase)),
]


def has_keys(api: str, plan: Plan) -> bool:
    ticket = Ticket(plan, api)
    return ticket.submit() == ticket.submit()


def has_route(api: str, method: str, path: str) -> bool:
    """A route that is there tells in its own words that there is no such job."""
    answer = signed.request(method, f"{api}{path}", timeout=60)
    return answer.status_code == 404 and "code" in answer.json()


def what_can_be_done(api: str, plan: Plan) -> set[Action]:
    """The actions that this service has routes for. ``plan``: a job to try with."""
    job = uuid.uuid4().hex
    known: set[Action] = {repeat} if has_keys(api, plan) else set()
    routes: dict[Action, tuple[str, str]] = {
        cancel: ("POST", f"/jobs/{job}/cancel"),
        retry: ("POST", f"/jobs/{job}/retry"),
        erase: ("DELETE", f"/jobs/{job}"),
    }
    return known | {action for action, route in routes.items() if has_route(api, *route)}


def chosen(actions: list[tuple[float, Action]], known: set[Action], random: Random) -> list[Action]:
    """What is done to one job."""
    return [action for share, action in actions if action in known and random.random() < share]
