"""What the offline provider makes of a whole list, against what is true in it."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from chalicelib.files.column_map import map_columns
from chalicelib.files.rows import cells_of, parse_row
from chalicelib.identity.email_patterns import PATTERNS
from chalicelib.identity.list_facts import TELLING, Gathering, company_key
from chalicelib.providers.base import Found, Match
from chalicelib.providers.colleagues import COMPANY_GUESS
from chalicelib.providers.offline import OfflineProvider

EXAMPLE = Path(__file__).parents[3] / "examples" / "contacts.csv"
TRUTH = Path(__file__).with_name("example_truth.csv")
WANTED = frozenset({"email", "company", "email_status"})


def found_in(columns: Sequence[str], rows: Sequence[list[str]]) -> Iterator[Mapping[str, Found]]:
    """What is filled into each row of a list, by field."""
    fields = map_columns(columns)
    gathering = Gathering()
    for row in rows:
        told_by = {name: fields[name] for name in TELLING if name in fields}
        gathering.add(cells_of(row, columns, told_by))
    provider = OfflineProvider().informed(gathering.facts())
    for row in rows:
        contact = parse_row(row, columns, fields).contact
        outcomes = provider.enrich([contact], WANTED) if contact else [None]
        yield outcomes[0].values if isinstance(outcomes[0], Match) else {}


def test_the_example_gets_what_its_companies_tell_and_nothing_wrong():
    with EXAMPLE.open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    with TRUTH.open(encoding="utf-8", newline="") as file:
        truth = {int(row["row"]): row for row in csv.DictReader(file)}
    emails = companies = 0
    for number, found in enumerate(found_in(columns, rows), 1):
        if "email" in found:
            assert found["email"].value == truth[number]["email"], number
            assert found["email_status"].value == "guessed"
            emails += 1
        if "company" in found and found["company"].confidence > COMPANY_GUESS:
            told, true = found["company"].value, truth[number]["company"]
            assert company_key(told) == company_key(true), number
            companies += 1
    assert emails >= 60
    assert companies >= 100


@dataclass(frozen=True)
class Person:
    """Whom an invented list is about, and the address that is theirs."""

    name: str
    company: str
    email: str


#: How many of a hundred companies have how many of a hundred people whose address is not made by the usual pattern,
#: but mostly by another one. With these, one colleague's pattern is right in six of ten cases, as was measured.
HABITS = ((25, 4), (25, 20), (30, 55), (20, 80))
PRIOR = {
    "first.last": 51,
    "flast": 16,
    "first": 7,
    "last": 5,
    "f.last": 3,
    "firstl": 3,
    "first_last": 2,
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def invented(people: int, seed: int) -> list[Person]:
    """People at companies of one to fifteen, most of which make addresses by one pattern."""
    chance, made = random.Random(seed), []
    while len(made) < people:
        company = f"Company {len(made)}"
        habit = chance.choices([odd for _, odd in HABITS], [weight for weight, _ in HABITS])[0]
        usual = chance.choices([*PRIOR], [*PRIOR.values()])[0]
        for _ in range(chance.randint(1, 15)):
            first, last = (
                chance.choice(LETTERS).upper() + "".join(chance.choices(LETTERS, k=6)) for _ in "12"
            )
            local = PATTERNS[usual](first.lower(), last.lower())
            if chance.random() * 100 < habit:
                other = chance.choice([*PATTERNS])
                local = PATTERNS[other](first.lower(), last.lower()) + chance.choice(["", "", "2"])
            domain = f"c{company.removeprefix('Company ')}.example.org"
            made.append(Person(f"{first} {last}", company, f"{local}@{domain}"))
    return made


@pytest.mark.parametrize("seed", [1, 2])
def test_a_confidence_is_at_most_how_often_the_value_is_right(seed):
    people, chance = invented(20_000, seed), random.Random(seed)
    rows = [[p.name, p.company, p.email if chance.random() < 0.6 else ""] for p in people]
    right: dict[float, list[bool]] = defaultdict(list)
    for person, found in zip(people, found_in(["Name", "Company", "Email"], rows), strict=True):
        if "email" in found:
            right[found["email"].confidence].append(found["email"].value == person.email)
    assert sum(map(len, right.values())) > 2_000
    for confidence, cases in right.items():
        # Three standard deviations of a share of so many cases.
        margin = 3 * (confidence * (1 - confidence) / len(cases)) ** 0.5
        assert sum(cases) / len(cases) > confidence - margin, (confidence, len(cases))
