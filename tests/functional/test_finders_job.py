"""Whole jobs with vendors that find e-mails, and with the DNS, every message delivered twice."""

from __future__ import annotations

import csv
import io

import pytest

from tests.functional.jobs import use_of
from tests.vendors.dns_server import DnsServer

FINDERS = ("prospeo", "leadmagic", "findymail")


def people(number: int) -> str:
    """A list of people at companies, without e-mails; every tenth is there twice."""
    lines = [f"Ada{n},Abara,larkspur{n}.com" for n in range(number)]
    return "First name,Last name,Website\n" + "\n".join([*lines, *lines[::10]]) + "\n"


def rows(stack, status) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(stack.download(status).decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("fault", ["", "reorder", "throttle"])
def test_nobody_is_billed_twice_and_all_is_accounted_for(stack, vendors, fault):
    for name in FINDERS if fault else ():
        vendors[name].faults.add(fault, times=None, every=5)
    query = "?providers=prospeo,leadmagic,findymail&fields=email"
    status = stack.run(stack.submit_csv(people(60), query))
    for name in FINDERS:
        account, use = vendors[name].account, use_of(status, name)
        assert account.billed_twice == {}
        assert use["credits"] == account.credits > 0
        assert (use["uncertain"], use["state"]) == (0, "ok")
    found = rows(stack, status)
    assert len(found) == 66
    for row in found:
        assert row["enriched_email"].partition("@")[2] in ("", row["Website"])
    credits = [vendors[name].account.credits for name in FINDERS]
    assert stack.run(stack.submit_csv(people(60), query))["status"] == "COMPLETED"
    assert [vendors[name].account.credits for name in FINDERS] == credits


def test_an_answer_that_was_lost_may_have_been_billed_and_the_rows_say_so(stack, vendors):
    vendors["prospeo"].faults.add("hang_up_after")
    status = stack.run(stack.submit_csv(people(20), "?providers=prospeo&fields=email"))
    use, account = use_of(status, "prospeo"), vendors["prospeo"].account
    assert use["uncertain"] == 20
    assert max(account.lookups.values()) == 2
    notes = [row["enriched_error"] for row in rows(stack, status)]
    assert all("may have charged for this 2 times" in note for note in notes)


def test_an_address_at_a_domain_that_takes_no_mail_is_taken_back(stack, vendors, monkeypatch):
    vendors["prospeo"].configure(coverage=1.0)
    zones = {f"larkspur{n}.com": {"MX": ["1 smtp.google.com."]} for n in range(20)}
    zones |= {f"larkspur{n}.com": {"MX": ["0 ."]} for n in range(5)}
    with DnsServer(dict(zones)) as server:
        monkeypatch.setenv("DNS_SERVERS", server.address)
        query = "?providers=prospeo,dns&fields=email,email_status,email_host"
        status = stack.run(stack.submit_csv(people(20), query))
        assert server.questions.total() <= 2 * len(zones), "each domain once in each batch"
    found = {row["Website"]: row for row in rows(stack, status)}
    for number in range(20):
        row = found[f"larkspur{number}.com"]
        if number < 5:
            assert row["enriched_email"] == ""
            assert "dns rejected the e-mail that prospeo found" in row["enriched_error"]
        else:
            assert row["enriched_email"].endswith(f"@larkspur{number}.com")
            assert row["enriched_email_host"] == "Google"
    assert use_of(status, "dns")["credits"] == 0
