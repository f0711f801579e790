"""A receiver of callbacks on this machine, which keeps what it gets."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Received:
    """One request. Header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    def is_signed_with(self, secret: str) -> bool:
        """As a receiver checks it that has nothing of ours but the secret."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        sent = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode()
        digest = hmac.new(key, sent + self.body, "sha256").digest()
        return (
            f"v1,{base64.b64encode(digest).decode()}" in self.headers["webhook-signature"].split()
        )


class Receiver:
    """``answer``: the status and headers of the next answers; the last one is that of all others."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[tuple[int, dict[str, str]]] = [(204, {})]
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._answer))
        self.server.daemon_threads = True

    def __enter__(self) -> Receiver:
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=not-to-be-told"

    def _answer(self, received: Received) -> tuple[int, dict[str, str]]:
        self.received.append(received)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def _handler(answer: Callable[[Received], tuple[int, dict[str, str]]]) -> Any:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, extra = answer(Received(self.command, self.path, headers, body))
            self.send_response(status)
            for name, value in {"Content-Length": "0", **extra}.items():
                self.send_header(name, value)
            self.end_headers()

        do_GET = do_POST = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    return Handler
