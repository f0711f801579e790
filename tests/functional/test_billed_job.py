"""Whole jobs with vendors, by the vendor server's own account, every message delivered twice."""

from __future__ import annotations

import csv
import io
from collections import Counter

from chalicelib.lookups.trouble import BREAKER_FAILURES
from chalicelib.services import services
from tests.functional.jobs import contacts, use_of


def rows(stack, status) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(stack.download(status).decode("utf-8-sig"), newline="")))


def test_nobody_is_billed_twice_and_all_is_accounted_for(stack, vendors):
    status = stack.run(stack.submit_csv(contacts(250, 25), "?providers=pdl"))
    account, use = vendors["pdl"].account, use_of(status, "pdl")
    assert account.billed_twice == {}
    assert max(account.lookups.values()) == 1
    assert status["contacts"]["processed"] == len(rows(stack, status)) == 275
    assert (use["lookups"], use["cached"]) == (250, 25)
    assert use["credits"] == account.credits
    assert (use["uncertain"], use["state"]) == (0, "ok")


def test_a_second_job_over_the_same_list_pays_nothing(stack, vendors):
    text = contacts(120)
    first = stack.run(stack.submit_csv(text, "?providers=pdl"))
    credits = vendors["pdl"].account.credits
    second = stack.run(stack.submit_csv(text, "?providers=pdl"))
    assert vendors["pdl"].account.credits == credits
    assert use_of(second, "pdl")["cached"] == 120
    assert first["contacts"] == second["contacts"]
    third = stack.run(stack.submit_csv(text, "?providers=pdl&cache_days=0"))
    assert vendors["pdl"].account.credits == 2 * credits
    assert use_of(third, "pdl")["lookups"] == 120


def test_the_cap_holds_and_what_it_left_out_says_so(stack, vendors):
    status = stack.run(stack.submit_csv(contacts(250), "?providers=pdl&max_credits=40"))
    assert vendors["pdl"].account.credits == 40
    skipped = [row for row in rows(stack, status) if row["enriched_status"] == "skipped"]
    assert skipped
    assert {row.get("enriched_error", "") for row in skipped} == {
        "pdl was not asked: the job's max_credits is used up"
    }


def test_a_sample_enriches_the_first_rows_only(stack, vendors):
    status = stack.run(stack.submit_csv(contacts(150), "?providers=pdl&sample=120"))
    assert status["contacts"]["skipped"] == 30
    assert sum(vendors["pdl"].account.lookups.values()) == 120


def test_a_vendor_whose_credits_end_in_the_middle_is_left_out_the_job_goes_on(stack, vendors):
    vendors["pdl"].configure(credits_left=30, coverage=1.0)
    query = "?providers=pdl,offline"
    status = stack.run(stack.submit_csv(contacts(250), query))
    assert status["status"] == "COMPLETED"
    assert use_of(status, "pdl")["state"] == "out_of_credits"
    notes = Counter(row.get("enriched_error", "") for row in rows(stack, status))
    assert notes["pdl was not asked: its account is out of credits"] == 250 - 30
    assert len(rows(stack, status)) == 250


def test_one_vendor_empty_one_down_one_throttling(stack, vendors):
    """The job ends; every row is there and says who could not be asked."""
    vendors["pdl"].configure(credits_left=10, coverage=1.0)
    vendors["apollo"].faults.add("broken", times=None)
    vendors["gravatar"].configure(coverage=1.0)
    vendors["gravatar"].faults.add("throttle", times=None, every=5, seconds=0)
    job_id = stack.submit_csv(contacts(30), "?providers=pdl,apollo,gravatar")
    for _ in range(
        BREAKER_FAILURES - 1
    ):  # the next failure is one too many; to get there takes 30 s
        services().health.count_failure(job_id, "apollo")
    status = stack.run(job_id)
    assert status["status"] == "COMPLETED"
    found = rows(stack, status)
    assert [row["Note"] for row in found] == [str(n) for n in range(30)]
    assert status["contacts"]["processed"] == 30
    assert [use["state"] for use in status["providers"][:2]] == ["out_of_credits", "down"]
    notes = Counter(
        note for row in found for note in row.get("enriched_error", "").split("; ") if note
    )
    assert notes["pdl was not asked: its account is out of credits"] == 20
    assert notes["apollo was not asked: it is down"] >= 20
    assert use_of(status, "gravatar")["lookups"] >= 20
    assert vendors["gravatar"].account.throttled >= 4
    assert all(vendors[name].account.billed_twice == {} for name in ("pdl", "apollo", "gravatar"))


def test_a_bad_key_stops_the_vendor_at_once(stack, vendors, capfd):
    vendors["pdl"].configure(key="another-key-0123456789")
    status = stack.run(stack.submit_csv(contacts(250), "?providers=pdl,offline"))
    assert use_of(status, "pdl")["state"] == "bad_key"
    assert vendors["pdl"].account.calls == 1
    assert status["contacts"]["partial"] == 250


def test_no_datum_and_no_key_in_what_is_logged(stack, vendors, capfd):
    vendors["pdl"].faults.add("throttle")
    vendors["apollo"].faults.add("not_json")
    vendors["hunter"].faults.add("hang_up_after")
    vendors["fullcontact"].faults.add("broken")
    stack.run(stack.submit_csv(contacts(20), "?providers=pdl,apollo,hunter,fullcontact"))
    said = "".join(capfd.readouterr())
    assert said.count("provider_trouble") == 4
    assert "batch_done" in said
    assert "person." not in said
    assert "example.org" not in said
    for name in ("pdl", "apollo", "hunter", "fullcontact"):
        assert vendors[name].key not in said
