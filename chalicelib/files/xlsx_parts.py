"""The XML of the parts of a workbook that is written (ECMA-376-1, 12.3, 18.2, 18.3, 18.8)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from chalicelib.files import limits

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
#: Numbers of the styles of cells. All are texts, so that Excel makes no number of a phone that is edited.
TEXT, HEADER, GUESS = 1, 2, 3
#: What needs an escape in XML, or looks like one of Excel's own escapes (22.9.2.19).
_SPECIAL = re.compile("[&<>\\x00-\\x08\\x0b-\\x1f\\ud800-\\udfff\\ufffe\\uffff]|_x[0-9A-Fa-f]{4}_")
_XML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

TYPES = (
    # All parts are sheets but those that are named: how many sheets there are is known at the end only.
    f'{_DECLARATION}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>'
)
STYLES = (
    f'{_DECLARATION}<styleSheet xmlns="{_MAIN}"><fonts count="3">'
    '<font><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    '<font><b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="Calibri"/><family val="2"/></font>'
    '<font><i/><sz val="11"/><color rgb="FF7F7F7F"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
    '</fill><fill><patternFill patternType="solid"><fgColor rgb="FF1F4E78"/><bgColor indexed="64"/>'
    "</patternFill></fill></fills>"
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"/>'
    '<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def relations(related: Mapping[str, str]) -> str:
    """The parts that a part refers to: target → kind. Their ids are r1, r2, and so on."""
    listed = "".join(
        f'<Relationship Id="r{number}" Type="{_TYPES}/{kind}" Target="{target}"/>'
        for number, (target, kind) in enumerate(related.items(), 1)
    )
    return f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def workbook(sheets: Mapping[str, str]) -> str:
    """The workbook: the names of its sheets, each with the range that can be filtered, in the order of their ids."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>'
        for number, name in enumerate(sheets, 1)
    )
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{number}" hidden="1">'
        f"'{name}'!{_fixed(area)}</definedName>"
        for number, (name, area) in enumerate(sheets.items())
    )
    return (
        f'{_DECLARATION}<workbook xmlns="{_MAIN}" xmlns:r="{_TYPES}"><sheets>{listed}</sheets>'
        f"<definedNames>{filters}</definedNames></workbook>"
    )


def sheet_start(widths: Sequence[int]) -> str:
    """A sheet up to its rows. ``widths``: of its columns, in characters."""
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" style="{TEXT}" customWidth="1"/>'
        for number, width in enumerate(widths, 1)
    )
    return (
        f'{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
        'topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView>'
        f'</sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>'
    )


def sheet_end(area: str) -> str:
    """The rest of a sheet. ``area``: the range of its cells; numbers in them are meant to be texts."""
    return (
        f'</sheetData><autoFilter ref="{area}"/><ignoredErrors><ignoredError sqref="{area}" '
        'numberStoredAsText="1"/></ignoredErrors></worksheet>'
    )


def row(number: int, texts: Sequence[str], styles: Sequence[int]) -> str:
    """A row, counted from 1, of texts that are short enough. Blank cells are left out."""
    if _SPECIAL.search("".join(texts)):
        texts = [_SPECIAL.sub(_escaped, text) for text in texts]
    cells = [
        f'<c r="{letters}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        for letters, text, style in zip(column_letters(len(texts)), texts, styles, strict=True)
        if text
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def shortened(text: str) -> str:
    """The text, cut to what a cell can hold, which counts characters as UTF-16 does."""
    if 2 * len(text) <= limits.MAX_CELL:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * limits.MAX_CELL:
        return text
    return units[: 2 * limits.MAX_CELL].decode("utf-16-le", "ignore")


@lru_cache(4)
def column_letters(count: int) -> tuple[str, ...]:
    """The names of the first columns: A to Z, AA, and so on."""
    return tuple(map(_letters, range(count)))


def _fixed(area: str) -> str:
    """``A1:C9`` → ``$A$1:$C$9``."""
    return re.sub("([A-Z]+)([0-9]+)", r"$\1$\2", area)


def _letters(number: int) -> str:
    rest = chr(ord("A") + number % 26)
    return _letters(number // 26 - 1) + rest if number >= 26 else rest


def _escaped(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] == "_":
        return f"_x005F{found}"
    return _XML.get(found) or f"_x{ord(found):04X}_"
