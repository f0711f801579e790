"""Workbooks that are none, broken, protected, or made to cause work: refused with a sentence, cheaply."""

from __future__ import annotations

import io
import math
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.files import limits
from chalicelib.files.workbook_parts import open_archive
from chalicelib.model.errors import EnrichmentError, UnreadableInputError
from tests.unit.files.made_workbooks import HEADER, by_hand, cell, text_of, written
from tests.unit.measuring import peak

FILES = Path(__file__).parent / "workbooks"
MEGABYTE = 1024**2


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


def lying(data: bytes, name: bytes, size: int) -> bytes:
    """The workbook, with another inflated size of a part in its directory and before its data."""
    changed = bytearray(data)
    for signature, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = changed.find(signature)
        while start >= 0:
            names_at = start + (46 if at == 24 else 30)
            if changed[names_at : names_at + len(name)] == name:
                struct.pack_into("<L", changed, start + at, size)
            start = changed.find(signature, start + 4)
    return bytes(changed)


def blank_rows(count: int) -> str:
    return HEADER + '<row r="2"><c r="A2" s="0"/></row>' * count


GOOD = written({"S": [["email"], *[[f"p{n}@example.org"] for n in range(500)]]})
#: A file and a part of what is said of it.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "protected": ((FILES / "protected.xlsx").read_bytes, "protected with a password"),
    "an old workbook": ((FILES / "old.xls").read_bytes, r"old kind \(.xls\)"),
    "an OpenDocument": ((FILES / "opendocument.ods").read_bytes, "OpenDocument.*xlsx"),
    "a binary workbook": (lambda: zipped("[Content_Types].xml", "xl/workbook.bin"), "xlsb"),
    "a Word document": (lambda: zipped("[Content_Types].xml", "word/document.xml"), "Word"),
    "a zip of lists": (lambda: zipped("list.csv"), "zip archive, but no Excel workbook"),
    "cut": (lambda: GOOD[: len(GOOD) // 2], "damaged"),
    "cut before anything": (lambda: GOOD[:8], "damaged"),
    "changed": (
        lambda: GOOD.replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet9.xml"),
        "damaged",
    ),
    "without its parts": (lambda: zipped("[Content_Types].xml"), "damaged"),
    "without a sheet": (lambda: by_hand(HEADER, workbook="<workbook/>"), "no sheet with cells"),
    "bad XML": (lambda: by_hand(f"{HEADER}<row><c>"), "damaged"),
    "text that is not there": (lambda: by_hand('<row><c t="s"><v>7</v></c></row>'), "damaged"),
    "text of no number": (lambda: by_hand('<row><c t="s"><v>-1</v></c></row>'), "damaged"),
    "cells in one place": (lambda: by_hand(f"<row>{cell('A1', 'a') * 2}</row>"), "damaged"),
    "entities": (
        lambda: by_hand(b'<!DOCTYPE w [<!ENTITY a "aaaa">]><w><row><c><v>&a;</v></c></row></w>'),
        "damaged",
    ),
    "opposite corners": (
        lambda: by_hand(HEADER + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        'column "XFD"; at most 1,000',
    ),
    "a bomb of a sheet": (lambda: by_hand(blank_rows(2_000_000)), "too large: .*CSV"),
    "a bomb of texts": (
        lambda: by_hand(HEADER_OF_TEXTS, "<si><t>aaaa</t></si>" * 2 * 10**6),
        "too large",
    ),
    "a bomb of styles": (
        lambda: by_hand(HEADER, workbook="<workbook/>" + " " * 40 * MEGABYTE),
        "too large",
    ),
    "a size that is too small": (lambda: lying(GOOD, b"xl/sharedStrings.xml", 500), "damaged"),
    "a bomb that says it is small": (
        lambda: lying(by_hand(blank_rows(2_000_000)), b"xl/worksheets/sheet1.xml", 4_000),
        "damaged",
    ),
    "a text without end": (
        lambda: by_hand(f"{HEADER}<row><c><v>{'x' * 6 * MEGABYTE}</v></c></row>"),
        "damaged",
    ),
    "a tag without end": (lambda: by_hand(f'<row a="{"x" * 12 * MEGABYTE}"/>'), "damaged"),
    "many elements": (lambda: by_hand(HEADER, workbook="<workbook>" + "<a/>" * 10**6), "damaged"),
    "too many parts": (lambda: zipped(*(f"{n:0100}" for n in range(4_000))), "too many parts"),
}
HEADER_OF_TEXTS = '<row><c t="s"><v>0</v></c></row>'


@pytest.fixture(scope="module")
def cost_of_5_000() -> float:
    """CPU seconds that 5,000 contacts with 12 columns take, on the machine as it is now."""
    rows = [[f"p{n}@example.org", *["x"] * 11] for n in range(5_000)]
    data = written({"Contacts": [["email", *"abcdefghijk"], *rows]})
    start = time.process_time()
    text_of(data)
    return time.process_time() - start


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_sentence_for_less_than_a_list_of_20_000_costs(name, cost_of_5_000):
    data, says = REFUSED[name][0](), REFUSED[name][1]
    taken = []
    while len(taken) < 3 and min(taken, default=math.inf) >= 4 * cost_of_5_000:
        start = time.process_time()  # again if it is long: other work can slow a moment down
        with pytest.raises(EnrichmentError, match=says):
            text_of(data)
        taken.append(time.process_time() - start)
    assert min(taken) < 4 * cost_of_5_000


@pytest.mark.parametrize("name", [name for name in REFUSED if " " in name])
def test_refused_in_little_memory(name):
    data = REFUSED[name][0]()

    def refused() -> None:
        with pytest.raises(EnrichmentError):
            text_of(data)

    assert peak(refused) < 32 * MEGABYTE


def test_a_workbook_that_is_too_large_is_not_opened():
    with pytest.raises(UnreadableInputError, match="more than 256 MB"):
        open_archive(io.BytesIO(b""), limits.MAX_WORKBOOK_BYTES + 1)


def test_any_damage_is_an_error_for_people():
    for start in range(0, len(GOOD), 97):
        broken = bytearray(GOOD)
        broken[start] ^= 0xFF
        try:
            text_of(bytes(broken))
        except EnrichmentError:
            continue  # some bytes, such as times, mean nothing to the reader
