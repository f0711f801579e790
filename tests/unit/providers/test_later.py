"""What vendors that answer later share: tickets, records by id, prices of a whole submission."""

from __future__ import annotations

import pytest

from chalicelib.model.errors import RefusedError, ThrottledError, UnavailableError
from chalicelib.providers.base import Match, NoMatch, Suppressed
from chalicelib.providers.later import costing_nothing, records_by_id, with_total

OUTCOMES = {"0": Match(credits=1), "1": NoMatch(), "2": Match(credits=1), "3": NoMatch(1)}


def prices(total, outcomes=OUTCOMES, contacts="0123"):
    return {name: each.credits for name, each in with_total(outcomes, total, contacts).items()}


def test_without_a_total_the_usual_prices_hold():
    assert prices(None) == {"0": 1, "1": 0, "2": 1, "3": 1}


@pytest.mark.parametrize("total", [0, 1.5, 3, 30])
def test_a_total_is_shared_by_what_each_one_costs(total):
    assert prices(total) == pytest.approx({"0": total / 3, "1": 0, "2": total / 3, "3": total / 3})


def test_what_one_costs_does_not_depend_on_who_is_collected():
    assert prices(1.5, contacts="01") == pytest.approx({"0": 0.5, "1": 0})
    assert prices(1.5, contacts="2") == pytest.approx({"2": 0.5})


def test_who_is_not_in_the_answer_is_a_miss():
    assert with_total({}, None, ["7"]) == {"7": NoMatch()}


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ({"0": Match(), "1": NoMatch()}, {"0": 2, "1": 0}),  # at other times it is free
        ({"0": NoMatch(), "1": NoMatch()}, {"0": 1, "1": 1}),
        ({"0": Suppressed(), "1": NoMatch()}, {"0": 0, "1": 2}),
        ({}, {"0": 1, "1": 1}),  # nobody's answer has an id
    ],
)
def test_a_total_that_none_of_them_explains_is_not_lost(outcomes, expected):
    assert prices(2, outcomes, "01") == expected


def test_records_by_their_ids():
    one, other = {"n": 1}, {"n": 2}
    pairs = [("0", one), (1, other), ("2", one), ("2", other), ("3", one), ("3", one)]
    strange = [(None, one), (True, one), ([], one), ({}, one), (1.0, one)]
    assert records_by_id([*pairs, *strange]) == {"0": one, "1": other, "3": one}


@pytest.mark.parametrize(
    "error", [UnavailableError("x", True), RefusedError("x"), ThrottledError("x")]
)
def test_an_error_of_what_costs_nothing(error):
    with pytest.raises(type(error)) as raised, costing_nothing():
        raise error
    assert raised.value is error
    assert not error.may_be_billed
