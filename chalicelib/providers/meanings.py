"""Says what a vendor's statuses mean: an outcome for the contacts of a call, or an error of the call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from chalicelib.model.errors import (
    BadKeyError,
    OutOfCreditsError,
    ProviderError,
    RefusedError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.base import NoMatch, Outcome, Pending, Suppressed

#: Seconds until a pending contact is asked for again, where the vendor names no time.
PENDING_SECONDS = 60.0


class Meaning(str, Enum):
    """What a status can mean. Declarations of vendors use the same words."""

    MATCH = "match"
    NO_MATCH = "no_match"
    SUPPRESSED = "suppressed"
    PENDING = "pending"
    THROTTLED = "throttled"
    OUT_OF_CREDITS = "out_of_credits"
    BAD_KEY = "bad_key"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"

    @property
    def is_error(self) -> bool:
        """Whether it says nothing of the contacts: the call as a whole has failed."""
        return self in _ERRORS


_ERRORS = frozenset(Meaning) - {
    *(Meaning.MATCH, Meaning.NO_MATCH, Meaning.SUPPRESSED, Meaning.PENDING)
}


def outcome_of(meaning: Meaning, wait: float | None = None, credits: float = 0.0) -> Outcome | None:
    """The outcome that a meaning is by itself; None for a match and for errors.

    ``wait``: seconds until a pending contact can be asked for again. ``credits``: the price of a miss.
    """
    outcomes: dict[Meaning, Outcome] = {
        Meaning.NO_MATCH: NoMatch(credits),
        Meaning.SUPPRESSED: Suppressed(),
        Meaning.PENDING: Pending(PENDING_SECONDS if wait is None else wait),
    }
    return outcomes.get(meaning)


@dataclass(frozen=True)
class Meanings:
    """What one vendor's statuses mean.

    ``table``: ``"402"`` is an HTTP status or a vendor's own word; ``"403 quota"`` is a status together
    with the vendor's own error code, and goes before the status alone.
    """

    vendor: str
    table: Mapping[str, Meaning]

    def of(
        self, status: int | str, code: str = "", otherwise: Meaning = Meaning.UNAVAILABLE
    ) -> Meaning:
        """The meaning of a status, ``otherwise`` if the table does not have it."""
        default = self.table.get(str(status), otherwise)
        return self.table.get(f"{status} {code}", default)

    def outcome(
        self, status: int | str, code: str = "", wait: float | None = None, credits: float = 0.0
    ) -> Outcome | None:
        """The outcome for each contact of a call; None for a match, whose values are in the body.

        ``wait``: the seconds that the vendor wants to be left alone, if it says so. ``credits``: what
        it charges for a miss. Raises the ProviderError that the status means.
        """
        meaning = self.of(status, code)
        if meaning.is_error:
            raise self.error(meaning, status, wait)
        return outcome_of(meaning, wait, credits)

    def error(
        self, meaning: Meaning, status: int | str, wait: float | None = None
    ) -> ProviderError:
        """The error for a meaning that is one. Its message repeats nothing of the answer but the status."""
        if meaning is Meaning.THROTTLED:
            return ThrottledError(f"{self.vendor} wants fewer calls.", wait)
        if meaning is Meaning.OUT_OF_CREDITS:
            return OutOfCreditsError(f"{self.vendor} says that the account has no credits left.")
        if meaning is Meaning.BAD_KEY:
            variable = f"{self.vendor.upper()}_API_KEY"
            return BadKeyError(f"{self.vendor} does not accept the key ({variable}).")
        kind = RefusedError if meaning is Meaning.REFUSED else UnavailableError
        return kind(f"{self.vendor} refused the call (status {status}).")
