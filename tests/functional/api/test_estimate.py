"""Estimates: what a job would cost, without starting one."""

from __future__ import annotations

from tests.functional.jobs import contacts, use_of


def test_estimates_start_nothing_and_are_right_at_most(stack, vendors):
    text = contacts(40, 4)
    stack.run(stack.submit_csv(contacts(10), "?providers=pdl"))
    credits = vendors["pdl"].account.credits
    answer = stack.post("/process?providers=pdl,hunter&estimate=true", text, "text/csv")
    assert answer.status_code == 200
    found = answer.json_body["estimate"]
    assert (found["contacts"], found["people"], found["complete"]) == (44, 40, True)
    pdl, hunter = found["providers"]
    assert (pdl["people"], pdl["cached"], pdl["lookups_at_most"]) == (40, 10, 30)
    assert hunter["people"] == 40
    assert vendors["pdl"].account.credits == credits
    status = stack.run(stack.submit_csv(text, "?providers=pdl,hunter"))
    billed = sum(vendors[name].account.credits for name in ("pdl", "hunter")) - credits
    assert billed <= found["credits_at_most"]
    assert use_of(status, "pdl")["credits"] <= pdl["credits_at_most"]
