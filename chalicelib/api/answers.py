"""Gives every answer what all have in common: headers, and one form for errors, Chalice's own included."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import Chalice, Request, Response

from chalicelib.settings import cors_origins

#: On every answer. Without Access-Control-Allow-Origin a browser lets no page read one. ``no-store``: answers hold
#: links that open results, and who asks may be anybody.
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
#: What Chalice refuses before a view is called (chalice/app.py, RestAPIEventHandler): the code and the message.
_OF_CHALICE: Mapping[int, tuple[str, str]] = {
    400: (
        "invalid_request",
        "The request cannot be carried out: the header Accept must allow JSON.",
    ),
    405: ("method_not_allowed", "This address does not take {method}. It takes {allowed}."),
    415: (
        "unsupported_format",
        "This address takes no such Content-Type; leave it out, or send application/json.",
    ),
}
_OF_A_DEFECT = ("internal", "Something went wrong on our side. Please try again.")


def finish_answer(request: Request, answer: Callable[[Request], Response]) -> Response:
    """Answer a request; a middleware of Chalice, so that it sees what Chalice itself answers as well."""
    response = answer(request)
    if _is_of_chalice(response.body):
        response.body = _in_one_form(response, request.method)
    for name, value in (HEADERS | _for_pages(request)).items():
        response.headers.setdefault(name, value)
    if request.method == "HEAD":  # of the answer to GET, whatever that is, only the headers
        response.body = ""
    return response


def _for_pages(request: Request) -> dict[str, str]:
    """What lets a page of CORS_ORIGINS read the answer: an error as well, which it could not tell otherwise."""
    origin = request.headers.get("origin", "")
    if origin not in cors_origins():
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Allow, Location, Retry-After",
        "Vary": "Origin",
    }


def add_options(app: Chalice) -> None:
    """Let every route answer what a browser asks before it sends a request for a page (Fetch, CORS-preflight).

    Chalice's own way knows one origin, and leaves the headers out of answers that are errors.
    """
    for path, methods in list(app.routes.items()):
        app.route(path, methods=["OPTIONS"], content_types=["*/*"])(_preflight([*methods]))


def _preflight(methods: list[str]) -> Callable[..., Response]:
    def preflight(**_: str) -> Response:
        allowed: dict[str, str | list[str]] = {
            "Access-Control-Allow-Methods": ", ".join(methods),
            "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key",
            "Access-Control-Max-Age": "600",
        }
        return Response("", headers=allowed, status_code=204)

    return preflight


def add_head(app: Chalice) -> None:
    """Let every route that takes GET take HEAD as well: HTTP wants that of every server (RFC 9110, 9.1)."""
    for path, methods in list(app.routes.items()):
        if "GET" in methods and "HEAD" not in methods:
            get = methods["GET"]
            app.route(path, methods=["HEAD"], content_types=get.content_types)(get.view_function)


def _is_of_chalice(body: Any) -> bool:
    return isinstance(body, dict) and body.keys() == {"Code", "Message"}


def _in_one_form(response: Response, method: str) -> dict[str, str]:
    code, message = _OF_CHALICE.get(response.status_code, _OF_A_DEFECT)
    allowed = str(response.headers.get("Allow", ""))
    return {"code": code, "message": message.format(method=method[:20], allowed=allowed)}
