"""Turns HTTP requests into plain values, and errors into HTTP answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from chalice.app import Request, Response

from chalicelib.files.inflating import inflated
from chalicelib.logs import describe_error, invocation, log_event
from chalicelib.model import errors
from chalicelib.model.jobs import Job
from chalicelib.model.strict_json import UnkeptError, parse_json

#: The size of a JSON body after inflating, in bytes. As Python values it can take 25 times as much of
#: the function's 512 MB.
MAX_JSON_BYTES = 8 * 1024**2

_STATUS_OF_ERROR: dict[type[errors.EnrichmentError], int] = {
    errors.InvalidRequestError: 400,
    errors.UnreadableInputError: 400,
    errors.NotFoundError: 404,
    errors.NotReadyError: 409,
    errors.ConflictError: 409,
    errors.TooLargeError: 413,
    errors.UnsupportedFormatError: 415,
}

View = Callable[..., Any]


def answer_errors(view: View) -> View:
    """Answer the view's errors with their status and ``{"code", "message"}``.

    Chalice's middleware cannot do this: it sees a finished response, never the error.
    """

    @wraps(view)
    def answered(*args: str, **kwargs: str) -> Any:
        try:
            return view(*args, **kwargs)
        except errors.EnrichmentError as error:
            return _error_response(_STATUS_OF_ERROR[type(error)], error.code, str(error))
        except Exception as error:
            log_event("request_failed", "ERROR", view=view.__name__, error=describe_error(error))
            message = "Something went wrong on our side. Please try again."
            return _error_response(500, "internal", message)

    return answered


def log_request(request: Request, answer: Callable[[Request], Response]) -> Response:
    """Answer a request, and log what is known of it but its content: the path may hold anything."""
    ids = {
        "request": getattr(request.lambda_context, "aws_request_id", ""),
        # As in the API's access log and the answer's header x-amzn-RequestId.
        "api_request": request.context.get("requestId", ""),
        "job": (request.uri_params or {}).get("job_id", ""),
    }
    if not re.fullmatch("[0-9a-f]{32}", ids["job"]):
        del ids["job"]
    with invocation(**{name: text for name, text in ids.items() if text}) as this:
        response = answer(request)
        log_event(
            "request_done",
            "ERROR" if response.status_code >= 500 else "INFO",
            method=request.method,
            route=request.context["resourcePath"],
            status=response.status_code,
            seconds=this.seconds,
        )
        return response


def body_of(request: Request) -> bytes:
    """The body as it was sent. Chalice gives text where API Gateway sent no base64."""
    body = request.raw_body
    return body.encode() if isinstance(body, str) else body


def query_of(request: Request) -> dict[str, str]:
    """The query parameters; where one is repeated, its last value."""
    return dict(request.query_params or {})


def content_type_of(request: Request) -> str:
    """The content type in lower case, without parameters; JSON if the request names none."""
    content_type: str = request.headers.get("content-type", "application/json")
    return content_type.split(";", maxsplit=1)[0].strip().lower()


def parse_json_body(body: bytes) -> dict[str, Any]:
    """The JSON object in a body, gzipped or not; InvalidRequestError for anything else."""
    try:
        request = parse_json(b"".join(inflated([body], MAX_JSON_BYTES)).decode("utf-8-sig"))
    except ValueError as error:
        where = f" ({error})" if isinstance(error, UnkeptError) else ""
        if isinstance(error, json.JSONDecodeError):
            where = f" (line {error.lineno}, column {error.colno}: {error.msg})"
        raise errors.InvalidRequestError(f"The body is not valid JSON in UTF-8{where}.") from None
    if not isinstance(request, dict):
        raise errors.InvalidRequestError(
            'The body must be an object: {"contacts": [{…}, …], …options}.'
        )
    return request


def accepted(job: Job) -> Response:
    """The answer to a request that started or changed a job."""
    answer = {"id": job.id, "status": job.status.value, "status_url": f"/status/{job.id}"}
    return Response(answer, status_code=202)


def _error_response(status: int, code: str, message: str) -> Response:
    return Response({"code": code, "message": message}, status_code=status)
