"""Turns HTTP requests into plain values, and errors into HTTP answers."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from email.message import Message
from functools import wraps
from typing import Any

from chalice.app import Request, Response

from chalicelib.logs import describe_error, invocation, log_event
from chalicelib.model import errors
from chalicelib.model.jobs import Job
from chalicelib.model.strict_json import UnkeptError, parse_json

JSON = "application/json"
#: Bytes of a body within the event that Lambda gets. Lambda takes 6,291,456 in all; API Gateway adds up
#: to 10,240 bytes of headers and the query string, each twice.
_EVENT_BYTES = 6_000_000
#: The largest body in bytes: as base64 it has a third more.
MAX_BODY_BYTES = _EVENT_BYTES // 4 * 3
#: Lists and objects in a JSON body: one for each 15 bytes. As Python values each takes 100 bytes and more
#: of the function's 512 MB, and two characters are enough to make one.
MAX_JSON_VALUES = 300_000
#: How gzip begins, and what API Gateway makes of it under a type that is not binary.
_GZIP = (b"\x1f\x8b", b"\x1f\xef\xbf\xbd")

_STATUS_OF_ERROR: dict[type[errors.EnrichmentError], int] = {
    errors.InvalidRequestError: 400,
    errors.UnreadableInputError: 400,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.NotReadyError: 409,
    errors.ConflictError: 409,
    errors.TooLargeError: 413,
    errors.LimitReachedError: 429,
    errors.IdentityProviderError: 503,
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
            status = _STATUS_OF_ERROR[type(error)]
            return _error_response(status, error.code, str(error), _headers_of(error))
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
    """The body as it was sent; TooLargeError for one that would not fit into an event of Lambda."""
    body = request.raw_body
    # Chalice gives text where API Gateway sent no base64.
    body = body.encode() if isinstance(body, str) else body
    _check_size(body, content_type_of(request))
    return body


def _check_size(body: bytes, content_type: str) -> None:
    """``chalice local`` and emulators take any size; a list must not work there only."""
    use_upload = "Send the file with POST /uploads, then POST /process with its upload_id."
    if len(body) > MAX_BODY_BYTES:
        raise errors.TooLargeError(
            f"The body has {len(body):,} bytes; the API takes at most {MAX_BODY_BYTES:,}. {use_upload}"
        )
    # JSON is no binary type: it travels as a text, in which these characters have a backslash.
    escaped = len(body) - len(body.translate(None, b'"\\\n\r\t')) if content_type == JSON else 0
    if len(body) + escaped > _EVENT_BYTES:
        raise errors.TooLargeError(
            f"The body has {len(body):,} bytes and {escaped:,} quotes, backslashes, line ends and "
            f"tabs, which count twice in JSON; the API takes at most {_EVENT_BYTES:,} together. "
            f"{use_upload}"
        )


def query_of(request: Request) -> dict[str, str]:
    """The query parameters. InvalidRequestError for one that is repeated: no value of it is the right one."""
    given = request.query_params
    if given is None:
        return {}
    for name in given:
        if len(given.getlist(name)) > 1:
            raise errors.InvalidRequestError(
                f'The query has the parameter "{name[:60]}" more than once; give it once.'
            )
    return dict(given)


def content_type_of(request: Request) -> str:
    """The content type in lower case, without parameters; JSON if the request names none."""
    content_type: str = request.headers.get("content-type", JSON)
    return content_type.split(";", maxsplit=1)[0].strip().lower()


def charset_of(request: Request) -> str:
    """The parameter ``charset`` of the content type, "" for none."""
    header = Message()
    header["Content-Type"] = request.headers.get("content-type", JSON)
    charset = header.get_param("charset", "")
    return charset if isinstance(charset, str) else ""


def parse_json_body(body: bytes) -> dict[str, Any]:
    """The JSON object in a body. InvalidRequestError for anything else, UnsupportedFormatError for gzip,
    TooLargeError for more values than the function has memory for.
    """
    if body.startswith(_GZIP):
        raise errors.UnsupportedFormatError(
            f"The body is gzipped, and gzip arrives damaged as {JSON}. Send the list gzipped with the "
            "content type application/gzip and the options in the query string, or the JSON as it is."
        )
    if body.count(b"[") + body.count(b"{") > MAX_JSON_VALUES:
        raise errors.TooLargeError(
            f"The body has more than {MAX_JSON_VALUES:,} lists and objects. Send the file with "
            "POST /uploads, then POST /process with its upload_id."
        )
    try:
        request = parse_json(body.decode("utf-8-sig"))
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


def accepted(request: Request, job: Job) -> Response:
    """The answer to a request that started or changed a job."""
    status_url = f"{api_url(request)}/status/{job.id}"
    answer = {"id": job.id, "status": job.status.value, "status_url": status_url}
    return Response(answer, headers={"Location": status_url, "Retry-After": "1"}, status_code=202)


def api_url(request: Request) -> str:
    """The URL under which the caller sees the API, without a slash at its end.

    On AWS the path that was asked for begins with the stage, or with the base path of a custom domain
    (docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html,
    $context.path, $context.domainName). Without a Host it is a path only.
    """
    context, depth = request.context, request.path.count("/")
    prefix = context["path"].rstrip("/").rsplit("/", depth)[0]
    if domain := context.get("domainName"):
        return f"https://{domain}{prefix}"
    host = request.headers.get("host", "")
    api_id = context.get("apiId", "")
    if api_id and not host.startswith(f"{api_id}."):  # an emulator has all APIs on one host
        prefix = f"/restapis/{api_id}/{context['stage']}/_user_request_"
    proto = request.headers.get("x-forwarded-proto", "http")
    return f"{proto}://{host}{prefix}" if host else prefix


def _error_response(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> Response:
    answer = {"code": code, "message": message}
    return Response(answer, {**(headers or {})}, status_code=status)


def _headers_of(error: errors.EnrichmentError) -> dict[str, str]:
    """What an answer of this status needs (RFC 9110, 11.6.1 and 10.2.3)."""
    if isinstance(error, errors.LimitReachedError):
        return {"Retry-After": str(math.ceil(error.retry_after))}
    return {"WWW-Authenticate": "Bearer"} if isinstance(error, errors.UnauthenticatedError) else {}
