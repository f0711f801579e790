"""Splitting can be repeated: what is there stays, and what is done is not done again."""

from __future__ import annotations

import csv
import io
import json

from chalicelib.aws import keys
from chalicelib.identity.list_country import LEAST_ROWS
from chalicelib.model.batches import BatchState
from chalicelib.services import services
from tests.functional.jobs import LIST, change_item, fail_batch, numbers, run_with_a_failure


def test_split_repeated_after_the_workers_began(stack):
    """A split that broke off while it was sending is repeated: what is done stays done."""
    job_id = stack.submit_csv(LIST)
    stack.invoke("split_batches", {"job_id": job_id})
    stack.work()
    change_item(keys.job(job_id), planned=False, dispatched=False)
    status = stack.run(job_id)
    assert status["status"] == "COMPLETED"
    assert numbers(stack, status) == [str(n) for n in range(250)]


def test_a_batch_that_fails_again_is_not_opened_twice_in_one_run(stack):
    job_id = run_with_a_failure(stack)
    stack.post(f"/jobs/{job_id}/retry", "")
    stack.invoke("split_batches", {"job_id": job_id})
    fail_batch(job_id, 1)
    change_item(keys.job(job_id), dispatched=False)  # it had not said that it was done
    stack.invoke("split_batches", {"job_id": job_id})
    states = [batch.state for batch in services().batches.all(job_id)]
    assert states == [BatchState.DONE, BatchState.FAILED, BatchState.DONE]


def rows(stack, status) -> list[dict[str, str]]:
    text = stack.download(status).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


GERMANS = "".join(f"p{n}@example.org,,Germany\n" for n in range(LEAST_ROWS))


def test_the_lists_own_country_reads_phones_without_a_country_code(stack):
    job_id = stack.submit_csv(f"email,phone,country\n{GERMANS}a@example.org,030 23125 123,\n")
    status = stack.run(job_id)
    assert rows(stack, status)[-1]["enriched_phone"] == "+493023125123"
    (warning,) = status["warnings"]
    assert "numbers of DE" in warning


def test_without_a_country_of_its_own_a_list_says_why_a_phone_is_blank(stack):
    others = f"{GERMANS}x@example.org,,France\ny@example.org,,France\n"
    job_id = stack.submit_csv(f"email,phone,country\n{others}a@example.org,030 23125 123,\n")
    status = stack.run(job_id)
    row = rows(stack, status)[-1]
    assert "enriched_phone" not in row
    assert row["enriched_error"].startswith("phone: no country code, and neither the row, the list")
    assert status["warnings"] == []


def test_rows_about_one_person_name_the_first_one_in_whatever_batch(stack):
    people = [f"P{n} Roe,p{n}@example.org,," for n in range(150)]
    people[5] = "Frau Jane Doe,jane@example.org,,Acme"
    people[120] = "Jane Doe,,,ACME Inc."
    people[149] = "J. Doe,JANE@example.org,,"
    text = "\n".join(["name,email,phone,company", *people[:3], "", *people[3:]])
    status = stack.run(stack.submit_csv(text, "?fields=all&sources=true"))
    found = rows(stack, status)
    assert [n for n, row in enumerate(found, 1) if row["enriched_duplicate_of"]] == [121, 150]
    assert {found[n]["enriched_duplicate_of"] for n in (120, 149)} == {"6"}
    sources = [json.loads(found[n]["enriched_sources"])["duplicate_of"] for n in (120, 149)]
    assert sources == [{"provider": "offline", "confidence": sure} for sure in (0.9, 1.0)]
    assert [row["enriched_salutation"] for row in found].count("Ms") == 1
    (count,) = [f for f in status["fields"] if f["field"] == "duplicate_of"]
    assert (count["given"], count["found"], count["guessed"]) == (0, 2, 0)


def test_nobody_looks_for_duplicates_who_did_not_ask(stack):
    text = "email\nj@example.org\nj@example.org\n"
    for query in ("", "?fields=email", "?providers=dns&fields=duplicate_of"):
        job_id = stack.submit_csv(text, query)
        assert "enriched_duplicate_of" not in rows(stack, stack.run(job_id))[1]
        assert services().bucket.find(keys.duplicates_file(job_id)) is None


def test_default_country_comes_before_the_lists_own(stack):
    job_id = stack.submit_csv(
        f"email,phone,country\n{GERMANS}a@example.org,202-555-0143,\n", "?default_country=US"
    )
    status = stack.run(job_id)
    assert rows(stack, status)[-1]["enriched_phone"] == "+12025550143"
    assert status["warnings"] == []
