"""Reads as much of a list as there is time for, and tells how many contacts the whole list has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from chalicelib.files.lists import ListText
from chalicelib.files.readers import read_rows
from chalicelib.files.rows import Row
from chalicelib.model.errors import NotReadyError
from chalicelib.model.layout import Layout

#: Bytes that are handed on at a time: the time is looked at in between, also if they hold no row.
_PIECE = 16 * 1024


@dataclass(frozen=True)
class StoredList:
    """A list as text, and how it is laid out."""

    text: ListText
    layout: Layout


class _OutOfTimeError(Exception):
    """The time for reading is over."""


class Sample:
    """The rows of a list, at most ``wanted`` (0 for all), as far as they can be read until a time.

    ``rows``: those read so far. ``complete``: they are all.
    """

    def __init__(
        self, source: StoredList, wanted: int, clock: Callable[[], float], until: float
    ) -> None:
        self._source = source
        self._wanted = wanted
        self._clock = clock
        self._until = until
        self._bytes = 0
        #: Rows and bytes when the last piece was asked for: then all bytes before it were used up.
        self._mark = (0, 0)
        self.rows = 0
        self.complete = False

    def __iter__(self) -> Iterator[Row]:
        """NotReadyError if not even the first row comes in time; UnreadableInputError as of read_rows."""
        rows = islice(read_rows(self._pieces(), self._source.layout), self._wanted or None)
        used = 0
        try:
            for row in rows:
                if self._bytes > used:
                    self._mark, used = (self.rows, used), self._bytes
                self.rows += 1
                yield row
                self._check_time()
        except _OutOfTimeError:
            if not self.rows:
                raise NotReadyError(
                    "The list could not be read in time; try again, or leave out estimate."
                ) from None
        else:
            self.complete = True

    def _pieces(self) -> Iterator[bytes]:
        for chunk in self._source.text.chunks:
            self._check_time()  # chunks of a workbook can be empty
            for start in range(0, len(chunk), _PIECE):
                self._check_time()
                piece = chunk[start : start + _PIECE]
                self._bytes += len(piece)
                yield piece

    def _check_time(self) -> None:
        if self._clock() > self._until:
            raise _OutOfTimeError

    def expected_rows(self) -> int:
        """The rows of the whole list; extrapolated by its bytes where only a part was read."""
        if self.complete:
            return self.rows
        rows, used = self._mark if all(self._mark) else (self.rows, self._bytes)
        expected = max(self.rows, round(rows * self._source.text.size() / used))
        return min(expected, self._wanted) if self._wanted else expected
