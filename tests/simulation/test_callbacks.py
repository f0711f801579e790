"""Whatever fails while a callback is sent, the job keeps its end, and the receiver is told, perhaps twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.api.job_actions import delete_job, retry_job
from chalicelib.api.status import describe_job
from chalicelib.callbacks.sending import Sender
from chalicelib.model.callback_urls import Target
from chalicelib.model.callbacks import WAITS, Outcome
from chalicelib.model.jobs import JobStatus
from tests.receiver import Receiver
from tests.simulation.faults import Make
from tests.simulation.outside import FAULTS, LOST, REFUSED, RESENT, THROTTLED, Outside
from tests.simulation.promises import check_erased, check_promises, contacts
from tests.simulation.world import CALLER, OWNER, World, simulation

ROWS = 3
#: What the step calls: the job, the number of the owner's secret, the receiver, the job again.
CALLS = 4


class UnreliableSender(Sender):
    """Sends for real, but for what a test wants to go wrong."""

    def __init__(self, outside: Outside) -> None:
        super().__init__(loopback=True)
        self._outside = outside

    def post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> Outcome:
        fault = self._outside.begin("receiver.POST")
        if fault in (REFUSED, THROTTLED):
            return Outcome(problem="refused")
        outcome = super().post(target, body, headers)
        self._outside.end(fault)
        return Outcome(problem="lost") if fault in (LOST, RESENT) else outcome


@pytest.fixture(scope="module")
def make() -> Iterator[Make]:
    with simulation() as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


@pytest.fixture
def world(make: Make) -> World:
    made = make()
    made.services = replace(
        made.services,
        settings=replace(made.services.settings, loopback_callbacks=True),
        callbacks=UnreliableSender(made.outside),
    )
    return made


def submit(world: World, receiver: Receiver) -> str:
    return world.submit(contacts(ROWS), {"providers": "pdl", "callback_url": receiver.url})


def calls_of_the_step(world: World) -> list[int]:
    return [n for n, call in enumerate(world.outside.calls) if call.startswith("SendCallback")]


def until_it_ended(world: World, job_id: str) -> dict[str, Any]:
    while not world.services.jobs.get(OWNER, job_id).has_ended:
        world.happen()
    return without_callback(world, job_id)


def without_callback(world: World, job_id: str) -> dict[str, Any]:
    """The job as its owner sees it, but for what the step itself tells and the signed link."""
    status = describe_job(world.services, OWNER, job_id).body
    return {
        **status,
        "callback": None,
        "result": {**(status["result"] or {}), "url": "", "expires_at": ""},
    }


def check_told(world: World, receiver: Receiver, job_id: str, run: int = 0) -> None:
    ids = {received.headers["webhook-id"] for received in receiver.received}
    assert ids == {f"msg_{job_id}_{run}"}
    assert len({received.body for received in receiver.received}) == 1
    (secret,) = world.services.callback_secrets.of(OWNER, world.now)
    assert all(received.is_signed_with(secret) for received in receiver.received)


def test_a_job_tells_its_end_once(world: World, receiver: Receiver) -> None:
    job_id = submit(world, receiver)
    world.settle()
    status = check_promises(world, job_id, ROWS)
    assert len(calls_of_the_step(world)) == CALLS
    assert len(receiver.received) == 1
    check_told(world, receiver, job_id)
    event = receiver.received[0].event
    assert event["data"] == {name: status[name] for name in event["data"]}
    assert status["callback"]["delivered"] is True


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", range(CALLS))
def test_a_fault_of_the_step_changes_nothing_and_the_receiver_is_told(
    world: World, receiver: Receiver, call: int, fault: str
) -> None:
    job_id = submit(world, receiver)
    before = until_it_ended(world, job_id)
    world.outside.faults = {len(world.outside.calls) + call: fault}
    world.settle()
    assert world.outside.struck
    assert without_callback(world, job_id) == before
    check_promises(world, job_id, ROWS)
    check_told(world, receiver, job_id)
    told = describe_job(world.services, OWNER, job_id).body["callback"]
    assert (told["delivered"], told["next_try_at"]) == (True, None)
    assert [each.ended for each in world.executions.values()] == ["Succeed"]


@pytest.mark.parametrize("status", [500, 302, 404, 429])
def test_a_receiver_that_keeps_failing_is_given_up_after_hours(
    world: World, receiver: Receiver, status: int
) -> None:
    receiver.answers = [(status, {})]
    job_id = submit(world, receiver)
    before, ended_at = until_it_ended(world, job_id), world.now
    world.settle()
    assert len(receiver.received) == len(WAITS) + 1
    assert 5 * 3600 < sum(WAITS) <= world.now - ended_at < sum(WAITS) + 60
    assert without_callback(world, job_id) == before
    check_told(world, receiver, job_id)
    told = describe_job(world.services, OWNER, job_id).body["callback"]
    assert (told["delivered"], told["tries"], told["http_status"]) == (False, 7, status)
    assert told["next_try_at"] is None
    assert [each.ended for each in world.executions.values()] == ["Succeed"]


def test_a_receiver_that_is_gone_is_not_asked_again(world: World, receiver: Receiver) -> None:
    receiver.answers = [(410, {})]
    submit(world, receiver)
    world.settle()
    assert len(receiver.received) == 1


def test_a_step_that_always_fails_keeps_no_job_from_its_end(
    world: World, receiver: Receiver
) -> None:
    job_id = submit(world, receiver)
    before = until_it_ended(world, job_id)
    calls = len(world.outside.calls)
    world.outside.faults = dict.fromkeys(range(calls, calls + 200), REFUSED)
    world.settle()
    assert without_callback(world, job_id) == before
    assert [each.ended for each in world.executions.values()] == ["Succeed"]


def test_a_job_that_is_failed_without_our_code_tells_it(world: World, receiver: Receiver) -> None:
    job_id = submit(world, receiver)
    failing = world.executions[job_id]
    failing.state, failing.data = "FailJob", {"error": {"Error": "States.Timeout"}}
    while world.running():
        world.happen()
    (received,) = receiver.received
    assert received.event["data"]["status"] == JobStatus.FAILED.value
    assert "States.Timeout" not in received.body.decode()
    assert failing.ended == "Fail"  # the alarm for failed executions rings as it did


def test_each_run_of_a_job_tells_its_own_end_and_no_earlier_one(
    world: World, receiver: Receiver
) -> None:
    receiver.answers = [(500, {}), (204, {})]
    job_id = submit(world, receiver)
    failing = world.executions[job_id]
    failing.state, failing.data = "FailJob", {"error": {"Error": "States.Timeout"}}
    while not receiver.received:
        world.happen()
    retry_job(world.services, CALLER, job_id)
    assert describe_job(world.services, OWNER, job_id).body["callback"]["tries"] == 0
    world.settle()
    check_promises(world, job_id, ROWS)
    ids = [received.headers["webhook-id"] for received in receiver.received]
    assert ids == [f"msg_{job_id}_0", f"msg_{job_id}_1"]


def test_an_erased_job_tells_nothing_any_more(world: World, receiver: Receiver) -> None:
    receiver.answers = [(500, {})]
    job_id = submit(world, receiver)
    while not receiver.received:
        world.happen()
    delete_job(world.services, OWNER, job_id)
    world.settle()
    assert len(receiver.received) == 1
    check_erased(world, job_id)


def test_a_second_execution_waits_for_the_turn_of_the_first(
    world: World, receiver: Receiver
) -> None:
    """As the rule starts one where the first was stopped by hand, or only seems to have ended."""
    receiver.answers = [(500, {}), (204, {})]
    job_id = submit(world, receiver)
    while not receiver.received:
        world.happen()
    job = world.services.jobs.get(OWNER, job_id)
    assert job.callback is not None
    turn = job.callback.next_at
    first = world.executions[job_id]
    again = replace(first, name=f"{job_id}-callback-0", state="SendCallback", ended="")
    world.executions[again.name] = again
    world.settle()
    assert len(receiver.received) == 2
    told = world.services.jobs.get(OWNER, job_id).callback
    assert told is not None
    assert told.last_at >= turn > 0
