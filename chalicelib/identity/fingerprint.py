"""Ground floor, identity: the fingerprint of a person. What is known goes in, a hash comes out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

#: What identifies a person by itself, surest first. Of what is known the first counts, so that rows
#: with one address are one person, whatever else they say.
_STRONG = ("email", "linkedin_url", "phone")
#: What identifies a person together, where there is nothing stronger.
_WEAK = (
    *("full_name", "first_name", "last_name", "company_domain", "company", "city", "region"),
    "country",
)


def fingerprint(known: Mapping[str, str]) -> str:
    """The same for the same person, however the row was written; tells nobody who it is.

    ``known``: canonical values by field (Contact.known).
    """
    for name in _STRONG:
        if name in known:
            return _hash(f"{name}:{known[name].casefold()}")
    parts = [
        f"{name}:{' '.join(known[name].casefold().split())}" for name in _WEAK if name in known
    ]
    return _hash("|".join(parts))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
