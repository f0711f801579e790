"""Attacks by a receiver on whoever sends it a callback: named as the attack reads."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from chalicelib.callbacks.sending import Sender
from chalicelib.model.callback_urls import Target
from tests.receiver import Receiver


@contextmanager
def machine(*pieces: bytes, pause: float = 0.0) -> Iterator[Target]:
    """A receiver that sends these pieces, one after the other, whatever it gets."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    for piece in pieces:
                        connection.sendall(piece)
                        _wait(connection, pause)
                except OSError:
                    return

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield Target(False, "127.0.0.1", int(server.getsockname()[1]), "/")
        thread.join(5)


def _wait(connection: socket.socket, seconds: float) -> None:
    """Until then, or until the other side has ended."""
    connection.settimeout(seconds or 0.01)
    try:
        while connection.recv(65_536):
            pass
        raise ConnectionResetError
    except TimeoutError:
        return


@pytest.mark.parametrize(
    "pieces",
    [
        [b"H", b"T", b"T", b"P", b"/", b"1", b".", b"1", b" ", b"2", b"0", b"0", b"\r\n"] * 9,
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * 99,
        [b""] * 99,
    ],
)
def test_answering_so_slowly_that_the_function_is_paid_for_hours(pieces):
    with machine(*pieces, pause=0.1) as target:
        outcome = Sender(loopback=True, answer_seconds=0.5).post(target, b"{}", {})
    assert (outcome.status, outcome.problem) == (0, "there was no answer in time")


@pytest.mark.parametrize(
    "answer",
    [
        *(b"", b"\0" * 99, b"HTTP/9.9 200 OK\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n"),
        *(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1_000, b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000),
    ],
)
def test_answering_with_what_is_not_http(answer):
    with machine(answer) as target:
        outcome = Sender(loopback=True, answer_seconds=5).post(target, b"{}", {})
    assert (outcome.status, outcome.is_delivered, outcome.is_final) == (0, False, False)
    assert outcome.problem


def test_answering_with_more_than_there_is_memory():
    """Of an answer the status is read, and no body at all."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"
    with machine(head, *([b"x" * 65_536] * 5), pause=0.01) as target:
        assert Sender(loopback=True, answer_seconds=5).post(target, b"{}", {}).is_delivered


def local(receiver: Receiver) -> Target:
    return Target(False, "127.0.0.1", receiver.port, "/")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirecting_to_an_address_inside(status):
    with Receiver() as inside, Receiver() as receiver:
        receiver.answers = [(status, {"Location": inside.url})]
        outcome = Sender(loopback=True).post(local(receiver), b"{}", {})
        assert outcome.status == status
        assert not outcome.is_delivered
        assert inside.received == []
        assert len(receiver.received) == 1


def test_using_a_proxy_of_the_environment(monkeypatch):
    with Receiver() as proxy, Receiver() as receiver:
        for name in ("http_proxy", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert Sender(loopback=True).post(local(receiver), b"{}", {}).is_delivered
        assert proxy.received == []
