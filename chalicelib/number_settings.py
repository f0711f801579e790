"""Reads the variables of the environment that are numbers, each within its range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase


class WrongSettingError(ValueError):
    """A variable has a value that it cannot have; the message names it, the value and what is right."""


@dataclass(frozen=True)
class Range:
    """The numbers that a variable may have, both ends included. ``reason``: why not others."""

    least: float
    most: float
    is_whole: bool = True
    reason: str = ""

    def read(self, name: str, text: str) -> float:
        """The number. Raises WrongSettingError."""
        try:
            number = int(text) if self.is_whole else float(text)
            if self.least <= number <= self.most:
                return number
        except ValueError:
            pass
        kind = "a whole number" if self.is_whole else "a number"
        reason = f" ({self.reason})" if self.reason else ""
        raise WrongSettingError(
            f"{name} is {text!r}; it must be {kind} from {self.least:,} to {self.most:,}{reason}."
        )


#: Every variable that is a number; "*" stands for the name of a provider. The first that fits counts.
#: Defaults are in Settings, and with each provider.
RANGES: Mapping[str, Range] = {
    "WORKER_CONCURRENCY": Range(2, 1_000, reason="AWS takes no other maximum for a queue"),
    "MAX_RECEIVE_COUNT": Range(1, 1_000, reason="as SQS wants it"),
    "WORKER_TIMEOUT_SECONDS": Range(
        40, 900, reason="a call to a provider takes 30 s, a Lambda function ends after 900 s"
    ),
    "RETENTION_DAYS": Range(1, 3_650),
    "MAX_ROWS": Range(1, 1_000_000, reason="more than a million rows were never tried"),
    "JOB_DEADLINE_SECONDS": Range(60, 82_800, reason="the state machine stops after 24 hours"),
    "STALL_AFTER_SECONDS": Range(60, 82_800),
    "MAX_CREDITS_PER_JOB": Range(0, 1_000_000_000, is_whole=False),
    "DEFAULT_MAX_CREDITS": Range(0, 1_000_000_000, is_whole=False),
    "MAX_OPEN_JOBS": Range(1, 10_000),
    "MAX_ROWS_PER_DAY": Range(1, 1_000_000_000),
    "MAX_CREDITS_PER_DAY": Range(0, 1_000_000_000, is_whole=False),
    "MIN_CACHE_DAYS": Range(0, 365),
    "*_CREDITS": Range(0, 1_000_000, is_whole=False),
    "*_CALLS_PER_MINUTE": Range(1, 1_000_000),
    "*_TIMEOUT_SECONDS": Range(0.1, 27, is_whole=False, reason="the worker's own limit comes next"),
}


def check_numbers(environment: Mapping[str, str]) -> None:
    """Raises WrongSettingError at the first variable whose number is not one that it may have."""
    for name, text in environment.items():
        if text and (allowed := _range_of(name)):
            allowed.read(name, text)


def read_whole(env: Mapping[str, str], name: str, default: int) -> int:
    """The whole number in a variable, or the default where it is blank. Raises WrongSettingError."""
    text, allowed = env.get(name, ""), _range_of(name)
    return int(allowed.read(name, text)) if text and allowed else default


def read_credits(env: Mapping[str, str], name: str) -> float | None:
    """The credits in a variable, None where it is blank. Raises WrongSettingError."""
    text, allowed = env.get(name, ""), _range_of(name)
    return allowed.read(name, text) if text and allowed else None


def _range_of(name: str) -> Range | None:
    return next((RANGES[known] for known in RANGES if fnmatchcase(name, known)), None)
