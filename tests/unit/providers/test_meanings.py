"""A table of meanings: from a vendor's status, and its own code, to an outcome or an error."""

from __future__ import annotations

import pytest

from chalicelib.model.errors import (
    BadKeyError,
    OutOfCreditsError,
    RefusedError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.base import NoMatch, Pending, Suppressed
from chalicelib.providers.meanings import PENDING_SECONDS, Meaning, Meanings, outcome_of

TABLE = Meanings(
    "acme",
    {
        "200": Meaning.MATCH,
        "202": Meaning.PENDING,
        "403": Meaning.BAD_KEY,
        "403 quota": Meaning.OUT_OF_CREDITS,
        "404 none": Meaning.NO_MATCH,
        "422": Meaning.REFUSED,
        "429": Meaning.THROTTLED,
        "451": Meaning.SUPPRESSED,
    },
)


def test_a_match_is_left_to_the_body():
    assert TABLE.outcome(200) is None


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [(202, "", Pending(7.0)), (404, "none", NoMatch(2.0)), (451, "", Suppressed())],
)
def test_outcomes(status, code, outcome):
    assert TABLE.outcome(status, code, wait=7.0, credits=2.0) == outcome


def test_pending_without_a_time():
    assert TABLE.outcome(202) == Pending(PENDING_SECONDS)


@pytest.mark.parametrize(
    ("status", "code", "error", "message"),
    [
        (403, "", BadKeyError, "ACME_API_KEY"),
        (403, "other", BadKeyError, "ACME_API_KEY"),
        (403, "quota", OutOfCreditsError, "no credits left"),
        (404, "", UnavailableError, "status 404"),
        (422, "", RefusedError, "status 422"),
        (429, "", ThrottledError, "fewer calls"),
    ],
)
def test_errors(status, code, error, message):
    with pytest.raises(error, match=message) as raised:
        TABLE.outcome(status, code, wait=7.0)
    assert getattr(raised.value, "retry_after", 7.0) == 7.0
    assert not raised.value.may_be_billed


@pytest.mark.parametrize("meaning", Meaning)
def test_every_meaning_is_a_match_an_outcome_or_an_error(meaning):
    table = Meanings("acme", {"x": meaning})
    if meaning.is_error:
        assert outcome_of(meaning) is None
        with pytest.raises(type(table.error(meaning, "x"))):
            table.outcome("x")
    else:
        assert (table.outcome("x") is None) == (meaning is Meaning.MATCH)


def test_an_unknown_status_is_what_the_caller_says():
    assert TABLE.of("new") is Meaning.UNAVAILABLE
    assert TABLE.of("new", otherwise=Meaning.MATCH) is Meaning.MATCH
    assert TABLE.of("429", otherwise=Meaning.MATCH) is Meaning.THROTTLED
