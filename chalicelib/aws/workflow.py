"""Starts executions of the state machine, and defines the state that travels through them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.model.jobs import Job

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True)
class Check:
    """What the split and each check of a job hand to the state machine.

    ``checks``: those so far. ``complete``: all batches are finished. ``failed``: the job has ended, or
    is gone, and nothing is left to do. ``wait_seconds``: until the next check.
    """

    job_id: str
    checks: int
    complete: bool
    failed: bool
    wait_seconds: int

    @classmethod
    def last(cls, job_id: str, checks: int) -> Check:
        """The check after which nothing is left to do."""
        return cls(job_id, checks, complete=True, failed=True, wait_seconds=1)

    def to_state(self) -> dict[str, Any]:
        """What the state machine reads of it: numbers and flags by name."""
        return asdict(self)


class Workflow:
    """The state machine of statemachine/enrichment.asl.json."""

    def __init__(self, client: SFNClient, state_machine_arn: str) -> None:
        self._client = client
        self._arn = state_machine_arn

    def start(self, job: Job) -> None:
        """Start the execution of a job's run."""
        name = f"{job.id}-{job.run}" if job.run else job.id
        has_callback = bool(job.options.callback_url)
        state = {"job_id": job.id, "run": job.run, "erase": False, "callback": has_callback}
        self._start(name, state)

    def start_erasure(self, job_id: str) -> None:
        """Start the execution that erases a job."""
        self._start(f"{job_id}-erase", {"job_id": job_id, "run": 0, "erase": True, "sweep": 0})

    def _start(self, name: str, state: dict[str, Any]) -> None:
        """Executions are named after what they do: a second start changes nothing."""
        try:
            self._client.start_execution(
                stateMachineArn=self._arn, name=name, input=json.dumps(state)
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return
