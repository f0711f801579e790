"""An address in front of the emulator that also takes PutRestApi, which the emulator does not know.

`chalice deploy` calls it for an API that it has made before. Everything else is passed on as it is.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from machine.local_stack import LocalStack

_OF_ONE_HOP = ("connection", "content-encoding", "content-length", "transfer-encoding")


@contextmanager
def taking_put_rest_api(stack: LocalStack) -> Iterator[tuple[str, dict[str, Any]]]:
    """The address, and the definitions that were put, by the id of their API."""
    put: dict[str, Any] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            api = re.fullmatch(r"/restapis/(\w+)(\?.*)?", self.path)
            if api and self.command == "PUT":
                known = stack.client("apigateway").get_rest_api(restApiId=api[1])
                put[api[1]] = json.loads(body)
                content = json.dumps({"id": known["id"], "name": known["name"]}).encode()
                self.send(200, {"Content-Type": "application/json"}, content)
                return
            passed_on = requests.request(
                self.command,
                stack.aws_url + self.path,
                data=body,
                headers=dict(self.headers.items()),
                timeout=60,
            )
            self.send(passed_on.status_code, dict(passed_on.headers), passed_on.content)

        def send(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in _OF_ONE_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
        setattr(Handler, f"do_{method}", Handler.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", put
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
