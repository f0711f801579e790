"""First floor: what vendors say, made ours. Parts of an answer go in, canonical values come out.

Whatever JSON a vendor sends is fit for these functions; what is not usable is left out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from chalicelib.identity.cells import tidy
from chalicelib.identity.contact import parse_contact
from chalicelib.providers.base import Found

Json = Any

#: The one set of words for ``email_status``, and how sure one can be of each: a domain that takes
#: everything, or a server that does not answer, tells little of the mailbox.
EMAIL_STATUSES: Mapping[str, float] = {
    "valid": 1.0,
    "invalid": 1.0,
    "catch_all": 0.5,
    "unknown": 0.2,
    "spamtrap": 1.0,
    "abuse": 1.0,
    "do_not_mail": 1.0,
}
#: What vendors call them.
_OTHER_WORDS = {
    "accept_all": "catch_all",
    "catchall": "catch_all",
    "deliverable": "valid",
    "verified": "valid",
    "undeliverable": "invalid",
    "disposable": "do_not_mail",
    # Hunter: "comes from an email service provider such as Gmail"; the mailbox was not checked.
    "webmail": "unknown",
    "unverified": "unknown",
}

#: Where plans without contact data put something else: "J***", Apollo's
#: "email_not_unlocked@domain.com". A single asterisk may be a name's own ("A*STAR").
_MASKED = re.compile(
    r"\*{2}|[•●█]|not_unlocked|^(?:locked|hidden|masked|redacted|protected)$", re.IGNORECASE
)
#: In what people are reached by, less will do: "j*@acme.com", "+1 650 XXX" (which dials 999).
_MASKED_ADDRESS = re.compile(r"[*…]|(?<![a-z])x{3,}(?![a-z])", re.IGNORECASE)
_ADDRESSES = frozenset({"email", "phone", "linkedin_url"})
#: Nothing costs so much; a larger integer is no float.
_ABSURD = 1e9
_TOO_LONG = 500  # characters; no field holds prose


def canonical(told: Mapping[str, Json], confidence: float) -> dict[str, Found]:
    """The usable values of a vendor's words by field, each as sure as ``confidence``.

    Not usable are other types than text (PDL's free plan says ``true``), blanks, placeholders, masked
    values and what the readers of ``identity`` do not accept.
    """
    cells = {field: text for field, text in told.items() if isinstance(text, str)}
    shown = {f: t for f, t in cells.items() if len(t) <= _TOO_LONG and not is_masked(f, t)}
    return {field: Found(value, confidence) for field, value in parse_contact(shown).known.items()}


def is_masked(field: str, text: str) -> bool:
    """Whether a value only says that there is one."""
    masked = _MASKED.search(text) or (field in _ADDRESSES and _MASKED_ADDRESS.search(text))
    return bool(masked)


def email_status(told: Json) -> dict[str, Found]:
    """``"accept-all"`` → catch_all; empty for words of unknown meaning."""
    if not isinstance(told, str):
        return {}
    word = re.sub(r"[\s-]+", "_", tidy(told).lower())
    status = _OTHER_WORDS.get(word, word)
    sure = EMAIL_STATUSES.get(status)
    return {"email_status": Found(status, sure)} if sure else {}


def at(value: Json, *path: str) -> Json:
    """What lies at the end of the path of keys; None where there is no such thing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def share(told: Json, whole: float, otherwise: float) -> float:
    """A vendor's score from 0 to ``whole`` as a confidence from 0 to 1."""
    if isinstance(told, bool) or not isinstance(told, int | float):
        return otherwise
    if isinstance(told, float) and math.isnan(told):  # of an int of 400 digits that cannot be asked
        return otherwise
    return min(max(told, 0.0), whole) / whole


def amount(told: Json) -> float | None:
    """A number that something can have cost; None for anything else."""
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    return float(told) if 0 <= told < _ABSURD else None
