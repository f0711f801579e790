"""Opens the archive that an .xlsx workbook is, and reads its parts in bounded memory; refuses what is none.

Workbooks are read with Python's own zipfile and expat. The packages for it hold a whole sheet in memory, and
python-calamine, up to 0.9 at least, ends the process for a sheet with two cells in opposite corners.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO
from xml.parsers import expat

from chalicelib.files import limits
from chalicelib.model.errors import UnreadableInputError, UnsupportedFormatError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE_AS = 'Save it as "Excel Workbook (.xlsx)" or as "CSV UTF-8".'
_DAMAGED = (
    "The workbook is damaged, or was not sent completely. Open it, save it again, and send that."
)
#: What Python raises for a damaged archive: its directory, its data, or features that it does not know.
_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, KeyError)
#: Bytes that are inflated and parsed at a time.
_PIECE = 64 * 1024
#: Where the number of the sector of an OLE file's directory stands, the size of a sector, and how much of the
#: directory is looked at: its first 32 entries (MS-CFB 2.2, 2.6).
_OLE_SECTOR, _OLE_SHIFT, _OLE_LOOK = slice(48, 52), slice(30, 32), 4096
#: A part that only other kinds of file have, and what those are.
_OTHER_KINDS = {
    "xl/workbook.bin": "a binary workbook (.xlsb)",
    "content.xml": "an OpenDocument file, such as .ods",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "Index/Document.iwa": "a Numbers or Pages document",
}


def damaged() -> UnreadableInputError:
    """The error for a workbook that is not as a workbook must be."""
    return UnreadableInputError(_DAMAGED)


def open_archive(file: BinaryIO, size: int) -> zipfile.ZipFile:
    """Open a workbook of so many bytes; only its directory is read.

    UnsupportedFormatError for other kinds of file, UnreadableInputError for one that is protected, damaged or
    too large.
    """
    if size > limits.MAX_WORKBOOK_BYTES:
        raise UnreadableInputError(
            f"The workbook has more than {limits.MAX_WORKBOOK_BYTES // 1024**2} MB. Remove pictures from "
            "it, split it, or save the sheet as CSV."
        )
    file.seek(0)
    header = file.read(512)
    if header.startswith(_OLE):
        raise _ole_error(file, header)
    try:
        archive = zipfile.ZipFile(_BoundedReads(file))
        names = set(archive.namelist())
    except _DAMAGES:
        raise damaged() from None
    for name, kind in _OTHER_KINDS.items():
        if name in names:
            raise UnsupportedFormatError(f"The service does not read {kind}. {_SAVE_AS}")
    if "[Content_Types].xml" not in names:
        raise UnsupportedFormatError(f"This is a zip archive, but no Excel workbook. {_SAVE_AS}")
    return archive


def part(archive: zipfile.ZipFile, name: str, most: int) -> Iterator[bytes]:
    """A part of a workbook in pieces; UnreadableInputError if it is not there, damaged or too large.

    Its size is taken from the directory. Where that is wrong, Python reads no more than it says, and finds the
    checksum wrong.
    """
    try:
        entry = archive.getinfo(name)
        _check_size(entry, most)
        with archive.open(entry) as opened:
            while piece := opened.read(_PIECE):
                yield piece
    except _DAMAGES:
        raise damaged() from None
    except RuntimeError:  # so zipfile asks for a password
        raise _protected() from None


class XmlPart:
    """Parses a part piece by piece. UnreadableInputError for what is not well-formed, or declares entities."""

    def __init__(
        self,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """``start`` and ``end`` get the names of elements, without the prefix of their namespace."""
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse
        # A prefix is rare: only the first element of the part tells whether there is one.
        self._parser.StartElementHandler = self._first
        self._start, self._end, self._text = start, end, text
        self._fed = 0

    def feed(self, piece: bytes) -> None:
        """Parse the next bytes; b"" is the end."""
        try:
            self._parser.Parse(piece, not piece)
        except expat.ExpatError:
            raise damaged() from None
        self._fed += len(piece)
        if piece and self._fed - self._parser.CurrentByteIndex > limits.MAX_TAG_BYTES + _PIECE:
            raise damaged()

    def _first(self, name: str, attributes: dict[str, str]) -> None:
        start, end = self._start, self._end
        prefix, colon, _ = name.rpartition(":")
        if cut := len(prefix + colon):
            self._parser.StartElementHandler = lambda name, values: start(name[cut:], values)
            if end is not None:
                self._parser.EndElementHandler = lambda name: end(name[cut:])
        else:
            self._parser.StartElementHandler, self._parser.EndElementHandler = start, end
        self._parser.CharacterDataHandler = self._text
        start(name[cut:], attributes)


def elements(archive: zipfile.ZipFile, name: str) -> list[tuple[str, Mapping[str, str]]]:
    """The elements of a small part with their attributes, in their order."""
    found: list[tuple[str, Mapping[str, str]]] = []
    parser = XmlPart(lambda element, attributes: found.append((element, attributes)))
    for piece in part(archive, name, limits.MAX_PART_BYTES):
        parser.feed(piece)
        if len(found) > limits.MAX_ELEMENTS:
            raise damaged()
    parser.feed(b"")
    return found


def _check_size(entry: zipfile.ZipInfo, most: int) -> None:
    most = min(most, limits.FREE_PART_BYTES + limits.MAX_PART_GROWTH * entry.compress_size)
    if entry.file_size > most:
        raise UnreadableInputError(
            f"The workbook is too large: a part of it inflates to {entry.file_size / 1024**2:,.0f} MB, "
            f"and {most // 1024**2:,} MB are taken. Split it, or save the sheet as CSV."
        )


class _BoundedReads:
    """A file of which zipfile can read only as much at once as a directory may have."""

    def __init__(self, file: BinaryIO) -> None:
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._file = file

    def read(self, size: int = -1) -> bytes:
        most = limits.MAX_DIRECTORY_BYTES
        data = self._file.read(most + 1 if size < 0 else min(size, most + 1))
        if len(data) > most:
            raise UnreadableInputError(
                "The workbook has too many parts. Copy the sheet with the contacts into a new workbook."
            )
        return data


def _ole_error(file: BinaryIO, header: bytes) -> Exception:
    """What is wrong with an OLE file: a protected workbook, or one of Excel before 2007."""
    sector = int.from_bytes(header[_OLE_SECTOR], "little")
    shift = min(int.from_bytes(header[_OLE_SHIFT], "little"), 12)
    file.seek((sector + 1) << shift)
    directory = file.read(_OLE_LOOK)
    if "EncryptedPackage".encode("utf-16-le") in directory:
        return _protected()
    return UnsupportedFormatError(
        "This is a workbook of an old kind (.xls), or another old Office document, which the service does not "
        f"read. {_SAVE_AS}"
    )


def _protected() -> UnreadableInputError:
    return UnreadableInputError(
        "The workbook is protected with a password. Remove the password and save it again."
    )


def _refuse(*_: Any) -> None:
    raise damaged()
