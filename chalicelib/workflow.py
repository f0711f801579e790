"""First floor: the door to the state machine that takes a job from split to aggregate."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True)
class Turn:
    """The state that travels through the workflow: the outcome of the split and of each check.

    ``turn``: checks so far. ``complete``: all batches are finished. ``failed``: the job has ended
    and nothing is left to do. ``wait_seconds``: until the next check.
    """

    job_id: str
    turn: int
    complete: bool
    failed: bool
    wait_seconds: int

    def to_state(self) -> dict[str, Any]:
        return asdict(self)


class Workflow:
    """The state machine of statemachine/enrichment.asl.json."""

    def __init__(self, client: SFNClient, state_machine_arn: str) -> None:
        self._client = client
        self._arn = state_machine_arn

    def start(self, job_id: str) -> None:
        """Start the job's execution. It is named after the job: a second start changes nothing."""
        try:
            self._client.start_execution(
                stateMachineArn=self._arn, name=job_id, input=json.dumps({"job_id": job_id})
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return
