"""Tells what the ledger already answers about the people of a batch, and who is still to be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.identity.fingerprint import STRONG, fingerprint
from chalicelib.lookups.ledger import Entry
from chalicelib.model.contacts import Contact
from chalicelib.providers.base import Match, NoMatch, Outcome, Pending, Provider, Ticket

#: A provider that is "still looking" is asked so often.
PENDING_TRIES = 10
#: Seconds after which another worker's answer is looked for again.
OTHERS_ANSWER = 2.0


@dataclass(frozen=True)
class Reply:
    """What came of one contact at one provider: an outcome, or None, and a note for the row."""

    outcome: Outcome | None
    note: str = ""


@dataclass(frozen=True)
class Known:
    """People by fingerprint. ``answered``: with the answer that counts. ``to_ask``: with the entry that
    a claim replaces, None for none. ``waits``: for whom an answer may come, and in how many seconds to
    look for it.
    """

    answered: Mapping[str, Entry]
    to_ask: Mapping[str, Entry | None]
    waits: Mapping[str, float]


def further_of(provider: Provider, known: Mapping[str, str]) -> frozenset[str]:
    """What the provider could find somebody else by: the identifiers beside the one that makes the
    fingerprint, if the provider takes them, each as a fingerprint of its own.
    """
    strong = [name for name in STRONG if name in known]
    return frozenset(
        fingerprint({name: known[name]})
        for name in strong[1:]
        if provider.identifies(Contact({}, {name: known[name]}, {}))
    )


def decided_by(provider: Provider, known: Mapping[str, str], outcome: Outcome) -> frozenset[str]:
    """The further identifiers without which the answer might have been another: none of them where it repeats
    the one that makes the fingerprint.
    """
    first = next((name for name in STRONG if name in known), "")
    if isinstance(outcome, Match) and first:
        found = outcome.values.get(first)
        if known[first] in outcome.known_by or (found and found.value == known[first]):
            return frozenset()
    return further_of(provider, known)


def sort_out(
    people: Mapping[str, frozenset[str]],
    entries: Mapping[str, Entry],
    job_id: str,
    since: float,
    now: float,
) -> Known:
    """Sort people by what the ledger holds of them. Answers given before ``since`` count only for the
    job that paid for them, and so do those that other identifiers may have decided than the person has here.

    ``people``: fingerprint → further identifiers (``further_of``).
    """
    answered: dict[str, Entry] = {}
    to_ask: dict[str, Entry | None] = {}
    waits: dict[str, float] = {}
    for person, further in people.items():
        entry = entries.get(person)
        if entry is None:
            to_ask[person] = None
        elif (until := _open_until(entry)) is not None:
            if until > now:
                waits[person] = _look_again(entry, until - now)
            else:
                to_ask[person] = entry
        elif entry.job_id == job_id or (entry.answered_at > since and entry.further <= further):
            answered[person] = entry
        else:
            to_ask[person] = entry
    return Known(answered, to_ask, waits)


def _open_until(entry: Entry) -> float | None:
    """When somebody may ask for a person without an answer; None where there is an answer."""
    if entry.outcome is None:
        return entry.lease
    pause = pause_of(entry)
    return None if pause is None else entry.answered_at + pause


def pause_of(entry: Entry) -> float | None:
    """Seconds from its answer until a provider that is still looking is asked again; None where it is
    not asked again.
    """
    if isinstance(entry.outcome, Pending) and entry.tries < PENDING_TRIES:
        return entry.outcome.retry_after
    return None


def _look_again(entry: Entry, seconds: float) -> float:
    """Another worker answers sooner than its lease ends."""
    return min(OTHERS_ANSWER, seconds) if entry.outcome is None else seconds


def reply_of(provider: str, entry: Entry, further: frozenset[str]) -> Reply:
    """The reply that an answer in the ledger makes for a row with these further identifiers."""
    if isinstance(entry.outcome, Match) and not entry.further <= further:
        # To ask again would charge the job twice for one person.
        return Reply(
            NoMatch(), f"{provider} was asked with another row's phone or LinkedIn URL: not used"
        )
    if isinstance(entry.outcome, Pending):
        return Reply(NoMatch(), f"{provider} was still looking when it was last asked")
    if isinstance(entry.outcome, Ticket):
        return Reply(NoMatch(), f"{provider} has not answered; it may charge for this all the same")
    if not entry.uncertain:
        return Reply(entry.outcome)
    times = entry.uncertain + 1
    return Reply(
        entry.outcome, f"{provider} may have charged for this {times} times: an answer was lost"
    )
