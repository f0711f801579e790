"""Helps with vendors that answer later: tickets, records by their ids, prices of a whole submission."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from chalicelib.model.contacts import Contact
from chalicelib.model.errors import MalformedAnswerError, UnavailableError
from chalicelib.providers.alignment import share_credits
from chalicelib.providers.answer import Json
from chalicelib.providers.base import NoMatch, Outcome, Ticket

#: Submissions are called by numbers, UUIDs and the like. Their names are stored, and become part of URLs.
_SUBMISSION = re.compile(r"[A-Za-z0-9_-]{1,200}")


@contextmanager
def costing_nothing() -> Iterator[None]:
    """Calls in this block cost nothing: no error of theirs says that they may have been billed."""
    try:
        yield
    except UnavailableError as error:
        error.may_be_billed = False
        raise


def numbered(contacts: Sequence[Contact]) -> dict[str, Contact]:
    """The contacts of a submission by the ids under which they are sent; nobody can be told by such an id."""
    return {str(number): contact for number, contact in enumerate(contacts)}


def tickets(
    vendor: str, submission: Json, contact_ids: Iterable[str], wait: float, credits: float
) -> list[Ticket]:
    """One ticket for each id, in their order.

    Raises MalformedAnswerError if ``submission`` is nothing by which a submission can be asked for: the
    contacts were taken all the same.
    """
    if not isinstance(submission, str) or not _SUBMISSION.fullmatch(submission):
        raise MalformedAnswerError(f"{vendor} did not say how the submission is called.")
    return [Ticket(submission, contact_id, wait, credits) for contact_id in contact_ids]


def records_by_id(records: Iterable[tuple[Json, Json]]) -> dict[str, Json]:
    """The records that have an id, by it. Different records with one id are nobody's."""
    found: dict[str, Json] = {}
    doubtful = set()
    for raw, record in records:
        contact_id = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
        if not isinstance(contact_id, str):
            continue
        if found.setdefault(contact_id, record) != record:
            doubtful.add(contact_id)
    return {contact_id: found[contact_id] for contact_id in found.keys() - doubtful}


def with_total(
    outcomes: Mapping[str, Outcome], total: float | None, contacts: Iterable[str]
) -> dict[str, Outcome]:
    """The outcome of each of the contacts, NoMatch if there is none, with prices whose sum is ``total``.

    ``outcomes``: those of the whole submission, with the prices that are usual. ``total``: what the vendor
    charged for the whole submission; None keeps those prices. ``contacts``: ids, perhaps not all of the
    submission: what each one costs is the same in every call, so nothing is counted twice.
    """
    priced = dict(outcomes)
    usual = sum(outcome.credits for outcome in outcomes.values())
    if total is not None and usual > 0:
        priced = {
            contact_id: replace(outcome, credits=outcome.credits * (total / usual))
            for contact_id, outcome in outcomes.items()
        }
    elif total:
        shared = share_credits(list(outcomes.values()), total)
        priced = dict(zip(outcomes, shared, strict=True))
    chosen = {contact_id: priced.get(contact_id, NoMatch()) for contact_id in contacts}
    if total and not outcomes:  # it charged for people, but does not say for whom
        return dict(zip(chosen, share_credits(list(chosen.values()), total), strict=True))
    return chosen
