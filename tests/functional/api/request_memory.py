"""Measures the memory that hostile requests take in the API function; prints it as JSON.

A program of its own: a process's greatest memory never falls again, so each request is answered in a
child of a process that has done nothing but start.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import resource
import sys
from collections.abc import Callable

from moto import mock_aws

from chalicelib.files import limits
from tests.functional.api.gateway_events import answer, event
from tests.functional.resources import ENVIRONMENT, create_resources

#: What a request may have.
SIZE = 4_500_000


def fill(pattern: bytes, start: bytes = b"", end: bytes = b"", size: int = SIZE) -> bytes:
    """``start``, the pattern over and over, ``end``: together at most ``size`` bytes."""
    return start + pattern * ((size - len(start) - len(end)) // len(pattern)) + end


def in_contacts(pattern: bytes, size: int = SIZE) -> bytes:
    return fill(pattern, b'{"contacts": [{"email": "a@example.org"}', b"]}", size)


def gzipped(data: bytes, levels: int = 1) -> bytes:
    for _ in range(levels):
        data = gzip.compress(data, mtime=0)
    return data


def keys(count: int) -> bytes:
    return b"".join(b',"%06d":1' % n for n in range(count))


def of_row(pattern: bytes) -> bytes:
    """A gzipped list whose second contact is nearly as long as one may be."""
    row = fill(pattern, b'{"x": [1', b"]}", limits.MAX_RECORD - 100)
    return gzipped(b'[{"email": "a@example.org"}, ' + row + b"]")


JSON, CSV, GZIP = "application/json", "text/csv", "application/gzip"
DEEP = b"," + b"[" * 90 + b"]" * 90
#: Content type and body, by name. A body is made when it is needed.
SENT: dict[str, tuple[str, Callable[[], bytes]]] = {
    "brackets": (JSON, lambda: fill(b"[")),
    "deep lists": (JSON, lambda: in_contacts(DEEP)),
    "as many lists as may be": (JSON, lambda: in_contacts(DEEP * 3_300 + b',"ab"' * 760_000)),
    "empty objects": (JSON, lambda: in_contacts(b",{}")),
    "small objects": (JSON, lambda: in_contacts(b',{"":1}')),
    "small texts": (JSON, lambda: in_contacts(b',"ab"')),
    "many keys": (JSON, lambda: b'{"contacts": [{"a":1' + keys(370_000) + b"}]}"),
    "gzipped JSON": (JSON, lambda: gzipped(in_contacts(DEEP, 8 * 2**20))),
    "gzip in gzip": (GZIP, lambda: gzipped(b"\0" * 2**24, 2)),
    "gzip in gzip in gzip": (GZIP, lambda: gzipped(b"\0" * 2**24, 3)),
    "empty gzip members": (GZIP, lambda: fill(gzipped(b""))),
    "an array of brackets": (CSV, lambda: fill(b"[")),
    "one line": (CSV, lambda: fill(b"x", b"email\n")),
    "one cell in quotes": (CSV, lambda: fill(b"x,\n", b'email\n"')),
    "one line of JSON": ("application/x-ndjson", lambda: fill(b"x", b'{"email": "')),
    "columns": (CSV, lambda: fill(b",email", b"email")),
    "cells": (CSV, lambda: fill(b",", b"email\n")),
    "cells in the first bytes": (CSV, lambda: fill(b",", b"email\n", b"", limits.HEAD_BYTES)),
    "UTF-16": (CSV, lambda: fill("é\n".encode("utf-16-le"), "email\n".encode("utf-16"))),
    "UTF-32": (CSV, lambda: fill("é\n".encode("utf-32-le"), "email\n".encode("utf-32"))),
    "zeros": (CSV, lambda: fill(b"\0")),
}
#: The same for estimates, which read the rows as well.
ESTIMATED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a row of lists": (GZIP, lambda: of_row(DEEP)),
    "a row of cells": (GZIP, lambda: gzipped(fill(b',"a\n"', b"email\n", b"", 4_190_000))),
    "empty gzip members": (GZIP, lambda: fill(gzipped(b""), gzipped(b"email\na\n"))),
    "one line": (CSV, lambda: fill(b"x", b"email\n")),
    "one cell in quotes": (CSV, lambda: fill(b"x,\n", b'email\n"')),
}


def measure(content_type: str, body: bytes, query: str) -> list[int]:
    """The status of the answer, and by how many bytes the process grew for it."""
    sent = event("/process", body, content_type, query=query)
    if content_type == JSON and body.startswith(b"\x1f"):  # as ``chalice local`` hands it on
        sent |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    text = json.dumps(sent)
    del body, sent
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        status, _, _ = answer(json.loads(text))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        os.write(writing, json.dumps([status, grown * 1024]).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        result = pipe.read()
    os.waitpid(child, 0)
    return list(json.loads(result))


def main() -> None:
    """Print the figures of all requests, by what is asked and what is sent."""
    os.environ.update(ENVIRONMENT)
    with mock_aws():
        os.environ["SQS_QUEUE_URL"] = create_resources()
        answer(event("/process", b"email\na@example.org\n", CSV))  # now the clients are made
        figures = {
            query: {name: measure(kind, make(), query) for name, (kind, make) in bodies.items()}
            for query, bodies in (("", SENT), ("estimate=true", ESTIMATED))
        }
    sys.stdout.write(json.dumps(figures))


if __name__ == "__main__":
    main()
