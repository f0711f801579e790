"""Whether the bill is right after a soak: the vendors' accounts, the ledger and the jobs' statuses in, what
does not fit together out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.aws.table import Table
from chalicelib.aws.vault import Vault
from chalicelib.identity.fingerprint import fingerprint
from chalicelib.lookups.ledger import Book, Entry, Ledger
from tests.benchmarks.soak_jobs import Plan
from tests.vendors.server import VendorServer

#: What a lookup of somebody whom the vendor knows costs, at most.
PRICES = {"pdl": 1.0, "hunter": 2.0, "apollo": 1.0}


@dataclass
class Books:
    """``twice``: lookups after a person's first; ``uncertain``: those that statuses tell of."""

    problems: list[str] = field(default_factory=list)
    lookups: int = 0
    billed: int = 0
    twice: int = 0
    uncertain: int = 0


#: What the ledger holds, by vendor and person.
Entries = Mapping[tuple[str, str], Entry]


def audit(
    stack: Any, vendors: VendorServer, jobs: Iterable[tuple[Plan, Mapping[str, Any]]]
) -> Books:
    """``jobs``: those that have ended, each with its last status."""
    books, entries, jobs = Books(), read_ledger(stack, vendors), list(jobs)
    for vendor in PRICES:
        _each_person(books, vendors, vendor, entries)
    _each_job(books, entries, [status for _, status in jobs])
    _each_cap(books, vendors, jobs)
    return books


def read_ledger(stack: Any, vendors: VendorServer) -> Entries:
    """Of all whom the vendors looked up."""
    table = Table(stack.client("dynamodb"), stack.variables["DYNAMO_TABLE_NAME"])
    arn = stack.variables["LEDGER_SECRET_ARN"]
    secret = stack.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    ledger = Ledger(table, Vault(lambda: secret))
    entries = {}
    for vendor in PRICES:
        people = {fingerprint({"email": p}): p for p in vendors[vendor].account.lookups}
        for found, entry in ledger.get(Book("local", vendor), list(people)).items():
            entries[vendor, people[found]] = entry
    return entries


def _each_person(books: Books, vendors: VendorServer, vendor: str, entries: Entries) -> None:
    """Nobody was looked up more often than the ledger knows of."""
    account = vendors[vendor].account
    books.lookups += sum(account.lookups.values())
    books.billed += sum(account.billed.values())
    for person, times in account.lookups.items():
        books.twice += times - 1
        entry = entries.get((vendor, person))
        if entry is None:
            books.problems.append(f"{vendor} looked {person} up, of which the ledger knows nothing")
        elif times - 1 > entry.uncertain:
            again = f"{times} times, {entry.uncertain} of them uncertain"
            books.problems.append(f"{vendor} looked {person} up {again}")


def _each_job(books: Books, entries: Entries, statuses: Iterable[Mapping[str, Any]]) -> None:
    """The status of a job tells of all that the ledger holds in its name."""
    held: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (vendor, _), entry in entries.items():
        if entry.outcome is not None:
            held[entry.job_id, vendor].update(lookups=1, uncertain=entry.uncertain)
    for status in statuses:
        uses = [use for use in status["providers"] if use["name"] in PRICES]
        books.uncertain += sum(use["uncertain"] for use in uses)
        for use in uses if status["status"] == "COMPLETED" else []:
            told = Counter({name: use[name] for name in ("lookups", "uncertain")})
            wanted = held[status["id"], use["name"]]
            if told != wanted:
                books.problems.append(
                    f"job {status['id']}: {use['name']} {dict(told)}, in the ledger {dict(wanted)}"
                )


def _each_cap(
    books: Books, vendors: VendorServer, jobs: Iterable[tuple[Plan, Mapping[str, Any]]]
) -> None:
    """No job cost more than it may, by its own account and by the vendors'."""
    spent: defaultdict[str, float] = defaultdict(float)
    for vendor, price in PRICES.items():
        for person, times in vendors[vendor].account.billed.items():
            spent[department_of(person)] += times * price
    for plan, status in jobs:
        if plan.max_credits is None:
            continue
        own = sum(use["credits"] for use in status["providers"])
        theirs = spent[plan.department]
        if max(own, theirs) > plan.max_credits:
            books.problems.append(
                f"job {status['id']}: {own} credits by its status, {theirs} by the vendors, of "
                f"{plan.max_credits}"
            )


def department_of(person: str) -> str:
    """``"person.7@capped3x7.example.org"`` → ``"capped3x"``."""
    return person.partition("@")[2].partition(".")[0].rstrip("0123456789")
