"""Requests to POST /process that are refused at once: the status, and a message that helps."""

from __future__ import annotations

import gzip
import re

from chalicelib.services import services
from tests.functional.jobs import contacts, fail_batch

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
    (b"PK\x03\x04...", "text/csv", 400, "workbook is damaged"),
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


def test_options_beyond_the_operators_ceilings_are_refused(stack, monkeypatch):
    monkeypatch.setenv("MAX_CREDITS_PER_JOB", "50")
    monkeypatch.setenv("DEFAULT_MAX_CREDITS", "20")
    monkeypatch.setenv("MIN_CACHE_DAYS", "7")
    services.cache_clear()
    for query, says in (
        ("max_credits=51", "MAX_CREDITS_PER_JOB"),
        ("max_credits=51&estimate=true", "MAX_CREDITS_PER_JOB"),
        ("cache_days=6", "MIN_CACHE_DAYS"),
    ):
        answer = stack.post(f"/process?{query}", contacts(3), "text/csv")
        assert answer.status_code == 400
        assert says in answer.json_body["message"]
    job_id = stack.submit_csv(contacts(3))
    assert services().jobs.get("default", job_id).options.max_credits == 20


def test_a_retried_job_keeps_its_cap_and_what_it_has_spent(stack, vendors, monkeypatch):
    monkeypatch.setenv("DEFAULT_MAX_CREDITS", "120")
    services.cache_clear()
    job_id = stack.submit_csv(contacts(300), "?providers=pdl")
    state = stack.invoke("split_batches", {"job_id": job_id})
    fail_batch(job_id, 1)
    stack.run_on(job_id, state)
    monkeypatch.setenv("DEFAULT_MAX_CREDITS", "1000")
    services.cache_clear()
    assert stack.post(f"/jobs/{job_id}/retry", "").status_code == 202
    status = stack.run(job_id)
    assert status["contacts"]["skipped"] > 0
    assert 0 < vendors["pdl"].account.credits <= 120
