"""Whose answer is whose: by identity, the surest evidence first, and rather nobody's than another's."""

from __future__ import annotations

import pytest

from chalicelib.providers.alignment import align, identity_of, may_be_one_company, share_credits
from chalicelib.providers.base import Match, NoMatch, Pending

JANE = {
    **{"email": "jane.doe@larkspur.com", "phone": "+12025550143"},
    **{"linkedin_url": "https://www.linkedin.com/in/jane-doe"},
    **{"first_name": "Jane", "last_name": "Doe", "company_domain": "larkspur.com"},
}
BELA = {"email": "bela@quillfern.net", "full_name": "Bela Brandt"}


def found(asked: dict[str, str], *told: dict[str, str]) -> str | None:
    """Which of those told of is meant: their e-mails stand for them. Beside Bela, never alone."""
    answers = [(identity_of(person), person.get("email", "?")) for person in (BELA, *told)]
    return align([asked, {"email": "nobody@example.org"}], answers)[0]


@pytest.mark.parametrize(
    "asked",
    [
        {"email": "jane.doe@larkspur.com", "full_name": "J. Smith"},
        {"linkedin_url": "https://www.linkedin.com/in/jane-doe", "email": "j@private.example.net"},
        {"phone": "+12025550143"},
        {"full_name": "JANE DOE", "company_domain": "larkspur.com"},
        {"full_name": "Dr. Jané M. Doe, PhD", "email": "jd@mail.larkspur.com"},
    ],
    ids=["email", "linkedin", "phone", "name at an employer", "name and the employer's mail"],
)
def test_the_same_person(asked):
    assert found(asked, JANE) == "jane.doe@larkspur.com"


def test_an_email_without_a_name_that_reads_like_one():
    asked = {"email": "jane.doe@larkspur.com"}
    person = {"full_name": "Jane Doe", "company_domain": "larkspur.com"}
    assert found(asked, person) == "?"


@pytest.mark.parametrize(
    ("asked", "person"),
    [
        ({"full_name": "Jane Doe"}, JANE),
        ({"full_name": "Jane Doe", "company_domain": "ninebark.com"}, JANE),
        ({"full_name": "John Doe", "company_domain": "larkspur.com"}, JANE),
        ({"full_name": "John Doe", "phone": "+12025550143"}, JANE),
        (
            {
                "full_name": "Jane Doe",
                "company_domain": "larkspur.com",
                "linkedin_url": "https://www.linkedin.com/in/jane-2",
            },
            JANE,
        ),
        ({"full_name": "Jane Doe", "email": "jane.doe2@larkspur.com"}, JANE),
        ({"full_name": "Jane Doe", "email": "jane@gmail.com"}, {**JANE, "email": "j@gmail.com"}),
    ],
    ids=[
        *("name only", "elsewhere", "a colleague", "the same switchboard", "another profile"),
        *("another address", "two at one mailbox provider"),
    ],
)
def test_somebody_else(asked, person):
    assert found(asked, person) is None


def test_surer_evidence_goes_first():
    namesake = {**JANE, "email": "jane@ninebark.com", "phone": "+12025550199"}
    namesake["linkedin_url"] = "https://www.linkedin.com/in/jane-2"
    asked = {**JANE, "linkedin_url": "https://www.linkedin.com/in/jane-2"}
    assert found(asked, namesake, JANE) == JANE["email"]


def test_two_who_could_be_meant_are_nobody():
    asked = {"full_name": "Jane Doe", "company_domain": "larkspur.com"}
    one, other = {**JANE, "email": "a@larkspur.com"}, {**JANE, "email": "b@larkspur.com"}
    assert found(asked, one, other) is None
    assert found(asked, one, one) == "a@larkspur.com", "the same record twice is one person"


def test_the_only_one_asked_for_is_the_only_one_told_of_unless_that_is_contradicted():
    private = {"email": "jane@private.example.net"}
    answers = [(identity_of(JANE), "Jane")]
    assert align([private], answers) == align([JANE], answers) == ["Jane"]
    assert align([private, BELA], answers) == [None, None]
    other_profile = {**private, "linkedin_url": "https://www.linkedin.com/in/jane-2"}
    assert align([other_profile], answers) == [None]
    assert align([{"email": "john@larkspur.com"}], answers) == [None]


def test_costs_are_shared_by_matches_or_else_by_misses():
    outcomes = [Match(), NoMatch(), Pending(5), Match()]
    assert [each.credits for each in share_credits(outcomes, 3)] == [1.5, 0, 0, 1.5]
    assert [each.credits for each in share_credits([NoMatch(), Pending(5), NoMatch()], 3)] == [
        1.5,
        0,
        1.5,
    ]
    assert [each.credits for each in share_credits([NoMatch()], 0)] == [0]
    assert [each.credits for each in share_credits([Pending(5), Pending(5)], 3)] == [1.5, 1.5]
    assert share_credits([], 5) == []


@pytest.mark.parametrize(
    ("one", "other", "may_be"),
    [
        *(("Larkspur", "Larkspur Tools GmbH", True), ("Larkspur Tools", "LARKSPUR, Inc.", True)),
        *(("Quill-Fern", "Quillfern Labs", True), ("Café Ninebark", "Cafe Ninebark", True)),
        *(("IBM", "International Business Machines Corp.", True), ("", "Larkspur", True)),
        *(("The Larkspur Company", "Larkspur", True), ("360", "Larkspur", True)),
        *(("Larkspur Tools", "Ninebark Tools", False), ("The Larkspur", "The Ninebark", False)),
        *(("Larkspur", "Quillfern Labs", False), ("IBM", "Italian Bread Company", False)),
    ],
)
def test_two_names_of_one_company(one, other, may_be):
    assert may_be_one_company(one, other) is may_be_one_company(other, one) is may_be
