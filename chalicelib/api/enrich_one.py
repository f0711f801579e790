"""Enriches one contact while its caller waits (POST /enrich): a job of one row, whose row is the answer.

The API's own function asks no provider: it may not read their keys, nor write what they answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.api import http
from chalicelib.api.submission import Submission, submit
from chalicelib.files.enriched import StoredRow, unpack
from chalicelib.files.rows import given_row
from chalicelib.files.writers import create_writer
from chalicelib.model.batches import Batch, BatchState
from chalicelib.model.errors import InvalidRequestError
from chalicelib.model.jobs import Job
from chalicelib.model.tallies import RowStatus
from chalicelib.services import Services

#: Seconds that a caller waits at most; API Gateway waits 29, and a new process of the API starts first.
LONGEST_WAIT = 25.0
#: Seconds between two looks: the first, and by how much each is longer than the one before, up to the longest.
_FIRST_PAUSE, _LONGER, _LONGEST_PAUSE = 0.1, 1.5, 1.0
#: Options that are about lists.
_OF_LISTS = ("contacts", "upload_id", "estimate", "output", "sample", "sheet", "charset")


def enrich_one(services: Services, submission: Submission) -> Job | dict[str, Any]:
    """The enriched contact, or its job where that takes too long for a request.

    ``submission``: the body is a JSON object with ``contact`` and options. InvalidRequestError for others, and
    the errors of POST /process.
    """
    until = services.clock() + LONGEST_WAIT
    contact, as_list = _parse(submission)
    job = submit(services, as_list)
    assert isinstance(job, Job), "a list of contacts that is not estimated is a job"
    batch = _wait_for_batch(services, job, until)
    return job if batch is None else _answer(services, job, batch, contact)


def _parse(submission: Submission) -> tuple[dict[str, Any], Submission]:
    """The contact, and the same request for a list that holds it alone."""
    request = http.parse_json_body(submission.body)
    contact = request.pop("contact", None)
    if not isinstance(contact, dict) or not contact:
        raise InvalidRequestError(
            'There is no contact: "contact" must be an object, such as {"email": "jane@example.org"}.'
        )
    if submission.query:
        raise InvalidRequestError(
            "POST /enrich takes its options in the JSON body, none in the query."
        )
    for name in _OF_LISTS:
        if name in request:
            raise InvalidRequestError(
                f'"{name}" is for lists; send it to POST /process. POST /enrich takes one contact.'
            )
    body = json.dumps({**request, "contacts": [contact], "output": "jsonl"})
    return contact, replace(submission, body=body.encode(), content_type=http.JSON)


def _wait_for_batch(services: Services, job: Job, until: float) -> Batch | None:
    """The job's only batch once it has ended; None if that takes too long, or the job has none."""
    pause = _FIRST_PAUSE
    while True:
        batch = next(services.batches.all(job.id), None)
        if batch is not None and batch.is_finished:
            return batch
        if services.clock() + pause > until:
            return None
        services.sleep(pause)
        pause = min(pause * _LONGER, _LONGEST_PAUSE)


def _answer(
    services: Services, job: Job, batch: Batch, contact: Mapping[str, Any]
) -> dict[str, Any]:
    """The row as a line of a JSONL result has it, with what it cost."""
    tally, stored = batch.tally, StoredRow(_STATUS_OF[batch.state], batch.error)
    if batch.state == BatchState.DONE:
        rows = services.results.get(job.id, [0])[0]
        tally, stored = rows.tally, next(unpack(services.results.packed(job.id, rows)))
    columns = list(contact)
    line = create_writer(job.options, columns).row(given_row(dict(contact), columns), stored)
    return {"id": job.id, **json.loads(line), "credits": tally.credits}


#: What became of the row, by the end of its batch; of a batch that is DONE the row itself says it.
_STATUS_OF = {
    BatchState.DONE: "",
    BatchState.FAILED: RowStatus.FAILED.value,
    BatchState.SKIPPED: RowStatus.SKIPPED.value,
}
