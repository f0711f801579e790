"""Cells of LinkedIn columns as exports hold them, and what is read from each: a profile, or nothing and why."""

from __future__ import annotations

import pytest

from chalicelib.identity.linkedin import parse_linkedin_url

READ = {
    "jane-doe": [
        "LinkedIn: https://www.linkedin.com/in/jane-doe",
        "LinkedIn: linkedin.com/in/jane-doe",
        "LinkedIn:linkedin.com/in/jane-doe",
        "LinkedIn Profile: https://linkedin.com/in/jane-doe/",
        "LinkedIn - https://www.linkedin.com/in/jane-doe",
        "Profil LinkedIn : https://fr.linkedin.com/in/jane-doe",
        '<a href="https://www.linkedin.com/in/jane-doe">Jane</a>',
        "<a href='https://www.linkedin.com/in/jane-doe/?trk=x' target='_blank'>profile</a>",
        "[Jane Doe](https://www.linkedin.com/in/jane-doe)",
        '=HYPERLINK("https://www.linkedin.com/in/jane-doe","Jane")',
        "<https://www.linkedin.com/in/jane-doe>",
        "(https://www.linkedin.com/in/jane-doe)",
        '"https://www.linkedin.com/in/jane-doe"',
        "https://www.linkedin.com/in/jane-doe (private)",
        "https://www.linkedin.com/in/jane-doe - Jane Doe",
        "https://www.linkedin.com/in/jane-doe | https://x.com/jane",
        "https://x.com/jane; https://www.linkedin.com/in/jane-doe",
        "https://www.linkedin.com/in/jane-doe?miniProfileUrn=urn%3Ali%3Afs_miniProfile%3AACoAA",
        "https://www.linkedin.com/in/jane-doe/?originalSubdomain=de",
        "http://linkedin.com/in/Jane-Doe#experience",
        " https://uk.linkedin.com/in/jane-doe/ ",
        "WWW.LINKEDIN.COM/IN/JANE-DOE",
        "linkedin.com/in/jane-doe/en-us",
        "/in/jane-doe/",
    ],
    "ACoAABcDeFgHiJkLmNoPqRsTuV": [
        "https://www.linkedin.com/in/ACoAABcDeFgHiJkLmNoPqRsTuV",
        "LinkedIn: https://www.linkedin.com/in/ACoAABcDeFgHiJkLmNoPqRsTuV/",
        "linkedin.com/in/ACoAABcDeFgHiJkLmNoPqRsTuV?x=1",
    ],
    "ACoAABcD": ["https://www.linkedin.com/in/ACoAABcD"],
    "ACwAAAbC_-9": ["https://www.linkedin.com/in/ACwAAAbC_-9/"],
    "acoaabcd": ["https://www.linkedin.com/in/acoaabcd"],
}
PAGE, NO_PROFILE, OTHER = (
    "the page of a company, not of a person",
    "not the address of a LinkedIn profile",
    "not a LinkedIn address",
)
BLANK = {
    PAGE: [
        "LinkedIn: https://www.linkedin.com/company/acme",
        '<a href="https://linkedin.com/school/x">x</a>',
    ],
    NO_PROFILE: [
        "linkedin.com/in/jane doe",
        "https://www.linkedin.com/feed/",
        "https://www.linkedin.com/in/",
        "https://www.linkedin.com/sales/people/ACwAAAbCdEf,NAME_SEARCH,abcd",
        "https://www.linkedin.com/search/results/people/?keywords=jane",
    ],
    OTHER: [
        "jane-doe",
        "Jane Doe",
        "@jane-doe",
        "https://x.com/jane",
        "LinkedIn",
        "yes",
        "LinkedIn: jane-doe",
    ],
    "a short link, which hides whose profile it leads to": ["https://lnkd.in/abcdef"],
}


@pytest.mark.parametrize(
    ("cell", "slug"), [(c, slug) for slug, cells in READ.items() for c in cells]
)
def test_reads(cell: str, slug: str) -> None:
    assert parse_linkedin_url(cell) == (f"https://www.linkedin.com/in/{slug}", "")


@pytest.mark.parametrize(
    ("cell", "problem"), [(c, problem) for problem, cells in BLANK.items() for c in cells]
)
def test_leaves_blank(cell: str, problem: str) -> None:
    assert parse_linkedin_url(cell) == ("", problem)
