"""Remembers the number of a row for each of millions of texts, in 12 to 32 bytes each, without the texts."""

from __future__ import annotations

from array import array

#: Keys of the longest list: four for each of a million rows.
MAX_KEYS = 4_000_000
_FIRST_SIZE = 4_096  # slots; always a power of two
_MOST_FULL = 0.75
_64_BITS = 2**64 - 1


class KeyTable:
    """Texts by their hashes, which have 8 bytes: of four million, the chance that any two share one is 1 to 2 million.

    They are those of Python, which each process makes with a secret of its own (SipHash, PEP 456), and are in memory
    alone. ``most``: how many texts there may be.
    """

    def __init__(self, most: int = MAX_KEYS) -> None:
        self._most = most
        self._used = 0
        #: Whether a text was not taken, because there were too many before.
        self.was_full = False
        self._make(_FIRST_SIZE)

    def get(self, text: str) -> int:
        """The row of a text; 0 for none."""
        return self._rows[self._slot(_hash(text))]

    def add(self, text: str, row: int) -> None:
        """Remember the row (from 1 to 2**32 - 1) of a text that has none yet, if there is room."""
        key = _hash(text)
        slot = self._slot(key)
        if self._rows[slot]:
            return
        if self._used >= self._most:
            self.was_full = True
            return
        self._keys[slot], self._rows[slot] = key, row
        self._used += 1
        if self._used > _MOST_FULL * len(self._keys):
            self._grow()

    def change(self, text: str, row: int) -> None:
        """Give a text that has a row another one."""
        self._rows[self._slot(_hash(text))] = row

    def _slot(self, key: int) -> int:
        """Where a key is, or the free place where it belongs."""
        keys, rows, last = self._keys, self._rows, len(self._keys) - 1
        slot = key & last
        while rows[slot] and keys[slot] != key:
            slot = (slot + 1) & last
        return slot

    def _make(self, size: int) -> None:
        self._keys, self._rows = array("Q", bytes(8 * size)), array("I", bytes(4 * size))

    def _grow(self) -> None:
        keys, rows = self._keys, self._rows
        self._make(2 * len(keys))
        for key, row in zip(keys, rows, strict=True):
            if row:
                slot = self._slot(key)
                self._keys[slot], self._rows[slot] = key, row


def _hash(text: str) -> int:
    return hash(text) & _64_BITS
