"""Erasing a person: gone from all that the caller has, and never looked up again."""

from __future__ import annotations

import csv
import io
import zlib
from dataclasses import replace

import boto3
import pytest

from chalicelib.api import people
from chalicelib.identity.fingerprint import fingerprint
from chalicelib.identity.list_country import LEAST_ROWS
from chalicelib.lookups.ledger import Book, Entry
from chalicelib.providers.base import Found, Match, NoMatch, Suppressed
from chalicelib.services import services
from chalicelib.steps import erase_person
from tests.functional.jobs import executions

JANE = "jane.doe@example.org"
PROFILE = "https://www.linkedin.com/in/jane-doe-example"
VENDOR = "?providers=pdl"
MANY = "email,n\n" + "".join(f"p{n}@example.org,{n}\n" for n in range(250))


def erase(stack, **person: str) -> dict:
    answer = stack.post("/people/erase", person)
    assert answer.status_code == 202, answer.json_body
    return dict(answer.json_body)


def rows(stack, status) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(stack.download(status).decode("utf-8-sig"), newline="")))


def exists(stack, job_id: str) -> bool:
    return stack.client.http.get(f"/status/{job_id}").status_code == 200


def everything() -> bytes:
    """All that is stored anywhere; what is compressed, as it was."""
    s3, parts = boto3.client("s3"), []
    for item in s3.list_objects_v2(Bucket="test-bucket").get("Contents", []):
        parts.append(s3.get_object(Bucket="test-bucket", Key=item["Key"])["Body"].read())
    for table in ("test-control", "test-records"):
        for item in boto3.client("dynamodb").scan(TableName=table)["Items"]:
            parts += [str(value).encode() for value in item.values()]
            parts += [value["B"] for value in item.values() if "B" in value]
    return b"\n".join(zlib.decompress(p) if p.startswith(b"x\x01") else p for p in parts)


def entries(known: dict[str, str], owner: str = "default") -> dict[str, Entry]:
    return services().ledger.get(Book(owner, "pdl"), [fingerprint(known)])


def test_a_person_is_gone_from_jobs_files_and_ledger_and_later_lists_skip_them(stack, vendors):
    theirs = stack.submit_csv(f"email,n\n{JANE},0\njoe@example.org,1\n", VENDOR)
    offline = stack.submit_csv(f"email,n\n{JANE},0\n")
    other = stack.submit_csv(MANY)
    for job_id in (theirs, offline, other):
        stack.run(job_id)
    assert entries({"email": JANE})
    assert JANE.encode() in everything()
    answer = erase(stack, email=f" {JANE.upper()} ")
    assert (set(answer["erased_jobs"]), answer["complete"]) == ({theirs, offline}, True)
    assert not exists(stack, theirs)
    assert not exists(stack, offline)
    assert exists(stack, other)
    assert entries({"email": JANE}) == {}
    assert entries({"email": "joe@example.org"})
    assert b"jane" not in everything().lower()

    asked = dict(vendors["pdl"].account.lookups)
    status = stack.run(stack.submit_csv(f"email,n\n{JANE},0\njoe@example.org,1\n", VENDOR))
    jane, joe = rows(stack, status)
    assert jane["enriched_status"] == "skipped"
    assert jane["enriched_error"] == "this person was erased on request and is not processed"
    assert [text for text in jane.values() if text] == [
        *(JANE, "0", jane["enriched_status"], jane["enriched_error"])
    ]
    assert joe["enriched_status"] != "skipped"
    assert vendors["pdl"].account.lookups == asked


def test_jobs_that_ask_nobody_skip_them_too(stack):
    erase(stack, email=JANE)
    status = stack.run(stack.submit_csv(f"email\n{JANE}\nj@example.org\n"))
    assert status["contacts"]["skipped"] == 1


@pytest.mark.parametrize(
    ("row", "person"),
    [
        ("a@example.org,+1 202 555 0143,,", {"phone": "+1 (202) 555-0143"}),
        ("a@example.org,202-555-0143,US,", {"phone": "+12025550143"}),
        (f"a@example.org,,,{PROFILE}/", {"linkedin_url": PROFILE.upper()}),
        (f"a@example.org,,,call Jane <{JANE}> first", {"email": JANE}),
        (f"{JANE},,,", {"email": JANE, "phone": "+12025550143"}),
        (f"a@example.org; {JANE},,,", {"email": JANE}),
        (f"not an address,,,mailto:{JANE}", {"email": JANE}),
        (f"{JANE},,,,one cell too many", {"email": JANE}),
    ],
)
def test_they_are_found_in_whatever_form_and_column(stack, row, person):
    job_id = stack.submit_csv(f"email,phone,country,remarks\n{row}\n")
    other = stack.submit_csv("email,phone,country,remarks\nb@example.org,+12025550144,,x\n")
    stack.run(job_id)
    stack.run(other)
    assert erase(stack, **person)["erased_jobs"] == [job_id]


def test_they_are_found_by_a_phone_that_the_lists_own_country_reads(stack):
    others = "".join(f"p{n}@example.org,,US\n" for n in range(LEAST_ROWS))
    text = f"email,phone,country\n{others}a@example.org,202-555-0143,\n"
    job_id = stack.submit_csv(text, "?fields=email")
    stack.run(job_id)
    assert erase(stack, phone="+12025550143")["erased_jobs"] == [job_id]


def test_they_are_found_in_json_lists(stack):
    contact = {"name": "x", "more": {"addresses": ["x@example.org", JANE]}}
    job_id = stack.post("/process", {"contacts": [contact]}).json_body["id"]
    stack.run(job_id)
    assert erase(stack, email=JANE)["erased_jobs"] == [job_id]


def test_they_are_found_by_what_a_provider_found_and_its_answer_goes_as_well(stack, vendors):
    known = {"full_name": "Jane Doe", "company": "Larkspur Tools"}
    job_id = stack.submit_csv("name,company\nJane Doe,Larkspur Tools\n", VENDOR)
    (row,) = rows(stack, stack.run(job_id))
    found = row["enriched_email"]
    assert found
    assert entries(known)
    assert erase(stack, email=found)["erased_jobs"] == [job_id]
    assert entries(known) == {}


def test_an_answer_about_an_erased_person_is_neither_used_nor_kept(stack, vendors):
    """Nothing in the row says who it is; only the vendor's answer does, a new one or one of before."""
    text = "name,company\nJane Doe,Larkspur Tools\n"
    (row,) = rows(stack, stack.run(stack.submit_csv(text, VENDOR)))
    known = {"full_name": "Jane Doe", "company": "Larkspur Tools"}
    (before,) = entries(known).values()
    assert erase(stack, email=row["enriched_email"])["erased_jobs"]
    for ledger_has_it in (False, True):
        if ledger_has_it:
            services().ledger.answer(Book("default", "pdl"), {fingerprint(known): before})
        (later,) = rows(stack, stack.run(stack.submit_csv(text, VENDOR)))
        assert later["enriched_status"] == "skipped"
        assert "enriched_email" not in later  # nobody in the list has one
        (kept,) = entries(known).values()
        assert isinstance(kept.outcome, Suppressed)


def test_what_an_answer_names_leads_to_further_answers(stack):
    ledger, book = services().ledger, Book("default", "pdl")
    entry = Entry("c", 0.0, "job-of-old", 0, 2_000_000_000, 1.0)
    hers = replace(entry, outcome=Match({"linkedin_url": Found(PROFILE, 1.0)}))
    ledger.answer(book, {fingerprint({"email": JANE}): hers})
    ledger.answer(book, {fingerprint({"linkedin_url": PROFILE}): replace(entry, outcome=NoMatch())})
    erase(stack, email=JANE)
    assert entries({"email": JANE}) == entries({"linkedin_url": PROFILE}) == {}


def test_what_others_have_stays(stack):
    entry = Entry("c", 0.0, "job-of-old", 0, 2_000_000_000, 1.0, NoMatch())
    services().ledger.answer(Book("other", "pdl"), {fingerprint({"email": JANE}): entry})
    job_id = stack.submit_csv(f"email\n{JANE}\n")
    stack.run(job_id)
    answer = people.erase(services(), "other", {"email": "somebody@example.org"})
    assert answer["erased_jobs"] == []
    erase(stack, email=JANE)
    assert not exists(stack, job_id)
    assert entries({"email": JANE}, "other")
    assert not services().suppressions.of("other", 0).names({"email": JANE})
    assert services().suppressions.of("default", 0).names({"email": JANE})


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ({}, "at least one"),
        ({"email": "jane"}, "email: "),
        ({"email": ""}, "email: "),
        ({"email": 1}, "email: "),
        ({"email": "x" * 5_000 + "@example.org"}, "email: "),
        ({"phone": "202 555 0143"}, "country code"),
        ({"linkedin_url": "https://example.org/jane"}, "linkedin_url: "),
        ({"name": "Jane Doe"}, 'Unknown field "name"'),
        ({"email": JANE, "phone": "none"}, "phone: "),
    ],
)
def test_who_cannot_be_identified_is_refused_and_nothing_is_changed(stack, person, said):
    answer = stack.post("/people/erase", person)
    assert answer.status_code == 400
    assert said in answer.json_body["message"]
    assert "jane" not in answer.json_body["message"].lower()
    assert not services().suppressions.of("default", 0).people
    assert executions() == []


def test_a_search_that_takes_long_goes_on_in_the_step_where_it_stopped(stack, monkeypatch):
    """The person is in the first batch of a job whose third is searched by another call."""
    job_id = stack.submit_csv(MANY.replace("p3@", "jane.doe@"))
    stack.run(job_id)
    monkeypatch.setattr("chalicelib.api.people.SEARCH_SECONDS", -1)
    answer = erase(stack, email=JANE)
    assert answer == {"erasure_id": answer["erasure_id"], "erased_jobs": [], "complete": False}
    assert exists(stack, job_id)
    monkeypatch.setattr("chalicelib.steps.erase_person._AT_A_TIME", -1)
    state, waits = {"job_id": answer["erasure_id"], "sweep": 0}, []
    while not (state := stack.invoke("erase_job", state))["done"]:
        waits.append(state["wait_seconds"])
    assert waits == [1, 1, 930]  # two more batches; then no job is left
    assert not exists(stack, job_id)
    assert f"{answer['erasure_id']}-erase" in executions()


def test_the_second_search_takes_what_a_running_worker_still_wrote(stack, vendors):
    job_id = stack.submit_csv(f"email\n{JANE}\n", VENDOR)
    job = services().jobs.get("default", job_id)  # not split yet: nobody can tell who is in it
    answer = erase(stack, email=JANE)
    assert answer["erased_jobs"] == []
    state = stack.invoke("erase_job", {"job_id": answer["erasure_id"], "sweep": 0})
    assert (state["done"], state["wait_seconds"]) == (False, 930)
    stack.run(job_id)
    late = Entry("c", 0.0, job.id, 0, 2_000_000_000, 1.0, NoMatch())
    services().ledger.answer(Book("default", "pdl"), {fingerprint({"email": JANE}): late})
    assert stack.invoke("erase_job", state)["done"]
    assert not exists(stack, job_id)
    assert entries({"email": JANE}) == {}


def test_a_list_that_was_never_split_goes_as_well(stack, monkeypatch):
    """It may hold anybody, and gives nothing to its owner."""
    monkeypatch.setenv("MAX_ROWS", "10")
    services.cache_clear()
    job_id = stack.submit_csv(MANY)
    assert stack.run(job_id)["status"] == "FAILED"
    assert erase(stack, email=JANE)["erased_jobs"] == [job_id]


def test_many_small_jobs_are_not_all_searched_in_the_request(stack, monkeypatch):
    """No small request causes large work."""
    jobs = [stack.submit_csv(f"email\n{JANE}\n") for _ in range(3)]
    for job_id in jobs:
        stack.run(job_id)
    monkeypatch.setattr("chalicelib.api.people.SEARCH_SECONDS", -1)
    answer = erase(stack, email=JANE)
    assert (len(answer["erased_jobs"]), answer["complete"]) == (1, False)
    stack.invoke("erase_job", {"job_id": answer["erasure_id"], "sweep": 0})
    assert not any(exists(stack, job_id) for job_id in jobs)


def test_jobs_of_after_the_request_are_not_searched(stack):
    erasure_id = erase(stack, email=JANE)["erasure_id"]
    later = stack.submit_csv(f"email\n{JANE}\n")
    stack.run(later)
    erasure = services().suppressions.find(erasure_id, 1)
    assert erasure is not None
    assert erase_person.erase_person(services(), erasure, 60).erased == []
    assert exists(stack, later)
