"""A sample of the faults, always the same; ``make test-faults`` tries all of them."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.simulation.faults import (
    ROWS,
    SEED,
    Make,
    Trial,
    lost_together,
    pairs,
    problem_of,
    run_job,
    singles,
)
from tests.simulation.world import simulation

SINGLES, PAIRS = 20, 5


@pytest.fixture(scope="module")
def make() -> Iterator[Make]:
    with simulation() as made:
        yield made


def test_a_job_in_which_nothing_fails(make: Make) -> None:
    world = make()
    run_job(world, Trial(0, ()))
    assert world.vendors["pdl"].account.lookups.total() == ROWS
    assert max(world.vendors["pdl"].account.lookups.values()) == 1


def test_a_fault_at_any_call_loses_nothing_and_bills_nobody_twice(
    make: Make, record_property: pytest.RecordProperty
) -> None:
    every = singles(make)
    trials = random.Random(SEED).sample(every, SINGLES) + pairs(every, PAIRS)
    trials += lost_together(make)[::6]
    problems = [problem for trial in trials if (problem := problem_of(make, trial))]
    record_property("said", f"faults tried: {len(trials)}, failed: {len(problems)}")
    assert not problems, "\n".join(problems)
