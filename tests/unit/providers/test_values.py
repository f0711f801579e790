"""What vendors say, made ours: masks, words for e-mail statuses, scores."""

from __future__ import annotations

import math

import pytest

from chalicelib.providers.base import Found
from chalicelib.providers.values import (
    EMAIL_STATUSES,
    canonical,
    confidence_of,
    email_status,
    value_at,
)


def test_values_are_in_canonical_form():
    told = {
        "email": "Ada.Abara@Example.com",
        "phone": "(202) 555-0143",
        "country": "United States",
        "linkedin_url": "http://linkedin.com/in/Ada-Abara/",
        "company_domain": "https://www.larkspur.com/about",
        "title": "  Head of\u00a0Sales ",
    }
    assert canonical(told, 0.5) == {
        "email": Found("ada.abara@example.com", 0.5),
        "phone": Found("+12025550143", 0.5),
        "country": Found("US", 0.5),
        "linkedin_url": Found("https://www.linkedin.com/in/ada-abara", 0.5),
        "company_domain": Found("larkspur.com", 0.5),
        "title": Found("Head of Sales", 0.5),
    }


@pytest.mark.parametrize(
    ("field", "told"),
    [
        *(("email", True), ("email", "j***@example.com"), ("email", "j*@example.com")),
        *(("email", "email_not_unlocked@domain.com"), ("email", "xxxx@example.com")),
        *(("phone", True), ("phone", "+1 650 555 XXXX"), ("phone", "+1650555****")),
        *(("phone", 12025550143), ("title", "●●●●"), ("last_name", "A***"), ("city", "hidden")),
        *(("linkedin_url", "linkedin.com/in/j…"), ("title", ["CEO"]), ("title", {"name": "CEO"})),
        *(("title", ""), ("title", "n/a"), ("title", None), ("title", "CEO " * 200)),
        *(("company_domain", "gmail.com"), ("shoe_size", "43")),
    ],
)
def test_what_is_no_value(field, told):
    assert canonical({field: told}, 1.0) == {}


@pytest.mark.parametrize(
    "name", ["A*STAR", "Hidden Valley", "Locked On Media", "XXX Lutz", "Dots…"]
)
def test_companies_are_called_strange_things(name):
    assert canonical({"company": name}, 1.0) == {"company": Found(name, 1.0)}


@pytest.mark.parametrize(
    ("told", "status"),
    [
        *(("valid", "valid"), ("catch-all", "catch_all"), ("Accept All", "catch_all")),
        *(("accept_all", "catch_all"), ("disposable", "do_not_mail"), ("webmail", "unknown")),
        *(("verified", "valid"), ("undeliverable", "invalid"), ("spamtrap", "spamtrap")),
    ],
)
def test_words_for_email_statuses(told, status):
    assert email_status(told) == {"email_status": Found(status, EMAIL_STATUSES[status])}


@pytest.mark.parametrize("told", ["", "fine", None, True, 1, ["valid"], {}])
def test_words_of_unknown_meaning(told):
    assert email_status(told) == {}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        *((0, 0.0), (50, 0.5), (87.5, 0.875), (100, 1.0), (-5, 0.0), (250, 1.0), (10**400, 1.0)),
        *((math.nan, 0.3), (math.inf, 1.0), (None, 0.3), ("90", 0.3), (True, 0.3), ([], 0.3)),
    ],
)
def test_scores(told, expected):
    assert confidence_of(told, 100, otherwise=0.3) == expected


def test_paths_through_whatever_there_is():
    assert value_at({"a": {"b": 1}}, "a", "b") == 1
    for value in ({}, None, [], "a", 5, {"a": None}, {"a": []}, {"a": {"c": 1}}):
        assert value_at(value, "a", "b") is None
