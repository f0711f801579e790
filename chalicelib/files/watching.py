"""Shows all rows of a list, as they are read, to those who want to know what the list as a whole tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from chalicelib.files.rows import Row, cells_of
from chalicelib.model.layout import Layout


class Watcher(Protocol):
    """Takes in every row of a list, in order."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields whose cells it wants to see."""

    def add(self, cells: Mapping[str, str]) -> None:
        """Take in a row: its cells by field, trimmed, none of them blank; none at all of a broken row."""


def watched(rows: Iterable[Row], layout: Layout, watchers: Sequence[Watcher]) -> Iterator[Row]:
    """The rows, each shown to the watchers first. Of JSON, the keys of the first contacts say what is what."""
    columns, names = layout.columns, {name for watcher in watchers for name in watcher.fields}
    told_by = {name: at for name, at in layout.fields.items() if name in names}
    for row in rows:
        cells = cells_of(row, columns, told_by)
        for watcher in watchers:
            watcher.add(cells)
        yield row
