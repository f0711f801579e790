"""Declares every route, the SQS worker and the functions of the state machine, a few lines each.

Routes answer errors as {"code", "message"}. Functions raise them without messages from elsewhere, since
Lambda logs what is raised.
"""

from __future__ import annotations

import gc
from typing import Any

from chalice.app import Chalice, Request, Response, SQSEvent

from chalicelib import settings
from chalicelib.api import (
    access,
    answers,
    enrich_one,
    http,
    job_actions,
    openapi,
    page,
    people,
    status,
    submission,
    uploads,
)
from chalicelib.aws.queue import Delivery
from chalicelib.logs import hide_messages
from chalicelib.model.callers import ERASE, READ, WRITE, Caller
from chalicelib.model.jobs import Job
from chalicelib.services import services
from chalicelib.steps import (
    aggregate_results,
    check_completion,
    enrich_batch,
    erase_person,
    send_callback,
    split_batches,
)

app = Chalice(app_name="contact-enrichment", configure_logs=False)
# API Gateway passes on bodies of these types unchanged; it takes all others for UTF-8.
app.api.binary_types.extend(
    kind for kind in submission.LIST_TYPES if kind not in app.api.binary_types
)

if settings.runs_on_lambda():
    # A new process has a whole core while it imports the app, and later the share that its memory pays
    # for. Elsewhere (chalice package, chalice local, tests) nothing is built at import.
    services()
    gc.freeze()  # what is there now stays: 80,000 objects that collections need not look at

# Routes, each with a log line for a request. All but /, /health and /openapi.json ask first who
# calls, and for which scope.

app.register_middleware(http.log_request, "http")
app.register_middleware(answers.finish_answer, "http")


@app.route("/", methods=["GET"])
@http.answer_errors
def show_page() -> Response:
    """The page for people, who give their key to it."""
    return page.describe(services())


@app.route("/process", methods=["POST"], content_types=["*/*"])
@http.answer_errors
def process() -> Response:
    """Accept a list and start its job, or only estimate what the job would cost."""
    caller, request = _caller(WRITE), _request()
    asked = submission.Submission.from_request(caller, request)
    answer = submission.submit(services(), asked)
    if isinstance(answer, Job):
        return http.accepted(request, answer)
    return Response({"estimate": answer})


@app.route("/preview", methods=["POST"], content_types=["*/*"])
@http.answer_errors
def preview() -> Response:
    """Show how a list is read, and start nothing."""
    caller, request = _caller(WRITE), _request()
    asked = submission.Submission.from_request(caller, request, only_preview=True)
    return Response(submission.submit(services(), asked))


@app.route("/enrich", methods=["POST"], content_types=["*/*"])
@http.answer_errors
def enrich_contact() -> Response:
    """Enrich one contact while its caller waits."""
    caller, request = _caller(WRITE), _request()
    asked = submission.Submission.from_request(caller, request)
    answer = enrich_one.enrich_one(services(), asked)
    return http.accepted(request, answer) if isinstance(answer, Job) else Response(answer)


@app.route("/status/{job_id}", methods=["GET"])
@http.answer_errors
def get_status(job_id: str) -> Response:
    """Describe a job's progress, with a fresh link to its result."""
    return status.describe_job(services(), _caller(READ).owner, job_id)


@app.route("/jobs", methods=["GET"])
@http.answer_errors
def list_jobs() -> dict[str, Any]:
    """List the caller's jobs, newest first, a page at a time."""
    return status.list_jobs(services(), _caller(READ).owner, http.query_of(_request()))


@app.route("/jobs/{job_id}", methods=["DELETE"])
@http.answer_errors
def delete_job(job_id: str) -> Response:
    """Erase a job: its list, its rows, its result."""
    job_actions.delete_job(services(), _caller(ERASE).owner, job_id)
    return Response("", status_code=204)


@app.route("/jobs/{job_id}/cancel", methods=["POST"], content_types=["*/*"])
@http.answer_errors
def cancel_job(job_id: str) -> Response:
    """Stop a job; finished rows go into its file."""
    job = job_actions.cancel_job(services(), _caller(WRITE).owner, job_id)
    return http.accepted(_request(), job)


@app.route("/jobs/{job_id}/retry", methods=["POST"], content_types=["*/*"])
@http.answer_errors
def retry_job(job_id: str) -> Response:
    """Try the failed batches of a job again."""
    job = job_actions.retry_job(services(), _caller(WRITE), job_id)
    return http.accepted(_request(), job)


@app.route("/uploads", methods=["POST"], content_types=["*/*"])
@http.answer_errors
def create_upload() -> Response:
    """Give out a form for a list that is too large for /process."""
    caller = _caller(WRITE)
    request = http.parse_json_body(http.body_of(_request()) or b"{}")
    return Response(uploads.create_upload(services(), caller.owner, request), status_code=201)


@app.route("/uploads/{upload_id}", methods=["DELETE"])
@http.answer_errors
def delete_upload(upload_id: str) -> Response:
    """Delete an upload and its file."""
    uploads.delete_upload(services(), _caller(WRITE).owner, upload_id)
    return Response("", status_code=204)


@app.route("/people/erase", methods=["POST"], content_types=["*/*"])
@http.answer_errors
def erase_person_everywhere() -> Response:
    """Erase a person from the caller's data, and look them up never again."""
    caller = _caller(ERASE)
    request = http.parse_json_body(http.body_of(_request()) or b"{}")
    return Response(people.erase(services(), caller.owner, request), status_code=202)


@app.route("/providers", methods=["GET"])
@http.answer_errors
def list_providers() -> dict[str, Any]:
    """List the data providers that a job can use."""
    _caller(READ)
    return {"providers": status.describe_providers(services())}


@app.route("/health", methods=["GET"])
@http.answer_errors
def health() -> dict[str, str]:
    """Answer that the API is alive."""
    return {"status": "ok"}


@app.route("/openapi.json", methods=["GET"])
@http.answer_errors
def describe_api() -> dict[str, Any]:
    """Describe the API to programs."""
    return openapi.describe(http.api_url(_request()))


answers.add_head(app)
answers.add_options(app)


# The SQS worker


@app.on_sqs_message(
    queue=settings.queue_name(),
    batch_size=1,
    maximum_concurrency=settings.worker_concurrency(),
)
@hide_messages
def worker(event: SQSEvent) -> None:
    """Enrich one batch. A message is one batch, so a failure concerns no other."""
    for record in event:
        enrich_batch.work_on(services(), Delivery.from_record(record.to_dict()))


# The functions of the state machine (statemachine/enrichment.asl.json)


@app.lambda_function(name="split_batches")
@hide_messages
def run_split_batches(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """SplitBatches: the list into batches, the batches into the queue."""
    return split_batches.split_batches(services(), event["job_id"]).to_state()


@app.lambda_function(name="check_completion")
@hide_messages
def run_check_completion(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """CheckCompletion: how much is done, and when to look again."""
    job_id, checks = event["job_id"], event["checks"]
    return check_completion.check_completion(services(), job_id, checks).to_state()


@app.lambda_function(name="aggregate_results")
@hide_messages
def run_aggregate_results(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """AggregateResults: the rows of all batches into one file."""
    aggregate_results.aggregate_results(services(), event["job_id"])
    return {"job_id": event["job_id"]}


@app.lambda_function(name="erase_job")
@hide_messages
def run_erase_job(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """EraseJob: everything that is left of a deleted job, or all jobs that hold an erased person."""
    return erase_person.erase(services(), event["job_id"], event["sweep"]).to_state()


@app.lambda_function(name="send_callback")
@hide_messages
def run_send_callback(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """SendCallback: one try to tell the receiver of a job that it has ended."""
    return send_callback.send_callback(services(), event["job_id"], event["run"]).to_state()


def _caller(scope: str) -> Caller:
    """Who sent the request; raises an error for whoever may not. Each route asks before all else."""
    return access.authenticate(services(), _request(), scope)


def _request() -> Request:
    request = app.current_request
    assert request is not None, "only routes ask for the request"
    return request
