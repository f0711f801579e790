"""LinkedIn profiles: many spellings, one URL."""

from __future__ import annotations

import pytest

from chalicelib.identity.linkedin import parse_linkedin_url


@pytest.mark.parametrize(
    ("cell", "slug"),
    [
        ("https://www.linkedin.com/in/jane-doe", "jane-doe"),
        ("linkedin.com/in/Jane-Doe/", "jane-doe"),
        ("HTTPS://WWW.LINKEDIN.COM/IN/JANE-DOE", "jane-doe"),
        ("http://de.linkedin.com/in/jane-doe/?trk=abc#top", "jane-doe"),
        ("m.linkedin.com/in/jane-doe/de", "jane-doe"),
        ("https://www.linkedin.com/mwlite/in/jane-doe", "jane-doe"),
        ("https://www.linkedin.com/in/jane-doe/detail/contact-info/", "jane-doe"),
        ("https://https://www.linkedin.com//in/jane-doe", "jane-doe"),
        ("//www.linkedin.com/in/jane-doe", "jane-doe"),
        ("in/jane-doe", "jane-doe"),
        ("/in/jane-doe", "jane-doe"),
        ("https://www.linkedin.com/in/j%c3%b6rg-muster", "j%C3%B6rg-muster"),
        ("https://www.linkedin.com/in/jörg-muster", "j%C3%B6rg-muster"),
        ("https://www.linkedin.com/in/jo\u0308rg-muster", "j%C3%B6rg-muster"),
        ("https://www.linkedin.com/pub/jane-doe/1b/3a5/b2", "jane-doe-0b23a51b"),
        ("linkedin.com/pub/jane-doe/a7/576/b50?trk=x", "jane-doe-b50576a7"),
        ("linkedin.com/in/ACoAABcDeFgHiJkLmNoPqRsTuV", "ACoAABcDeFgHiJkLmNoPqRsTuV"),
        ("linkedin.com/company/acme; linkedin.com/in/jane-doe", "jane-doe"),
    ],
)
def test_reads_profiles(cell: str, slug: str) -> None:
    assert parse_linkedin_url(cell) == (f"https://www.linkedin.com/in/{slug}", "")


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("https://www.linkedin.com/company/acme", "the page of a company, not of a person"),
        ("linkedin.com/school/acme/", "the page of a company, not of a person"),
        ("https://example.org/in/jane-doe", "not a LinkedIn address"),
        ("https://notlinkedin.com/in/jane-doe", "not a LinkedIn address"),
        ("https://linkedin.com.example.org/in/jane-doe", "not a LinkedIn address"),
        ("jane-doe", "not a LinkedIn address"),
        ("/", "not a LinkedIn address"),
        ("linkedin.com", "not the address of a LinkedIn profile"),
        ("linkedin.com/in/", "not the address of a LinkedIn profile"),
        ("linkedin.com/in/me", "not the address of a LinkedIn profile"),
        ("linkedin.com/in/jane doe", "not the address of a LinkedIn profile"),
        ("linkedin.com/in/%ff", "not the address of a LinkedIn profile"),
        ("linkedin.com/pub/dir/Jane/Doe", "not the address of a LinkedIn profile"),
        ("linkedin.com/sales/lead/ACwAAA", "not the address of a LinkedIn profile"),
    ],
)
def test_says_what_is_wrong(cell: str, problem: str) -> None:
    assert parse_linkedin_url(cell) == ("", problem)
