"""Holds what the declaration of a provider says, and the words that it may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.model.contacts import COLUMN_FIELDS
from chalicelib.providers.base import Needs, Terms
from chalicelib.providers.meanings import Meaning, Meanings

if TYPE_CHECKING:
    from jmespath.parser import ParsedResult  # type: ignore[import-untyped]

#: The fields of a contact that may be sent.
SENDABLE = frozenset(COLUMN_FIELDS)
#: The fields that may be found.
FINDABLE = SENDABLE | {"email_status"}
#: What an item may say about whom it is about: the contact's number in its batch, or one of these fields.
ECHOES = frozenset({"number", "email", "phone", "linkedin_url"})
METHODS = ("GET", "POST")

#: What statuses mean unless the declaration says otherwise. All others mean "unavailable".
USUAL_MEANINGS = {
    **{"200": Meaning.MATCH, "202": Meaning.PENDING, "404": Meaning.NO_MATCH},
    **{"401": Meaning.BAD_KEY, "402": Meaning.OUT_OF_CREDITS, "403": Meaning.BAD_KEY},
    **{"429": Meaning.THROTTLED, "451": Meaning.SUPPRESSED},
}


@dataclass(frozen=True)
class AnswerPaths:
    """Where the parts of an answer are, as JMESPath expressions.

    ``code``: the vendor's own error code. In each item: ``echo``, whom it is about; ``status``;
    ``fields``; ``score``, from 0 to ``scale``. ``confidence``: of items without a score.
    """

    items: ParsedResult | None
    code: ParsedResult | None
    echo: Mapping[str, ParsedResult]
    status: ParsedResult | None
    fields: Mapping[str, ParsedResult]
    confidence: float
    score: ParsedResult | None
    scale: float


@dataclass(frozen=True)
class Declaration:
    """A declared provider.

    ``base_url``: scheme, host and port; ``path`` is the rest of the URL. ``headers``, ``query``, ``body``
    and ``contact`` are templates (see ``templates``). ``retry_after``: the header with the seconds to wait.
    ``charged``: where an answer says what the whole call cost, if it does.
    """

    name: str
    base_url: str
    path: str
    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    contact: Any
    terms: Terms
    needs: Needs
    answer: AnswerPaths
    meanings: Meanings
    retry_after: str
    bills_misses: bool
    charged: ParsedResult | None
