"""Finds the header of a CSV file among its first records, or that it has none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.files import limits
from chalicelib.files.column_map import ColumnMap, map_columns
from chalicelib.files.contents import is_email, is_linkedin, is_phone, kind_of
from chalicelib.files.headers import meaning_of
from chalicelib.model.layout import NO_HEADER

_INVENTED = re.compile("Column [1-9][0-9]{0,3}")


@dataclass(frozen=True)
class Reading:
    """The first records of a file, read with a delimiter."""

    delimiter: str
    records: Sequence[Sequence[str]]

    def candidates(self) -> Iterator[tuple[int, Sequence[str], bool]]:
        """Records that are not blank: position, cells, and whether it is the first of them."""
        is_first = True
        for position, record in enumerate(self.records[: limits.MAX_PREAMBLE]):
            # Excel's own hint "sep=;" is not a header.
            if any(record) and not record[0].startswith("sep="):
                yield position, record, is_first
                is_first = False

    def below(self, position: int, width: int) -> list[Sequence[str]]:
        """The records after one that are as wide."""
        return [record for record in self.records[position + 1 :] if len(record) == width]


@dataclass(frozen=True)
class Header:
    """The columns of a file. ``position``: of the header's record, NO_HEADER if there is none."""

    names: tuple[str, ...]
    delimiter: str
    position: int
    fields: ColumnMap


def find_header(readings: Sequence[Reading], mapping: Mapping[str, str]) -> Header | None:
    """The header: the record that, with its delimiter, gives the most known columns, then the most columns.

    A record after the first is a header only if it has two known columns or more, or if the cells below it are
    what it says: any list has cells that could be the name of a column. Where no name is known, the cells tell.
    None if no record is complete.
    """
    if mapping and all(map(_INVENTED.fullmatch, mapping)) and not _is_there(readings, mapping):
        return _without_header(readings, mapping)
    best: tuple[Reading, int] | None = None
    best_score = (0, 0)
    for reading in readings:
        for position, record, is_first in reading.candidates():
            score = (len(map_columns(record, mapping)), len(record))
            if score > best_score and _can_be_header(
                reading, position, is_first, score[0], best_score[0], mapping
            ):
                best, best_score = (reading, position), score
    if best is not None and best_score[0]:
        return _header(*best, mapping)
    return _by_content(readings, mapping)


def _is_there(readings: Sequence[Reading], names: Iterable[str]) -> bool:
    """Whether a record has one of these names."""
    cells = {
        cell for reading in readings for _, record, _ in reading.candidates() for cell in record
    }
    return not cells.isdisjoint(names)


def _can_be_header(
    reading: Reading,
    position: int,
    is_first: bool,
    known: int,
    best: int,
    mapping: Mapping[str, str],
) -> bool:
    record = reading.records[position]
    if not mapping.keys() & set(record) and any(is_email(c) or is_linkedin(c) for c in record):
        return False
    return is_first or known > max(best, 1) or (known > best and _is_confirmed(reading, position))


def _is_confirmed(reading: Reading, position: int) -> bool:
    """Whether the cells below a record are what it says, in at least one column."""
    record = reading.records[position]
    rows = reading.below(position, len(record))
    return any(
        meaning_of(name).field == kind_of([row[at] for row in rows])
        for at, name in enumerate(record)
        if meaning_of(name).field
    )


def _header(reading: Reading, position: int, mapping: Mapping[str, str]) -> Header:
    names = tuple(reading.records[position])
    fields = map_columns(names, mapping, reading.below(position, len(names)))
    return Header(names, reading.delimiter, position, fields)


def _by_content(readings: Sequence[Reading], mapping: Mapping[str, str]) -> Header | None:
    """The header where no name is known: the first record that is as wide as most are, unless it is a contact."""
    found = [header for r in readings if (header := _most_usual(r, mapping)) is not None]
    return max(found, key=lambda h: (len(h.fields), len(h.names)), default=None)


def _most_usual(reading: Reading, mapping: Mapping[str, str]) -> Header | None:
    candidates = list(reading.candidates())
    if not candidates:
        return None
    usual = _usual_width(reading)
    fitting = [position for position, record, _ in candidates if len(record) == usual]
    position = fitting[0] if fitting else candidates[0][0]
    record = reading.records[position]
    if not any(is_email(cell) or is_linkedin(cell) or is_phone(cell) for cell in record):
        return _header(reading, position, mapping)
    return _headerless(reading, len(record), mapping)


def _without_header(readings: Sequence[Reading], mapping: Mapping[str, str]) -> Header | None:
    """The columns where the user names them "Column 1" and on: every record is a contact."""
    found = [_headerless(r, _usual_width(r), mapping) for r in readings if any(r.candidates())]
    return max(found, key=lambda header: len(header.fields), default=None)


def _usual_width(reading: Reading) -> int:
    widths = Counter(len(record) for record in reading.records if any(record))
    return max(widths, key=lambda width: (widths[width], width))


def _headerless(reading: Reading, width: int, mapping: Mapping[str, str]) -> Header:
    names = tuple(f"Column {number}" for number in range(1, width + 1))
    fields = map_columns(names, mapping, reading.below(-1, width))
    return Header(names, reading.delimiter, NO_HEADER, fields)
