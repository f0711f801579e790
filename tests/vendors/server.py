"""The vendor server: the data vendors of the real world on one loopback port, with invented people.

As a process: ``python tests/vendors/server.py --port 0`` prints its base URL and serves until it is
stopped. In a test: ``with VendorServer() as server: server.url("pdl"), server["pdl"].account``.

Every vendor is mounted under its name. ``GET /_account`` gives the vendors' books as JSON.
``POST /_faults`` ``{"vendor", "kind", "times": 1 or null, "every": 1, "seconds": 0, "of": "submit" or
"poll"}`` tells a vendor to misbehave, ``{"vendor", "clear": true}`` to stop that. ``POST /_vendors``
``{"vendor", "limits": [[calls, seconds]], "credits_left", "coverage", "key"}``, and for one that answers later
``"poll_limits"`` and ``"busy_polls"``, configures one, ``{"vendor", "reset": true}`` gives it a new account.
"""

from __future__ import annotations

import argparse
import gzip
import json
import socket
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

if __name__ == "__main__":  # not in this folder, whose modules have plain names
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.vendors.registry import VENDORS
from tests.vendors.vendor import Reply, Request, Vendor

#: Where the "redirect" fault leads; whoever follows has shown the key to a stranger.
ELSEWHERE = "_elsewhere"
_WORTH_GZIP = 1024


class VendorServer:
    """All vendors on a port of the loopback interface (0: any free one). Usable with ``with``."""

    def __init__(self, port: int = 0) -> None:
        self.vendors: dict[str, Vendor] = {cls.name: cls() for cls in VENDORS}
        #: Calls that followed a redirect.
        self.strayed = 0
        #: How often somebody connected.
        self.connections = 0
        self._http = _Http(("127.0.0.1", port), _Handler)
        self._http.owner = self

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def elsewhere(self) -> str:
        """Another host as far as a client can tell."""
        return f"http://localhost:{self._http.server_port}/{ELSEWHERE}"

    def url(self, vendor: str) -> str:
        """What belongs into ``<VENDOR>_BASE_URL``."""
        return f"{self.base_url}/{vendor}"

    def __getitem__(self, vendor: str) -> Vendor:
        return self.vendors[vendor]

    def environment(self) -> dict[str, str]:
        """``PDL_BASE_URL``, ``PDL_API_KEY``, … for a service that is to use this server."""
        urls = {f"{name.upper()}_BASE_URL": self.url(name) for name in self.vendors}
        keys = {f"{name.upper()}_API_KEY": vendor.key for name, vendor in self.vendors.items()}
        return {**urls, **keys}

    def serve(self) -> None:
        self._http.serve_forever(poll_interval=0.05)

    def __enter__(self) -> VendorServer:
        self._thread = Thread(target=self.serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def handle(self, mount: str, request: Request) -> Reply | None:
        """One call: of a vendor's client, or of a test; None to hang up."""
        if mount in self.vendors:
            return self.vendors[mount].handle(request)
        if mount == ELSEWHERE:
            self.strayed += 1
            return Reply(200, {})
        try:
            return self._control(mount, request)
        except (KeyError, TypeError, ValueError) as error:
            return Reply(400, {"error": repr(error)})

    def _control(self, mount: str, request: Request) -> Reply:
        if mount == "_account":
            books = {name: vendor.account.as_json() for name, vendor in self.vendors.items()}
            return Reply(200, {**books, "strayed": self.strayed})
        if mount not in ("_faults", "_vendors"):
            return Reply(404, {"error": "no such vendor", "vendors": list(self.vendors)})
        told: dict[str, Any] = request.json()
        vendor = self.vendors[told.pop("vendor")]
        if told.pop("clear", False):
            vendor.faults.clear()
        elif told.pop("reset", False):
            vendor.reset()
        elif mount == "_faults":
            vendor.faults.add(**told)
        else:
            vendor.configure(**told)
        return Reply(200, {"vendor": vendor.name})


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    owner: VendorServer

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        self.owner.connections += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Clients keep connections alive; a server that is gone answers on none of them."""
        super().server_close()
        for request in list(self._open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error; whatever else there is belongs on the screen."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one packet
    server: _Http

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        reply = self.server.owner.handle(*self._read(body))
        try:
            if reply is None:
                self._hang_up()
            else:
                self._send(reply)
        except OSError:  # the client has had enough
            self.close_connection = True

    do_GET = do_POST = do_DELETE = _any  # noqa: N815

    def _read(self, body: bytes) -> tuple[str, Request]:
        url = urlsplit(self.path)
        mount, _, rest = url.path.removeprefix("/").partition("/")
        return mount, Request(
            method=self.command,
            path=f"/{rest}",
            query=dict(parse_qsl(url.query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            elsewhere=self.server.owner.elsewhere,
        )

    def _send(self, reply: Reply) -> None:
        body = _bytes(reply.body)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if "Content-Type" not in reply.headers:
            plain = isinstance(reply.body, str)
            self.send_header("Content-Type", "text/plain" if plain else "application/json")
        if len(body) > _WORTH_GZIP and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, compresslevel=1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the account is the log."""


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    server = VendorServer(parser.parse_args().port)
    print(server.base_url, flush=True)  # noqa: T201
    server.serve()


if __name__ == "__main__":
    main()
