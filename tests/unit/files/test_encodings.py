"""Encodings: lists of any language come back letter for letter, and a guess is called a guess."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalicelib.files.encodings import Encoding, detect_encoding
from chalicelib.files.inflating import read_head
from chalicelib.files.readers import read_rows
from chalicelib.model.charsets import parse_charset
from tests.layouts import detect_layout
from tests.unit.files.lists import cut

EXPORTS = Path(__file__).parent / "exports"
EXPECTED = json.loads((EXPORTS / "expected.json").read_text("utf-8"))
TEXTS = {
    "cp1252": [
        "name\nJörg\n",
        "nom;ville\nZoé;Besançon\nGaël Lefèvre;Orléans\n",
        "Nome;Città\nNiccolò;Forlì\n",
        "navn;by\nSøren Ærø;Århus\nBjørn;Tromsø\n",
        "nome\nConceição;São João\n",
        "Straße 5–7 „gut“\nMüller’s;€ 5\n",
    ],
    "cp1250": [
        "jméno;příjmení;město\nPříklad;Černý;Plzeň\nŘehoř;Žďár nad Sázavou;Ústí\n",
        "név;város\nPélda Ernő;Győr\nTűzkő Űri;Székesfehérvár\n",
        "imię\nŁukasz;Świdnica\nśćąż\n",
    ],
    "iso8859-2": ["jméno;příjmení\nŠárka Černá;Žďár\n", "imię;nazwisko\nŁukasz;Świątek\n"],
    "cp1251": ["имя\nАнна\n", "фамилия;имя;город\nОбразцова;Анна;Пермь\n"],
    "cp932": ["名前\n太郎\n", "メール,会社\na@example.org,例題\n"],
    "gb18030": ["姓名,公司\n样本,示例\n"],
    "cp950": ["姓名,公司\n樣本,範例科技\n"],
    "cp949": ["이름,회사\n견본,예제\n"],
}
CASES = [(name, text) for name, texts in TEXTS.items() for text in texts]


@pytest.mark.parametrize("name", EXPECTED)
def test_exports_are_read_in_their_encoding(name):
    data, expected = (EXPORTS / name).read_bytes(), EXPECTED[name]
    layout = detect_layout(*read_head(data, True))
    assert (layout.encoding, layout.encoding_certain) == (
        expected["encoding"],
        expected["certain"],
    )
    if layout.header_at >= 0:
        assert list(layout.columns) == [column for column, _ in expected["columns"]]
    assert any("guess" in said for said in layout.warnings) != expected["certain"]


@pytest.mark.parametrize(("name", "text"), CASES)
def test_short_texts_are_guessed_and_said_to_be(name, text):
    assert detect_encoding(text.encode(name)) == Encoding(name, certain=False)


@pytest.mark.parametrize(("name", "text"), CASES)
@pytest.mark.parametrize("length", [1, 3])
def test_cells_come_back_letter_for_letter_however_the_file_is_cut(name, text, length):
    cells = text.splitlines()
    lines = [
        "email,Notes,First Name,Last Name,City",
        *(f'a@example.org,"{cell}",,,' for cell in cells),
    ]
    data = "\r\n".join(lines).encode(name)
    layout = detect_layout(data, True, None, name)
    assert [row[1] for row in read_rows(cut(data, [length]), layout)] == cells


def test_a_character_that_is_cut_at_the_end_of_the_head_does_no_harm():
    data = "名前,メール\n".encode("cp932") + "太郎,a@example.org\n".encode("cp932") * 4_000
    for length in range(60_000, 60_008):
        assert detect_encoding(data[:length]) == Encoding("cp932", certain=False)


def test_a_byte_order_mark_counts_more_than_what_is_declared():
    assert detect_encoding("näme".encode("utf-8-sig"), "cp1251") == Encoding("utf-8-sig")
    assert detect_encoding("näme".encode(), "cp1251") == Encoding("cp1251")


def test_what_programs_call_utf_8_may_be_none():
    assert detect_encoding("Jörg".encode("cp1252"), "utf-8") == Encoding("cp1252", certain=False)


def test_stray_bytes_in_a_utf_8_file_do_not_spoil_it():
    data = b"name\n" + "Jörg Größe Ärger\n".encode() * 9 + "Zoé\n".encode("cp1252")
    layout = detect_layout(data, True)
    assert (layout.encoding, layout.encoding_certain) == ("utf-8", False)
    rows = list(read_rows([data], layout))
    assert (rows[0], rows[-1]) == (["Jörg Größe Ärger"], ["Zoé"])


@pytest.mark.parametrize(
    ("label", "name"),
    [
        *(("Shift_JIS", "cp932"), ("windows-31j", "cp932"), ("GBK", "gb18030")),
        *(("gb2312", "gb18030"), ("Big5", "cp950"), ("EUC-KR", "cp949")),
        *(("ks_c_5601-1987", "cp949"), ("Windows-1250", "cp1250"), ("ISO-8859-2", "iso8859-2")),
        *(
            ("latin1", "cp1252"),
            ("UTF8", "utf-8"),
            ("us-ascii", "utf-8"),
            ("UTF-16LE", "utf-16-le"),
        ),
    ],
)
def test_encodings_have_many_names(label, name):
    assert parse_charset(label) == name
