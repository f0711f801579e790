"""Requests to POST /process that are refused at once: the status, and a message that helps."""

from __future__ import annotations

import gzip
import re

from tests.functional.jobs import contacts

REFUSED = [
    (b"{", "application/json", 400, r"not valid JSON.*line 1"),
    (b'{"contacts": [NaN]}', "application/json", 400, "not valid JSON"),
    (b"[1]", "application/json", 400, "must be an object"),
    (b"{}", "application/json", 400, "no contacts"),
    (b'{"contacts": []}', "application/json", 400, "no contacts"),
    (b'{"contacts": [{"email": "a"}], "colour": 1}', "application/json", 400, '"colour"'),
    (
        b'{"contacts": [{"email": "a"}], "providers": ["nobody"]}',
        "application/json",
        400,
        '"nobody".*"offline"',
    ),
    (b'{"contacts": [{"email": "a"}], "fields": ["fax"]}', "application/json", 400, '"fax"'),
    (b'{"contacts": [{"email": "a"}], "upload_id": "x"}', "application/json", 400, "either"),
    (b'{"contacts": [{"colour": "a"}]}', "application/json", 400, '"colour".*"email"'),
    (b"", "text/csv", 400, "empty"),
    (b"email\n", "text/csv", 400, "no contacts"),
    (b"Foo,Bar\n1,2\n", "text/csv", 400, '"Foo", "Bar".*"email"'),
    (gzip.compress(b'{"contacts": []}', mtime=0), "application/json", 415, "application/gzip"),
    (b'{"contacts": [' + b"[]," * 300_000 + b"1]}", "application/json", 413, "lists and objects"),
    (b"<a/>", "application/xml", 415, "text/csv"),
    (b"PK\x03\x04...", "text/csv", 415, "Excel workbook.*CSV"),
    (b"\x00" * 900 + b"\x01" * 99, "text/csv", 415, "not text"),
    (gzip.compress(b"email\na\n", mtime=0)[:-4], "application/gzip", 400, "ends early"),
]


def test_refused_at_once(stack, subtests):
    for body, content_type, status, says in REFUSED:
        with subtests.test(says):
            answer = stack.post("/process", body, content_type)
            assert answer.status_code == status
            assert set(answer.json_body) == {"code", "message"}
            assert re.search(says, answer.json_body["message"], re.DOTALL)


def test_a_provider_without_a_key_is_refused_at_once(stack):
    answer = stack.post("/process?providers=pdl", contacts(3), "text/csv")
    assert answer.status_code == 400
    assert "PDL_API_KEY" in answer.json_body["message"]
    listed = stack.client.http.get("/providers").json_body["providers"]
    by_name = {provider["name"]: provider for provider in listed}
    assert not by_name["pdl"]["configured"]
    assert by_name["offline"]["configured"]
    assert by_name["pdl"]["contacts_per_call"] == 100
