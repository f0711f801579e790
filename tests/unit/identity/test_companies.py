"""Companies by their domain."""

from __future__ import annotations

import pytest

from chalicelib.identity.companies import (
    company_from_domain,
    employer_domain,
    parse_company_domain,
)


@pytest.mark.parametrize(
    ("cell", "domain"),
    [
        ("https://www.acme.example.org/x", "example.org"),
        ("https://www.Acme-Tools.co.uk/about?x=1", "acme-tools.co.uk"),
        ("acme-tools.com", "acme-tools.com"),
        ("www.acme-tools.com.", "acme-tools.com"),
        ("http://user:pass@acme-tools.com:8080/", "acme-tools.com"),
        ("//acme-tools.com?x", "acme-tools.com"),
        ("jane@acme-tools.com", "acme-tools.com"),
        ("acme-tools.com ::: example.org", "acme-tools.com"),
        ("Acme Tools, acme-tools.com", "acme-tools.com"),
        ("https://xn--mller-kva.example.de", "example.de"),
        ("xn--mller-kva.de", "müller.de"),
        ("linkedin.com", "linkedin.com"),
    ],
)
def test_reads_domains(cell: str, domain: str) -> None:
    assert parse_company_domain(cell) == (domain, "")


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("Acme Tools", "not a domain name"),
        ("10.0.0.1", "not a domain name"),
        ("http://localhost/", "not a domain name"),
        ("acme.con", "not a domain name"),
        ("co.uk", "a suffix such as co.uk, not a company's domain"),
        ("gmail.com", "a free mail service, not a company's domain"),
        ("linkedin.com/company/acme", "a page on somebody else's site, not a company's domain"),
    ],
)
def test_says_what_is_wrong(cell: str, problem: str) -> None:
    assert parse_company_domain(cell) == ("", problem)


@pytest.mark.parametrize(
    ("domain", "company"),
    [
        ("acme-tools.co.uk", "Acme Tools"),
        ("acme.com", "Acme"),
        ("abc.de", "ABC"),
        ("müller-bau.de", "Müller Bau"),
        ("", ""),
    ],
)
def test_guesses_names(domain: str, company: str) -> None:
    assert company_from_domain(domain) == company


@pytest.mark.parametrize(
    ("domain", "employer"),
    [
        ("mail.example.org", "example.org"),
        ("gmail.com", ""),
        ("mailinator.com", ""),
        ("co.uk", ""),
        ("", ""),
    ],
)
def test_employers(domain: str, employer: str) -> None:
    assert employer_domain(domain) == employer
