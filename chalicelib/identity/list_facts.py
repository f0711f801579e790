"""Gathers what a list as a whole tells: the company behind a domain, the domain of a company, and how a company makes
its e-mail addresses. Counts of companies and domains alone, nothing about a person.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from functools import lru_cache

from chalicelib.identity.cells import is_placeholder, tidy
from chalicelib.identity.companies import employer_domain
from chalicelib.identity.company_names import without_legal_form
from chalicelib.identity.email_patterns import OTHER, local_part, may_tell, pattern_of
from chalicelib.identity.emails import parse_email
from chalicelib.identity.name_fields import NAMES, read_names
from chalicelib.identity.names import first_and_last

#: The fields that tell something.
TELLING = ("email", "company", "first_name", "last_name", "full_name")
#: Domains and companies that are kept, and different values of each: bounds for the memory of a long list.
MAX_KEYS, MAX_VALUES = 20_000, 12
#: Addresses of a domain whose pattern is looked for: more tell no more, and names take time to read.
_ENOUGH = 30
_CACHED_KEYS, _LONGEST_KEPT = 4096, 200  # companies, characters
#: How often an address made by the pattern of a company's known addresses is right, by how many are known: all of
#: them agree, or at least this share does. Measured on 6,453 addresses at 2,107 domains, each held out in turn
#: (git histories of OpenStack, DPDK and U-Boot). Between two counts the lower one holds.
_PATTERN_CONFIDENCE = (
    (1.0, (1, 2, 3, 5, 10), (0.60, 0.73, 0.77, 0.84, 0.89)),
    (0.8, (5, 10), (0.71, 0.77)),
    (0.6, (5,), (0.57,)),
)
#: The same for what colleagues say of their company: they rarely disagree, and then mostly in its spelling.
_COLLEAGUE_CONFIDENCE = (
    (1.0, (1, 2, 5), (0.80, 0.90, 0.95)),
    (0.8, (5,), (0.80,)),
)
_NOT_WORDS = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Best:
    """The commonest value, and how many of how many agree on it."""

    value: str
    agree: int
    of: int


@dataclass(frozen=True)
class ListFacts:
    """``companies``: by the domain of e-mails. ``domains``: of e-mails, by the company's key. ``patterns``: of addresses,
    by their domain. A domain is all that stands behind the "@": parts of a group share what is before it.
    """

    companies: Mapping[str, Best] = field(default_factory=dict)
    domains: Mapping[str, Best] = field(default_factory=dict)
    patterns: Mapping[str, Best] = field(default_factory=dict)

    def company_at(self, domain: str) -> tuple[str, float]:
        """The company of colleagues at an employer's domain, and the confidence; "" if they do not tell."""
        return _told(self.companies.get(domain), _COLLEAGUE_CONFIDENCE)

    def domain_of(self, company: str) -> tuple[str, float]:
        """The domain of the e-mails of those who work at a company; "" if they do not tell."""
        return _told(self.domains.get(company_key(company)), _COLLEAGUE_CONFIDENCE)

    def email_of(self, first: str, last: str, domain: str) -> tuple[str, float]:
        """The address that somebody has at a domain by the pattern of the known ones there; "" for none."""
        pattern, confidence = _told(self.patterns.get(domain), _PATTERN_CONFIDENCE)
        local = local_part(pattern, first, last) if pattern else ""
        return (f"{local}@{domain}", confidence) if local else ("", 0.0)

    def to_json(self) -> str:
        return json.dumps({kind: {k: astuple(b) for k, b in getattr(self, kind).items()}
                           for kind in ("companies", "domains", "patterns")}, separators=(",", ":"))  # fmt: skip

    @classmethod
    def from_json(cls, text: str | bytes) -> ListFacts:
        stored = json.loads(text)
        return cls(
            **{kind: {k: Best(*b) for k, b in bests.items()} for kind, bests in stored.items()}
        )


class Gathering:
    """What has been read of a list so far."""

    #: The fields whose cells count.
    fields = TELLING

    def __init__(self) -> None:
        self._companies: dict[str, Counter[str]] = {}
        self._domains: dict[str, Counter[str]] = {}
        self._patterns: dict[str, Counter[str]] = {}

    def add(self, cells: Mapping[str, str]) -> None:
        """Take in a row: its cells by field, of which those of TELLING count."""
        email = cells.get("email")
        local, _, domain = parse_email(email).value.rpartition("@") if email else ("", "", "")
        if not domain or not employer_domain(domain):
            return
        company = tidy(cells.get("company", ""))
        if company and not is_placeholder(company) and (key := company_key(company)):
            _count(self._companies, domain, company)
            _count(self._domains, key, domain)
        if (seen := self._patterns.get(domain)) is None or seen.total() < _ENOUGH:
            pattern = _pattern_in(cells, local)
            if pattern is not None:
                _count(self._patterns, domain, pattern)

    def facts(self) -> ListFacts:
        """What all of it tells."""
        return ListFacts(
            {domain: _company_of(counts) for domain, counts in self._companies.items()},
            {key: _best(counts) for key, counts in self._domains.items()},
            {d: b for d, counts in self._patterns.items() if (b := _best(counts)).value != OTHER},
        )


def _pattern_in(cells: Mapping[str, str], local: str) -> str | None:
    """The pattern of a row's address, as pattern_of."""
    names = {name: cells[name] for name in NAMES if name in cells}
    if not all(map(may_tell, names.values())):
        return None
    known = {name: cell.value for name, cell in read_names(names).items()}
    return pattern_of(*first_and_last(known), local)


def company_key(company: str) -> str:
    """What a company's spellings have in common: "ACME Tools, Inc." → "acme tools"."""
    return _key(company) if len(company) <= _LONGEST_KEPT else _key_of_any(company)


@lru_cache(_CACHED_KEYS)
def _key(company: str) -> str:
    return _key_of_any(company)


def _key_of_any(company: str) -> str:
    name = without_legal_form(company) or company
    return " ".join(_NOT_WORDS.sub(" ", name.replace(".", "").casefold()).split())


def _count(table: dict[str, Counter[str]], key: str, value: str) -> None:
    counts = table.get(key)
    if counts is None:
        if len(table) >= MAX_KEYS:
            return
        counts = table[key] = Counter()
    if value in counts or len(counts) < MAX_VALUES:
        counts[value] += 1
    else:
        counts[OTHER] += 1  # it disagrees with all that are kept


def _best(counts: Counter[str]) -> Best:
    value, agree = counts.most_common(1)[0]
    return Best(value, agree, counts.total())


def _company_of(counts: Counter[str]) -> Best:
    """The company that most colleagues name, in the spelling that most of these use."""
    keys: Counter[str] = Counter()
    for name, times in counts.items():
        keys[company_key(name)] += times
    best = _best(keys)
    spellings = Counter({n: times for n, times in counts.items() if company_key(n) == best.value})
    return Best(spellings.most_common(1)[0][0], best.agree, best.of)


_Table = tuple[tuple[float, tuple[int, ...], tuple[float, ...]], ...]


def _told(best: Best | None, table: _Table) -> tuple[str, float]:
    """The value and its confidence by a table; "" and 0 where too few agree."""
    if best is not None and best.value:
        share = best.agree / best.of
        for least, counts, confidences in table:
            place = bisect_right(counts, best.of)
            if share >= least and place:
                return best.value, confidences[place - 1]
    return "", 0.0
