"""Which batches of a job need not be counted again."""

from __future__ import annotations

from chalicelib.model.batches import Batch, BatchState, Progress, Settled, add_up, settle
from chalicelib.model.tallies import Tally


def batches(*states: BatchState) -> list[Batch]:
    return [
        Batch(n, 0, 1, 5, state=state, finished_at=10.0 + n, tally=Tally({"matched": 5}))
        for n, state in enumerate(states)
    ]


def test_the_first_batches_that_have_ended_are_settled():
    found = batches(BatchState.DONE, BatchState.FAILED, BatchState.RUNNING, BatchState.DONE)
    settled = settle(Settled(), found)
    assert settled == Settled(2, Progress(1, 1, 0, Tally({"matched": 10})), 11.0)
    found[2] = batches(*[BatchState.SKIPPED] * 3)[2]
    assert settle(settled, found[2:]) == Settled(4, add_up(found), 13.0)


def test_nothing_is_settled_behind_a_batch_that_has_not_ended():
    assert settle(Settled(), batches(BatchState.PENDING, BatchState.DONE)) == Settled()
