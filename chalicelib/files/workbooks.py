"""Finds what a workbook has: its sheets, and how it writes texts, numbers and days (ECMA-376-1, 18.2, 18.8)."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from chalicelib.files.workbook_parts import elements, open_archive
from chalicelib.model.errors import InvalidRequestError, UnreadableInputError

#: Characters of a format code; Excel takes 255.
_LONGEST_CODE = 300
_TRUE = ("1", "true", "on")
#: What the number format of a cell makes of its number.
PLAIN, DAY, ELAPSED, PERCENT = "", "day or time", "elapsed", "percent"
#: Formats that every workbook has without saying what they are (18.8.30); of the numbers from 27 on some only in
#: East Asia.
_BUILT_IN = {
    **dict.fromkeys((9, 10), PERCENT),
    **dict.fromkeys((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)), DAY),
    46: ELAPSED,
}
#: What is no letter of a format: quoted texts, escaped and padded characters, colours and conditions.
_LITERALS = re.compile(r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]|AM/PM|A/P', re.I)


@dataclass(frozen=True)
class Workbook:
    """An open workbook. ``sheets``: the part of each worksheet by its name, in the workbook's order.

    ``first``: the first sheet that is not hidden. ``texts``: the part of its shared texts, "" for none.
    ``formats``: by style, what a number is, or how many digits it has at least. ``from_1904``: whether its days
    are counted from 1904.
    """

    archive: zipfile.ZipFile
    sheets: Mapping[str, str]
    first: str
    texts: str
    formats: tuple[str | int, ...]
    from_1904: bool

    def find(self, wanted: str) -> str:
        """The name of the sheet of this name or number, "" for the first; InvalidRequestError for none."""
        names = list(self.sheets)
        if not wanted:
            return self.first
        if wanted in self.sheets:
            return wanted
        if re.fullmatch("[0-9]{1,6}", wanted) and 0 < int(wanted) <= len(names):
            return names[int(wanted) - 1]
        shown = ", ".join(f'{n} "{name[:40]}"' for n, name in enumerate(names[:20], 1))
        more = f" and {len(names) - 20:,} more" if len(names) > 20 else ""
        raise InvalidRequestError(
            f'sheet: the workbook has no sheet "{wanted[:40]}". Give the name or the number of one of '
            f"these: {shown}{more}."
        )


def open_workbook(file: BinaryIO, size: int) -> Workbook:
    """Open a workbook of so many bytes; of its parts only those that describe it are read.

    UnsupportedFormatError for other kinds of file, UnreadableInputError for one that is protected, damaged or
    too large, or has no worksheet.
    """
    archive = open_archive(file, size)
    main = _only(_related(archive, ""), "officeDocument") or "xl/workbook.xml"
    related = _related(archive, main)
    sheets: dict[str, str] = {}
    visible, from_1904 = [], False
    for element, values in elements(archive, main):
        name, kind_and_part = values.get("name", ""), related.get(_identity(values), ("", ""))
        if element == "workbookPr":
            from_1904 = values.get("date1904") in _TRUE
        # A chart can have a sheet of its own, which is no worksheet.
        elif element == "sheet" and name and kind_and_part[0] == "worksheet":
            sheets.setdefault(name, kind_and_part[1])
            if values.get("state", "visible") == "visible":
                visible.append(name)
    if not sheets:
        raise UnreadableInputError("The workbook has no sheet with cells.")
    styles = _only(related, "styles")
    formats = _formats(elements(archive, styles)) if styles else ()
    texts = _only(related, "sharedStrings")
    return Workbook(archive, sheets, [*visible, *sheets][0], texts, formats, from_1904)


def _related(archive: zipfile.ZipFile, source: str) -> dict[str, tuple[str, str]]:
    """What a part ("" for the whole file) refers to: by its id, the kind and the part."""
    folder, file = posixpath.split(source)
    related = {}
    for element, values in elements(archive, posixpath.join(folder, "_rels", f"{file}.rels")):
        if element == "Relationship":
            path = posixpath.normpath(posixpath.join("/", folder, values.get("Target", "")))
            kind = values.get("Type", "").rpartition("/")[2]
            related[values.get("Id", "")] = (kind, path.lstrip("/"))
    return related


def _only(related: Mapping[str, tuple[str, str]], kind: str) -> str:
    """The part of this kind, "" if there is none."""
    return next((part for found, part in related.values() if found == kind), "")


def _identity(values: Mapping[str, str]) -> str:
    """The attribute r:id, whose prefix can be another one."""
    return next((value for name, value in values.items() if name.endswith(":id")), "")


def _formats(styles: Iterable[tuple[str, Mapping[str, str]]]) -> tuple[str | int, ...]:
    """What each style of a cell makes of a number."""
    codes: dict[str, str] = {}
    formats: list[str | int] = []
    of_cells = False
    for element, values in styles:
        if element == "numFmt":
            codes[values.get("numFmtId", "")] = values.get("formatCode", "")
        elif element in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            of_cells = element == "cellXfs"
        elif element == "xf" and of_cells:
            number = values.get("numFmtId", "0")
            known = _BUILT_IN.get(int(number), PLAIN) if number.isdecimal() else PLAIN
            formats.append(format_of(codes[number]) if number in codes else known)
    return tuple(formats)


def format_of(code: str) -> str | int:
    """What a format that is written out makes of a number: one of the words above, or the digits it has at least.

    ``00000`` gives 5: a code whose zeros in front Excel shows, but does not store.
    """
    letters = _LITERALS.sub("", code[:_LONGEST_CODE]).split(";", maxsplit=1)[0].casefold()
    if re.fullmatch("0{2,30}", letters):
        return len(letters)
    if "%" in letters:
        return PERCENT
    if re.search(r"\[[hms]+\]", letters):
        return ELAPSED
    return DAY if "general" not in letters and re.search("[dmyhs]", letters) else PLAIN
