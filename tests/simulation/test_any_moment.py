"""A job is steered right before each of its calls to the outside, twice in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from chalicelib.api.job_actions import cancel_job, delete_job, retry_job
from chalicelib.model.errors import ConflictError, EnrichmentError
from chalicelib.model.jobs import JobStatus
from tests.simulation.extent import sampled
from tests.simulation.faults import ROWS, SCENARIOS, Make, Trial, run_job
from tests.simulation.outside import survive
from tests.simulation.promises import check_erased, check_promises, contacts
from tests.simulation.world import CALLER, OWNER, START, World, simulation

QUERY = SCENARIOS[0].query
CALLS = 80
#: The submission itself makes so many; before them there is no job to steer.
FIRST = 9


@pytest.fixture(scope="module")
def make() -> Iterator[Make]:
    with simulation() as made:
        yield made


def steered(make: Make, call: int, steer: Callable[[World, str], object]) -> tuple[World, str]:
    """A job that was steered twice before this call, and has come to rest."""
    world = make()
    job_id = world.submit(contacts(ROWS), QUERY)
    world.outside.at[call] = lambda: (survive(lambda: steer(world, job_id)), steer(world, job_id))
    world.settle()
    assert not world.outside.at, "the job made fewer calls"
    return world, job_id


def test_the_calls_are_as_many_as_this_test_takes_for_granted(make: Make) -> None:
    world = make()
    run_job(world, Trial(0, ()))
    assert len(world.outside.calls) == CALLS


@pytest.mark.parametrize("call", sampled(range(FIRST, CALLS), 5))
def test_cancelled(make: Make, call: int) -> None:
    asked: list[int] = []
    refused: list[str] = []

    def cancel(world: World, job_id: str) -> None:
        asked.append(world.vendors["pdl"].account.calls)
        try:
            cancel_job(world.services, OWNER, job_id)
        except ConflictError as error:
            refused.append(str(error))

    world, job_id = steered(make, call, cancel)
    end = JobStatus.COMPLETED if refused else JobStatus.CANCELLED
    status = check_promises(world, job_id, ROWS, frozenset({end}))
    assert len(refused) in (0, 2)
    assert all("the file is being written" in message for message in refused)
    under_way = "vendor." in world.outside.calls[call]  # a call that began with the cancellation
    assert world.vendors["pdl"].account.calls <= asked[0] + under_way
    found = sum(status["contacts"][kind] for kind in ("partial", "matched", "not_found"))
    assert found == world.vendors["pdl"].account.lookups.total()


@pytest.mark.parametrize("call", sampled(range(FIRST + 1, CALLS), 5))
def test_erased(make: Make, call: int) -> None:
    world, job_id = steered(make, call, lambda w, job: delete_job(w.services, OWNER, job))
    check_erased(world, job_id)


@pytest.mark.parametrize("call", sampled(range(FIRST, CALLS), 12))
def test_retried_and_sent_again(make: Make, call: int) -> None:
    """Under way there is nothing to retry, and a repeated request is the same job."""

    def steer(world: World, job_id: str) -> None:
        retry_job(world.services, CALLER, job_id)
        assert world.submit(contacts(ROWS), QUERY) == job_id

    world, job_id = steered(make, call, steer)
    check_promises(world, job_id, ROWS)


@pytest.mark.parametrize("call", range(FIRST))
def test_sent_again_by_who_overtakes_the_first_request(make: Make, call: int) -> None:
    """The same request comes in the middle of the first, and its job gets going."""
    world = make()
    overtaking: list[str] = []

    def overtake() -> None:
        overtaking.append(world.submit(contacts(ROWS), QUERY))
        for _ in range(5):
            world.happen()

    world.outside.at[call] = overtake
    job_id = world.submit(contacts(ROWS), QUERY)
    assert overtaking == [job_id]
    world.settle()
    check_promises(world, job_id, ROWS)
    assert max(world.vendors["pdl"].account.lookups.values()) == 1
    assert len(world.executions) == 1


@pytest.mark.parametrize("call", sampled(range(FIRST, CALLS), 10))
@pytest.mark.parametrize("first", ["cancel", "erase"])
def test_cancelled_and_erased_at_once(make: Make, call: int, first: str) -> None:
    def steer(world: World, job_id: str) -> None:
        steps = [cancel_job, delete_job]
        for step in steps if first == "cancel" else reversed(steps):
            try:
                step(world.services, OWNER, job_id)  # type: ignore[operator]
            except EnrichmentError as error:
                assert error.code in ("not_found", "conflict")  # noqa: PT017

    world, job_id = steered(make, call, steer)
    check_erased(world, job_id)


def test_what_was_paid_for_comes_out_of_a_batch_that_waits(make: Make) -> None:
    """One vendor has answered, the next puts the batch off for ten minutes, and the job is cancelled."""
    world = make()
    world.vendors["hunter"].configure(coverage=0.5)
    world.vendors["pdl"].faults.add("throttle", times=None, seconds=600)
    job_id = world.submit(contacts(ROWS), {"providers": "hunter,pdl"})
    while world.now < START + 60:
        world.happen()
    assert world.vendors["hunter"].account.lookups.total() == ROWS
    calls = world.vendors["pdl"].account.calls
    cancel_job(world.services, OWNER, job_id)
    asked_at = world.now
    while world.running():
        world.happen()
    assert world.now - asked_at < 60
    world.settle()
    status = check_promises(world, job_id, ROWS, frozenset({JobStatus.CANCELLED}))
    assert status["batches"]["done"] == 3
    hunter = status["providers"][0]
    assert (hunter["lookups"], hunter["credits"]) == (ROWS, world.vendors["hunter"].account.credits)
    assert status["contacts"]["partial"] + status["contacts"]["matched"] == hunter["matches"] > 0
    assert world.vendors["pdl"].account.calls == calls


def test_an_execution_of_an_earlier_run_cannot_fail_a_later_one(make: Make) -> None:
    world = make()
    job_id = world.submit(contacts(ROWS), QUERY)
    jobs = world.services.jobs
    job = jobs.get(OWNER, job_id)
    jobs.update(job, status=JobStatus.FAILED)
    retry_job(world.services, CALLER, job_id)
    late = world.executions[job_id]
    late.state, late.data = "FailJob", {"error": {"Error": "States.Timeout"}}
    while not late.ended:
        world.step(late)
    assert jobs.get(OWNER, job_id).status == JobStatus.QUEUED
    world.settle()
    check_promises(world, job_id, ROWS)
    # Of its own run it does tell the end.
    other = world.submit(contacts(ROWS), QUERY, key="other")
    failing = world.executions[other]
    failing.state, failing.data = "FailJob", {"error": {"Error": "States.Timeout"}}
    world.settle()
    failed = jobs.get(OWNER, other)
    assert failed.status == JobStatus.FAILED
    assert f"POST /jobs/{other}/retry" in failed.error
