"""Packs what was found out about the rows of a batch, and unpacks it row by row.

The rows as they were given are not packed: they stand in the normalised contacts. A packed batch is lines of
JSON, compressed: first a table of all the origins that its rows have, then a line for each row.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from chalicelib.files import limits
from chalicelib.model.options import OFFLINE
from chalicelib.model.tallies import RowStatus

#: Values compress about fourfold at any level; the fastest saves two thirds of the time.
_LEVEL = 1
#: zlib copies the unread rest of its input in every call, so it gets the input in slices. Bytes.
_SLICE = 16 * 1024

#: json.loads also looks for what may stand around a value, which takes as long as reading a row.
_decode = json.JSONDecoder().raw_decode

#: A value whose confidence is lower is a guess; one that was only derived, without asking anybody, needs more.
_GUESS_BELOW, _DERIVED_GUESS_BELOW = 0.5, 0.9
#: Where the values of a row are from: field, provider, confidence. Most rows of a list share theirs.
Origins = tuple[tuple[str, str, float], ...]


def is_guess(provider: str, confidence: float) -> bool:
    """Whether a value of a provider is a guess: shown as one, counted as one, and replaced by what is surer."""
    least = _DERIVED_GUESS_BELOW if provider == OFFLINE else _GUESS_BELOW
    return confidence < least


@dataclass(frozen=True)
class Filled:
    """A value of the result. ``provider``: where it is from, "input" for the row itself.

    ``confidence``: from 0 to 1.
    """

    value: str
    provider: str
    confidence: float

    @property
    def is_guess(self) -> bool:
        return is_guess(self.provider, self.confidence)


@dataclass(frozen=True)
class OutputRow:
    """What became of a row. ``error``: the reason, "" if there is none or if the row itself is broken."""

    status: RowStatus
    values: Mapping[str, Filled] = field(default_factory=dict)
    error: str = ""

    @cached_property
    def origins(self) -> Origins:
        """Where its values are from, in their order."""
        return tuple((name, f.provider, f.confidence) for name, f in self.values.items())


class StoredRow(NamedTuple):
    """The same as it was packed: ``values`` in the order of their ``origins``."""

    status: str
    error: str = ""
    origins: Origins = ()
    values: Sequence[str] = ()


def pack(rows: Iterable[OutputRow]) -> bytes:
    """The rows of a batch, compressed."""
    table: dict[Origins, int] = {}
    lines = []
    for row in rows:
        number = table.setdefault(row.origins, len(table))
        values = (filled.value for filled in row.values.values())
        lines.append(json.dumps([row.status.value, row.error, number, *values]))
    text = "\n".join([json.dumps(list(table)), *lines])
    return zlib.compress(text.encode("ascii"), _LEVEL)


def unpack(packed: bytes) -> Iterator[StoredRow]:
    """The rows of a packed batch, one at a time: what compresses well may be large."""
    lines = json_lines(_inflated(packed))
    table = [tuple(map(tuple, origins)) for origins in next(lines)]
    for status, error, number, *values in lines:
        yield StoredRow(status, error, table[number], values)


def json_lines(pieces: Iterable[bytes]) -> Iterator[Any]:
    """What the lines of JSON in pieces of an ASCII text hold. The pieces may be cut anywhere."""
    for line in _lines(pieces):
        value, _ = _decode(line)
        yield value


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    rest = ""
    for piece in pieces:
        *lines, rest = (rest + piece.decode("ascii")).split("\n")
        yield from lines
    if rest:
        yield rest


def _inflated(packed: bytes) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    for start in range(0, len(packed), _SLICE):
        data = packed[start : start + _SLICE]
        while piece := inflater.decompress(data, limits.PIECE):
            yield piece
            data = inflater.unconsumed_tail
