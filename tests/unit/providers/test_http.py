"""The client that all vendors' modules call with: bounded, pooled, discreet."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import pytest

from chalicelib.model.errors import MalformedAnswerError, UnavailableError
from chalicelib.providers.http import (
    IDLE_SECONDS,
    MAX_ANSWER_BYTES,
    VendorClient,
    make_client,
)
from chalicelib.settings import ProviderSettings
from tests.vendors.server import VendorServer


@contextmanager
def answering(
    pieces: list[bytes],
    pause: float = 0.0,
    clock: Callable[[], float] = time.monotonic,
    **headers: str,
) -> Iterator[VendorClient]:
    """A vendor whose answer comes in pieces."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            for piece in pieces:
                try:
                    self.wfile.write(piece)
                except OSError:
                    return
                time.sleep(pause)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        yield VendorClient("acme", url, lambda: "k", read_seconds=2.0, clock=clock)
        server.shutdown()


def test_an_answer_in_pieces_is_one_answer():
    with answering([b"[1, ", b"2]"], pause=0.05) as client:
        assert client.get("/", {}, {}).json() == [1, 2]


def test_an_answer_that_trickles_on_is_cut_off():
    """By a clock on which each piece takes half a second."""
    ticks = count(step=0.5)
    with (
        answering([b" "] * 20, pause=0.01, clock=lambda: next(ticks)) as client,
        pytest.raises(UnavailableError, match="too long") as error,
    ):
        client.get("/", {}, {})
    assert error.value.may_be_billed


def test_a_little_gzip_that_unpacks_to_a_lot_is_cut_off():
    bomb = gzip.compress(b" " * (MAX_ANSWER_BYTES * 4))
    with (
        answering([bomb], Content_Encoding="gzip") as client,
        pytest.raises(MalformedAnswerError, match="too large"),
    ):
        client.get("/", {}, {})


def test_gzip_that_is_none_is_no_answer():
    with (
        answering([b"plain"], Content_Encoding="gzip") as client,
        pytest.raises(UnavailableError) as error,
    ):
        client.get("/", {}, {})
    assert error.value.may_be_billed


def test_an_answer_that_ends_too_soon_is_none():
    with (
        answering([b"[1, 2]"], Content_Length="600") as client,
        pytest.raises(UnavailableError) as error,
    ):
        client.get("/", {}, {})
    assert error.value.may_be_billed


def test_calls_share_connections():
    with VendorServer() as server:
        client = VendorClient("pdl", server.url("pdl"), lambda: "k")
        for _ in range(20):
            assert client.post("/v5/person/bulk", {}, {"X-Api-Key": client.key}).status == 401
        assert server.connections == 1


def test_a_connection_that_was_idle_for_long_is_not_trusted():
    now = [1000.0]
    with VendorServer() as server:
        client = VendorClient("pdl", server.url("pdl"), lambda: "k", clock=lambda: now[0])
        for pause in (0, IDLE_SECONDS - 1, IDLE_SECONDS - 1, IDLE_SECONDS + 1):
            now[0] += pause
            assert client.post("/v5/person/bulk", {}, {}).status == 401
        assert server.connections == 2


def test_a_name_that_nobody_has_was_not_asked_anything():
    with pytest.raises(UnavailableError) as error:
        VendorClient("acme", "http://vendor.invalid", lambda: "k").get("/", {}, {})
    assert not error.value.may_be_billed


def test_a_large_answer_comes_compressed():
    with VendorServer() as server:
        client = VendorClient("pdl", server.url("pdl"), lambda: server["pdl"].key)
        requests = [{"params": {"email": f"a{n}@example.org"}} for n in range(100)]
        headers = {"X-Api-Key": client.key}
        answer = client.post("/v5/person/bulk", {"requests": requests}, headers)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(answer.json()) == 100


@pytest.mark.parametrize(
    "url",
    ["nonsense", "http://", "http://[", "ftp://127.0.0.1", "http://a b", "http://" + "a" * 99],
)
def test_a_base_url_that_is_none(url):
    with pytest.raises(UnavailableError) as error:
        VendorClient("acme", url, lambda: "k").get("/", {"email": "jane@example.org"}, {})
    assert "jane" not in f"{error.value!r} {error.value.__cause__!r}"


def test_the_settings_go_before_the_vendor_s_own():
    settings = ProviderSettings(base_url="http://127.0.0.1:9", extra={"TIMEOUT_SECONDS": "0.5"})
    client = make_client("acme", "https://api.example.com", settings, lambda: "k")
    assert "127.0.0.1" in vars(client)["_base_url"]
    assert vars(client)["_read_seconds"] == 0.5
