"""First floor: what a data provider is. Contacts go in, one outcome per contact comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.model.contacts import Contact


@dataclass(frozen=True)
class Found:
    """A value for one field and how sure the provider is of it, from 0 to 1."""

    value: str
    confidence: float


@dataclass(frozen=True)
class Match:
    """The provider knows something of this person. ``credits``: what it charged for that."""

    values: Mapping[str, Found] = field(default_factory=dict)
    credits: float = 0.0


@dataclass(frozen=True)
class NoMatch:
    """The provider knows nothing of this person, or could not be asked with what is known."""

    credits: float = 0.0


@dataclass(frozen=True)
class Suppressed:
    """This person asked the provider not to be processed; neither may we."""

    credits: float = 0.0


@dataclass(frozen=True)
class Pending:
    """The provider is still looking; the same question may be asked again in so many seconds."""

    retry_after: float
    credits: float = 0.0


Outcome = Match | NoMatch | Suppressed | Pending


@dataclass(frozen=True)
class Limit:
    """At most so many calls (not contacts) in so many seconds."""

    calls: int
    seconds: float


@dataclass(frozen=True)
class Terms:
    """On what terms a provider answers.

    ``batch_size``: contacts in a call, at most. ``parallel``: calls at the same time, at most.
    ``credits``: what one lookup costs at most, in the vendor's own credits. ``limits``: what the
    vendor allows, over all workers. ``needs_key``: it answers nobody without an API key.
    ``is_local``: nobody is asked: no ledger, no limits, no price.
    """

    batch_size: int = 100
    parallel: int = 1
    credits: float = 0.0
    limits: tuple[Limit, ...] = ()
    needs_key: bool = True
    is_local: bool = False


class Provider(Protocol):
    """A source of contact data."""

    #: What the job options, the status and the source of a value call it.
    name: str
    #: The fields it can fill.
    fields: frozenset[str]
    terms: Terms

    def identifies(self, contact: Contact) -> bool:
        """Whether what is known of the contact is enough to ask for it."""

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call: at most ``terms.batch_size`` contacts, one outcome each, in their order.

        Answers are matched to contacts by what the vendor echoes or by identity, never by position
        alone; what cannot be matched is NoMatch. ``wanted`` spares local providers work; remote ones
        return all that they were told, since the answer is kept for other jobs as well.

        Raises a ProviderError for what concerns the whole call.
        """
