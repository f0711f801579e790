"""Estimates what a job would cost at most (POST /process with ``estimate``); nobody is asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import islice
from typing import Any

from chalicelib.files.readers import read_rows
from chalicelib.files.rows import Row, parse_row
from chalicelib.identity.fingerprint import fingerprint
from chalicelib.lookups.ledger import Entry
from chalicelib.lookups.waterfall import wanted_of
from chalicelib.model.clock import DAY
from chalicelib.model.contacts import Contact, map_columns
from chalicelib.model.layout import Layout
from chalicelib.model.options import Options
from chalicelib.providers.base import Pending, Provider
from chalicelib.services import Services

#: The API has 29 seconds. Of a list that takes longer, the part that was read is estimated.
MAX_SECONDS = 12
#: Sets of keys of JSON objects whose columns are kept.
_KEY_SETS = 256


@dataclass
class _People:
    """The people in the rows read so far, by fingerprint; and by provider those it may be asked for."""

    rows: int = 0
    complete: bool = True
    everybody: set[str] = field(default_factory=set)
    to_ask: dict[str, set[str]] = field(default_factory=dict)


def estimate(
    services: Services, chunks: Iterable[bytes], layout: Layout, options: Options
) -> dict[str, Any]:
    """The lookups and credits of a job at most: as if every provider but the last found nobody.

    ``chunks``: the bytes of the list as it is stored. UnreadableInputError if it cannot be read.
    """
    vendors = _vendors(services, options)
    people = _read_people(services, read_rows(chunks, layout), layout, options, vendors)
    parts = [
        _provider_part(services, vendor, people.to_ask[vendor.name], options) for vendor in vendors
    ]
    total = round(sum((part["credits_at_most"] for part in parts), 0.0), 6)
    if options.max_credits is not None:
        total = min(total, options.max_credits)
    return {
        "contacts": people.rows,
        "people": len(people.everybody),
        "complete": people.complete,
        "providers": parts,
        "credits_at_most": total,
    }


def _vendors(services: Services, options: Options) -> list[Provider]:
    """The job's providers that are paid for, in its order."""
    providers = map(services.providers.create, options.providers)
    return [provider for provider in providers if not provider.terms.is_local]


def _read_people(
    services: Services,
    rows: Iterator[Row],
    layout: Layout,
    options: Options,
    vendors: Sequence[Provider],
) -> _People:
    end = services.clock() + MAX_SECONDS
    people = _People(to_ask={vendor.name: set() for vendor in vendors})
    # A CSV file has one set of columns, a JSON file as many as there are sets of keys.
    column_map = lru_cache(_KEY_SETS)(partial(map_columns, mapping=options.mapping))
    for row in islice(rows, options.sample or None):
        people.rows += 1
        columns = tuple(row) if isinstance(row, dict) else layout.columns
        contact = parse_row(row, columns, column_map(columns)).contact
        if contact is not None:
            _add_person(people, contact, options, vendors)
        if services.clock() > end:
            people.complete = next(rows, None) is None
            break
    return people


def _add_person(
    people: _People, contact: Contact, options: Options, vendors: Sequence[Provider]
) -> None:
    person = fingerprint(contact.known)
    people.everybody.add(person)
    for vendor in vendors:
        lacks_field = not wanted_of(vendor, options) <= contact.known.keys()
        # A later provider may identify people by what an earlier one found.
        is_first = vendor is vendors[0]
        if lacks_field and (not is_first or vendor.identifies(contact)):
            people.to_ask[vendor.name].add(person)


def _provider_part(
    services: Services, vendor: Provider, people: set[str], options: Options
) -> dict[str, Any]:
    since = services.clock() - options.cache_days * DAY
    entries = services.ledger.get(vendor.name, sorted(people))
    cached = sum(_is_answer(entry, since) for entry in entries.values())
    lookups = len(people) - cached
    return {
        "name": vendor.name,
        "people": len(people),
        "cached": cached,
        "lookups_at_most": lookups,
        "credits_at_most": round(lookups * vendor.terms.credits, 6),
    }


def _is_answer(entry: Entry, since: float) -> bool:
    answered = entry.outcome is not None and not isinstance(entry.outcome, Pending)
    return answered and entry.answered_at > since
