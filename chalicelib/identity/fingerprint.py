"""Hashes what identifies a person, so that the same person is recognised in every list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

#: Fields that identify a person alone, most certain first. Only the first one that is known counts, so
#: that rows with the same address are the same person, whatever else they say.
STRONG = ("email", "linkedin_url", "phone")
#: Fields that identify a person together, where no strong one is known.
_WEAK = (
    *("full_name", "first_name", "last_name", "company_domain", "company", "city", "region"),
    "country",
)


def fingerprint(known: Mapping[str, str]) -> str:
    """Equal for the same person, however the row was written; it does not tell who it is.

    ``known``: canonical values by field (Contact.known).
    """
    for name in STRONG:
        if name in known:
            return _hash([name, known[name].casefold()])
    return _hash(
        *([name, " ".join(known[name].casefold().split())] for name in _WEAK if name in known)
    )


def _hash(*fields: list[str]) -> str:
    """As JSON no value can look like another field, whatever signs it has."""
    return hashlib.sha256(json.dumps(fields).encode("ascii")).hexdigest()
