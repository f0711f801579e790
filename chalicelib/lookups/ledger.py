"""First floor: the door to the ledger, which is the cache and the proof against paying twice.

One item of the records table per provider and person: first a *claim*, then the answer, match or
not. Who wins the claim asks; everybody else waits for the answer. A claim whose owner died ends with
its lease; whoever takes it over asks again, and the lookup counts as uncertain, since the first may
have been billed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.aws.dynamodb import NEW, delete_items, put_items, read_items
from chalicelib.providers.base import Found, Match, NoMatch, Outcome, Pending, Suppressed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRANSACTION = 100  # the most that one call takes
_KINDS = {"match": Match, "no_match": NoMatch, "suppressed": Suppressed}


@dataclass(frozen=True)
class Asker:
    """Who asks: one run of a worker at one batch. ``lease``: when its claims end. ``keep``: when what
    it is told expires. Both in seconds since the epoch.
    """

    id: str
    job_id: str
    batch: int
    lease: float
    keep: int


@dataclass(frozen=True)
class Entry:
    """What the ledger holds of one person at one provider. Times are seconds since the epoch.

    ``outcome`` is None while it is only claimed, Pending while the provider is still looking.
    ``uncertain``: lookups before this one of which no answer arrived.
    """

    claim: str
    lease: float
    job_id: str
    batch: int
    expires_at: int
    answered_at: float = 0.0
    outcome: Outcome | None = None
    uncertain: int = 0
    tries: int = 1


class Ledger:
    """The ledger of all providers."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def read(self, provider: str, fingerprints: Sequence[str]) -> dict[str, Entry]:
        """What is there, by fingerprint."""
        names = {_pk(provider, each): each for each in fingerprints}
        found = read_items(self._client, self._table, [{"pk": pk} for pk in names])
        return {names[item["pk"]]: _entry(item) for item in found}

    def claim(
        self, provider: str, asker: Asker, before: Mapping[str, Entry | None]
    ) -> dict[str, Entry]:
        """Claim people; those that are won. ``before``: fingerprint → what ``read`` gave for it.

        Only what is still as it was read is taken, so that of several askers one wins.
        """
        won: dict[str, Entry] = {}
        names = list(before)
        for start in range(0, len(names), _TRANSACTION):
            some = {name: before[name] for name in names[start : start + _TRANSACTION]}
            won |= self._claim_together(provider, asker, some)
        return won

    def _claim_together(
        self, provider: str, asker: Asker, before: Mapping[str, Entry | None]
    ) -> dict[str, Entry]:
        claims = {name: _claimed(asker, entry) for name, entry in before.items()}
        left = list(claims)
        while left:
            puts = [{"Put": self._put(provider, name, claims[name], before[name])} for name in left]
            try:
                self._client.transact_write_items(TransactItems=puts)  # type: ignore[arg-type]
                break
            except self._client.exceptions.TransactionCanceledException as error:
                reasons = error.response["CancellationReasons"]
                codes = [reason.get("Code", "None") for reason in reasons]
                if not set(codes) <= {"None", *_TAKEN}:
                    raise
                left = [n for n, code in zip(left, codes, strict=True) if code not in _TAKEN]
        return {name: claims[name] for name in left}

    def _put(self, provider: str, name: str, claim: Entry, before: Entry | None) -> dict[str, Any]:
        put: dict[str, Any] = {
            "TableName": self._table,
            "Item": self._item(provider, name, claim),
            "ConditionExpression": NEW,
        }
        if before is not None:
            # The claim's id changes whenever the item does.
            put["ConditionExpression"] = "claim = :before"
            put["ExpressionAttributeValues"] = {":before": {"S": before.claim}}
        return put

    def answer(self, provider: str, entries: Mapping[str, Entry]) -> None:
        """Write answers over claims."""
        items = [self._item(provider, name, entry) for name, entry in entries.items()]
        put_items(self._client, self._table, items)

    def release(self, provider: str, fingerprints: Iterable[str]) -> None:
        """Take back claims on people who were certainly not asked."""
        keys = [{"pk": _pk(provider, name)} for name in fingerprints]
        delete_items(self._client, self._table, keys)

    def _item(self, provider: str, name: str, entry: Entry) -> dict[str, Any]:
        return {
            "pk": {"S": _pk(provider, name)},
            "claim": {"S": entry.claim},
            "entry": {"S": _entry_json(entry)},
            "expires_at": {"N": str(entry.expires_at)},
        }


#: Somebody else has it, or is at it in this moment.
_TAKEN = ("ConditionalCheckFailed", "TransactionConflict")


def _pk(provider: str, name: str) -> str:
    return f"{provider}#{name}"


def _claimed(asker: Asker, before: Entry | None) -> Entry:
    uncertain, tries = 0, 1
    if before is not None and before.outcome is None:  # its owner died
        uncertain = before.uncertain + 1
    elif before is not None and isinstance(before.outcome, Pending):
        uncertain, tries = before.uncertain, before.tries + 1
    return Entry(
        claim=asker.id,
        lease=asker.lease,
        job_id=asker.job_id,
        batch=asker.batch,
        expires_at=asker.keep,
        uncertain=uncertain,
        tries=tries,
    )


#: What of an entry is kept as one text: an attribute each takes three times as long to pack.
_KEPT = ("lease", "job_id", "batch", "answered_at", "uncertain", "tries")


def _entry_json(entry: Entry) -> str:
    stored: dict[str, Any] = {name: getattr(entry, name) for name in _KEPT}
    if entry.outcome is not None:
        stored["outcome"] = _stored_outcome(entry.outcome)
    return json.dumps(stored)


def _entry(item: Mapping[str, Any]) -> Entry:
    stored = json.loads(item["entry"])
    outcome = _outcome_of(stored.pop("outcome")) if "outcome" in stored else None
    return Entry(claim=item["claim"], expires_at=item["expires_at"], outcome=outcome, **stored)


def _stored_outcome(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Pending):
        return {"kind": "pending", "retry_after": outcome.retry_after, "credits": outcome.credits}
    kind = next(name for name, each in _KINDS.items() if type(outcome) is each)
    stored: dict[str, Any] = {"kind": kind, "credits": outcome.credits}
    if isinstance(outcome, Match):
        stored["values"] = {n: [f.value, f.confidence] for n, f in outcome.values.items()}
    return stored


def _outcome_of(stored: Mapping[str, Any]) -> Outcome:
    kind, credits = stored["kind"], stored["credits"]
    if kind == "pending":
        return Pending(stored["retry_after"], credits)
    if kind == "match":
        return Match({n: Found(v, c) for n, (v, c) in stored["values"].items()}, credits)
    return NoMatch(credits) if kind == "no_match" else Suppressed(credits)
