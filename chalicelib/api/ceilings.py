"""Keeps the options of a job within the limits that the operator has set."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from chalicelib.model.errors import InvalidRequestError
from chalicelib.model.options import Options
from chalicelib.settings import Settings


def within_ceilings(options: Options, given: Collection[str], settings: Settings) -> Options:
    """The options with the operator's limits for those that were not given.

    ``given``: the names of the options in the request. InvalidRequestError for one beyond a limit: a job
    does not silently cost less, or find less, than was asked for.
    """
    ceiling, least_days = settings.max_credits_per_job, settings.min_cache_days
    if options.max_credits is None:
        options = replace(options, max_credits=_default_credits(settings))
    elif ceiling is not None and options.max_credits > ceiling:
        raise InvalidRequestError(
            f"max_credits must be at most {ceiling:,g} here: the operator's MAX_CREDITS_PER_JOB."
        )
    if options.cache_days < least_days:
        if "cache_days" in given:
            raise InvalidRequestError(
                f"cache_days must be at least {least_days} here, the operator's MIN_CACHE_DAYS, so "
                "that no answer is paid for again within these days."
            )
        options = replace(options, cache_days=least_days)
    return options


def _default_credits(settings: Settings) -> float | None:
    """The lower one of the two limits; None if neither is set."""
    limits = (settings.default_max_credits, settings.max_credits_per_job)
    return min((limit for limit in limits if limit is not None), default=None)
