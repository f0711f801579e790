"""The face: every route, the SQS worker and the state machine's functions; each a few lines.

Routes answer errors as {"code", "message"}; functions raise them without the messages of foreign
errors, since Lambda logs what is raised.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from chalice.app import Chalice, Request, Response, SQSEvent

from chalicelib import settings
from chalicelib.api.job_actions import cancel_job, retry_job
from chalicelib.api.status import read_jobs, read_providers, read_status
from chalicelib.api.submission import LIST_TYPES, Submission, create_upload, parse_body, submit
from chalicelib.logs import describe, log_event
from chalicelib.model import errors
from chalicelib.model.jobs import Job
from chalicelib.services import services
from chalicelib.steps.aggregate_results import aggregate_results as aggregate
from chalicelib.steps.check_completion import check_completion as check
from chalicelib.steps.enrich_batch import Delivery, work_on
from chalicelib.steps.erase_job import erase_job as erase
from chalicelib.steps.erase_job import request_erasure
from chalicelib.steps.split_batches import split_batches as split

app = Chalice(app_name="contact-enrichment", configure_logs=False)
# API Gateway hands over as they are only bodies of these types; others it takes for UTF-8.
app.api.binary_types.extend(kind for kind in LIST_TYPES if kind not in app.api.binary_types)

#: Until access control comes, all jobs have one owner.
OWNER = "default"

STATUS_OF_ERROR: dict[type[errors.EnrichmentError], int] = {
    errors.InvalidRequestError: 400,
    errors.UnreadableInputError: 400,
    errors.NotFoundError: 404,
    errors.NotReadyError: 409,
    errors.ConflictError: 409,
    errors.TooLargeError: 413,
    errors.UnsupportedFormatError: 415,
}

View = Callable[..., Any]


def answering(view: View) -> View:
    """Turn errors into answers. Chalice's middleware comes too late for it: it sees only answers."""

    @wraps(view)
    def answered(*args: str, **kwargs: str) -> Any:
        try:
            return view(*args, **kwargs)
        except errors.EnrichmentError as error:
            return error_response(STATUS_OF_ERROR[type(error)], error.code, str(error))
        except Exception as error:
            log_event("request_failed", route=view.__name__, error=describe(error))
            return error_response(
                500, "internal", "Something went wrong on our side; please try again."
            )

    return answered


def error_response(status: int, code: str, message: str) -> Response:
    return Response({"code": code, "message": message}, status_code=status)


class FunctionFailedError(Exception):
    """What a function of the state machine, or the worker, failed with."""


def failing_discreetly(function: View) -> View:
    """Log and raise errors without their messages, which could hold somebody's data."""

    @wraps(function)
    def guarded(*args: Any) -> Any:
        try:
            return function(*args)
        except Exception as error:
            log_event("function_failed", function=function.__name__, error=describe(error))
            raise FunctionFailedError(describe(error)) from None

    return guarded


# Routes


@app.route("/process", methods=["POST"], content_types=["*/*"])
@answering
def process() -> Response:
    """Take a list and start its job, or only say what that would cost."""
    job = submit(services(), _submission())
    if not isinstance(job, Job):
        return Response({"estimate": job})
    return _accepted(job)


@app.route("/status/{job_id}", methods=["GET"])
@answering
def status(job_id: str) -> dict[str, Any]:
    """How far a job is, and a fresh link to its result."""
    return read_status(services(), OWNER, job_id)


@app.route("/jobs", methods=["GET"])
@answering
def jobs() -> dict[str, Any]:
    """The caller's jobs, newest first, a page at a time."""
    return read_jobs(services(), OWNER, dict(_request().query_params or {}))


@app.route("/jobs/{job_id}", methods=["DELETE"])
@answering
def delete(job_id: str) -> Response:
    """Erase a job: its list, its rows, its results."""
    request_erasure(services(), OWNER, job_id)
    return Response("", status_code=204)


@app.route("/jobs/{job_id}/cancel", methods=["POST"], content_types=["*/*"])
@answering
def cancel(job_id: str) -> Response:
    """Stop a job; what is done comes out."""
    return _accepted(cancel_job(services(), OWNER, job_id))


@app.route("/jobs/{job_id}/retry", methods=["POST"], content_types=["*/*"])
@answering
def retry(job_id: str) -> Response:
    """Try the failed batches of a job again."""
    return _accepted(retry_job(services(), OWNER, job_id))


@app.route("/uploads", methods=["POST"], content_types=["*/*"])
@answering
def uploads() -> Response:
    """A place to send a list to that is too large for /process."""
    request = parse_body(_body(_request()) or b"{}")
    return Response(create_upload(services(), OWNER, request), status_code=201)


@app.route("/providers", methods=["GET"])
@answering
def providers() -> dict[str, Any]:
    """The data providers that a job can use."""
    return {"providers": read_providers(services())}


@app.route("/health", methods=["GET"])
@answering
def health() -> dict[str, str]:
    """The API is alive."""
    return {"status": "ok"}


# The SQS worker


@app.on_sqs_message(
    queue=settings.queue_name(),
    batch_size=1,
    maximum_concurrency=settings.worker_concurrency(),
)
@failing_discreetly
def worker(event: SQSEvent) -> None:
    """Enrich one batch: a message is a batch, so a failure concerns no other."""
    for record in event:
        attributes = record.to_dict()["attributes"]
        received = int(attributes["ApproximateReceiveCount"])
        work_on(services(), Delivery(record.body, record.receipt_handle, received))


# The state machine's functions (statemachine/enrichment.asl.json)


@app.lambda_function()
@failing_discreetly
def split_batches(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """SplitBatches: the list into batches, the batches into the queue."""
    return split(services(), event["job_id"]).to_state()


@app.lambda_function()
@failing_discreetly
def check_completion(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """CheckCompletion: what is done, and when to look again."""
    return check(services(), event["job_id"], event["checks"]).to_state()


@app.lambda_function()
@failing_discreetly
def aggregate_results(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """AggregateResults: the rows of all batches into one file."""
    aggregate(services(), event["job_id"])
    return {"job_id": event["job_id"]}


@app.lambda_function()
@failing_discreetly
def erase_job(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """EraseJob: all that there is of a job, gone."""
    return erase(services(), event["job_id"], event["sweep"]).to_state()


def _accepted(job: Job) -> Response:
    answer = {"id": job.id, "status": job.status.value, "status_url": f"/status/{job.id}"}
    return Response(answer, status_code=202)


def _submission() -> Submission:
    request = _request()
    content_type = request.headers.get("content-type", "application/json")
    return Submission(
        owner=OWNER,
        body=_body(request),
        content_type=content_type.split(";")[0].strip().lower(),
        query=dict(request.query_params or {}),
        key=request.headers.get("idempotency-key", ""),
    )


def _request() -> Request:
    request = app.current_request
    assert request is not None, "only routes ask for the request"
    return request


def _body(request: Request) -> bytes:
    body = request.raw_body
    return body.encode() if isinstance(body, str) else body
