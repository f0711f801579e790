"""Deliveries in any order, twice, late or never; steps repeated half-way; two executions of one job; steering
in between: whatever happens, in the end every promise is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from chalicelib.api.job_actions import cancel_job, delete_job, retry_job
from chalicelib.model.errors import ConflictError, EnrichmentError
from chalicelib.model.jobs import RETRIABLE, JobStatus
from tests.simulation.extent import IS_WHOLE
from tests.simulation.faults import ROWS, SCENARIOS, Make
from tests.simulation.outside import DIED_AFTER, DIED_BEFORE, survive
from tests.simulation.promises import check_erased, check_promises, contacts
from tests.simulation.world import CALLER, OWNER, World, simulation

ANY_ORDER = settings(
    deadline=None,
    derandomize=True,
    max_examples=60 if IS_WHOLE else 9,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
Draw = Callable[[int], int]


@pytest.fixture(scope="module")
def make() -> Iterator[Make]:
    with simulation() as made:
        yield made


@dataclass
class Disorder:
    """A job in a world in which anything may happen next. ``draw(n)``: a number below n."""

    world: World
    job_id: str
    draw: Draw

    def deliver_any(self) -> None:
        """Any message, also one that should not be visible yet."""
        if self.world.queue:
            self.world.deliver(self.world.queue[self.draw(len(self.world.queue))])

    def deliver_twice(self) -> None:
        """A message is worked on, and stays."""
        if self.world.queue:
            message = self.world.queue[self.draw(len(self.world.queue))]
            self.world.work(replace(message, receives=message.receives + 1))

    def lose_one(self) -> None:
        if self.world.queue:
            self.world.queue.pop(self.draw(len(self.world.queue)))

    def wait(self) -> None:
        self.world.now += (1, 20, 80, 400)[self.draw(4)]

    def step_any(self) -> None:
        """The next state of any execution, due or not."""
        if running := self.world.running():
            self.world.step(running[self.draw(len(running))])

    def run_again(self) -> None:
        """Another execution for the same run of the job."""
        for name, execution in list(self.world.executions.items())[:1]:
            again = replace(execution, name=f"{name}-again", state="IsErasure", ended="")
            self.world.executions.setdefault(again.name, again)

    def die(self) -> None:
        """Whoever makes one of the next calls dies there."""
        call = len(self.world.outside.calls) + self.draw(20)
        self.world.outside.faults[call] = (DIED_BEFORE, DIED_AFTER)[self.draw(2)]

    def interrupt(self) -> None:
        """Before one of the next calls something else happens, in the middle of a step."""
        call = len(self.world.outside.calls) + self.draw(20)
        others = (self.deliver_twice, self.step_any, self.wait, self.deliver_any)
        self.world.outside.at[call] = others[self.draw(4)]

    def repeat(self) -> None:
        """The request again: the same job, unless it was erased."""
        outcome = survive(lambda: self.world.submit(contacts(ROWS), SCENARIOS[0].query))
        assert outcome == self.job_id or isinstance(outcome, ConflictError)

    def cancel(self) -> None:
        _told(lambda: cancel_job(self.world.services, OWNER, self.job_id))

    def retry(self) -> None:
        _told(lambda: retry_job(self.world.services, CALLER, self.job_id))

    def erase(self) -> None:
        _told(lambda: delete_job(self.world.services, OWNER, self.job_id))

    def come_to_rest(self) -> None:
        self.world.outside.faults, self.world.outside.at = {}, {}
        self.world.events = 0
        self.world.settle()


def _told(steer: Callable[[], object]) -> None:
    """Steering is done, or said to be impossible; nothing else."""
    outcome = survive(steer)
    assert not isinstance(outcome, Exception) or isinstance(outcome, EnrichmentError), outcome


DELIVERY = ("deliver_any", "deliver_twice", "wait", "step_any", "run_again", "interrupt", "die")
STEERING = ("cancel", "retry", "erase", "repeat", "deliver_any", "step_any", "wait", "interrupt")


def disordered(make: Make, data: st.DataObject, kinds: tuple[str, ...]) -> Disorder:
    """A job to which some of these things happened, and that has come to rest."""
    world = make()
    job_id = world.submit(contacts(ROWS), SCENARIOS[0].query)
    disorder = Disorder(world, job_id, lambda n: data.draw(st.integers(0, n - 1)))
    for kind in data.draw(st.lists(st.sampled_from(kinds), max_size=14)):
        event(kind)
        getattr(disorder, kind)()
    disorder.come_to_rest()
    return disorder


def until_nothing_failed(disorder: Disorder) -> None:
    """Workers and steps that died too often leave something for a retry, and nothing else."""
    world = disorder.world
    for _ in range(3):
        job = world.services.jobs.get(OWNER, disorder.job_id)
        if job.status not in RETRIABLE:
            return
        if job.status == JobStatus.COMPLETED_WITH_ERRORS:
            check_promises(
                world, disorder.job_id, ROWS, frozenset({JobStatus.COMPLETED_WITH_ERRORS})
            )
        retry_job(world.services, CALLER, disorder.job_id)
        disorder.come_to_rest()


@given(data=st.data())
@ANY_ORDER
def test_deliveries_and_steps_in_any_order(make: Make, data: st.DataObject) -> None:
    disorder = disordered(make, data, DELIVERY)
    until_nothing_failed(disorder)
    check_promises(disorder.world, disorder.job_id, ROWS)


@given(data=st.data())
@ANY_ORDER
def test_messages_that_vanish(make: Make, data: st.DataObject) -> None:
    """They are sent again; where that is lost as well, the rows come back as failed."""
    disorder = disordered(make, data, ("lose_one", "deliver_any", "wait", "step_any"))
    until_nothing_failed(disorder)
    check_promises(disorder.world, disorder.job_id, ROWS)


@given(data=st.data())
@ANY_ORDER
def test_steering_in_any_order(make: Make, data: st.DataObject) -> None:
    disorder = disordered(make, data, STEERING)
    world, job_id = disorder.world, disorder.job_id
    if world.services.jobs.find_tombstone(job_id):
        check_erased(world, job_id)
        return
    until_nothing_failed(disorder)
    check_promises(world, job_id, ROWS, frozenset({JobStatus.COMPLETED, JobStatus.CANCELLED}))
