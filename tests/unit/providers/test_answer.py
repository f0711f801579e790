"""What is read from a vendor's answer: numbers and waiting times in headers."""

from __future__ import annotations

import time
from datetime import datetime, timezone

import pytest

from chalicelib.providers.answer import Answer


def headers(**told: str) -> Answer:
    return Answer("acme", 200, {name.replace("_", "-"): value for name, value in told.items()}, b"")


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("0.25", 0.25), ("-3", 0), ("", None), ("soon", None), ("nan", None), ("inf", None)],
)
def test_numbers_in_headers(text, number):
    assert headers(a=text).number("a") == number
    assert headers(a=text).number("b") is None


def test_retry_after_may_be_a_date():
    soon = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 100))
    assert headers(a=soon).seconds("a") == pytest.approx(100, abs=3)
    assert headers(a="Wed, 21 Oct 2015 07:28:00 GMT").seconds("a") == 0
    assert headers(a="Wed, 99 Oct 2015").seconds("a") is None


@pytest.mark.parametrize(
    ("write", "wait"),
    [
        (lambda moment: str(int(moment)), 300),
        (lambda moment: datetime.fromtimestamp(moment, timezone.utc).isoformat(), 300),
        (lambda moment: f"'{datetime.fromtimestamp(moment, timezone.utc).isoformat()}'", 300),
        (lambda moment: str(int(moment - 900)), 0),
        (lambda moment: str(int(moment + 9000)), 1000),
        (lambda _: "42", 42),
        (lambda _: "-42", 0),
    ],
)
def test_a_time_to_come_back_is_a_wait(write, wait):
    found = headers(a=write(time.time() + 300)).seconds_until("a", most=1000)
    assert found == pytest.approx(wait, abs=3)


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "2026-13-01T00:00:00Z"])
def test_what_is_no_time_is_no_wait(text):
    assert headers(a=text).seconds_until("a", most=1000) is None
    assert headers(a=text).seconds_until("b", most=1000) is None
