"""Files in: encodings, delimiters, compression, known exports, and what cannot be read."""

from __future__ import annotations

import gzip
import json

import pytest

from chalicelib.files import limits
from chalicelib.files.detection import detect_layout
from chalicelib.files.inflating import inflated, read_head
from chalicelib.files.readers import read_rows
from chalicelib.model.contacts import map_columns
from chalicelib.model.errors import (
    InvalidRequestError,
    UnreadableInputError,
    UnsupportedFormatError,
)


def read(data: bytes, chunk: int = 7, **mapping: str) -> list:
    layout = detect_layout(*read_head(data, True), mapping)
    pieces = [data[start : start + chunk] for start in range(0, len(data), chunk)]
    return list(read_rows(pieces, layout))


EXPORTS = {
    "linkedin": (
        "Notes:\n"
        '"When exporting your connection data, you may notice, that some are missing."\n\n'
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
        "Ada,Müller,https://www.linkedin.com/in/x,a@example.org,Acme,CEO,01 Jan 2026\n"
    ),
    "google_old": (
        "Name,Given Name,Additional Name,Family Name,E-mail 1 - Type,E-mail 1 - Value,"
        "Phone 1 - Value,Organization 1 - Name,Organization 1 - Title\n"
        "Ada Müller,Ada,,Müller,* Work,a@example.org,+1 202 555 0143,Acme,CEO\n"
    ),
    "google_new": (
        "First Name,Middle Name,Last Name,Organization Name,Organization Title,"
        "E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Value\n"
        "Ada,,Müller,Acme,CEO,* Work,a@example.org,+1 202 555 0143\n"
    ),
    "outlook": (
        "First Name,Middle Name,Last Name,Title,E-mail Address,Business Phone,Mobile Phone,"
        "Company,Job Title,Business Country/Region\n"
        "Ada,,Müller,Dr.,a@example.org,,+1 202 555 0143,Acme,CEO,Germany\n"
    ),
    "hubspot": (
        "Record ID,First Name,Last Name,Email,Phone Number,Company Name,Job Title,Website URL\n"
        "1,Ada,Müller,a@example.org,+1 202 555 0143,Acme,CEO,acme.example\n"
    ),
    "salesforce": (
        "Id,FirstName,LastName,Email,Phone,MobilePhone,Title,Account.Name,MailingCity,"
        "MailingCountry\n003,Ada,Müller,a@example.org,,+1 202 555 0143,CEO,Acme,Bonn,Germany\n"
    ),
    "salesforce_report": (
        "First Name,Last Name,Account Name,Email\nAda,Müller,Acme,a@example.org\n"
    ),
    "apollo": (
        "First Name,Last Name,Title,Company,Company Name for Emails,Email,Email Status,"
        "Person Linkedin Url,Website,Company Linkedin Url,City,State,Country\n"
        "Ada,Müller,CEO,Acme,Acme Inc,a@example.org,Verified,linkedin.com/in/x,acme.example,"
        "linkedin.com/company/acme,Bonn,NRW,Germany\n"
    ),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("name", EXPORTS)
def test_known_exports_are_read_without_mapping(name, encoding):
    data = EXPORTS[name].encode(encoding)
    layout = detect_layout(*read_head(data, True))
    (row,) = read(data)
    fields = {field: row[at[0]] for field, at in map_columns(layout.columns).items()}
    assert fields["email"] == "a@example.org"
    assert fields["last_name"] == "Müller"
    assert fields.get("company", "Acme") == "Acme"
    assert fields.get("title", "CEO") == "CEO"
    assert fields.get("linkedin_url", "in/x").endswith("in/x")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_delimiters_and_line_ends(delimiter, line_end):
    header = delimiter.join(["E-Mail", "Note"])
    rows = delimiter.join(["a@example.org", '"x, y; z' + line_end + 'w"'])
    assert read(f"{header}{line_end}{rows}{line_end}".encode()) == [
        ["a@example.org", f"x, y; z{line_end}w"]
    ]


def test_blank_lines_are_no_rows_and_ragged_rows_stay():
    assert read(b"\nemail,name\n\na,b\n,\n\nx\n1,2,3\n") == [
        ["a", "b"],
        ["", ""],
        ["x"],
        ["1", "2", "3"],
    ]


def test_excel_separator_hint():
    assert read(b"sep=;\nEmail;Note\na;b\n") == [["a", "b"]]


def test_headers_of_the_same_name_are_both_kept():
    layout = detect_layout(b"email,note,email\n", True)
    assert layout.columns == ("email", "note", "email")
    assert map_columns(layout.columns)["email"] == (0, 2)


def test_stray_windows_1252_bytes_far_into_a_utf_8_file():
    data = b"name\n" + "Jörg\n".encode() * 20_000 + "Jörg\n".encode("cp1252")
    rows = read(data, chunk=65536)
    assert rows[-1] == ["Jörg"]
    assert rows[0] == ["Jörg"]


def test_gzip_with_several_members():
    data = gzip.compress(b"email\na\n") + gzip.compress(b"b\n")
    assert read(data) == [["a"], ["b"]]


def test_json_array_is_read_piece_by_piece():
    contacts = [{"email": f"{n}@example.org", "n": n, "x": [1, {"y": "],["}]} for n in range(50)]
    assert read(json.dumps(contacts, indent=2).encode()) == contacts
    assert read(json.dumps({"contacts": contacts}).encode()) == contacts


def test_large_json_array(monkeypatch):
    contacts = [{"email": f"{n}@example.org", "pad": "x" * 500} for n in range(3000)]
    assert read(json.dumps(contacts).encode(), chunk=100_000) == contacts


def test_ndjson_keeps_lines_that_are_no_objects():
    lines = ['{"email": "a"}', "", "[1]", "oops", '{"email": NaN}', '{"email": 1e999}']
    assert read("\n".join(lines).encode()) == [
        {"email": "a"},
        "[1]",
        "oops",
        '{"email": NaN}',
        '{"email": 1e999}',
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b'email,note\na,"never closed\nb,c\n', "never closed"),
        (b"email\n\x81\x8d\n", "not valid text"),
        (b"email\n" + b"a\n" * 40_000 + b"\x81\n", "not valid text"),
        (gzip.compress(b"email\na\n", mtime=0)[:-9], "ends early"),
        (b"\x1f\x8b\x08" + b"garbage" * 9, "damaged"),
        (b'{"a": 1,\n"b": 2}', "Line 1 is not"),
        (b'[{"email": "a"}, {"email": ', "Contact number 2"),
        (b'[{"email": "a"}] and more', "goes on"),
        (b'{"contacts": [{"email": "a"}], "providers": []}', "goes on"),
    ],
)
def test_what_cannot_be_read_is_said(data, says):
    with pytest.raises(UnreadableInputError, match=says):
        read(data, chunk=1000)


def test_endless_cell_is_an_open_quote():
    data = b'email,note\na,"' + b"x\n" * 3_000_000
    with pytest.raises(UnreadableInputError, match="never closed"):
        read(data, chunk=100_000)


def test_gzip_bomb_is_stopped():
    bomb = gzip.compress(b"0" * 3_000_000)
    with pytest.raises(UnreadableInputError, match="more than 1 MB"):
        list(inflated([bomb], limit=1024**2))


@pytest.mark.parametrize("start", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"])
def test_excel_workbooks_are_refused_by_name(start):
    with pytest.raises(UnsupportedFormatError, match="Excel workbook"):
        read(start)


def test_unknown_header_names_what_was_found_and_what_is_understood():
    with pytest.raises(InvalidRequestError, match=r'"Foo", "Bar".*"email"'):
        read(b"Foo,Bar\n1,2\n")


def test_mapping_makes_a_column_known():
    assert read(b"Foo,Bar\n1,2\n", Bar="email") == [["1", "2"]]
    with pytest.raises(InvalidRequestError, match='no column "Baz"'):
        read(b"Foo,Bar\n1,2\n", Baz="email")


def test_too_many_columns():
    with pytest.raises(InvalidRequestError, match="1,001 columns"):
        read((",".join(["email"] * 1001) + "\n").encode())


@pytest.mark.parametrize("at", range(1, 8))
def test_a_number_that_is_cut_where_the_reader_fetches_more_is_one_row(monkeypatch, at):
    monkeypatch.setattr(limits, "PIECE", 64)
    start = b'[{"email": "a@example.org"},'
    data = start + b" " * (64 - len(start) - at) + b"12345678, 9]"
    assert read(data) == [{"email": "a@example.org"}, "12345678", "9"]
