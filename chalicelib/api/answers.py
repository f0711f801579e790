"""Gives every answer what all have in common: headers, and one form for errors, Chalice's own included."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import Chalice, Request, Response

#: On every answer. ``no-store``: answers hold links that open results, and who asks may be anybody.
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
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.method == "HEAD":  # of the answer to GET, whatever that is, only the headers
        response.body = ""
    return response


def add_head(app: Chalice) -> None:
    """Let every route that takes GET take HEAD as well: HTTP wants that of every server (RFC 9110, 9.1)."""
    for path, methods in list(app.routes.items()):
        if "GET" in methods and "HEAD" not in methods:
            app.route(path, methods=["HEAD"], content_types=["*/*"])(methods["GET"].view_function)


def _is_of_chalice(body: Any) -> bool:
    return isinstance(body, dict) and body.keys() == {"Code", "Message"}


def _in_one_form(response: Response, method: str) -> dict[str, str]:
    code, message = _OF_CHALICE.get(response.status_code, _OF_A_DEFECT)
    allowed = str(response.headers.get("Allow", ""))
    return {"code": code, "message": message.format(method=method[:20], allowed=allowed)}
