"""Sheets of workbooks become CSV files with the texts that people see in their cells."""

from __future__ import annotations

import csv
import io
import random
from datetime import date, datetime, time
from pathlib import Path

import pytest

from chalicelib.files.sheets import open_sheet
from chalicelib.model.errors import InvalidRequestError, UnreadableInputError
from tests.unit.files.made_workbooks import HEADER, by_hand, cell, text_of, written

FILES = Path(__file__).parent / "workbooks"


def rows_of(data: bytes, wanted: str = "") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text_of(data, wanted), newline="")))


#: A value as it is written, its format ("" for none), and the text that it comes back as.
CELLS = [
    ("4155550112", "", "4155550112"),
    (4155550112, "", "4155550112"),
    (4155550112.0, "", "4155550112"),
    (14155550112, "0", "14155550112"),
    ("0412 555 011", "", "0412 555 011"),
    (1234, "00000", "01234"),
    (123456789012345678, "", "123456789012345700"),  # a workbook has 15 to 17 digits of a number
    (1e21, "", "1000000000000000000000"),
    (0.1 + 0.2, "", "0.3"),
    (-12.50, "#,##0.00", "-12.5"),
    (1e-7, "", "0.0000001"),
    (0.25, "0%", "25%"),
    (0.1234, "0.0%", "12.34%"),
    (date(2026, 11, 27), "dd/mm/yyyy", "2026-11-27"),
    (date(1900, 1, 5), "d mmm yy", "1900-01-05"),
    (datetime(2026, 11, 27, 9, 5), "yyyy-mm-dd hh:mm", "2026-11-27T09:05:00"),
    (date(2026, 11, 27), '[$-407]d. "Tag" mmmm yyyy;@', "2026-11-27"),
    (time(9, 5), "h:mm AM/PM", "09:05:00"),
    (1.5, "[h]:mm", "36:00:00"),
    (12, '0 "days"', "12"),
    (12, "[Red]0;[Blue]-0", "12"),
    (3_000_000, "yyyy-mm-dd", "3000000"),
    (True, "", "TRUE"),
    (False, "", "FALSE"),
    ("TRUE", "", "TRUE"),
    ("line 1\nline 2", "", "line 1\nline 2"),
    (' "quoted", ', "", ' "quoted", '),
    ("a\x01b _x0041_", "", "a\x01b _x0041_"),
    ("東京 Ångström 😀", "", "東京 Ångström 😀"),
]


@pytest.mark.parametrize("shared", [True, False])
def test_cells_come_as_the_texts_that_people_see(shared):
    table = [["email", "value"], *(["a@example.org", (v, f) if f else v] for v, f, _ in CELLS)]
    rows = rows_of(written({"S": table}, constant_memory=not shared))
    assert [row[1] for row in rows[1:]] == [text for _, _, text in CELLS]


def test_days_can_be_counted_from_1904():
    table = [["email", "day"], ["a@example.org", (date(2026, 11, 27), "yyyy-mm-dd")]]
    assert rows_of(written({"S": table}, date_1904=True))[1][1] == "2026-11-27"


def test_formulas_count_by_their_value():
    file = written({"S": [["email", "n"]]})
    assert rows_of(file) == [["email", "n"]]
    row = '<row r="2"><c r="A2" t="str"><f>1&amp;"a"</f><v>1a</v></c><c r="B2" t="e"><v>#N/A</v></c></row>'
    assert rows_of(by_hand(HEADER + row))[1] == ["1a", "#N/A"]


def test_blank_rows_and_cells_and_merged_cells():
    rows = (
        HEADER
        + f'<row r="2"/><row r="4">{cell("B4", "x")}</row>'
        + '<row r="5"><c r="A5" s="1"/><c r="XFD5" s="1"/></row>'
        + f'<row r="6">{cell("A6", "merged")}<c r="B6"/></row>'
    )
    assert rows_of(by_hand(rows)) == [["email", "n"], ["", "x"], ["merged", ""]]


def test_cells_and_rows_need_no_places():
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c/><c><v>4</v></c></row>"
    assert rows_of(by_hand(rows)) == [["1", "2"], ["", "4"]]


def test_elements_can_have_a_prefix_and_texts_parts_with_formats():
    sheet = b'<x:worksheet xmlns:x="n"><x:sheetData><x:row><x:c t="s"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    texts = "<si><t>no</t></si><si><r><t>To</t></r><r><t>kyo</t></r><rPh><t>toukyou</t></rPh></si>"
    assert rows_of(by_hand(sheet, texts)) == [["Tokyo"]]


def test_all_rows_are_as_wide_as_the_longest_of_the_first():
    table = [
        ["email"],
        ["a@example.org", "", "note"],
        *[["b@example.org"]] * 300,
        ["c", "", "", "4"],
    ]
    rows = rows_of(written({"S": table}))
    assert {len(row) for row in rows[:-1]} == {3}
    assert rows[-1] == ["c", "", "", "4"]


def test_the_sheet_is_found_by_name_or_number():
    sheets = {"One": [["email"], ["1"]], "2": [["email"], ["2"]], "Three": [["email"], ["3"]]}
    data = written(sheets)
    found = {wanted: rows_of(data, wanted)[1] for wanted in ("", "One", "1", "2", "3", "Three")}
    assert found == {"": ["1"], "One": ["1"], "1": ["1"], "2": ["2"], "3": ["3"], "Three": ["3"]}
    for wanted in ("4", "0", "one", "-1"):
        with pytest.raises(InvalidRequestError, match=r'1 "One", 2 "2", 3 "Three"'):
            rows_of(data, wanted)


def test_a_hidden_sheet_is_not_the_first():
    sheets = '<sheet name="Codes" sheetId="1" state="hidden" r:id="r1"/><sheet name="People" sheetId="2" r:id="r1"/>'
    book = f'<workbook xmlns:r="x"><sheets>{sheets}</sheets></workbook>'
    data = by_hand(HEADER, workbook=book)
    assert open_sheet(io.BytesIO(data), len(data), "").name == "People"
    assert open_sheet(io.BytesIO(data), len(data), "1").name == "Codes"


def test_a_workbook_of_libreoffice():
    rows = rows_of((FILES / "libreoffice.xlsx").read_bytes())
    assert rows[0] == ["Full name", "E-mail", "Phone", "Start", "Zip"]
    assert rows[1] == [
        "Ada Example",
        "ada@acme.example.org",
        "+1 415 555 0112",
        "2026-11-27",
        "1234",
    ]


@pytest.mark.parametrize(("constant_memory", "rows"), [(True, 1_500), (False, 1_500)])
def test_a_large_sheet_comes_back_exactly(constant_memory, rows):
    chance = random.Random(7)
    letters = 'abcdé"\n,; 東😀=+@'
    table = [
        ["email", *(f"column {n}" for n in range(11))],
        *(
            [f"p{n}@example.org", *("".join(chance.choices(letters, k=9)) for _ in range(11))]
            for n in range(rows)
        ),
    ]
    data = written({"S": table}, constant_memory=constant_memory, strings_to_formulas=False)
    sheet = open_sheet(io.BytesIO(data), len(data), "")
    chunks = list(sheet.chunks())
    assert len(chunks) > 3
    text = b"".join(chunks).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline=""))) == table
    assert sheet.expected_bytes == sum(map(len, chunks))


def test_a_row_of_texts_that_are_used_again_and_again_is_bounded():
    cells = '<c t="s"><v>0</v></c>' * 900
    with pytest.raises(UnreadableInputError, match="4,194,304 characters"):
        text_of(by_hand(f"{HEADER}<row>{cells}</row>", f"<si><t>{'x' * 100_000}</t></si>"))
