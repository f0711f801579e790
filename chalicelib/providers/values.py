"""Turns what vendors send into canonical values, and leaves out what cannot be used.

Every function here accepts whatever JSON a vendor may send.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from chalicelib.identity.cells import tidy
from chalicelib.identity.contact import parse_contact
from chalicelib.providers.answer import Json
from chalicelib.providers.base import Found

#: The words for ``email_status``, and how sure one can be of each. A domain that accepts every address,
#: or a mail server that does not answer, says little about one mailbox.
EMAIL_STATUSES: Mapping[str, float] = {
    "valid": 1.0,
    "invalid": 1.0,
    "catch_all": 0.5,
    "unknown": 0.2,
    "spamtrap": 1.0,
    "abuse": 1.0,
    "do_not_mail": 1.0,
}
#: Other vendors' words for them.
_EMAIL_STATUS_SYNONYMS = {
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

#: What vendors send in place of data that the plan does not include: "J***", Apollo's
#: "email_not_unlocked@domain.com". A single asterisk may be part of a name ("A*STAR").
_MASKED = re.compile(
    r"\*{2}|[•●█]|not_unlocked|^(?:locked|hidden|masked|redacted|protected)$", re.IGNORECASE
)
#: In addresses and numbers less is enough: "j*@acme.com", "+1 650 XXX" (letters dial digits: 999).
_MASKED_ADDRESS = re.compile(r"[*…]|(?<![a-z])x{3,}(?![a-z])", re.IGNORECASE)
_ADDRESSES = frozenset({"email", "phone", "linkedin_url"})
#: No lookup costs this much. Python's integers have no upper end; floats have one.
_TOO_MANY_CREDITS = 1e9
#: Characters. No field holds longer texts.
_LONGEST_VALUE = 500


def canonical(raw: Mapping[str, Json], confidence: float) -> dict[str, Found]:
    """The usable values of what a vendor sent, by field, all with the same confidence.

    Not usable are types other than text (PDL's free plan sends ``true``), blanks, placeholders, masked
    values and whatever the readers in ``identity`` do not accept.
    """
    texts = {field: text for field, text in raw.items() if isinstance(text, str)}
    usable = {
        field: text
        for field, text in texts.items()
        if len(text) <= _LONGEST_VALUE and not _is_masked(field, text)
    }
    return {field: Found(value, confidence) for field, value in parse_contact(usable).known.items()}


def first_usable(field: str, raw_values: Sequence[Json], confidence: float) -> dict[str, Found]:
    """The first usable one of several values for one field; empty if there is none."""
    readings = (canonical({field: raw}, confidence) for raw in raw_values)
    return next(filter(None, readings), {})


def email_status(raw: Json) -> dict[str, Found]:
    """The vendor's word for an e-mail's status as ours (``"accept-all"`` is catch_all); empty for unknown words."""
    if not isinstance(raw, str):
        return {}
    word = re.sub(r"[\s-]+", "_", tidy(raw).lower())
    status = _EMAIL_STATUS_SYNONYMS.get(word, word)
    confidence = EMAIL_STATUSES.get(status)
    return {"email_status": Found(status, confidence)} if confidence else {}


def value_at(value: Json, *path: str) -> Json:
    """The value at a path of keys; None if there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def list_at(value: Json, *path: str) -> list[Json]:
    """The list at a path of keys; empty if there is none."""
    found = value_at(value, *path)
    return found if isinstance(found, list) else []


def confidence_of(score: Json, highest: float, otherwise: float) -> float:
    """A vendor's score from 0 to ``highest`` as a confidence from 0 to 1."""
    if not _is_number(score):
        return otherwise
    return float(min(max(score, 0.0), highest) / highest)


def credits_of(raw: Json) -> float | None:
    """A number of credits; None for anything that cannot be one."""
    return float(raw) if _is_number(raw) and 0 <= raw < _TOO_MANY_CREDITS else None


def _is_masked(field: str, text: str) -> bool:
    """Whether a text only says that the vendor has a value."""
    masked = _MASKED.search(text) or (field in _ADDRESSES and _MASKED_ADDRESS.search(text))
    return bool(masked)


def _is_number(raw: Json) -> bool:
    """Whether it is a number; JSON's true and NaN are not."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return False
    return not (isinstance(raw, float) and math.isnan(raw))  # math.isnan fails for huge integers
