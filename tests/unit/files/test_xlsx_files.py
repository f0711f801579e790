"""Workbooks that are written, as another program reads them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence

from python_calamine import CalamineWorkbook

from chalicelib.files import xlsx_files
from chalicelib.files.enriched import StoredRow
from chalicelib.files.rows import GivenRow
from chalicelib.files.writers import create_writer
from chalicelib.model.options import Options
from tests.unit.files.made_workbooks import text_of
from tests.unit.measuring import peak

COLUMNS = ("Name", "E-mail", "Note")
FIELDS = ("email", "phone", "company")
ORIGINS = (("email", "input", 1.0), ("phone", "pdl", 0.9), ("company", "offline", 0.25))
FOUND = StoredRow("matched", "", ORIGINS, ["a@example.org", "+14155550112", "Acme"])


def given(*cells: str) -> GivenRow:
    return GivenRow(cells, None, "")


def written(rows: Sequence[tuple[GivenRow, StoredRow]]) -> bytes:
    writer = create_writer(Options(output="xlsx", fields=FIELDS), COLUMNS)
    pieces = [writer.header(), *(writer.row(*row) for row in rows), *writer.end()]
    return b"".join(pieces)


def sheets_of(data: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
    }


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return archive.read(name).decode()


def test_rows_and_sources():
    sheets = sheets_of(written([(given("Ada", "a@example.org", "0012"), FOUND)]))
    names = [f"enriched_{name}" for name in ("status", *FIELDS, "error")]
    assert sheets["Contacts"] == [
        [*COLUMNS, *names],
        ["Ada", "a@example.org", "0012", "matched", "a@example.org", "+14155550112", "Acme", ""],
    ]
    assert sheets["Sources"] == [
        ["row", *FIELDS],
        ["2", "input (100%)", "pdl (90%)", "offline (25%)"],
    ]


#: Cells that other programs would run, link, count, or cannot hold as they are.
HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://example.org")',
    "https://example.org/",
    "mailto:a@example.org",
    "007",
    "1e5",
    "+14155550112",
    "-1",
    "@x",
    "2026-11-27",
    "TRUE",
    " spaces ",
    "line\nline",
    "return\r\n",
    "tab\t",
    "control \x01\x0b\x1f",
    "not escaped _x0041_ _x005F_",
    "<b>&amp;</b> \"'",
    "\ufffe\uffff",
    "東京 😀",
]


def test_every_text_stays_a_text():
    data = written([(given(cell, "", "z"), StoredRow("not_found")) for cell in HOSTILE])
    rows = sheets_of(data)["Contacts"][1:]
    ours = text_of(data)
    assert all(f'"{cell}"'.replace('"', "") in ours.replace('"', "") for cell in HOSTILE)
    # calamine makes "\n" of "\r\n", and leaves escapes that XML cannot hold without them.
    plain = [cell for cell in HOSTILE if not re.search("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x", cell)]
    assert [row[0] for row in rows if row[0] in plain] == plain
    sheet = part(data, "xl/worksheets/sheet1.xml")
    assert not re.search("<f>|<v>|<hyperlink", sheet)
    assert set(re.findall(' t="([^"]*)"', sheet)) == {"inlineStr"}


def test_what_excel_cannot_hold_is_cut_and_said_to_be():
    long, pairs = "x" * 32_768, "😀" * 20_000
    rows = [(given(long, "a", "b"), FOUND), (given("x" * 32_767, pairs, "b"), FOUND)]
    first, second = sheets_of(written(rows))["Contacts"][1:]
    assert (first[0], first[7]) == (long[:32_767], xlsx_files._CUT)
    assert (second[0], second[1], second[7]) == ("x" * 32_767, "😀" * 16_383, xlsx_files._CUT)


def test_a_full_sheet_is_followed_by_another(monkeypatch):
    monkeypatch.setattr(xlsx_files, "MAX_SHEET_ROWS", 201)
    sheets = sheets_of(written([(given(str(n), "", "z"), FOUND) for n in range(450)]))
    assert list(sheets) == [
        "Contacts",
        "Contacts 2",
        "Contacts 3",
        *(f"Sources{n}" for n in ("", " 2", " 3")),
    ]
    assert [len(sheets[name]) for name in ("Contacts", "Contacts 2", "Contacts 3")] == [
        201,
        201,
        51,
    ]
    numbers = [
        row[0] for name in ("Contacts", "Contacts 2", "Contacts 3") for row in sheets[name][1:]
    ]
    assert numbers == [str(n) for n in range(450)]


def test_header_widths_filter_and_guesses():
    data = written([(given("Ada Example", "a@example.org", "y" * 300), FOUND)] * 20)
    sheet = part(data, "xl/worksheets/sheet1.xml")
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:H21"/>' in sheet
    assert re.findall(' width="([0-9]+)"', sheet)[:3] == ["13", "15", "42"]
    assert re.findall('<c r="(..?)" s="2"', sheet) == [f"{letter}1" for letter in "ABCDEFGH"]
    assert re.findall('<c r="(..?)" s="3"', sheet)[:2] == ["G2", "G3"]
    assert "_xlnm._FilterDatabase" in part(data, "xl/workbook.xml")


def test_no_rows_and_empty_names():
    writer = create_writer(Options(output="xlsx", fields=("email",)), ("", "a"))
    sheets = sheets_of(b"".join([writer.header(), *writer.end()]))
    assert sheets["Contacts"] == [["", "a", "enriched_status", "enriched_email", "enriched_error"]]


def test_memory_does_not_grow_with_the_rows():
    def write(count: int) -> None:
        writer = create_writer(Options(output="xlsx", fields=FIELDS), COLUMNS)
        writer.header()
        for n in range(count):
            writer.row(given(f"Ada {n}", "a@example.org", "z" * 50), FOUND)
        for _ in writer.end():
            pass

    assert peak(lambda: write(6_000)) < 2_000_000  # the rows take 5 MB of XML
