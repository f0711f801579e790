"""Second floor: what a job would cost at most. A list goes in, lookups and credits per provider come out;
nothing is stored, nobody is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import islice
from typing import Any

from chalicelib.files.readers import read_rows
from chalicelib.files.rows import parse_row
from chalicelib.identity.fingerprint import fingerprint
from chalicelib.lookups.ledger import Entry
from chalicelib.lookups.waterfall import wanted_of
from chalicelib.model.contacts import Contact, map_columns
from chalicelib.model.layout import Layout
from chalicelib.model.options import Options
from chalicelib.providers.base import Pending, Provider
from chalicelib.services import Services

#: The API has 29 seconds; a list that takes longer is estimated by the part that was read.
MAX_SECONDS = 12
_KEY_SETS = 256
_DAY = 24 * 3600


@dataclass
class _Bill:
    """One provider's part. ``people``: those whom it may be asked for, by fingerprint."""

    provider: Provider
    is_first: bool
    people: set[str] = field(default_factory=set)


def estimate(
    services: Services, chunks: Iterable[bytes], layout: Layout, options: Options
) -> dict[str, Any]:
    """The most that a job over the list could cost: as if every provider but the last found nothing."""
    end = services.clock() + MAX_SECONDS
    bills = _bills(services, options)
    people: set[str] = set()
    rows = read_rows(chunks, layout)
    # Of a CSV file there is one, of JSON objects as many as there are sets of keys.
    column_map = lru_cache(_KEY_SETS)(partial(map_columns, mapping=options.mapping))
    count, complete = 0, True
    for row in islice(rows, options.sample or None):
        count += 1
        columns = tuple(row) if isinstance(row, dict) else layout.columns
        contact = parse_row(row, columns, column_map(columns)).contact
        if contact is not None:
            each = fingerprint(contact.known)
            people.add(each)
            for bill in bills:
                if _may_be_asked(bill, contact, options):
                    bill.people.add(each)
        if services.clock() > end:
            complete = next(rows, None) is None
            break
    parts = [_part(services, bill, options) for bill in bills]
    total = round(sum((part["credits_at_most"] for part in parts), 0.0), 6)
    if options.max_credits is not None:
        total = min(total, options.max_credits)
    return {
        "contacts": count,
        "people": len(people),
        "complete": complete,
        "providers": parts,
        "credits_at_most": total,
    }


def _bills(services: Services, options: Options) -> list[_Bill]:
    providers = map(services.providers.create, options.providers)
    vendors = [provider for provider in providers if not provider.terms.is_local]
    return [_Bill(vendor, place == 0) for place, vendor in enumerate(vendors)]


def _may_be_asked(bill: _Bill, contact: Contact, options: Options) -> bool:
    """What the first provider is asked for shows already; the next may learn from those before."""
    if wanted_of(bill.provider, options) <= contact.known.keys():
        return False
    return not bill.is_first or bill.provider.identifies(contact)


def _part(services: Services, bill: _Bill, options: Options) -> dict[str, Any]:
    since = services.clock() - options.cache_days * _DAY
    entries = services.ledger.read(bill.provider.name, sorted(bill.people))
    cached = sum(_is_answer(entry, since) for entry in entries.values())
    lookups = len(bill.people) - cached
    return {
        "name": bill.provider.name,
        "people": len(bill.people),
        "cached": cached,
        "lookups_at_most": lookups,
        "credits_at_most": round(lookups * bill.provider.terms.credits, 6),
    }


def _is_answer(entry: Entry, since: float) -> bool:
    answered = entry.outcome is not None and not isinstance(entry.outcome, Pending)
    return answered and entry.answered_at > since
