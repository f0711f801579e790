"""What vendors share that are asked for a person's e-mail by name and company: the rows that tests ask with."""

from __future__ import annotations

from itertools import count

from tests.vendors import people
from tests.vendors.people import Asked
from tests.vendors.vendor import Vendor


class Finder(Vendor):
    """A vendor that takes a name with a company's domain."""

    def rows(self, known: bool = True, number: int = 1) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        for n in count():
            first, last = people.FIRST[n % len(people.FIRST)], people.LAST[n % len(people.LAST)]
            row = {"first_name": first, "last_name": last, "company_domain": f"larkspur{n}.com"}
            asked = Asked(first=first, last=last, domain=row["company_domain"])
            if people.knows(self.name, asked.identity, self.coverage) == known:
                found.append(row)
            if len(found) == number:
                break
        return found
