"""SendCallback: tells the receiver of a job that it has ended, as often as it takes.

A callback comes at least once, perhaps twice: if the function dies behind the POST, it is sent again under the
same id. Whatever becomes of it, the job stays as it is.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from chalicelib.callbacks.signing import signed_headers
from chalicelib.logs import log_event
from chalicelib.model.callback_urls import parse_callback_url
from chalicelib.model.callbacks import Callback, Outcome, after
from chalicelib.model.clock import iso_time
from chalicelib.model.errors import InvalidRequestError
from chalicelib.model.jobs import Job
from chalicelib.model.summaries import summary_of
from chalicelib.services import Services


@dataclass(frozen=True)
class Next:
    """What the state machine does next: whether it tries again, and after how many seconds."""

    again: bool = False
    wait_seconds: int = 1

    def to_state(self) -> dict[str, Any]:
        return asdict(self)


def send_callback(services: Services, job_id: str, run: int) -> Next:
    """Try to tell that a run of a job has ended, unless that is done, given up or not due yet."""
    job = services.jobs.find(job_id)
    if job is None or job.run != run or not job.has_ended or not job.options.callback_url:
        return Next()
    earlier = job.callback if job.callback and job.callback.run == run else None
    now = services.clock()
    if earlier and (not earlier.next_at or earlier.next_at > now):
        return _next(earlier, now)
    outcome = _post(services, job, now)
    callback = after(earlier, run, outcome, services.clock())
    services.jobs.note_callback(job_id, callback)
    log_event(
        "callback_tried",
        "INFO" if callback.is_delivered else "WARNING",
        job=job_id,
        tries=callback.tries,
        status=callback.status,
        problem=callback.problem,
    )
    return _next(callback, callback.last_at)


def _next(callback: Callback, now: float) -> Next:
    if not callback.next_at:
        return Next()
    return Next(again=True, wait_seconds=max(1, math.ceil(callback.next_at - now)))


def _post(services: Services, job: Job, now: float) -> Outcome:
    try:
        target = parse_callback_url(job.options.callback_url, services.settings.loopback_callbacks)
    except InvalidRequestError:  # it was accepted under other rules
        return Outcome(problem="callback_url is not accepted any more", is_final=True)
    body = _body(job)
    secrets = services.callback_secrets.of(job.owner, now)
    headers = signed_headers(secrets, f"msg_{job.id}_{job.run}", now, body)
    return services.callbacks.post(target, body, headers)


def _body(job: Job) -> bytes:
    """The same at each try. Counts only: no error, no link, nothing of anybody in the list."""
    event = {"type": "job.ended", "timestamp": iso_time(job.finished_at), "data": summary_of(job)}
    return json.dumps(event, separators=(",", ":")).encode()
