"""Runs `chalice local` for this machine alone: quicker, and with the answers of API Gateway."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from chalice import cli, local

from machine.visitors import refusal

_Handler = local.ChaliceRequestHandler
_parse_request = _Handler.parse_request


def main() -> None:
    """As `chalice`, with its command line."""
    adapt(setattr)
    sys.exit(cli.main())


def adapt(change: Callable[[Any, str, Any], None]) -> None:
    """Change Chalice's server, of this process, with ``change(class, name, value)``."""
    # As it comes, `chalice local` answers the second request of a connection 43 ms late, because it
    # writes without a buffer under Nagle's algorithm, and it lets only five connections wait.
    changes: dict[str, Any] = {"disable_nagle_algorithm": True, "wbufsize": -1}
    changes |= {"parse_request": _parse_own_request, "send_error": _send_error}
    changes |= {"_send_error_response": _send_unknown_route}
    changes |= {"__getattr__": _take_any_method}
    for name, value in changes.items():
        change(_Handler, name, value)
    change(local.ThreadedHTTPServer, "request_queue_size", 128)


def _parse_own_request(self: Any) -> bool:
    """Refuses the requests of pages in a browser before anything is done."""
    if not _parse_request(self):
        return False
    origins = os.environ.get("CORS_ORIGINS", "").split(",")
    why = refusal(self.headers.get("Host", ""), self.headers.get("Origin"), origins)
    if why:
        _answer(self, 403, "forbidden", why)
    return not why


def _take_any_method(self: Any, name: str) -> Any:
    """For methods such as TRACE, which Python's own server would refuse without saying what there is: the app does."""
    if name.startswith("do_"):
        return self.do_GET
    raise AttributeError(name)


def _send_error(self: Any, code: int, *_: Any) -> None:
    """What Python's own server refuses, such as an endless line: without what was sent."""
    _answer(self, code, "invalid_request", f"{HTTPStatus(code).phrase}.")


def _send_unknown_route(self: Any, error: local.LocalGatewayException) -> None:
    """In the place of API Gateway's 403, as on AWS (package.json)."""
    message = "There is no such route, or not with this method; see docs/api.md for the routes."
    _answer(self, 404, "not_found", message)


def _answer(self: Any, status: int, code: str, message: str) -> None:
    self.close_connection = True  # a body may be left unread
    headers = {"Cache-Control": "no-store", "Connection": "close"}
    self._send_http_response(status, headers, json.dumps({"code": code, "message": message}))
