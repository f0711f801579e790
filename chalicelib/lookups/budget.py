"""Holds a job's credits before a call and settles them after it.

What is held or spent never exceeds the job's ``max_credits``, whatever happens: a hold whose owner
died counts as spent, since the vendor may have billed it.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.table import Action, Table
from chalicelib.model.clock import DAY

#: Seconds that a hold is kept beyond its lease, for whoever looks into what happened.
_KEPT = 7 * DAY
_TRIES = 12
#: Seconds after its submission from which an answer is not waited for any longer.
LONGEST_TICKET = 3600


@dataclass(frozen=True)
class Holder:
    """Who holds credits, and until when (seconds since the epoch) nobody takes the hold for dead."""

    job_id: str
    id: str
    lease: float


@dataclass
class Hold:
    """Credits that nobody else can use until they are settled. ``lookups``: what they are enough for.
    ``spent``: what was billed, or may have been. ``owed``: what stays held for answers that come later, by who
    holds it then (``ticket_holder``).
    """

    lookups: int
    spent: float = 0.0
    owed: dict[str, float] = field(default_factory=dict)

    def spend(self, credits: float) -> None:
        """Count credits as billed."""
        self.spent = round(self.spent + credits, 6)

    def owe(self, holder: str, credits: float) -> None:
        """Keep credits held for answers that come later."""
        self.owed[holder] = credits


def ticket_holder(provider: str, submission: str) -> str:
    """Who holds the credits of a submission until it is answered. The provider's name for it can be any text."""
    return f"{provider}#{hashlib.sha256(submission.encode()).hexdigest()[:32]}"


class CreditsHeldError(Exception):
    """No credits are free now, but some may be when those who hold them settle."""


class Budget:
    """The credits of all jobs. ``retention``: seconds that they are kept after the last hold. ``sleep``
    waits between tries where several workers collide.
    """

    def __init__(
        self, table: Table, retention: int, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._table = table
        self._retention = retention
        self._sleep = sleep

    @contextmanager
    def held(
        self, holder: Holder, lookups: int, price: float, cap: float, now: float
    ) -> Iterator[Hold]:
        """Hold credits for as many of ``lookups`` as ``cap`` credits in all leave room for, and settle
        them at the end, however it comes. The hold is for no lookups where the credits are used up;
        CreditsHeldError where others may give some back.
        """
        affordable = self.hold(holder, lookups, price, cap, now)
        hold = Hold(affordable)
        if not affordable:
            yield hold
            return
        try:
            yield hold
        finally:
            self.settle(holder, affordable * price, hold.spent, hold.owed)

    def hold(self, holder: Holder, lookups: int, price: float, cap: float, now: float) -> int:
        """Hold credits until they are settled; for how many lookups. Use ``held`` where possible."""
        for _ in range(_TRIES):
            room = cap - self.committed(holder.job_id)
            affordable = min(lookups, int(room / price + 1e-9))
            if affordable < 1:
                if self._others_may_settle(holder.job_id, now):
                    raise CreditsHeldError
                return 0
            if self._hold(holder, affordable * price, cap):
                return affordable
            self._sleep(random.uniform(0.01, 0.1))  # noqa: S311 (no secret)
        raise CreditsHeldError

    def settle(
        self,
        holder: Holder,
        amount: float,
        spent: float,
        owed: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """Give back what of a hold of ``amount`` credits was not spent and is not owed; nothing where it is settled.
        What is owed is held until its answers are there.
        """
        key = keys.credit_hold(holder.job_id, holder.id)
        lease = holder.lease + LONGEST_TICKET
        holds = [
            self._table.putting(_hold_item(Holder(holder.job_id, id, lease), credits), "")
            for id, credits in owed.items()
        ]
        self._settle(holder.job_id, key, amount - sum(owed.values()), spent, *holds)

    def settle_ticket(self, job_id: str, holder: str, spent: float) -> None:
        """Settle what is owed for a submission, of which all answers are there; nothing where it is settled."""
        key = keys.credit_hold(job_id, holder)
        if (hold := self._table.get(key)) is not None:
            self._settle(job_id, key, hold["amount"], spent)

    def _settle(
        self, job_id: str, hold: keys.Key, amount: float, spent: float, *others: Action
    ) -> None:
        self._table.write_all(
            self._table.updating(
                keys.credits(job_id),
                "SET committed = committed + :back, spent = spent + :spent",
                back=spent - amount,
                spent=spent,
            ),
            self._table.deleting(hold),
            *others,
        )

    def _hold(self, holder: Holder, amount: float, cap: float) -> bool:
        update = self._table.updating(
            keys.credits(holder.job_id),
            "SET committed = if_not_exists(committed, :none) + :amount, "
            "spent = if_not_exists(spent, :none), expires_at = :expires",
            "attribute_not_exists(committed) OR committed <= :room",
            amount=amount,
            none=0,
            room=cap - amount,
            expires=int(holder.lease) + self._retention,
        )
        return self._table.write_all(update, self._table.putting(_hold_item(holder, amount), ""))

    def _others_may_settle(self, job_id: str, now: float) -> bool:
        """Whether somebody alive holds credits; what the dead held becomes spent."""
        holds = list(self._table.query(job_id, keys.HOLD_PREFIX))
        for hold in holds:
            if hold["lease"] <= now:
                key = {"pk": hold["pk"], "sk": hold["sk"]}
                self._settle(job_id, key, hold["amount"], hold["amount"])
        return any(hold["lease"] > now for hold in holds)

    def committed(self, job_id: str) -> float:
        """What is held or spent so far."""
        item = self._table.get(keys.credits(job_id)) or {}
        return float(item.get("committed", 0))

    def forget(self, job_id: str) -> None:
        """Delete the credits of an erased job, also those that are held: nobody will settle them."""
        holds = self._table.query_keys(job_id, keys.HOLD_PREFIX)
        self._table.delete_many([*holds, keys.credits(job_id)])


def _hold_item(holder: Holder, amount: float) -> dict[str, Any]:
    return {
        **keys.credit_hold(holder.job_id, holder.id),
        "amount": amount,
        "lease": holder.lease,
        "expires_at": int(holder.lease) + _KEPT,
    }
