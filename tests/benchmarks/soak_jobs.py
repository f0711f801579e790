"""The jobs of the soak: a seed and a number in, a list with its options out; and what a job's file must
be: the file and the job's last status in, what is wrong out.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from itertools import zip_longest
from random import Random
from typing import Any

COLUMNS = ("Number", "Name", "Email")
KINDS = ("matched", "partial", "not_found", "invalid", "failed", "skipped")
PROVIDERS = ("pdl", "pdl", "pdl,offline", "pdl,offline", "hunter", "apollo", "offline")
MOST_ROWS = 3_000
#: A vendor that takes one contact a call gets no longer lists: a batch of them takes seconds.
MOST_ONE_BY_ONE = 300
#: Nor does the slow vendor: batches queue before it, ten seconds' calls each.
MOST_BEFORE_THE_SLOW = 300
SLOW = "apollo"
SLOW_CALLS_PER_MINUTE = 60
#: Lists begin so many people after the last one's, give or take more than that: they overlap.
_STEP, _BACK = 150, 600


@dataclass(frozen=True)
class Plan:
    """One job. ``department``: whose people are on the list; those of a job with a cap are on no other
    list, so that what a vendor billed for them is what it billed for the job.
    """

    number: int
    rows: tuple[tuple[str, str, str], ...]
    department: str
    providers: str
    output: str
    max_credits: int | None

    @property
    def query(self) -> dict[str, str]:
        options = {"providers": self.providers, "output": self.output}
        if self.max_credits is not None:
            options["max_credits"] = str(self.max_credits)
        return options

    @property
    def body(self) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([COLUMNS, *self.rows])
        return text.getvalue().encode()


def plan_of(seed: int, number: int) -> Plan:
    """The same for the same seed and number."""
    random = Random(f"{seed} {number}")
    providers = random.choice(PROVIDERS)
    most = {"hunter": MOST_ONE_BY_ONE, SLOW: MOST_BEFORE_THE_SLOW}.get(providers, MOST_ROWS)
    count = size_of(random, most)
    capped = providers != "offline" and random.random() < 0.2
    department = f"capped{number}x" if capped else "shared"
    first = max(number * _STEP - random.randrange(_BACK), 0)
    people = [first + n for n in range(count)]
    for _ in range(count // 10):  # twice on the list
        people[random.randrange(count)] = random.choice(people)
    return Plan(
        number=number,
        rows=tuple(_row(n, person, department, random) for n, person in enumerate(people)),
        department=department,
        providers=providers,
        output=random.choice(("csv", "csv", "jsonl")),
        max_credits=random.randrange(1, count + 2) if capped else None,
    )


def size_of(random: Random, most: int) -> int:
    """1 to ``most`` rows, each magnitude as often as any other: most lists are small."""
    return min(int(most ** random.random() * 1.02), most)


def address(department: str, person: int) -> str:
    return f"person.{person}@{department}{person % 50}.example.org"


def _row(n: int, person: int, department: str, random: Random) -> tuple[str, str, str]:
    if random.random() < 0.005:  # of nobody
        return str(n), "", ""
    email = address(department, person)
    return str(n), f"Person, the {person}th", email.upper() if random.random() < 0.1 else email


def wrong_with(plan: Plan, status: dict[str, Any], content: bytes) -> list[str]:
    """What is wrong with a job's file: a row lost, twice, out of order or changed; counts that are not
    the file's.
    """
    given, told = plan.rows, status["contacts"]
    rows = _csv(content) if plan.output == "csv" else _jsonl(content)
    pairs = enumerate(zip_longest(given, rows))
    differing = [n for n, (one, other) in pairs if one is None or not other or other[0] != one]
    counts = Counter(state for _, state in rows)
    problems = []
    if differing:
        problems.append(f"{len(differing)} rows differ, first that of number {differing[0]}")
    if counts != Counter({kind: told[kind] for kind in KINDS if told[kind]}):
        problems.append(f"the file has {dict(counts)}, the status {told}")
    if not told["total"] == told["processed"] == status["result"]["rows"] == len(given):
        problems.append(f"{len(given)} rows were given, the status tells {told}")
    if status["result"]["bytes"] != len(content):
        problems.append(f"{len(content)} bytes instead of {status['result']['bytes']}")
    return problems


def _csv(content: bytes) -> list[tuple[tuple[str, ...], str]]:
    lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [(tuple(line[name] for name in COLUMNS), line["enriched_status"]) for line in lines]


def _jsonl(content: bytes) -> list[tuple[tuple[str, ...], str]]:
    lines = [json.loads(line) for line in content.splitlines()]
    cells = [tuple(line["input"][name] for name in COLUMNS) for line in lines]
    return [(row, line["enriched"]["status"]) for row, line in zip(cells, lines, strict=True)]
