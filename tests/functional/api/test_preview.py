"""POST /preview and the status say how a list is read; a preview stores and starts nothing."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import boto3
import pytest

from tests.functional.checks import upload

EXPORTS = Path(__file__).parents[2] / "unit" / "files" / "exports"
LIST = "Liste 2026;;;\nNom;Prénom;Adresse e-mail;Cotisation\nExemple;Zoé;zoe@example.org;25,00\nTotal;;;25,00\n"
COLUMNS = [
    {"column": "Nom", "field": "last_name"},
    {"column": "Prénom", "field": "first_name"},
    {"column": "Adresse e-mail", "field": "email"},
    {"column": "Cotisation", "field": None},
]


def preview(stack, body, content_type="text/csv", query=""):
    answer = stack.post(f"/preview{query}", body, content_type)
    assert answer.status_code == 200, answer.json_body
    return answer.json_body


def everything_stored() -> list[str]:
    items = [
        json.dumps(item, default=str)
        for table in ("test-control", "test-records")
        for item in boto3.client("dynamodb").scan(TableName=table)["Items"]
    ]
    files = boto3.client("s3").list_objects_v2(Bucket="test-bucket").get("Contents", [])
    return sorted([*items, *(file["Key"] for file in files)])


def test_a_preview_says_what_is_read_and_what_is_ignored(stack):
    found = preview(stack, LIST)
    assert (found["kind"], found["encoding"], found["delimiter"]) == ("csv", "utf-8", ";")
    assert found["columns"] == COLUMNS
    assert found["ignored"] == ["Cotisation"]
    assert found["warnings"] == ["1 line above the header is left out of the result."]
    first, total = found["rows"]
    assert first["cells"] == ["Exemple", "Zoé", "zoe@example.org", "25,00"]
    assert first["contact"]["email"] == "zoe@example.org"
    assert total["error"] == "a line of totals, not a contact"


def test_a_preview_takes_what_process_takes_and_stores_nothing(stack):
    upload_id = upload(stack, LIST.encode())
    before = everything_stored()
    of_upload = preview(stack, {"upload_id": upload_id}, "application/json")
    packed = preview(stack, gzip.compress(LIST.encode()), "application/gzip")
    contacts = {"contacts": [{"E-Mail-Adresse": "a@example.org", "Notiz": "x"}]}
    of_program = preview(stack, contacts, "application/json")
    assert of_upload == packed == preview(stack, LIST)
    assert [c["field"] for c in of_program["columns"]] == ["email", None]
    assert everything_stored() == before


def test_a_mapping_corrects_what_is_read(stack):
    query = "?mapping=" + json.dumps({"Cotisation": "city", "Nom": ""})
    found = preview(stack, LIST, query=query)
    assert [c["field"] for c in found["columns"]] == [None, "first_name", "email", "city"]


def test_a_list_of_which_nothing_is_understood_can_be_previewed(stack):
    found = preview(stack, "Foo,Bar\n1,2\n")
    assert found["ignored"] == ["Foo", "Bar"]
    assert any("mapping" in said for said in found["warnings"])
    assert stack.post("/process", "Foo,Bar\n1,2\n", "text/csv").status_code == 400


def test_a_list_without_a_header_loses_no_row(stack):
    text = "Rosa;rosa@example.org\nMax;max@example.org\n"
    found = preview(stack, text)
    assert not found["has_header"]
    assert [row["cells"][0] for row in found["rows"]] == ["Rosa", "Max"]
    query = "?mapping=" + json.dumps({"Column 1": "first_name"})
    status = stack.run(stack.submit_csv(text, query))
    assert [c["field"] for c in status["columns"]] == ["first_name", "email"]
    assert status["contacts"]["total"] == 2
    lines = stack.download(status).decode().splitlines()
    assert "Column 1" in lines[0]
    assert "Rosa" in lines[1]


def test_a_long_list_is_previewed_by_its_start(stack):
    text = "email;note\n" + "".join(f"p{n}@example.org;{'x' * 9_000}\n" for n in range(40))
    upload_id = upload(stack, text.encode())
    rows = preview(stack, {"upload_id": upload_id}, "application/json")["rows"]
    assert rows
    assert all(row["error"] is None for row in rows)


def test_a_preview_with_contradictory_options_is_refused(stack):
    answer = stack.post("/preview?estimate=true", LIST, "text/csv")
    assert (answer.status_code, answer.json_body["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_status_says_how_the_list_is_read(stack, kind):
    if kind == "csv":
        job_id, expected = stack.submit_csv(LIST), COLUMNS
    else:
        # The second key is beyond what is read to find the layout.
        rows = [{"Mail": "a@example.org", "x": "y" * 900}] * 100 + [{"Ville": "Paris"}]
        job_id = stack.submit({"contacts": rows}, "application/json")
        expected = [
            {"column": "Mail", "field": "email"},
            {"column": "x", "field": None},
            {"column": "Ville", "field": "city"},
        ]
    assert stack.status(job_id)["columns"] == expected[:2] if kind == "json" else expected
    status = stack.run(job_id)
    assert status["columns"] == expected
    assert status["ignored"] == [c["column"] for c in expected if c["field"] is None]


def test_the_status_of_a_job_whose_files_have_expired(stack):
    job_id = stack.submit_csv(LIST)
    from chalicelib.services import services

    boto3.client("s3").delete_object(Bucket="test-bucket", Key=f"jobs/{job_id}/layout.json")
    services.cache_clear()
    assert stack.status(job_id)["columns"] == []


def test_titles_and_totals_are_no_contacts_but_every_row_comes_back(stack):
    data = (EXPORTS / "sap-contact-persons-de.csv").read_bytes()
    status = stack.run(stack.submit_csv(data))
    assert status["contacts"]["total"] == 3
    assert status["contacts"]["invalid"] == 1
    assert "Summe" in stack.download(status).decode()


GUESS = "is a guess"


def test_a_guessed_encoding_is_said_and_a_declared_one_is_none(stack):
    data = (EXPORTS / "event-attendees-ja.csv").read_bytes()
    guessed = preview(stack, data)
    assert (guessed["encoding"], guessed["encoding_certain"]) == ("cp932", False)
    assert any(GUESS in said for said in guessed["warnings"])
    by_option = preview(stack, data, query="?charset=Shift_JIS")
    by_type = preview(stack, data, "text/csv; charset=shift-jis")
    assert by_option == by_type
    assert (by_type["encoding_certain"], by_type["warnings"]) == (True, [])
    assert by_type["rows"] == guessed["rows"]


def test_a_charset_goes_with_an_upload_and_not_with_contacts(stack):
    data = "имя;почта\nАнна;anna@example.org\n".encode("koi8-r")
    given = {"upload_id": upload(stack, data), "charset": "koi8-r"}
    found = preview(stack, given, "application/json")
    assert found["rows"][0]["cells"] == ["Анна", "anna@example.org"]
    contacts = {"contacts": [{"email": "a@example.org"}], "charset": "utf-16"}
    assert preview(stack, contacts, "application/json")["columns"][0]["field"] == "email"


@pytest.mark.parametrize("charset", ["zlib_codec", "rot13", "idna", "no-such", "utf-7", "a b", ""])
def test_an_encoding_that_is_not_read_is_refused(stack, charset):
    answer = stack.post(f"/process?charset={charset}", LIST, "text/csv")
    assert answer.status_code == 400
    assert "Shift_JIS" in answer.json_body["message"]


def test_a_charset_that_does_not_fit_is_refused(stack):
    data = (EXPORTS / "event-attendees-ja.csv").read_bytes()
    answer = stack.post("/process?charset=EUC-KR", data + b"\xff\xff\n", "text/csv")
    assert (answer.status_code, answer.json_body["code"]) == (400, "unreadable_input")


def test_strays_far_into_a_list_are_said_in_the_status(stack):
    data = b"email,name\n" + b"a@example.org,x\n" * 5_000 + "b@example.org,Jörg\n".encode("cp1252")
    job_id = stack.submit_csv(data)
    assert stack.status(job_id)["warnings"] == []
    stack.invoke("split_batches", {"job_id": job_id})
    assert any("Windows-1252" in said for said in stack.status(job_id)["warnings"])
