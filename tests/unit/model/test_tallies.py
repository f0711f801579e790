"""What became of rows, counted and added up."""

from __future__ import annotations

import json

from chalicelib.model.tallies import (
    ERROR,
    MAX_PROBLEM,
    MAX_PROBLEMS,
    OTHER_PROBLEMS,
    Fill,
    ProviderUse,
    Tally,
    add_tallies,
    commonest,
)

ONE = Tally(
    {"matched": 2},
    {"pdl": ProviderUse(2, 2, credits=2.0)},
    {"email": Fill(1, 1)},
    {"no usable identity": 1},
)
TWO = Tally({"partial": 3}, {}, {"email": Fill(2), "company": Fill(0, 0, 3)}, {})


def test_tallies_add_up():
    both = add_tallies([ONE, TWO])
    assert both.counts == {"matched": 2, "partial": 3}
    assert both.fills == {"email": Fill(3, 1), "company": Fill(0, 0, 3)}
    assert both.problems == {"no usable identity": 1}
    assert both.filled == {"email", "company", ERROR}
    assert both.credits == 2.0


def test_a_tally_comes_back_as_it_was_stored():
    assert Tally.from_json(ONE.to_json(is_whole=True)) == ONE


def test_where_it_is_stored_in_clear_only_the_names_of_its_fields_are():
    told = Tally.from_json(ONE.to_json())
    assert (told.counts, told.uses, told.filled) == (ONE.counts, ONE.uses, {"email", ERROR})
    assert "no usable identity" not in ONE.to_json()
    assert json.loads(ONE.to_json())["filled"] == ["email", "error"]


def test_many_different_problems_take_no_more_room_than_some():
    many = {f"reason {n} " + "x" * 1_000: n + 1 for n in range(500)}
    kept = commonest(many)
    assert sum(kept.values()) == sum(many.values())
    assert len(kept) == MAX_PROBLEMS + 1
    assert max(map(len, kept)) == MAX_PROBLEM
    assert list(kept.values())[:2] == [500, 499]
    assert list(kept)[-1] == OTHER_PROBLEMS
    assert add_tallies([Tally(problems=kept), Tally(problems=kept)]).problems == {
        problem: 2 * rows for problem, rows in kept.items()
    }
