"""First floor: what a data provider is. Contacts go in, one outcome per contact comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.contacts import Contact


@dataclass(frozen=True)
class Found:
    """A value for one field and how sure the provider is of it, from 0 to 1."""

    value: str
    confidence: float


@dataclass(frozen=True)
class Match:
    """The provider knows something of this person."""

    values: Mapping[str, Found] = field(default_factory=dict)
    credits: float = 0.0


@dataclass(frozen=True)
class NoMatch:
    """The provider knows nothing of this person."""

    credits: float = 0.0


Outcome = Match | NoMatch


class Provider(Protocol):
    """A source of contact data."""

    #: What the job options, the status and the source of a value call it.
    name: str
    #: The fields it can fill.
    fields: frozenset[str]

    def identifies(self, contact: Contact) -> bool:
        """Whether what is known of the contact is enough to ask for it."""

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One outcome per contact, in their order. ``wanted``: the fields the job asks for."""
