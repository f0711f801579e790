"""Batches that nobody finishes: they are given up in bounded time, their rows come back with the reason, the
job ends, and the dead-letter queue keeps what a person should look at.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.api.job_actions import cancel_job, retry_job
from chalicelib.api.status import list_jobs
from chalicelib.api.submission import Submission, submit
from chalicelib.aws.queue import parse_message
from chalicelib.model.jobs import JobStatus
from chalicelib.settings import Settings
from tests.simulation.faults import ROWS, SCENARIOS, Make
from tests.simulation.outside import DIED_BEFORE, survive
from tests.simulation.promises import check_promises, contacts, rows_of
from tests.simulation.world import (
    CALLER,
    MAX_RECEIVES,
    OWNER,
    START,
    VISIBILITY,
    Message,
    World,
    simulation,
)

WITH_ERRORS = frozenset({JobStatus.COMPLETED_WITH_ERRORS})
#: Each delivery but the last is followed by the visibility timeout; then the worker is waited for.
LONGEST = MAX_RECEIVES * VISIBILITY + 2 * Settings.worker_timeout + 60


@pytest.fixture(scope="module")
def make() -> Iterator[Make]:
    with simulation() as made:
        yield made


class DoomedWorld(World):
    """A world in which whoever works on one batch comes to grief, as long as it is ``doomed``."""

    doomed: int | None = 1
    how: str = DIED_BEFORE

    def work(self, message: Message) -> object:
        if json.loads(message.body)["batch"] == self.doomed:
            self.outside.faults[len(self.outside.calls) + 2] = self.how
        return super().work(message)


def doomed(make: Make, how: str) -> DoomedWorld:
    world = make()
    world.__class__ = DoomedWorld
    assert isinstance(world, DoomedWorld)
    world.how = how
    return world


def failed_rows(world: World, job_id: str, reason: str) -> None:
    status = check_promises(world, job_id, ROWS, WITH_ERRORS)
    assert status["batches"] == {"total": 3, "done": 2, "failed": 1}
    rows = rows_of(world, job_id)
    failed = [row for row in rows if row["enriched_status"] == "failed"]
    assert [row["Number"] for row in failed] == [str(n) for n in range(30, 60)]
    assert all(reason in row.get("enriched_error", "") for row in failed)
    assert all(row["Email"].startswith("person.") for row in failed)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (DIED_BEFORE, "the worker broke off 5 times at this batch"),
        ("refused", "the batch could not be enriched (InternalServerError)"),
    ],
)
def test_a_batch_whose_worker_keeps_failing(make: Make, how: str, reason: str) -> None:
    world = doomed(make, how)
    job_id = world.submit(contacts(ROWS), SCENARIOS[0].query)
    world.settle()
    failed_rows(world, job_id, reason)
    assert world.now - START < LONGEST
    (dead,) = world.dead_letters
    sent = parse_message(dead.body)
    assert (sent.job_id, sent.batch, sent.postponements) == (job_id, 1, 0)

    # What docs/operations.md says to do: correct the cause, retry, move the message back.
    world.doomed = None
    retry_job(world.services, CALLER, job_id)
    world.queue.append(Message("again", dead.body, world.now))
    world.settle()
    check_promises(world, job_id, ROWS)
    assert max(world.vendors["pdl"].account.lookups.values()) == 1


def test_a_message_that_vanished_is_sent_again(make: Make) -> None:
    world = make()
    job_id = world.submit(contacts(ROWS), SCENARIOS[0].query)
    world.step(world.running()[0])
    world.step(world.running()[0])
    del world.queue[1]
    world.settle()
    check_promises(world, job_id, ROWS)
    assert world.now - START < Settings.stall_after


def test_a_job_behind_a_long_one_waits_its_turn(make: Make) -> None:
    """For an hour the workers are busy with another job: nothing is sent twice, and nothing is given up."""
    world = make()
    for _ in range(2):
        world.put_message("another job's", delay=3600)
    others, world.queue = world.queue, []
    job_id = world.submit(contacts(ROWS), SCENARIOS[0].query)
    for _ in range(2):
        world.step(world.running()[0])
    waiting = list(world.queue)
    for message in waiting:
        message.visible_at = START + 3600
    world.queue += others
    while world.now < START + 3600:
        assert len(world.queue) == len(waiting) + len(others)
        world.happen()
    world.queue = [message for message in world.queue if message not in others]
    world.settle()
    check_promises(world, job_id, ROWS)


class ForgetfulWorld(World):
    """A world whose queue loses every message of one batch."""

    def put_message(self, body: str, delay: float = 0.0) -> None:
        if json.loads(body)["batch"] != 1:
            super().put_message(body, delay)


def test_a_batch_whose_messages_all_vanish_is_given_up(make: Make) -> None:
    world = make()
    world.__class__ = ForgetfulWorld
    job_id = world.submit(contacts(ROWS), SCENARIOS[0].query)
    world.settle()
    failed_rows(world, job_id, "no worker took this batch up")
    assert Settings.stall_after < world.now - START < Settings.stall_after + 120


def end_of_a_job_at_a_vendor_that_always_asks_for_rest(make: Make, vendor: str) -> World:
    """The world after a job that may take two hours."""
    world = make()
    shorter = replace(world.services.settings, job_deadline=2 * 3600)
    world.services = replace(world.services, settings=shorter)
    world.vendors[vendor].faults.add("throttle", times=None, seconds=800)
    world.submit(contacts(ROWS), {"providers": vendor})
    world.settle()
    return world


def test_a_job_is_told_that_a_vendor_leaves_no_time_before_its_deadline(make: Make) -> None:
    world = end_of_a_job_at_a_vendor_that_always_asks_for_rest(make, "pdl")
    (job_id,) = world.executions
    status = check_promises(world, job_id, ROWS)
    assert status["contacts"]["skipped"] == ROWS
    assert status["providers"][0]["state"] == "too_slow"
    reasons = Counter(row.get("enriched_error", "") for row in rows_of(world, job_id))
    no_time = "its limits leave no time for it before the job's deadline"
    assert reasons == {f"pdl was not asked: {no_time}": ROWS}


def test_a_job_that_moves_for_ever_ends_at_its_deadline(make: Make) -> None:
    """Gravatar's limit is counted by the hour, and such a vendor has no turns to give."""
    world = end_of_a_job_at_a_vendor_that_always_asks_for_rest(make, "gravatar")
    (job_id,) = world.executions
    status = check_promises(world, job_id, ROWS, WITH_ERRORS)
    assert status["contacts"]["failed"] == ROWS
    assert world.now - START < 2 * 3600 + 900
    reasons = Counter(row.get("enriched_error", "") for row in rows_of(world, job_id))
    assert reasons == {"the job was not done within its time limit of 2 hours": ROWS}


def test_a_cancelled_job_does_not_wait_for_a_worker_that_is_gone(make: Make) -> None:
    world = make()
    job_id = world.submit(contacts(ROWS), SCENARIOS[0].query)
    for _ in range(2):
        world.step(world.running()[0])
    lost = world.queue[1]
    world.outside.faults[len(world.outside.calls) + 5] = DIED_BEFORE
    world.deliver(lost)
    world.queue.remove(lost)
    cancel_job(world.services, OWNER, job_id)
    world.settle()
    status = check_promises(world, job_id, ROWS, frozenset({JobStatus.CANCELLED}))
    assert status["contacts"]["skipped"] == ROWS
    assert world.now - START < 2 * Settings.worker_timeout + 60


@pytest.mark.parametrize("how", ["refused", "lost"])
def test_a_job_without_a_key_that_cannot_be_started_has_failed(make: Make, how: str) -> None:
    """Its id is known to nobody: the list will come again, as another job."""
    world = make()
    world.outside.faults[5] = how
    request = Submission(CALLER, contacts(ROWS).encode(), "text/csv", {})
    with world.outside.process("submit"):
        assert isinstance(survive(lambda: submit(world.services, request)), Exception)
    assert world.outside.struck == [f"call 5 (submit: stepfunctions.StartExecution): {how}"]
    world.settle()
    (job,) = list_jobs(world.services, OWNER, {})["jobs"]
    assert job["status"] == "FAILED"
    assert "send the list again" in job["error"]
    assert world.vendors["pdl"].account.calls == 0
