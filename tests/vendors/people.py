"""Invented people: what a vendor is asked goes in, who it says that is comes out, always the same.

Nobody here exists: addresses at domains that are reserved (RFC 2606), phone numbers from the ranges
kept for fiction (555-01xx; Ofcom's and the Bundesnetzagentur's numbers for drama).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from urllib.parse import unquote

FIRST = ("Ada", "Bela", "Chidi", "Dora", "Emil", "Fatima", "Grace", "Hugo", "Ines", "Jonas")
LAST = ("Abara", "Brandt", "Castro", "Dvorak", "Eriksen", "Fontaine", "Gruber", "Haddad", "Ito")
TITLES = ("Head of Sales", "Software Engineer", "Chief Financial Officer", "Product Manager")
COMPANIES = ("Larkspur Tools", "Quillfern Labs", "Ninebark Foods", "Tamarack Freight")
DOMAINS = ("example.com", "example.net", "example.org")
#: City, region, country, its name; the start of a fictional number and how many digits are free.
PLACES = (
    ("Washington", "District of Columbia", "US", "United States", "+120255501", 2),
    ("London", "England", "GB", "United Kingdom", "+442079460", 3),
    ("Berlin", "Berlin", "DE", "Germany", "+493023125", 3),
)


@dataclass(frozen=True)
class Asked:
    """What a vendor was asked with; blank is unknown."""

    email: str = ""
    linkedin: str = ""
    phone: str = ""
    first: str = ""
    last: str = ""
    full: str = ""
    company: str = ""
    domain: str = ""

    @property
    def identity(self) -> str:
        """Who is meant, whatever else was sent along; "" if nobody can tell."""
        if self.email:
            return self.email.strip().lower()
        if self.linkedin:
            return "in/" + slug_of(self.linkedin)
        if self.phone:
            return "+" + re.sub(r"\D", "", self.phone)
        name = self.full or f"{self.first} {self.last}".strip()
        return f"{name}, {self.domain or self.company}".lower() if name else ""


@dataclass(frozen=True)
class Person:
    """Somebody a vendor knows. ``number``: a stable id; ``linkedin``: the end of the URL."""

    number: int
    first: str
    last: str
    email: str
    personal_email: str
    phone: str
    title: str
    company: str
    domain: str
    linkedin: str
    city: str
    region: str
    country: str
    country_name: str

    @property
    def full(self) -> str:
        return f"{self.first} {self.last}"


def invent(asked: Asked) -> Person:
    """The person that is meant: what was asked with is true of them, the rest is made up."""
    n = number_of(asked.identity)
    first, last = _name(asked, n)
    city, region, country, country_name, prefix, digits = PLACES[n % len(PLACES)]
    domain = asked.domain or asked.email.rpartition("@")[2] or DOMAINS[n % len(DOMAINS)]
    local = re.sub(r"[^a-z.]", "", f"{first}.{last}".lower())
    return Person(
        number=n,
        first=first,
        last=last,
        email=asked.email.strip().lower() or f"{local}.{n % 10_000}@{domain}",
        personal_email=f"{local}.{n % 10_000}@private.example.net",
        phone=asked.phone or f"{prefix}{n % 10**digits:0{digits}}",
        title=TITLES[n // 7 % len(TITLES)],
        company=asked.company or COMPANIES[n // 11 % len(COMPANIES)],
        domain=domain,
        linkedin=slug_of(asked.linkedin) or f"{local.replace('.', '-')}-{n % 10_000_000}",
        city=city,
        region=region,
        country=country,
        country_name=country_name,
    )


def knows(vendor: str, identity: str, coverage: float) -> bool:
    """Whether this vendor knows this person: of many, ``coverage`` (0 to 1) of them."""
    return number_of(f"{vendor} {identity}") % 10_000 < coverage * 10_000


def rows(vendor: str, known: bool, coverage: float = 0.7) -> Iterator[dict[str, str]]:
    """Endless rows for a contact list whom this vendor knows, or does not: e-mail and name."""
    for n in count():
        first, last = FIRST[n % len(FIRST)], LAST[n % len(LAST)]
        email = f"{first}.{last}.{n}@{DOMAINS[n % len(DOMAINS)]}".lower()
        if knows(vendor, email, coverage) == known:
            yield {"email": email, "first_name": first, "last_name": last}


def slug_of(linkedin: str) -> str:
    """``"https://www.linkedin.com/in/Jane-Doe/"`` → ``"jane-doe"``."""
    return unquote(linkedin).rstrip("/").rpartition("/")[2].lower()


def number_of(text: str) -> int:
    """A number that looks random and is always the same for this text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def _name(asked: Asked, n: int) -> tuple[str, str]:
    """As asked, else as the address has it (ada.abara.7@), else made up."""
    local = asked.email.partition("@")[0].split(".")
    words = [word.capitalize() for word in local if word.isalpha()]
    given = asked.full.split() or (words if len(words) > 1 else [])
    first = asked.first or (given[0] if given else "") or FIRST[n % len(FIRST)]
    last = asked.last or (given[-1] if len(given) > 1 else "") or LAST[n // 3 % len(LAST)]
    return first, last
