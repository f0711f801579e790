"""Erases a person from all that the caller has, and suppresses them from then on (POST /people/erase)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.aws.suppressions import Erasure, identifiers
from chalicelib.identity.cells import ParsedCell
from chalicelib.identity.emails import parse_email
from chalicelib.identity.fingerprint import STRONG
from chalicelib.identity.linkedin import parse_linkedin_url
from chalicelib.identity.phones import possible_phone
from chalicelib.lookups.ledger import Book
from chalicelib.model.errors import InvalidRequestError
from chalicelib.providers.base import Match
from chalicelib.services import Services
from chalicelib.steps.erase_person import erase_person

#: Seconds that a request searches jobs itself; what is left, the step EraseJob does.
SEARCH_SECONDS = 8
#: The most characters of an identifier.
_LONGEST = 2_000
_PARSERS: Mapping[str, Callable[[str], ParsedCell]] = {
    "email": parse_email,
    "linkedin_url": parse_linkedin_url,
    "phone": possible_phone,
}
_USAGE = (
    'Send at least one of "email", "phone" (with its country code: "+12025550123") and "linkedin_url", '
    "all of the same person."
)


def erase(services: Services, owner: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Put a person on the owner's suppression list, delete what the ledger holds of them, and erase the jobs
    that hold anything of them. InvalidRequestError for what identifies nobody.

    ``request``: ``email``, ``phone``, ``linkedin_url``, at least one. Returns ``erasure_id``; ``erased_jobs``, the
    ids of jobs that were erased at once; ``complete``: whether all jobs were searched.
    """
    known = _identity(request)
    people = identifiers(known)
    erasure = Erasure(
        id=uuid.uuid4().hex,
        owner=owner,
        people=frozenset(services.suppressions.hashed(owner, person) for person in people),
        answers=tuple(_answers(services, owner, people)),
        asked_at=services.clock(),
    )
    # In this order: nobody looks the person up again, and a request that breaks off is finished elsewhere.
    services.suppressions.add(erasure)
    services.workflow.start_erasure(erasure.id)
    search = erase_person(services, erasure, SEARCH_SECONDS)
    return {
        "erasure_id": erasure.id,
        "erased_jobs": search.erased,
        "complete": search.complete,
    }


def _identity(request: Mapping[str, Any]) -> dict[str, str]:
    """The canonical values of a request, by field; errors repeat none of them."""
    unknown = sorted(set(request) - set(STRONG))
    if unknown:
        raise InvalidRequestError(f'Unknown field "{unknown[0][:60]}". {_USAGE}')
    known = {}
    for name, text in request.items():
        is_text = isinstance(text, str) and 0 < len(text.strip()) <= _LONGEST
        parsed = _PARSERS[name](text.strip()) if is_text else ParsedCell(problem="not a text")
        if not parsed.value:
            raise InvalidRequestError(f"{name}: {parsed.problem or 'blank'}. {_USAGE}")
        known[name] = parsed.value
    if not known:
        raise InvalidRequestError(_USAGE)
    return known


def _answers(services: Services, owner: str, people: list[str]) -> list[str]:
    """The keys of the person's answers, also of those under an identifier that another answer names."""
    answers = []
    for provider in services.providers.names:
        book = Book(owner, provider)
        named = {
            other
            for entry in services.ledger.get(book, people).values()
            if isinstance(entry.outcome, Match)
            for other in identifiers({n: f.value for n, f in entry.outcome.values.items()})
        }
        answers += services.ledger.keys_of(book, {*people, *named})
    return answers
