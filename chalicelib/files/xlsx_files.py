"""Writes enriched rows as an Excel workbook, in constant memory, straight into what is sent.

XlsxWriter was the other choice. Also in its mode for constant memory it writes each sheet to the disk twice: 240 MB
for 50,000 rows with 36 columns. Lambda has 512 MB.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import IO

from chalicelib.files import limits, xlsx_parts
from chalicelib.files.enriched import Origins, StoredRow, is_guess
from chalicelib.files.rows import GivenRow

CONTACTS, SOURCES = "Contacts", "Sources"
#: Rows of a sheet, its header included, and bytes of its part. Excel takes 1,048,576 rows, and a zip archive
#: that all programs read parts of 2 GB.
MAX_SHEET_ROWS = 1_048_576
_MAX_SHEET_BYTES = 2_000_000_000
#: Rows by which the widths of columns are chosen, and the least and most of them, in characters.
_MEASURED = 100
_WIDTHS = (9, 42)
#: Compression. A higher level takes twice the time for a tenth of the bytes.
_LEVEL = 3
_FORMS = 1_000
_CUT = "cells too long for Excel were cut; csv and jsonl have them whole"


class XlsxWriter:
    """The input's columns and the enriched ones on a sheet, where each value is from on another.

    All cells are texts: no formula, no number, no link. Guesses are in grey italics.
    """

    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(
        self, columns: Sequence[str], kept: Sequence[int] | None, fields: Sequence[str]
    ) -> None:
        """``kept``: the positions of the input's columns that are written, None for all. The column of errors is
        always there: it says which rows had to be cut.
        """
        self._kept = range(len(columns)) if kept is None else kept
        self._fields = fields
        own = [columns[at] for at in self._kept]
        names = [*own, *(f"enriched_{name}" for name in ("status", *fields, "error"))]
        self._out = _Out()
        self._archive = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._sheets = _Sheets(self._archive)
        self._sheets.begin(CONTACTS, names)
        self._sources = _Spool()
        self._form = lru_cache(_FORMS)(self._new_form)

    def header(self) -> bytes:
        self._archive.writestr("[Content_Types].xml", xlsx_parts.TYPES)
        return self._out.take()

    def row(self, given: GivenRow, stored: StoredRow) -> bytes:
        places, styles = self._form(stored.origins)
        values = ["", *stored.values]
        error = stored.error or given.problem
        own = [given.cells[at] for at in self._kept]
        texts = [*own, stored.status, *[values[place] for place in places], error]
        if sum(map(len, texts)) > limits.MAX_CELL // 2:
            cut = [xlsx_parts.shortened(text) for text in texts]
            if cut != texts:
                room = limits.MAX_CELL - len(_CUT) - 2
                cut[-1] = f"{cut[-1][: room // 2]}; {_CUT}" if error else _CUT
            texts = cut
        self._sheets.add(texts, styles)
        self._sources.add(json.dumps(stored.origins))
        return self._out.take()

    def end(self) -> Iterator[bytes]:
        self._sheets.end()
        self._sheets.begin(SOURCES, ["row", *self._fields])
        texts = lru_cache(_FORMS)(self._source_texts)
        styles = [xlsx_parts.TEXT] * (len(self._fields) + 1)
        for number, origins in enumerate(self._sources.lines(), 2):
            self._sheets.add([str(number), *texts(origins)], styles)
            yield self._out.take()
        self._sheets.end()
        sheets = self._sheets.written
        parts = {
            f"worksheets/sheet{number}.xml": "worksheet" for number in range(1, len(sheets) + 1)
        }
        for name, text in {
            "xl/styles.xml": xlsx_parts.STYLES,
            "xl/workbook.xml": xlsx_parts.workbook(sheets),
            "xl/_rels/workbook.xml.rels": xlsx_parts.relations({**parts, "styles.xml": "styles"}),
            "_rels/.rels": xlsx_parts.relations({"xl/workbook.xml": "officeDocument"}),
        }.items():
            self._archive.writestr(name, text)
        self._archive.close()
        yield self._out.take()

    def _new_form(self, origins: Origins) -> tuple[list[int], list[int]]:
        """The place of each field among the values, from 1, 0 for none; the styles of a row."""
        places = {name: place for place, (name, _, _) in enumerate(origins, 1)}
        guesses = {name for name, provider, sure in origins if is_guess(provider, sure)}
        found = [xlsx_parts.GUESS if name in guesses else xlsx_parts.TEXT for name in self._fields]
        given = [xlsx_parts.TEXT] * (len(self._kept) + 1)
        return [places.get(name, 0) for name in self._fields], [*given, *found, xlsx_parts.TEXT]

    def _source_texts(self, origins: str) -> list[str]:
        sources = {
            name: f"{provider} ({confidence:.0%})"
            for name, provider, confidence in json.loads(origins)
        }
        return [sources.get(name, "") for name in self._fields]


class _Sheets:
    """Writes one sheet after the other; a full one is followed by another of the same columns."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._part: IO[bytes] | None = None
        self._first: list[tuple[Sequence[str], Sequence[int]]] = []
        self._rows = self._bytes = self._copies = 0
        self._kind, self._name, self._names = "", "", [""]
        #: The range of the cells by the name of the sheet.
        self.written: dict[str, str] = {}

    def begin(self, kind: str, names: Sequence[str], copy: int = 1) -> None:
        self._kind, self._copies = kind, copy
        self._name = kind if copy == 1 else f"{kind} {copy}"
        self._names = [xlsx_parts.shortened(name) for name in names]
        self._first, self._rows, self._bytes = [], 0, 0

    def add(self, texts: Sequence[str], styles: Sequence[int]) -> None:
        if self._part is None:
            self._first.append((texts, styles))
            if len(self._first) == _MEASURED:
                self._open()
            return
        if self._rows == MAX_SHEET_ROWS or self._bytes > _MAX_SHEET_BYTES:
            self.end()
            self.begin(self._kind, self._names, self._copies + 1)
            self.add(texts, styles)
            return
        self._write(texts, styles)

    def end(self) -> None:
        if self._part is None:
            self._open()
        assert self._part is not None, "it was opened"
        last = f"{xlsx_parts.column_letters(len(self._names))[-1]}{max(self._rows, 1)}"
        self._part.write(xlsx_parts.sheet_end(f"A1:{last}").encode())
        self._part.close()
        self._part = None
        self.written[self._name] = f"A1:{last}"

    def _open(self) -> None:
        self._part = self._archive.open(f"xl/worksheets/sheet{len(self.written) + 1}.xml", "w")
        widths = [self._width(column) for column in range(len(self._names))]
        self._part.write(xlsx_parts.sheet_start(widths).encode())
        self._write(self._names, [xlsx_parts.HEADER] * len(self._names))
        for texts, styles in self._first:
            self._write(texts, styles)
        self._first = []

    def _write(self, texts: Sequence[str], styles: Sequence[int]) -> None:
        self._rows += 1
        data = xlsx_parts.row(self._rows, texts, styles).encode("utf-8")
        self._bytes += len(data)
        assert self._part is not None, "it was opened"
        self._part.write(data)

    def _width(self, column: int) -> int:
        """Room for nine of ten texts, and for the name with the arrow of the filter."""
        lengths = sorted(len(texts[column]) for texts, _ in self._first if texts[column])
        most = lengths[len(lengths) * 9 // 10] if lengths else 0
        return min(max(most + 2, len(self._names[column]) + 4, _WIDTHS[0]), _WIDTHS[1])


class _Out:
    """Takes what zipfile writes, which cannot go back, until somebody takes it away."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes, /) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing: zipfile wants it."""

    def close(self) -> None:
        """Nothing: zipfile wants it."""

    def take(self) -> bytes:
        data = bytes(self._waiting)
        self._waiting.clear()
        return data


class _Spool:
    """Keeps lines, compressed, in memory and then on the disk: a million that are alike take a few megabytes."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=limits.PIECE)  # noqa: SIM115 (it lives as long)
        self._compressor = zlib.compressobj(1)

    def add(self, line: str) -> None:
        self._file.write(self._compressor.compress(f"{line}\n".encode()))

    def lines(self) -> Iterator[str]:
        """All lines; nothing can be added after that. The file is closed at the end."""
        self._file.write(self._compressor.flush())
        self._file.seek(0)
        inflater, rest = zlib.decompressobj(), b""
        with self._file:
            while data := self._file.read(16 * 1024):
                while piece := inflater.decompress(data, limits.PIECE):
                    *lines, rest = (rest + piece).split(b"\n")
                    yield from (line.decode() for line in lines)
                    data = inflater.unconsumed_tail
