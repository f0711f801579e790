"""Rows and batches without end are stopped before they use up a function's memory."""

from __future__ import annotations

from collections import deque
from itertools import islice

import pytest

from chalicelib.files import limits
from chalicelib.files.readers import read_rows
from chalicelib.model.batches import BATCH_ROWS
from chalicelib.model.errors import UnreadableInputError
from chalicelib.model.layout import Layout
from tests.unit.files.lists import cut, endless
from tests.unit.measuring import growth, peak

CSV_LAYOUT = Layout("csv", "utf-8", ("email", "note"))


ENDLESS = {
    "cell": (CSV_LAYOUT, b'email,note\na,"', b"x\n"),
    "line": (CSV_LAYOUT, b"email,note\na,b\n", b"x"),
    "cells": (CSV_LAYOUT, b"email,note\na,b\n", b"x,"),
    "lines in cells": (CSV_LAYOUT, b"email,note\na,b\n", b'"\n",'),
    "blank lines": (CSV_LAYOUT, b"email,note\na,b\n", b"\n" * 16),
    "zeros": (CSV_LAYOUT, b"email,note\na,b\n", b"\0"),
    "ndjson": (Layout("ndjson", "utf-8", ("email",)), b'{"email": "a"}\n', b" "),
    "blank ndjson": (Layout("ndjson", "utf-8", ("email",)), b'{"email": "a"}\n', b"\n" * 16),
    "json text": (Layout("json", "utf-8", ("email",)), b'[{"email": "', b"x"),
    "json keys": (Layout("json", "utf-8", ("email",)), b'[{"email": {', b'"\\"":1,'),
    "json depth": (Layout("json", "utf-8", ("email",)), b"[{}", b",[["),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_no_row_is_endless(name, monkeypatch):
    limit = 64 * 1024
    monkeypatch.setattr(limits, "MAX_RECORD", limit)
    monkeypatch.setattr(limits, "PIECE", 16 * 1024)
    layout, start, again = ENDLESS[name]

    def work() -> None:
        with pytest.raises(UnreadableInputError, match="longer than 65,536 characters"):
            for _ in read_rows(endless(start, again, 160 * limit), layout):
                pass

    # A window, its double, what csv or json makes of it: small objects take 30 bytes a character.
    assert peak(work) < 40 * limit


def test_the_spaces_between_elements_are_endless_at_no_cost():
    chunks = endless(b'[{"email": "a"}', b" ", 64 * 2**20)
    layout = Layout("json", "utf-8", ("email",))

    def work() -> None:
        with pytest.raises(UnreadableInputError, match="hold more than 16 MB"):
            list(read_rows(chunks, layout))

    assert peak(work) < 16 * limits.PIECE


def test_short_rows_without_end_are_stopped_at_the_limit_of_the_file(monkeypatch):
    monkeypatch.setattr(limits, "MAX_INFLATED_BYTES", 8 * 2**20)
    row = b"a@example.org" * 99 + b"\n"
    rows = read_rows(endless(b"email\n", row, 10**9), CSV_LAYOUT)
    passed = []

    def work() -> None:
        passed.append(sum(1 for _ in islice(rows, 5_000)))
        with pytest.raises(UnreadableInputError, match="more than 8 MB"):
            deque(rows, maxlen=0)

    assert peak(work) < 16 * limits.PIECE
    assert passed == [5_000]


def test_a_batch_of_the_largest_rows_is_too_much_for_a_worker(monkeypatch):
    monkeypatch.setattr(limits, "MAX_BATCH_BYTES", 2**20)
    row = b"a," + b"x" * (2**20 // BATCH_ROWS)
    # Rows of that size are fine as long as others are shorter.
    mixed = b"email,note\n" + b"\n".join(([row] * 50 + [b"a,b"] * 50) * 6)
    assert len(list(read_rows(cut(mixed, [50_000]), CSV_LAYOUT))) == 600
    with pytest.raises(UnreadableInputError, match="hold more than 1 MB"):
        list(read_rows([b"email,note\n", *([row + b"\n"] * 300)], CSV_LAYOUT))


def test_an_element_is_not_decoded_again_for_every_piece(monkeypatch):
    monkeypatch.setattr(limits, "PIECE", 256)
    layout = Layout("json", "utf-8", ("email",))

    def work(size: int) -> None:
        data = b'[{"email": "' + b"x" * size + b'"}]'
        assert sum(1 for _ in read_rows([data], layout)) == 1

    assert growth(work, 50_000) < 9
