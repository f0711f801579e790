"""Defines what a data provider is: it gets contacts and gives one outcome for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

from chalicelib.identity.list_facts import ListFacts
from chalicelib.model.contacts import Contact


class Found(NamedTuple):
    """A value for one field and how sure the provider is of it, from 0 to 1."""

    value: str
    confidence: float


@dataclass(frozen=True)
class Match:
    """The provider knows this person. ``credits``: what it charged for the answer. ``known_by``: further
    e-mails of the person, beside the one among the values; only to see who was found.
    """

    values: Mapping[str, Found] = field(default_factory=dict)
    credits: float = 0.0
    known_by: frozenset[str] = field(default=frozenset(), compare=False, repr=False)


@dataclass(frozen=True)
class NoMatch:
    """The provider does not know this person."""

    credits: float = 0.0


@dataclass(frozen=True)
class Suppressed:
    """This person asked the provider not to process their data; we must not do it either."""

    credits: float = 0.0


@dataclass(frozen=True)
class Pending:
    """The provider is still searching; ask again in ``retry_after`` seconds."""

    retry_after: float
    credits: float = 0.0


@dataclass(frozen=True)
class Ticket:
    """The provider has taken the contact and answers later, to whoever asks for what came of it (``AnswersLater``).

    ``submission``: what the provider calls all that it was sent in one call. ``contact_id``: the id under which the
    contact was sent, which the provider repeats. ``wait``: seconds after which an answer can be expected.
    ``credits``: what the lookup costs at most; what it did cost comes with the answer.
    """

    submission: str
    contact_id: str
    wait: float
    credits: float = 0.0


Outcome = Match | NoMatch | Suppressed | Pending | Ticket


@dataclass(frozen=True)
class Limit:
    """At most ``calls`` calls (not contacts) in ``seconds`` seconds."""

    calls: int
    seconds: float


@dataclass(frozen=True)
class Terms:
    """The terms on which a provider answers.

    ``batch_size``: contacts in a call, at most. ``parallel``: calls at the same time, at most.
    ``credits``: what one lookup costs at most, in the vendor's own credits. ``limits``: what the
    vendor allows, over all workers. ``needs_key``: it answers nobody without an API key.
    ``is_local``: it calls nobody, or only what is public and free (DNS), and for some seconds at most; so it
    needs no ledger, no limits and no price.
    """

    batch_size: int = 100
    parallel: int = 1
    credits: float = 0.0
    limits: tuple[Limit, ...] = ()
    needs_key: bool = True
    is_local: bool = False


#: Sets of fields. All fields of any one set are enough to ask a provider for a person.
Needs = tuple[frozenset[str], ...]


def any_of(*fields: str) -> Needs:
    """Each of these fields is enough alone."""
    return tuple(frozenset({name}) for name in fields)


def name_with(*fields: str) -> Needs:
    """A name, in one field or in two, is enough together with any one of these fields."""
    names = ({"full_name"}, {"first_name", "last_name"})
    return tuple(frozenset({*name, other}) for name in names for other in fields)


def meets(contact: Contact, needs: Needs) -> bool:
    """Whether what is known of a contact is enough."""
    return any(need <= contact.known.keys() for need in needs)


class Provider(Protocol):
    """A source of contact data."""

    #: What the job options, the status and the source of a value call it.
    name: str
    #: The fields that it can fill.
    fields: frozenset[str]
    terms: Terms

    def identifies(self, contact: Contact) -> bool:
        """Whether what is known of the contact is enough to ask for it."""

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """Ask for contacts in one call: one outcome for each, in their order.

        ``contacts``: from 1 to ``terms.batch_size``, each of which ``identifies`` accepts; the waterfall
        asks for no others. ``wanted``: the fields that are missing. Local providers save work with it;
        remote ones return everything they learn, because the answer is kept for other jobs too.

        Answers are matched to contacts by what the vendor echoes or by identity, never by position
        alone; what cannot be matched is NoMatch. Raises a ProviderError for what concerns the whole call.
        """


@runtime_checkable
class AnswersLater(Provider, Protocol):
    """A provider whose ``enrich`` submits contacts: it gives tickets, and ``collect`` the answers to them."""

    #: What the provider allows for calls of ``collect``; ``terms.limits`` are those of ``enrich``.
    collecting: tuple[Limit, ...]

    def collect(self, submission: str, contacts: Mapping[str, Contact]) -> Mapping[str, Outcome]:
        """What came of contacts of one submission, by the id under which each was sent. Who is still looked for
        is left out. Costs nothing, and can be repeated.

        ``contacts``: those whose answers are missing, by their ids; perhaps not all of the submission.
        Answers are matched by these ids, never by position. Raises a ProviderError for what concerns the whole
        call: RefusedError where the provider does not know the submission, OutOfCreditsError where it looked for none
        of these people, for lack of credits, and never will.
        """


@runtime_checkable
class Informed(Provider, Protocol):
    """A provider that works better if it knows what the list as a whole tells."""

    def informed(self, facts: ListFacts) -> Provider:
        """The same provider with this knowledge."""
