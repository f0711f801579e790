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
    with_email_status,
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
        *(("valid_catch_all", "catch_all"), ("catch_all_safe", "catch_all"), ("risky", "unknown")),
        *(("HIGH_PROBABILITY", "catch_all"), ("catch_all_not_safe", "catch_all")),
        *(("bounced", "invalid"), ("extrapolated", "guessed"), ("Likely to engage", "unknown")),
    ],
)
def test_words_for_email_statuses(told, status):
    assert email_status(told) == {"email_status": Found(status, EMAIL_STATUSES[status])}


EMAIL = "ada@larkspur.com"


@pytest.mark.parametrize(
    ("told", "sure"),
    [
        *(("valid", 0.9), ("verified", 0.9), ("VALID_CATCH_ALL", 0.8), ("accept_all", 0.6)),
        *(("unverified", 0.6), ("new word", 0.6), (None, 0.6), (["valid"], 0.6)),
        *(("guessed", 0.4), ("extrapolated", 0.4), ("risky", 0.4), ("catch-all not safe", 0.4)),
    ],
)
def test_an_address_is_no_surer_than_its_status(told, sure):
    values = {"email": Found(EMAIL, 0.9), "title": Found("CEO", 0.9)}
    found = with_email_status(values, told)
    assert found == {**values, "email": Found(EMAIL, sure), **email_status(told)}
    assert with_email_status({"email": Found(EMAIL, 0.1)}, told)["email"].confidence == 0.1


@pytest.mark.parametrize("told", ["invalid", "bounced", "spamtrap", "abuse", "do_not_mail"])
def test_an_address_that_must_not_be_used_is_left_out_unless_it_was_asked_about(told):
    values = {"email": Found(EMAIL, 0.9), "title": Found("CEO", 0.9)}
    assert with_email_status(values, told) == {"title": Found("CEO", 0.9)}
    about = with_email_status(values, told, asked=EMAIL)
    assert about["email"].value == EMAIL
    assert about["email_status"] == email_status(told)["email_status"]
    assert with_email_status({}, told) == email_status(told), "a verifier repeats no address"


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
