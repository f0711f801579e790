"""Holds lists that somebody made, or that went wrong, in ways that readers trip over."""

from __future__ import annotations

import gzip
import json
import sys

MEGABYTE = 1024**2
TEN_MEGABYTES = b"x" * (10 * MEGABYTE)


def table(*rows: bytes) -> bytes:
    return b"\n".join([b"email,note", b"a@example.org,x", *rows, b"b@example.org,y", b""])


def lines(*rows: bytes) -> bytes:
    return b"\n".join([b'{"email": "a@example.org"}', *rows, b'{"email": "b@example.org"}'])


def array(*elements: bytes) -> bytes:
    return b"[" + b",\n".join([b'{"email": "a@example.org"}', *elements]) + b"]"


def deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


#: A row of UTF-16 among others: half of its bytes are NUL, which Python's csv reads since 3.11.
UTF_16 = ("é,è".encode("utf-16"),) if sys.version_info >= (3, 11) else ()
#: Lists with rows that are hard to read: the bytes, and how many rows they have.
FINE = {
    "a cell of a megabyte": (table(b"a," + b"x" * MEGABYTE), 3),
    "a million cells": (table(b"a" + b"," * 1_000_000), 3),
    "only a byte-order mark": (table(b"\xef\xbb\xbf", b"\xef\xbb\xbfa,b"), 4),
    "other encodings": (table("é,è".encode("cp1252"), "é,è".encode(), *UTF_16), 4 + len(UTF_16)),
    "line ends of old": (b"email,note\ra@example.org,x\r\rb,y\r", 2),
    "deep values": (lines(b'{"email": ' + deep(900) + b"}", b'{"x": ' + deep(100_000) + b"}"), 4),
    "deep elements": (array(b'{"email": ' + deep(900) + b"}", deep(100_000), deep(99)), 4),
    "a line of lists": (lines(b'{"x": [' + b"[]," * MEGABYTE + b"1]}"), 3),
    "long numbers": (array(b'{"n": ' + b"9" * 5_000 + b"}", b'{"n": -0}', b'{"n": 1e400}'), 4),
    "a key twice": (lines(b'{"email": "a", "email": "b"}'), 3),
    "accents": (table("\u0316\u0301".encode() * 8_000 + b"," + "\u0301\u0316".encode() * 8_000), 3),
    "a name of accents": (lines(json.dumps({"\u0316\u0301" * 8_000: 1}).encode()), 3),
}


#: Lists that are refused by their first bytes: the bytes, and a part of the reason.
REFUSED = {
    "a header of a million columns": (b"email" + b",email" * 1_000_000 + b"\n", "header is longer"),
    "a header of 2,000 columns": (b"email" + b",email" * 2_000 + b"\na\n", "2,001 columns"),
    "a header of blanks": (b" , ,\t\n1,2,3\n", "knows no column of this list"),
    "names that are data": (b"email," + "é".encode() * 20_000 + b"\na,b\n", "names of the columns"),
    "a first line of ten megabytes": (
        b'{"email": "' + TEN_MEGABYTES + b'"}\n',
        "longer than 64 KB",
    ),
    "a first element of ten megabytes": (
        b'[{"email": "' + TEN_MEGABYTES + b'"}]',
        "longer than 64 KB",
    ),
    "zeros": (gzip.compress(b"\0" * 8 * MEGABYTE, mtime=0), "not text"),
    "a bomb in a bomb": (
        gzip.compress(gzip.compress(b"\0" * 8 * MEGABYTE, mtime=0), mtime=0),
        "not text",
    ),
    "a damaged start": (b"\x1f\x8b" + b"garbage" * 20_000, "damaged"),
    "only empty members": (gzip.compress(b"", mtime=0) * 2_000, "empty"),
    "a workbook, gzipped": (gzip.compress(b"PK\x03\x04" + b"x" * 90, mtime=0), "Excel workbook"),
}


#: Lists that begin well and cannot be read to their end: the bytes, and a part of the reason.
FAILING = {
    "a cell of ten megabytes": (table(b"a," + TEN_MEGABYTES), "never closed"),
    "ten megabytes in quotes": (table(b'a,"' + TEN_MEGABYTES + b'"'), "never closed"),
    "a line of ten megabytes": (
        lines(b'{"x": "' + TEN_MEGABYTES + b'"}'),
        "one object on each line",
    ),
    "an element of ten megabytes": (array(b'{"x": "' + TEN_MEGABYTES + b'"}'), "Contact number 2"),
    "an element without end": (array(b"[" * 5_000_000), "Contact number 2"),
    "an element of lists": (array(b"[" + b"[]," * MEGABYTE + b"1]"), "lists and objects"),
    "keys without end": (
        lines(b"{" + b",".join(b'"k%d":1' % n for n in range(30_000)) + b"}"),
        "names of the columns",
    ),
    "a line bomb": (gzip.compress(table(b"x" * 10 * MEGABYTE), mtime=0), "never closed"),
    "a cell bomb": (gzip.compress(table(b'"\n",' * 2 * MEGABYTE), mtime=0), "never closed"),
    "a batch bomb": (gzip.compress(table(*[b"x" * MEGABYTE] * 20), mtime=0), "more than 16 MB"),
    "a damaged end": (gzip.compress(table(b"a,b") * 9_000, 0, mtime=0) + b"xyz", "damaged"),
}
