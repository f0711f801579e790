"""Workbooks for the tests: of another writer, and by hand where no writer makes them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from chalicelib.files.sheets import open_sheet

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def written(sheets: Mapping[str, Sequence[Sequence[Any]]], **options: Any) -> bytes:
    """A workbook of XlsxWriter. A cell is a value, or a value and the code of its format."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_urls": False, **options}) as workbook:
        formats: dict[str, Any] = {}
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, tuple):
                        value, code = cell
                        if code not in formats:
                            formats[code] = workbook.add_format({"num_format": code})
                        sheet.write(row, column, value, formats[code])
                    else:
                        sheet.write(row, column, cell)
    return file.getvalue()


def relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="r{number}" Type="{_TYPES}/{kind}" Target="{target}"/>'


def relations(*related: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}">{"".join(related)}</Relationships>'


def by_hand(rows: str | bytes, texts: str | bytes = "", **changed: str | bytes) -> bytes:
    """A workbook with one sheet of these ``<row>`` elements, and shared texts of these ``<si>`` elements.

    ``changed``: other parts, by the names below.
    """
    sheet = (
        rows
        if isinstance(rows, bytes)
        else f'<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'
    )
    parts: dict[str, str | bytes] = {
        "types": "<Types/>",
        "root": relations(relation(1, "officeDocument", "xl/workbook.xml")),
        "workbook": f'<workbook xmlns="{NAMESPACE}" xmlns:r="{_TYPES}"><sheets>'
        '<sheet name="People" sheetId="1" r:id="r1"/></sheets></workbook>',
        "related": relations(
            relation(1, "worksheet", "worksheets/sheet1.xml"),
            relation(2, "sharedStrings", "/xl/sharedStrings.xml"),
        ),
        "sheet": sheet,
        "texts": texts if isinstance(texts, bytes) else f'<sst xmlns="{NAMESPACE}">{texts}</sst>',
        **changed,
    }
    names = {
        "types": "[Content_Types].xml",
        "root": "_rels/.rels",
        "workbook": "xl/workbook.xml",
        "related": "xl/_rels/workbook.xml.rels",
        "sheet": "xl/worksheets/sheet1.xml",
        "texts": "xl/sharedStrings.xml",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, content in parts.items():
            archive.writestr(names.get(key, key), content)
    return file.getvalue()


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


#: A header, and nothing else.
HEADER = f'<row r="1">{cell("A1", "email")}{cell("B1", "n")}</row>'


def text_of(data: bytes, wanted: str = "") -> str:
    """The sheet as the CSV file that the service makes of it."""
    sheet = open_sheet(io.BytesIO(data), len(data), wanted)
    return b"".join(sheet.chunks()).decode("utf-8-sig")
