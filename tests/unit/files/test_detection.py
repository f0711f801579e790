"""The layout of a list: known exports, mappings, and lists that are refused for what they are."""

from __future__ import annotations

import json

import pytest

from chalicelib.files import limits
from chalicelib.files.column_map import map_columns
from chalicelib.files.inflating import read_head
from chalicelib.model.errors import (
    InvalidRequestError,
    UnreadableInputError,
    UnsupportedFormatError,
)
from tests.layouts import detect_layout
from tests.unit.files.lists import read, rows_of

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
    (row,) = rows_of(data)
    fields = {field: row[at[0]] for field, at in map_columns(layout.columns).items()}
    assert fields["email"] == "a@example.org"
    assert fields["last_name"] == "Müller"
    assert fields.get("company", "Acme") == "Acme"
    assert fields.get("title", "CEO") == "CEO"
    assert fields.get("linkedin_url", "in/x").endswith("in/x")


@pytest.mark.parametrize("start", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"])
def test_excel_workbooks_are_refused_by_name(start):
    with pytest.raises(UnsupportedFormatError, match="Excel workbook"):
        rows_of(start)


def test_unknown_header_names_what_was_found_and_what_is_understood():
    with pytest.raises(InvalidRequestError, match=r'"Foo", "Bar".*"email"'):
        rows_of(b"Foo,Bar\n1,2\n")


def test_mapping_makes_a_column_known():
    assert rows_of(b"Foo,Bar\n1,2\n", Bar="email") == [["1", "2"]]
    with pytest.raises(InvalidRequestError, match='no column "Baz"'):
        rows_of(b"Foo,Bar\n1,2\n", Baz="email")


def test_too_many_columns():
    with pytest.raises(InvalidRequestError, match="1,001 columns"):
        rows_of((",".join(["email"] * 1001) + "\n").encode())


def test_a_header_that_is_not_there_wholly_is_no_header():
    header = ",".join(["email", *(f"{n:0130}" for n in range(600))])
    data = f"{header}\n".encode() + b"a," * 600 + b"x\n"
    with pytest.raises(UnreadableInputError, match="header is longer than 64 KB"):
        detect_layout(data[: limits.HEAD_BYTES], False)


def test_names_that_are_data_are_refused():
    with pytest.raises(UnreadableInputError, match="names of the columns"):
        read(",".join(["email", *(f"{n}é" * 100 for n in range(150))]).encode() + b"\na\n")
    rows = [json.dumps({"email": "a", "é" * 10_000 + str(n): 1}) for n in range(30)]
    with pytest.raises(UnreadableInputError, match="names of the columns"):
        read("\n".join(['{"email": "a"}', *rows]).encode())
