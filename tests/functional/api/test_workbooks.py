"""Workbooks are taken like any list: in the body, by an upload, and for an estimate."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import boto3
import pytest
import requests
from python_calamine import CalamineWorkbook

from chalicelib.aws import ranges
from tests.unit.files.made_workbooks import written

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = 250
PEOPLE = [
    ["Contacts of the fair"],
    [],
    ["Full name", "Email", "Phone", "n"],
    *([f"Ada {n} Example", f"p{n}@acme.example.org", 4155550100 + n % 99, n] for n in range(ROWS)),
]


def workbook(people: Sequence[Sequence[object]] = PEOPLE) -> bytes:
    return written({"Read me": [["Nothing here"]], "People": people})


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def upload(stack, data: bytes) -> str:
    form = stack.post("/uploads", {}, "application/json").json_body
    boto3.client("s3").put_object(Bucket="test-bucket", Key=form["fields"]["key"], Body=data)
    return form["upload_id"]


def check_result(stack, job_id: str) -> None:
    status = stack.run(job_id)
    assert status["status"] == "COMPLETED", status
    rows = rows_of(stack.download(status))
    assert [row["n"] for row in rows] == [str(n) for n in range(ROWS)]
    assert rows[3]["Phone"] == "4155550103"
    assert {row["enriched_status"] for row in rows} == {"partial"}
    assert rows[3]["enriched_first_name"] == "Ada"


@pytest.mark.parametrize("content_type", [XLSX, "application/octet-stream"])
def test_a_workbook_in_the_body(stack, content_type):
    check_result(stack, stack.submit(workbook(), content_type, "?sheet=People"))


def test_a_workbook_in_an_upload(stack, monkeypatch):
    monkeypatch.setattr(ranges, "_BLOCK", 3_000)  # so that the small file has many blocks
    request = {"upload_id": upload(stack, workbook()), "sheet": 2}
    check_result(stack, stack.submit(request, "application/json"))


def test_an_estimate_of_a_workbook(stack):
    for body, content_type in (
        (workbook(), XLSX),
        ({"upload_id": upload(stack, workbook())}, "application/json"),
    ):
        answer = stack.post("/process?sheet=2&estimate=true", body, content_type)
        assert answer.json_body["estimate"]["contacts"] == ROWS
        assert answer.json_body["estimate"]["complete"]


def test_a_wrong_sheet_is_refused_with_those_that_are_there(stack):
    for query, says in (
        ("sheet=Persons", '1 "Read me", 2 "People"'),
        ("", '"Nothing here"'),
        ("sheet=", "name of a sheet"),
    ):
        answer = stack.post(f"/process?{query}", workbook(), XLSX)
        assert answer.status_code == 400
        assert says in answer.json_body["message"]
    answer = stack.post("/process?sheet=1", "email\na@example.org\n", "text/csv")
    assert (answer.status_code, answer.json_body["message"][:6]) == (400, "sheet:")


def test_a_workbook_that_cannot_be_read_to_its_end_ends_its_job(stack):
    wide = [*PEOPLE, *[["x" * 40]] * 6_000, [*[""] * 1_100, "far right"]]
    status = stack.run(stack.submit(workbook(wide), XLSX, "?sheet=People"))
    assert status["status"] == "FAILED"
    assert "at most 1,000 columns" in status["error"]


def test_the_result_can_be_a_workbook(stack):
    job_id = stack.submit(workbook(), XLSX, "?sheet=2&output=xlsx&fields=first_name,email_valid")
    status = stack.run(job_id)
    result = status["result"]
    assert (status["status"], result["format"], result["rows"]) == ("COMPLETED", "xlsx", ROWS)
    answer = requests.get(result["url"], timeout=5)
    assert answer.headers["Content-Type"] == XLSX
    assert 'filename="enriched.xlsx"' in answer.headers["Content-Disposition"]
    assert len(answer.content) == result["bytes"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    rows = book.get_sheet_by_name("Contacts").to_python()
    assert rows[0][:4] == ["Full name", "Email", "Phone", "n"]
    assert [row[3] for row in rows[1:]] == [str(n) for n in range(ROWS)]
    sources = book.get_sheet_by_name("Sources").to_python()
    assert sources[1] == ["2", "offline (90%)", "offline (100%)"]
