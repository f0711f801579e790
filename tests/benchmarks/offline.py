"""CPU time that a contact takes without network: what its row is read as, what ``offline`` finds for it, and what is
gathered of the list beforehand. ``python tests/benchmarks/offline.py [another checkout]`` compares the two.

Each checkout has a process of its own. They take turns, 100 rows each, so that other work on the machine slows
both; and of each 100 rows the least of several rounds counts.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "contacts.csv"
COLUMNS = ("Full Name", "Email", "Phone", "Company", "Job Title", "Country", "LinkedIn", "Notes")
MAPPED = ("full_name", "email", "phone", "company", "title", "country", "linkedin_url")
_FIELDS = {field: (column,) for column, field in enumerate(MAPPED)}

ROUNDS, PARTS = 5, 4
ROWS, BATCH = 500, 100
_DIGITS = re.compile(r"\d(?=\D*\Z)")
_FIRST = ("Jane", "John", "Maria", "Peter", "Emily", "Lucas", "Anna", "Oliver", "Clara", "Victor")
_LAST = ("Doe", "Example", "Sample", "Miller", "Walker", "Fischer", "Rossi", "Novak", "Jensen")
_TITLES = ("Head of Sales", "Software Engineer", "Product Manager", "CEO", "Office Manager")
_AREAS = ("202", "212", "303", "312", "404", "415", "512", "617", "702", "206")

Rows = list[list[str]]
#: List and what was measured → seconds of each batch.
Times = dict[tuple[str, str], list[float]]
GATHERING, LAST = "gathering", ("plain", "default fields")
MEASURE = "--measure"


def lists() -> dict[str, list[Rows]]:
    """Name → batches, the first ``ROWS`` rows to warm up. The parts differ as those of a long list do: other people,
    other numbers, companies and titles that were seen before.
    """
    with EXAMPLE.open(encoding="utf-8-sig", newline="") as file:
        _, *example = csv.reader(file)
    found = {
        "example": [_varied(row, part) for part in range(PARTS + 1) for row in example[:ROWS]],
        "plain": [_plain(n) for n in range((PARTS + 1) * ROWS)],
    }
    return {
        n: [rows[at : at + BATCH] for at in range(0, len(rows), BATCH)] for n, rows in found.items()
    }


def _varied(row: list[str], part: int) -> list[str]:
    """The row of another person, where it is about one: with another last digit, and at another domain."""
    if len(row) != len(COLUMNS):
        return row
    email = row[1].replace("example.", f"example{part}.")
    return [row[0], email, _DIGITS.sub(str(part), row[2]), *row[3:]]


def _plain(n: int) -> list[str]:
    first, last = _FIRST[n % 10], f"{_LAST[n % 9]}{'abcdefghij'[n // 90 % 10]}"
    american = f"+1 {_AREAS[n // 200 % 10]} 555 01{n // 2 % 100:02}"
    country, phone = (
        ("United States", american) if n % 2 else ("Germany", f"+49 30 23125 {n % 1000:03}")
    )
    company = f"Example{'abcdefghij'[n % 10]}"
    email = f"{first}.{last}@{company}.example.org".lower() if n % 3 else ""
    profile = f"https://www.linkedin.com/in/{first}-{last}-{n}".lower()
    return [
        f"{first} {last}",
        email,
        phone,
        f"{company} Inc.",
        _TITLES[n % 5],
        country,
        profile,
        "",
    ]


def measurable(common: frozenset[str]) -> Iterator[tuple[str, Callable[[Rows], Any]]]:
    """What is measured of a list, by name, one after the other; runs in the process of a checkout."""
    # Of the checkout that is measured; this module itself knows none.
    from chalicelib.files import rows as reading
    from chalicelib.model import contacts
    from chalicelib.providers.offline import OfflineProvider

    provider: Any = OfflineProvider()
    if hasattr(provider, "informed"):
        from chalicelib.identity.list_facts import TELLING, Gathering

        told_by = {name: _FIELDS[name] for name in TELLING if name in _FIELDS}
        gathering = Gathering()
        yield (
            GATHERING,
            lambda rows: [gathering.add(reading.cells_of(r, COLUMNS, told_by)) for r in rows],
        )
        provider = provider.informed(gathering.facts())
    else:
        yield GATHERING, len

    def enrich(wanted: frozenset[str], rows: Rows) -> None:
        parsed = [reading.parse_row(row, COLUMNS, _FIELDS) for row in rows]
        provider.enrich([row.contact for row in parsed if row.contact], wanted)

    default: Sequence[str] = getattr(contacts, "DEFAULT_FIELDS", contacts.FIELDS)
    yield "fields of both", partial(enrich, common)
    yield "default fields", partial(enrich, frozenset(default))


def measure(common: frozenset[str]) -> None:
    """Measure one batch for each line of the input, and write what it took."""
    for name, batches in lists().items():
        for kind, work in measurable(common):
            for rows in batches:
                sys.stdin.readline()
                start = time.process_time()
                work(rows)
                print(json.dumps([name, kind, time.process_time() - start]), flush=True)


def one_round(roots: Sequence[Path], common: Sequence[str]) -> list[Times]:
    """Seconds of each batch, by checkout."""
    pipe = subprocess.PIPE
    commands = [[sys.executable, __file__, MEASURE, str(root), *common] for root in roots]
    running = [subprocess.Popen(c, stdin=pipe, stdout=pipe, text=True) for c in commands]
    found: list[Times] = [{} for _ in roots]
    while len(found[0].get(LAST, ())) < (PARTS + 1) * ROWS // BATCH:
        for process, times in zip(running, found, strict=True):
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            name, kind, seconds = json.loads(process.stdout.readline())
            times.setdefault((name, kind), []).append(seconds)
    for process in running:
        process.communicate()
    return found


def fields_of(root: Path) -> set[str]:
    code = "import json; from chalicelib.model.contacts import FIELDS; print(json.dumps(FIELDS))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True)
    return set(json.loads(answer.stdout))


def least_of(rounds: Sequence[Times]) -> dict[tuple[str, str], float]:
    """Microseconds of a row. The first part is left out: in it, libraries are loaded."""
    first, least = ROWS // BATCH, {}
    for name in rounds[0]:
        batches = zip(*(found[name][first:] for found in rounds), strict=True)
        least[name] = sum(map(min, batches)) / PARTS / ROWS * 1e6
    return least


def main(arguments: list[str]) -> None:
    if arguments[:1] == [MEASURE]:
        sys.path[0] = arguments[1]
        measure(frozenset(arguments[2:]))
        return
    roots = [ROOT, *(Path(name).resolve() for name in arguments)]
    common = sorted(set.intersection(*map(fields_of, roots)))
    rounds = [one_round(roots, common) for _ in range(ROUNDS)]
    here, *others = (least_of(times) for times in zip(*rounds, strict=True))
    for (name, kind), microseconds in here.items():
        line = f"{name + ', ' + kind:<24} {microseconds:6.0f} µs a row"
        if kind != GATHERING:
            line += "".join(
                f"{microseconds / o[name, kind]:8.2f} of {o[name, kind]:.0f} there" for o in others
            )
        print(line)


if __name__ == "__main__":
    main(sys.argv[1:])
