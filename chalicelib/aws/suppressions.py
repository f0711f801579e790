"""Stores who asked to be erased, as keyed hashes, and how far each erasure has come.

A suppression never expires: a person who was forgotten would be looked up again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib.aws import keys
from chalicelib.aws.dynamodb import EXISTS, update_of
from chalicelib.aws.jobs import Cursor
from chalicelib.aws.table import Table
from chalicelib.aws.vault import Vault
from chalicelib.identity.fingerprint import STRONG, fingerprint

#: Seconds for which a process remembers a list, for jobs that ask nobody.
RECENT = 5


@dataclass(frozen=True)
class Suppressed:
    """Who must not be looked up for an owner: keyed hashes of e-mails, phones and LinkedIn URLs."""

    vault: Vault
    owner: str
    people: frozenset[str] = frozenset()

    def names(self, known: Mapping[str, str]) -> bool:
        """Whether one of these canonical values, by field, belongs to such a person."""
        if not self.people:
            return False
        found = identifiers(known)
        return any(_hashed(self.vault, self.owner, person) in self.people for person in found)


def _hashed(vault: Vault, owner: str, person: str) -> str:
    return vault.digest("suppressed", owner, person)


@dataclass(frozen=True)
class Erasure:
    """One person who is being erased. ``people``: their identifiers, as on the list. ``answers``: the keys of
    their answers in the ledger. ``asked_at``: only jobs from before are searched. ``sweep``: which of the two
    searches it is; ``after`` and ``batch``: where it goes on, after that job, in the next one at that batch;
    ``is_found``: the batches before hold something of the person.
    """

    id: str
    owner: str
    people: frozenset[str]
    answers: tuple[str, ...]
    asked_at: float
    sweep: int = 0
    after: Cursor | None = None
    batch: int = 0
    is_found: bool = False


class Suppressions:
    """The lists of all owners, and the erasures. ``retention``: seconds that erasures are kept."""

    def __init__(self, table: Table, vault: Vault, retention: int) -> None:
        self._table = table
        self._vault = vault
        self._retention = retention
        self._recent: dict[str, tuple[float, Suppressed]] = {}

    def of(self, owner: str, now: float, age: float = 0) -> Suppressed:
        """The owner's list, as it is or as this process read it up to ``age`` seconds ago."""
        read_at, known = self._recent.get(owner, (0.0, None))
        if known is not None and 0 <= now - read_at < age:
            return known
        people = self._table.query_keys(keys.suppressions(owner), keys.PERSON_PREFIX)
        known = Suppressed(
            self._vault,
            owner,
            frozenset(key["sk"].removeprefix(keys.PERSON_PREFIX) for key in people),
        )
        self._recent = {owner: (now, known)}
        return known

    def add(self, erasure: Erasure) -> None:
        """Put a person on the owner's list, and write that the erasure has begun."""
        people = [
            {**keys.suppression(erasure.owner, person), "asked_at": erasure.asked_at}
            for person in sorted(erasure.people)
        ]
        begun = {
            **keys.erasure(erasure.id),
            "owner": erasure.owner,
            "people": json.dumps(sorted(erasure.people)),
            "answers": json.dumps(erasure.answers),
            "asked_at": erasure.asked_at,
            "sweep": erasure.sweep,
            "expires_at": int(erasure.asked_at) + self._retention,
        }
        # All or none; and whoever may call BatchWriteItem may delete with it, too.
        self._table.write_all(*(self._table.putting(item, "") for item in [*people, begun]))

    def hashed(self, owner: str, person: str) -> str:
        """The keyed hash of a fingerprint of one identifier, as it is on the owner's list."""
        return _hashed(self._vault, owner, person)

    def find(self, erasure_id: str, sweep: int) -> Erasure | None:
        """An erasure, at this sweep; None when there is none."""
        item = self._table.get(keys.erasure(erasure_id))
        if item is None:
            return None
        erasure = Erasure(
            erasure_id,
            item["owner"],
            frozenset(json.loads(item["people"])),
            tuple(json.loads(item["answers"])),
            item["asked_at"],
            sweep,
        )
        if item["sweep"] != sweep or "place" not in item:
            return erasure
        created_at, job_id, batch, is_found = json.loads(item["place"])
        after = Cursor(created_at, job_id) if job_id else None
        return replace(erasure, after=after, batch=batch, is_found=is_found)

    def go_on(self, erasure: Erasure) -> None:
        """Write where the search goes on."""
        after = erasure.after or Cursor("", "")
        place = [after.created_at, after.job_id, erasure.batch, erasure.is_found]
        changes = {"sweep": erasure.sweep, "place": json.dumps(place)}
        self._table.update_if(keys.erasure(erasure.id), EXISTS, **update_of(changes))


def identifiers(known: Mapping[str, str]) -> list[str]:
    """The fingerprints of all that identifies a person alone, each by itself. ``known``: canonical values by
    field, blank where there are none.
    """
    return [fingerprint({name: known[name]}) for name in STRONG if known.get(name)]
