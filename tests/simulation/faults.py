"""Every call to the outside fails in every way, one a run, and pairs of them at random: a small job, again and
again, and what has to hold after it.

    python tests/simulation/faults.py            all of them, on all cores
    python tests/simulation/faults.py 40 lost    one of them: call 40 loses its answer
"""

from __future__ import annotations

import os
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

if __name__ == "__main__":
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT), str(ROOT / "statemachine")]

from tests.simulation.outside import FAULTS, LOST, RESENT
from tests.simulation.promises import BY_EMAIL, BY_PROFILE, check_promises, contacts
from tests.simulation.world import START, VISIBILITY, World, simulation
from tests.vendors.vendor import POLL

ROWS = 63  # three batches
#: Rows for a vendor that takes one contact a call and eight calls at a time: two rounds of calls.
SIDE_BY_SIDE = 10
#: Rows for a vendor that answers later: one batch.
ONE_BATCH = 20
SEED = 20261122
PAIRS = 200
#: Seconds: a killed worker's message comes back, and finds a claim whose lease has not ended.
LONGEST = VISIBILITY + 120
#: The same for a vendor that answers later: the longer it takes, the longer the pauses between looks.
LATER = 210
#: Into so many parts the trials are cut, for processes to take one after the other.
SHARES = 40

Plan = dict[int, str]
Make = Callable[[], World]


@dataclass(frozen=True)
class Scenario:
    """A job and a vendor. ``throttled``: how many calls the vendor puts off before it answers.
    ``process``: only the calls of this one fail; those of the others are as in another scenario. ``waits``: seconds
    that the vendor lets it wait.
    """

    name: str
    query: dict[str, str]
    rows: int = ROWS
    throttled: int = 0
    process: str = ""
    by: str = BY_EMAIL
    waits: float = 0.0

    @property
    def vendor(self) -> str:
        return self.query["providers"]


SCENARIOS = (
    Scenario("a billed vendor", {"providers": "pdl"}),
    Scenario(
        "a cap, and a vendor that is at its limit",
        {"providers": "pdl", "max_credits": "300"},
        throttled=1,
    ),
    Scenario("several calls at a time", {"providers": "hunter"}, SIDE_BY_SIDE, process="worker"),
    Scenario(
        "several calls at a time under a cap",
        {"providers": "hunter", "max_credits": "300"},
        SIDE_BY_SIDE,
        process="worker",
    ),
    Scenario(
        "answers that come later",
        {"providers": "fullenrich"},
        ONE_BATCH,
        process="worker",
        by=BY_PROFILE,
        waits=LATER,
    ),
    Scenario(
        "answers that come later under a cap",
        {"providers": "fullenrich", "max_credits": "100"},
        ONE_BATCH,
        process="worker",
        by=BY_PROFILE,
        waits=LATER,
    ),
)


@dataclass(frozen=True)
class Trial:
    """One run of a scenario, with what goes wrong in it."""

    scenario: int
    plan: tuple[tuple[int, str], ...]


def run_job(world: World, trial: Trial) -> None:
    """The job of a trial; AssertionError for a promise that is broken."""
    scenario = SCENARIOS[trial.scenario]
    world.outside.faults = dict(trial.plan)
    # A pause in seconds: a point in time would be one of the real clock, and no two runs alike.
    world.vendors["pdl"].faults.add("int_headers", times=None)
    if scenario.throttled:
        world.vendors[scenario.vendor].faults.add("throttle", times=scenario.throttled, seconds=6)
    world.outside.throttle_vendor = lambda: world.vendors[scenario.vendor].faults.add(
        "throttle", seconds=1
    )
    # At the first look half of a submission is answered, at the second all of it.
    world.vendors["fullenrich"].faults.add("partial", of=POLL)
    job_id = world.submit(contacts(scenario.rows, scenario.by), scenario.query)
    world.settle()
    assert world.outside.struck or not trial.plan, "the fault did not happen"
    if len(trial.plan) < 2:
        took = world.now - START
        assert took < LONGEST + scenario.waits, (
            f"one fault cost {took:.0f} seconds: a message was lost"
        )
    check_promises(world, job_id, scenario.rows)


def problem_of(make: Make, trial: Trial) -> str:
    """What the trial broke, "" for nothing."""
    world = make()
    try:
        run_job(world, trial)
    except Exception:
        struck = "; ".join(world.outside.struck)
        return f"{SCENARIOS[trial.scenario].name}: {struck}\n{traceback.format_exc(limit=-3)}"
    return ""


def calls_of(make: Make, scenario: int) -> list[str]:
    """The calls that the scenario's job makes when nothing fails."""
    world = make()
    run_job(world, Trial(scenario, ()))
    return list(world.outside.calls)


def singles(make: Make) -> list[Trial]:
    """Each call in each way. That an SDK asks again is something of AWS's SDK only."""
    return [
        Trial(scenario, ((number, fault),))
        for scenario in range(len(SCENARIOS))
        for number, call in enumerate(calls_of(make, scenario))
        for fault in FAULTS
        if call.startswith(SCENARIOS[scenario].process)
        and not (fault == RESENT and "vendor." in call)
    ]


def pairs(trials: list[Trial], number: int) -> list[Trial]:
    """Two single faults in one run, drawn at random, always the same ones."""
    draw = random.Random(SEED)
    drawn = []
    while len(drawn) < number:
        one, other = draw.sample(trials, 2)
        if one.scenario == other.scenario and one.plan[0][0] != other.plan[0][0]:
            drawn.append(Trial(one.scenario, one.plan + other.plan))
    return drawn


def lost_together(make: Make) -> list[Trial]:
    """Two calls to a vendor in one moment whose answers are both lost."""
    trials = []
    for scenario in (2, 3):
        asked = [n for n, call in enumerate(calls_of(make, scenario)) if "vendor." in call]
        trials += [Trial(scenario, ((one, LOST), (other, LOST))) for one, other in pairwise(asked)]
    return trials


@contextmanager
def quiet() -> Iterator[None]:
    """The service's log goes nowhere: a thousand failures are told in it."""
    before = sys.stderr
    with open(os.devnull, "w") as nowhere:
        sys.stderr = nowhere
        try:
            yield
        finally:
            sys.stderr = before


def try_all(trials: list[Trial]) -> list[str]:
    """The problems of trials, in one process."""
    with quiet(), simulation() as make:
        return [problem for trial in trials if (problem := problem_of(make, trial))]


def main() -> int:
    began = time.monotonic()
    if len(sys.argv) > 2:
        plan = ((int(sys.argv[1]), " ".join(sys.argv[2:])),)
        with simulation() as make:
            run_job(make(), Trial(0, plan))
        return 0
    with quiet(), simulation() as make:
        trials = singles(make)
        together = lost_together(make)
    trials += pairs(trials, PAIRS) + together
    cores = os.cpu_count() or 2
    shares = [trials[start::SHARES] for start in range(SHARES)]
    problems: list[str] = []
    with get_context("spawn").Pool(cores) as pool:
        for found in pool.imap_unordered(try_all, shares):
            problems += found
            print(*found, sep="\n", end=".", flush=True)  # noqa: T201
    print(f"\n{time.monotonic() - began:.0f} s")  # noqa: T201
    print(f"faults tried: {len(trials)}, failed: {len(problems)}")  # noqa: T201
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
