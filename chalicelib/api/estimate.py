"""Estimates what a job would cost at most (POST /process with ``estimate``); nobody is asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from chalicelib.api.sampling import Sample, StoredList
from chalicelib.files.column_map import map_columns
from chalicelib.files.rows import ColumnMap, parse_row
from chalicelib.identity.fingerprint import fingerprint
from chalicelib.lookups.known import further_of, sort_out
from chalicelib.lookups.ledger import Book
from chalicelib.lookups.waterfall import wanted_of
from chalicelib.model.clock import DAY
from chalicelib.model.contacts import Contact
from chalicelib.model.layout import Layout
from chalicelib.model.options import Options
from chalicelib.providers.base import Provider
from chalicelib.services import Services

#: An estimate ends within 10 s: the row or look-up that is under way may take a second. What was not
#: counted until then is extrapolated.
MAX_SECONDS = 9
#: Of these for reading, where there is something to look up as well.
_READING_SECONDS = 5
#: Sets of keys of JSON objects whose columns are kept.
_KEY_SETS = 256
#: People that the ledger is asked about at a time: one call of DynamoDB.
_LOOKED_UP_AT_ONCE = 100


@dataclass
class _People:
    """The people in the rows read so far, by fingerprint; and by provider those it may be asked for, with their
    further identifiers.
    """

    everybody: set[str] = field(default_factory=set)
    to_ask: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)


def estimate(
    services: Services, owner: str, source: StoredList, options: Options
) -> dict[str, Any]:
    """The lookups and credits of a job at most: as if every provider but the last found nobody.

    Where not all was counted in time, ``complete`` is false and the numbers are extrapolated.
    UnreadableInputError if the list cannot be read, NotReadyError if it does not come in time.
    """
    end = services.clock() + MAX_SECONDS
    vendors = _vendors(services, options)
    until = end - MAX_SECONDS + _READING_SECONDS if vendors else end
    sample = Sample(source, options.sample, services.clock, until)
    people = _read_people(sample, source, options, vendors)
    contacts = sample.expected_rows()
    scale = contacts / max(sample.rows, 1)
    parts = []
    for number, vendor in enumerate(vendors):
        now = services.clock()
        until = now + (end - now) / (len(vendors) - number)
        book = Book(owner, vendor.name)
        looked_up = _look_up(services, book, people.to_ask[vendor.name], options, until)
        parts.append(_provider_part(vendor, len(people.to_ask[vendor.name]), *looked_up, scale))
    total = round(sum((part["credits_at_most"] for part in parts), 0.0), 6)
    if options.max_credits is not None:
        total = min(total, options.max_credits)
    all_looked_up = all(
        part["people_looked_up"] == len(people.to_ask[part["name"]]) for part in parts
    )
    return {
        "contacts": contacts,
        "contacts_read": sample.rows,
        "people": round(len(people.everybody) * scale),
        "complete": sample.complete and all_looked_up,
        "providers": parts,
        "credits_at_most": total,
    }


def _vendors(services: Services, options: Options) -> list[Provider]:
    """The job's providers that are paid for, in its order."""
    providers = map(services.providers.create, options.providers)
    return [provider for provider in providers if not provider.terms.is_local]


def _read_people(
    sample: Sample, source: StoredList, options: Options, vendors: Sequence[Provider]
) -> _People:
    people = _People(to_ask={vendor.name: {} for vendor in vendors})
    # A CSV file has one set of columns, a JSON file as many as there are sets of keys.
    column_map = lru_cache(_KEY_SETS)(partial(_column_map, source.layout, options))
    for row in sample:
        columns = tuple(row) if isinstance(row, dict) else source.layout.columns
        country = options.default_country
        contact = parse_row(row, columns, column_map(columns), country).contact
        if contact is not None:
            _add_person(people, contact, options, vendors)
    return people


def _column_map(layout: Layout, options: Options, columns: tuple[str, ...]) -> ColumnMap:
    """Which of these columns hold which field; JSON objects have other keys than those before."""
    if columns == layout.columns:
        return layout.fields
    place = {name: at for at, name in enumerate(columns)}
    if not place.keys() <= set(layout.columns):
        return map_columns(columns, options.mapping)
    named = {field: [layout.columns[at] for at in found] for field, found in layout.fields.items()}
    return {field: [place[n] for n in names if n in place] for field, names in named.items()}


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
            people.to_ask[vendor.name][person] = further_of(vendor, contact.known)


def _provider_part(
    vendor: Provider, people: int, looked_up: int, answered: int, scale: float
) -> dict[str, Any]:
    expected = round(people * scale)
    cached = expected * answered // max(looked_up, 1)
    return {
        "name": vendor.name,
        "people": expected,
        "people_looked_up": looked_up,
        "cached": cached,
        "lookups_at_most": expected - cached,
        "credits_at_most": round((expected - cached) * vendor.terms.credits, 6),
    }


def _look_up(
    services: Services,
    book: Book,
    people: Mapping[str, frozenset[str]],
    options: Options,
    until: float,
) -> tuple[int, int]:
    """How many people were looked up in the ledger until a time, and for how many there is an answer.

    In the order of their fingerprints, which are hashes: those looked up are like the others.
    """
    since = services.clock() - options.cache_days * DAY
    ordered, answered = sorted(people), 0
    for start in range(0, len(ordered), _LOOKED_UP_AT_ONCE):
        if start and services.clock() > until:
            return start, answered
        part = ordered[start : start + _LOOKED_UP_AT_ONCE]
        entries = services.ledger.get(book, part)
        sought = {person: people[person] for person in part}
        known = sort_out(sought, entries, job_id="", since=since, now=services.clock())
        answered += len(known.answered)
    return len(ordered), answered
