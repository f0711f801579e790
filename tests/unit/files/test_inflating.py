"""Gzipped files: read whole, refused when damaged, and never inflated further than needed."""

from __future__ import annotations

import gzip

import pytest

from chalicelib.files import limits
from chalicelib.files.inflating import inflated, read_head
from chalicelib.model.errors import UnreadableInputError
from tests.unit.files.lists import endless, rows_of
from tests.unit.measuring import growth, peak


def test_gzip_with_several_members():
    data = gzip.compress(b"email\na\n") + gzip.compress(b"b\n")
    assert rows_of(data) == [["a"], ["b"]]


def test_the_start_of_damaged_gzip_is_told_at_once():
    with pytest.raises(UnreadableInputError, match="damaged"):
        read_head(b"\x1f\x8b" + b"garbage" * 10_000, False)


@pytest.mark.parametrize("levels", [1, 2])
def test_the_head_of_a_bomb_is_all_that_is_inflated_at_first(levels):
    bomb = b"".join(endless(b"email\n", b"0", 48 * 2**20))
    for _ in range(levels - 1):
        bomb = gzip.compress(bomb, mtime=0)
    assert len(bomb) < 2**20

    def work() -> None:
        head, whole = read_head(bomb, True)
        assert len(head) <= limits.HEAD_BYTES
        if levels == 1:
            assert not whole

    assert peak(work) < 8 * limits.PIECE


def test_what_is_inflated_is_counted_in_small_pieces():
    bomb = b"".join(endless(b"", b"0", 16 * 2**20))
    largest = max(len(piece) for piece in inflated([bomb], 2**30))
    assert 0 < largest <= limits.PIECE
    with pytest.raises(UnreadableInputError, match="more than 1 MB"):
        list(inflated([bomb], limit=2**20))


def test_many_small_members_are_read_in_proportion():
    member = gzip.compress(b"a@example.org\n", mtime=0)
    assert growth(lambda n: sum(map(len, inflated([member * n], 2**30))), 6_000) < 9
