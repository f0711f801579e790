"""Runs the emulator of AWS for this machine alone, with one key of its own.

By itself it takes a request that names no key, the key "test" or any account number for its root user, and
looks at no signature of these: any page in a browser could read and write everything.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from machine.visitors import refusal

_App = Callable[[Any, Any, Any], Awaitable[None]]
#: Without a key, as on AWS: the API, whose functions look at who asks; forms, which hold a signature; what a browser
#: asks before it sends one (OPTIONS), which changes nothing.
_OPEN = re.compile(r"/_ministack/health|/restapis/\w+/\w+/_user_request_(/.*)?")
_ALWAYS_ROOT = re.compile(r"|test|[0-9]{12}")


def main() -> None:
    """As `python -m ministack`."""
    from ministack import app  # type: ignore[import-untyped]

    app.app = guarded(app.app)
    app.main()


def guarded(emulator: _App) -> _App:
    """The emulator, which gets no request of a page from elsewhere or of a key that anybody knows."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":  # the service has none
            return
        if scope["type"] == "lifespan" or not (why := _refusal(scope)):
            await emulator(scope, receive, send)
            return
        start = {"type": "http.response.start", "status": 403}
        await send(
            {**start, "headers": [(b"content-type", b"text/plain"), (b"connection", b"close")]}
        )
        await send({"type": "http.response.body", "body": why.encode()})

    return answer


def _refusal(scope: Mapping[str, Any]) -> str:
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    if why := refusal(headers.get("host", ""), headers.get("origin")):
        return why
    is_form = scope["method"] == "POST" and headers.get("content-type", "").startswith(
        "multipart/form-data"
    )
    if is_form or scope["method"] == "OPTIONS" or _OPEN.fullmatch(scope["path"]):
        return ""
    named = _named_key(headers, scope["query_string"].decode("latin-1"))
    return "The request must be signed." if _ALWAYS_ROOT.fullmatch(named) else ""


def _named_key(headers: Mapping[str, str], query: str) -> str:
    from ministack.core.router import extract_access_key_id  # type: ignore[import-untyped]

    return extract_access_key_id(dict(headers), parse_qs(query, keep_blank_values=True)) or ""
