"""Gets a provider's answers, also if it answers later: contacts go in, outcomes come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalicelib.identity.contact import parse_contact
from chalicelib.model.contacts import Contact
from chalicelib.providers.base import AnswersLater, Match, Outcome, Provider, Ticket

#: No vendor of the tests is asked more often than this until it answers.
MOST_POLLS = 10


def answers(provider: Provider, contacts: Sequence[Contact]) -> list[Outcome]:
    """One outcome for each contact, in their order; those of tickets are collected until all are there."""
    outcomes = list(provider.enrich(contacts, provider.fields))
    assert len(outcomes) == len(contacts)
    tickets = {n: each for n, each in enumerate(outcomes) if isinstance(each, Ticket)}
    if not tickets:
        return outcomes
    assert isinstance(provider, AnswersLater)
    (submission,) = {ticket.submission for ticket in tickets.values()}
    open_ = {ticket.contact_id: n for n, ticket in tickets.items()}
    assert len(open_) == len(tickets), "each contact has an id of its own"
    for _ in range(MOST_POLLS):
        asked = {contact_id: contacts[n] for contact_id, n in open_.items()}
        for contact_id, outcome in provider.collect(submission, asked).items():
            outcomes[open_.pop(contact_id)] = outcome
        if not open_:
            return outcomes
    raise AssertionError(f"no answer after {MOST_POLLS} polls")


def answer(provider: Provider, **given: str) -> Outcome:
    """The outcome for one row."""
    return answers(provider, [parse_contact(given)])[0]


def match(outcome: Outcome) -> dict[str, str]:
    """The values of a match, by field."""
    assert isinstance(outcome, Match)
    return {field: found.value for field, found in outcome.values.items()}


def submitted(
    provider: AnswersLater, rows: Sequence[Mapping[str, str]]
) -> tuple[str, dict[str, Contact]]:
    """The submission that is made of rows, and their contacts by the ids under which they are sent."""
    contacts = [parse_contact(row) for row in rows]
    tickets = provider.enrich(contacts, provider.fields)
    assert all(isinstance(ticket, Ticket) for ticket in tickets)
    sent = [ticket for ticket in tickets if isinstance(ticket, Ticket)]
    return sent[0].submission, dict(zip([t.contact_id for t in sent], contacts, strict=True))
