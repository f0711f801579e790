"""What the API tells about jobs, the list of them, and providers."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from chalicelib.api.status import describe_job
from chalicelib.model.contacts import FIELDS
from chalicelib.services import services
from tests.functional.jobs import LIST, ROWS, executions


def test_providers_say_what_they_fill(stack):
    offline, *vendors = stack.client.http.get("/providers").json_body["providers"]
    assert offline["name"] == "offline"
    assert {vendor["name"] for vendor in vendors} >= {"pdl", "apollo", "hunter", "zerobounce"}
    without_key = [vendor["name"] for vendor in vendors if vendor["configured"]]
    assert without_key == ["gravatar", "dns"]
    assert set(offline["fields"]) < set(FIELDS)
    # Its name says where it works, its title what it does.
    assert offline["title"] == "Cleaning and checking"
    assert {vendor["title"] for vendor in vendors} >= {"People Data Labs", "ZeroBounce"}


def test_the_status_says_what_rows_had_and_what_they_got(stack):
    given = [
        "name,email,company",
        "Jane Doe,jane@acme.example.org,",  # the company is guessed
        "John Roe,john@acme.example.org,Acme",
        ",not an address,",
        "one cell",
    ]
    job = stack.run(
        stack.submit_csv("\n".join(given).encode(), "?fields=email,company,email_domain")
    )
    assert job["contacts"]["total"] == 4
    assert job["fields"] == [
        {"field": "email", "given": 2, "found": 0, "guessed": 0},
        {"field": "email_domain", "given": 0, "found": 2, "guessed": 0},
        {"field": "company", "given": 1, "found": 0, "guessed": 1},
    ]
    assert [problem["rows"] for problem in job["problems"]] == [1, 1]
    told = " ".join(problem["problem"] for problem in job["problems"])
    assert "no usable identity; email: " in told
    # The reason in the file quotes the row; what is counted must not.
    assert "the row itself cannot be read" in told
    assert "not an address" not in told
    assert "one cell" not in told
    assert job["credits"] == 0.0


def test_rows_that_were_not_tried_are_a_problem_with_its_reason(stack):
    job = stack.run(stack.submit_csv(LIST, "?sample=10"))
    assert job["problems"] == [{"problem": "the row is beyond the job's sample", "rows": ROWS - 10}]


def test_a_job_that_was_written_and_never_started_is_started_by_whoever_looks_at_it(stack):
    job_id = stack.submit_csv(LIST)
    jobs, later = services().jobs, services().clock() + 60
    job = replace(jobs.get("default", job_id), id="forgotten")
    jobs.create(job, 0)
    describe_job(services(), "default", "forgotten")
    assert executions() == [job_id]  # it may be about to be started
    describe_job(replace(services(), clock=lambda: later), "default", "forgotten")
    assert executions() == sorted([job_id, "forgotten"])


def test_the_status_says_when_to_look_again_until_the_job_has_ended(stack):
    job_id = stack.submit_csv(LIST)
    begun = services().jobs.get("default", job_id).began_at

    def asked_after(seconds: float) -> str | None:
        now = replace(services(), clock=lambda: begun + seconds)
        return describe_job(now, "default", job_id).headers.get("Retry-After")

    assert [asked_after(seconds) for seconds in (0, 5, 200, 9_000)] == ["1", "1", "20", "60"]
    stack.run(job_id)
    assert asked_after(200) is None
    answer = stack.client.http.get(f"/status/{stack.submit_csv(LIST)}")
    assert answer.headers["Retry-After"] == "1"


def test_jobs_are_listed_newest_first_a_page_at_a_time(stack):
    ids = [stack.submit_csv(LIST) for _ in range(5)]
    stack.run(ids[0])
    stack.client.http.delete(f"/jobs/{ids[3]}")
    seen, query = [], "?limit=2"
    while query:
        page = stack.client.http.get(f"/jobs{query}").json_body
        assert len(page["jobs"]) <= 2
        seen += page["jobs"]
        query = page["next_cursor"] and f"?limit=2&cursor={page['next_cursor']}"
    times = [job["created_at"] for job in seen]
    assert times == sorted(times, reverse=True)
    assert {job["id"] for job in seen} == set(ids) - {ids[3]}
    oldest = next(job for job in seen if job["id"] == ids[0])
    assert oldest["status"] == "COMPLETED"
    assert oldest["contacts"]["processed"] == ROWS
    assert stack.client.http.get("/jobs").json_body["next_cursor"] is None


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor=e30=", "cursor=W10=", "page=2"]
)
def test_a_list_that_is_asked_for_wrongly(stack, query):
    answer = stack.client.http.get(f"/jobs?{query}")
    assert (answer.status_code, answer.json_body["code"]) == (400, "invalid_request")
    assert query.split("=")[0] in answer.json_body["message"]


def test_ids_and_cursors_that_nobody_gave_out(stack):
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    assert stack.client.http.get(f"/jobs?cursor={deep}").status_code == 400
    assert stack.client.http.get("/status/" + "x" * 5_000).status_code == 404
    assert stack.client.http.delete("/jobs/" + "x" * 5_000).status_code == 404
