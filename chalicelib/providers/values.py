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
    "guessed": 0.4,
    "spamtrap": 1.0,
    "abuse": 1.0,
    "do_not_mail": 1.0,
}
#: The statuses of addresses to which nothing must be sent.
BAD_EMAIL = frozenset({"invalid", "spamtrap", "abuse", "do_not_mail"})
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
    # Apollo; "guessed" and "extrapolated" are made of the name and the company's usual pattern.
    "bounced": "invalid",
    "extrapolated": "guessed",
    "likely_to_engage": "unknown",
    # LeadMagic and BetterContact, and FullEnrich (docs.fullenrich.com/api/v2/general/email-status: "catch-all,
    # but likely valid", 9 % bounce): the domain accepts every address all the same.
    "valid_catch_all": "catch_all",
    "catch_all_safe": "catch_all",
    "catch_all_not_safe": "catch_all",
    "high_probability": "catch_all",
    "invalid_domain": "invalid",
    "risky": "unknown",
}
#: How sure an address itself is at most, by the vendor's word for its status or by ours.
_EMAIL_CONFIDENCE = {
    **{"valid": 1.0, "valid_catch_all": 0.8, "catch_all_safe": 0.8, "high_probability": 0.8},
    **{"catch_all": 0.6, "catch_all_not_safe": 0.4, "risky": 0.4},
    **{"guessed": 0.4, "extrapolated": 0.4},
}
#: The same for an address that nobody checked, or whose status is a word that we do not know.
UNCHECKED = 0.6

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
    status = _ours(_word(raw))
    confidence = EMAIL_STATUSES.get(status)
    return {"email_status": Found(status, confidence)} if confidence else {}


def with_email_status(
    values: Mapping[str, Found], raw: Json, asked: str | None = None
) -> dict[str, Found]:
    """The values of a person, with the vendor's word for the status of the e-mail among them.

    An address is no surer than its status. One that must not be used is left out, unless it is the one
    that was ``asked`` about: then the status is the answer.
    """
    email = values.get("email")
    status, word = email_status(raw), _word(raw)
    if email is None:
        return {**values, **status}
    if _ours(word) in BAD_EMAIL and email.value != asked:
        return {name: found for name, found in values.items() if name != "email"}
    most = _EMAIL_CONFIDENCE.get(word, _EMAIL_CONFIDENCE.get(_ours(word), UNCHECKED))
    sure = Found(email.value, min(email.confidence, most))
    return {**values, "email": sure, **status}


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


def _word(raw: Json) -> str:
    """``"Catch-All"`` → ``"catch_all"``; "" for anything but text."""
    return re.sub(r"[\s-]+", "_", tidy(raw).lower()) if isinstance(raw, str) else ""


def _ours(word: str) -> str:
    return _EMAIL_STATUS_SYNONYMS.get(word, word)


def _is_masked(field: str, text: str) -> bool:
    """Whether a text only says that the vendor has a value."""
    masked = _MASKED.search(text) or (field in _ADDRESSES and _MASKED_ADDRESS.search(text))
    return bool(masked)


def _is_number(raw: Json) -> bool:
    """Whether it is a number; JSON's true and NaN are not."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return False
    return not (isinstance(raw, float) and math.isnan(raw))  # math.isnan fails for huge integers
