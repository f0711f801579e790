"""The vendor server itself: what other tests believe of it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.vendors.people import DOMAINS, Asked, invent, knows
from tests.vendors.server import VendorServer
from tests.vendors.windows import Windows

SERVER = Path(__file__).parents[2] / "vendors" / "server.py"


def call(url: str, body: Any = None, key: str = "") -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"X-Api-Key": key})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def ask_pdl(server: VendorServer, *emails: str) -> tuple[int, Any]:
    body = {"requests": [{"params": {"email": email}} for email in emails]}
    return call(server.url("pdl") + "/v5/person/bulk", body, server["pdl"].key)


def test_the_account_says_who_was_billed_twice():
    with VendorServer() as server:
        server["pdl"].configure(coverage=1.0)
        ask_pdl(server, "a@example.org", "b@example.org")
        ask_pdl(server, "A@example.org ")
        _, books = call(server.base_url + "/_account")
    assert books["pdl"]["billed_twice"] == {"a@example.org": 2}
    assert (books["pdl"]["calls"], books["pdl"]["lookups"], books["pdl"]["credits"]) == (2, 3, 3)
    assert sum(second["allowed"] for second in books["pdl"]["timeline"].values()) == 2
    assert books["apollo"]["calls"] == 0


def test_the_account_is_right_with_many_callers():
    with VendorServer() as server:
        server["pdl"].configure(coverage=1.0, credits_left=150)

        def caller(number: int) -> None:
            for each in range(10):
                ask_pdl(server, f"p{number}.{each}@example.org")

        threads = [threading.Thread(target=caller, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        account = server["pdl"].account
        assert (account.calls, account.credits, account.credits_left) == (200, 150, 0)
        assert not account.billed_twice


def test_limits_are_enforced_and_counted():
    with VendorServer() as server:
        server["pdl"].configure(limits=[(3, 60)])
        statuses = [ask_pdl(server, f"p{n}@example.org")[0] for n in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        assert server["pdl"].account.throttled == 2


def test_a_window_opens_at_its_first_call():
    now = [100.0]
    windows = Windows([(2, 10), (3, 60)], clock=lambda: now[0])
    assert windows.admit() == 0
    now[0] = 109.0
    assert windows.admit() == 0
    assert windows.admit() == 1
    now[0] = 110.0
    assert windows.admit() == 0
    assert windows.admit() == 50


def test_faults_come_when_they_are_told_to():
    with VendorServer() as server:
        server["pdl"].faults.add("broken", times=2, every=3)
        statuses = [ask_pdl(server, f"p{n}@example.org")[0] for n in range(9)]
        assert statuses == [200, 200, 500, 200, 200, 500, 200, 200, 200]
        server["pdl"].faults.add("out_of_credits", times=None)
        assert {ask_pdl(server, "x@example.org")[0] for _ in range(5)} == {402}
        server["pdl"].faults.clear()
        assert ask_pdl(server, "x@example.org")[0] == 200


def test_the_server_is_told_things_from_outside():
    with VendorServer() as server:
        told = {"vendor": "pdl", "kind": "broken", "times": None}
        assert call(server.base_url + "/_faults", told)[0] == 200
        assert ask_pdl(server, "x@example.org")[0] == 500
        call(server.base_url + "/_faults", {"vendor": "pdl", "clear": True})
        call(server.base_url + "/_vendors", {"vendor": "pdl", "limits": [[0, 60]], "coverage": 1})
        assert ask_pdl(server, "x@example.org")[0] == 429
        call(server.base_url + "/_vendors", {"vendor": "pdl", "reset": True})
        assert ask_pdl(server, "x@example.org")[0] == 200
        assert server["pdl"].account.calls == 1


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/_faults", {"vendor": "pdl", "kind": "sulk"}),
        ("/_faults", {"vendor": "oracle", "kind": "lag"}),
        ("/_vendors", {"vendor": "pdl", "colour": "red"}),
        ("/_faults", []),
    ],
)
def test_what_it_does_not_understand_is_an_error(path, told):
    with VendorServer() as server:
        assert call(server.base_url + path, told)[0] == 400


def test_a_process_prints_its_address_and_serves():
    with subprocess.Popen(
        [sys.executable, str(SERVER), "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        status, books = call(url + "/_account")
        process.terminate()
    assert status == 200
    assert {"pdl", "apollo", "fullcontact"} <= books.keys()


def test_a_server_that_is_gone_answers_on_no_connection():
    with VendorServer() as server:
        url = server.base_url
        assert call(url + "/_account")[0] == 200
    with pytest.raises((urllib.error.URLError, ConnectionError)):
        call(url + "/_account")


def test_people_are_always_the_same_and_of_all_vendors():
    asked = Asked(email="ada.abara.7@example.com")
    assert invent(asked) == invent(asked)
    assert invent(asked).full == "Ada Abara"
    assert invent(Asked(linkedin="https://www.linkedin.com/in/Ada-X/")).linkedin == "ada-x"


def test_a_vendor_knows_the_share_of_people_that_it_is_told():
    for coverage in (0.0, 0.3, 0.7, 1.0):
        known = sum(knows("pdl", f"p{n}@example.org", coverage) for n in range(2000))
        assert known / 2000 == pytest.approx(coverage, abs=0.05)
    with VendorServer() as server:
        rows = server["pdl"].rows(True, 20)
        assert all(row["email"].rpartition("@")[2] in DOMAINS for row in rows)


def test_a_call_costs_the_tests_little():
    with VendorServer() as server:
        emails = [f"p{n}@example.org" for n in range(100)]
        ask_pdl(server, *emails)
        before = time.perf_counter()
        for _ in range(5):
            ask_pdl(server, *emails)
        assert (time.perf_counter() - before) / 5 < 0.5
