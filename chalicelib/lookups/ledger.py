"""Keeps what providers answered: the cache, and the proof that nobody is paid for twice.

One item of the records table per provider and person: first a *claim*, then the answer, match or
not. Who wins the claim asks; everybody else waits for the answer. A claim whose owner died ends with
its lease; whoever takes it over asks again, and the lookup counts as uncertain, since the first may
have been billed.

The key of an item is a keyed hash of owner and person, and its content is encrypted under a key that only those
two and the secret of the stage give (aws/vault.py). So the table tells nobody who was looked up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.dynamodb import NEW
from chalicelib.aws.table import Action, Table
from chalicelib.aws.vault import Vault
from chalicelib.providers.base import Found, Match, NoMatch, Outcome, Pending, Suppressed, Ticket

_KINDS = {"match": Match, "no_match": NoMatch, "suppressed": Suppressed}


@dataclass(frozen=True)
class Claimant:
    """Who claims people: one run of a worker at one batch. ``lease``: when its claims end.
    ``expires_at``: when the answers it gets may be forgotten. Both in seconds since the epoch.
    """

    id: str
    job_id: str
    batch: int
    lease: float
    expires_at: int

    def owns(self, entry: Entry) -> bool:
        """Whether an entry was made by a run at the same batch, this one or an earlier one."""
        return (entry.job_id, entry.batch) == (self.job_id, self.batch)


@dataclass(frozen=True)
class Entry:
    """What the ledger holds of one person at one provider. Times are seconds since the epoch.

    ``outcome`` is None while it is only claimed, Pending while the provider is still looking, a Ticket until its
    answer is collected. ``ticket``: the submission that it was a part of, if the provider answers later.
    ``uncertain``: lookups before this one of which no answer arrived. ``tries``: how often a provider
    that is still looking was asked. ``further``: identifiers that may have decided the answer (known.py).
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
    further: frozenset[str] = frozenset()
    ticket: str = ""


@dataclass(frozen=True)
class Book:
    """Whose entries, and of which provider."""

    owner: str
    provider: str


class Ledger:
    """The ledger of all owners and providers. People are named by their fingerprints."""

    def __init__(self, table: Table, vault: Vault) -> None:
        self._table = table
        self._vault = vault

    def get(self, book: Book, fingerprints: Sequence[str]) -> dict[str, Entry]:
        """What is there, by fingerprint."""
        people = {self._key(book, person)["pk"]: person for person in fingerprints}
        found = self._table.get_many([{"pk": pk} for pk in people])
        return {(person := people[item["pk"]]): self._entry(book, person, item) for item in found}

    def claim(
        self, book: Book, claimant: Claimant, before: Mapping[str, Entry | None]
    ) -> dict[str, Entry]:
        """Claim people; those that are won. ``before``: fingerprint → what ``get`` gave for it.

        Only what is still as it was read is taken, so that of several claimants one wins.
        """
        claims = {person: _claimed(claimant, entry) for person, entry in before.items()}
        done = self._table.write_each(
            [self._put(book, person, claims[person], before[person]) for person in claims]
        )
        return {person: claims[person] for person, won in zip(claims, done, strict=True) if won}

    def _put(self, book: Book, person: str, claim: Entry, before: Entry | None) -> Action:
        item = self._item(book, person, claim)
        if before is None:
            return self._table.putting(item, NEW)
        # The claim's id changes whenever the item does.
        return self._table.putting(item, "claim = :before", before=before.claim)

    def answer(self, book: Book, entries: Mapping[str, Entry]) -> None:
        """Write answers over claims."""
        self._table.put_many(self._item(book, person, entry) for person, entry in entries.items())

    def answer_tickets(
        self, book: Book, claimant: Claimant, entries: Mapping[str, Entry]
    ) -> dict[str, Entry]:
        """Write answers over the tickets that led to them, where those are still there; the answers.

        Somebody else may have collected the same answer, or the person may have been erased meanwhile.
        """
        answers = {p: replace(entry, claim=claimant.id) for p, entry in entries.items()}
        self._table.write_each([self._put(book, p, answers[p], entries[p]) for p in answers])
        return answers

    def release(self, book: Book, fingerprints: Iterable[str]) -> None:
        """Take back claims on people who were certainly not asked for."""
        self._table.delete_many(self._key(book, person) for person in fingerprints)

    def keys_of(self, book: Book, fingerprints: Iterable[str]) -> list[str]:
        """The keys of people's answers: keyed hashes, which ``erase`` takes."""
        return [self._key(book, person)["pk"] for person in fingerprints]

    def erase(self, answers: Iterable[str]) -> None:
        """Delete answers by their keys; those that are not there are no error."""
        self._table.delete_many({"pk": pk} for pk in answers)

    def _key(self, book: Book, person: str) -> keys.Key:
        return keys.answer(book.provider, self._vault.digest("person", *_parts(book, person)))

    def _item(self, book: Book, person: str, entry: Entry) -> dict[str, Any]:
        content = json.dumps(_content(entry)).encode()
        return {
            **self._key(book, person),
            "claim": entry.claim,
            "entry": self._vault.seal(content, "answer", *_parts(book, person)),
            "expires_at": entry.expires_at,
        }

    def _entry(self, book: Book, person: str, item: Mapping[str, Any]) -> Entry:
        content = self._vault.unseal(item["entry"], "answer", *_parts(book, person))
        return _entry_of(item, json.loads(content))


def _parts(book: Book, person: str) -> tuple[str, str, str]:
    return book.owner, book.provider, person


def _claimed(claimant: Claimant, before: Entry | None) -> Entry:
    uncertain, tries = 0, 1
    if before is not None and before.outcome is None:  # its owner died
        uncertain = before.uncertain + 1
    elif before is not None and isinstance(before.outcome, Pending):
        uncertain, tries = before.uncertain, before.tries + 1
    return Entry(
        claim=claimant.id,
        lease=claimant.lease,
        job_id=claimant.job_id,
        batch=claimant.batch,
        expires_at=claimant.expires_at,
        uncertain=uncertain,
        tries=tries,
    )


#: What of an entry is kept together, encrypted, beside its outcome.
_KEPT = ("lease", "job_id", "batch", "answered_at", "uncertain", "tries", "ticket")


def _content(entry: Entry) -> dict[str, Any]:
    stored: dict[str, Any] = {name: getattr(entry, name) for name in _KEPT}
    if entry.further:
        stored["further"] = sorted(entry.further)
    if entry.outcome is not None:
        stored["outcome"] = _stored_outcome(entry.outcome)
    return stored


def _entry_of(item: Mapping[str, Any], stored: dict[str, Any]) -> Entry:
    outcome = _outcome_of(stored.pop("outcome")) if "outcome" in stored else None
    return Entry(
        claim=item["claim"],
        expires_at=item["expires_at"],
        outcome=outcome,
        further=frozenset(stored.pop("further", ())),
        **stored,
    )


def _stored_outcome(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Pending):
        return {"kind": "pending", "retry_after": outcome.retry_after, "credits": outcome.credits}
    if isinstance(outcome, Ticket):
        return {"kind": "ticket", **asdict(outcome)}
    kind = next(name for name, class_ in _KINDS.items() if type(outcome) is class_)
    stored: dict[str, Any] = {"kind": kind, "credits": outcome.credits}
    if isinstance(outcome, Match):
        stored["values"] = {n: [f.value, f.confidence] for n, f in outcome.values.items()}
    return stored


def _outcome_of(stored: Mapping[str, Any]) -> Outcome:
    kind, credits = stored["kind"], stored["credits"]
    if kind == "pending":
        return Pending(stored["retry_after"], credits)
    if kind == "ticket":
        return Ticket(stored["submission"], stored["contact_id"], stored["wait"], credits)
    if kind == "match":
        return Match({n: Found(v, c) for n, (v, c) in stored["values"].items()}, credits)
    return NoMatch(credits) if kind == "no_match" else Suppressed(credits)
