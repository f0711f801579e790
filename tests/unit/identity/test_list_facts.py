"""What a list as a whole tells about companies, their domains and their addresses."""

from __future__ import annotations

import pytest

from chalicelib.identity.list_facts import MAX_KEYS, Gathering, ListFacts, company_key

NAMES = [
    *("Jane Doe", "John Roe", "Ada Smith", "Tom Brown", "Eva Stone", "Max Field", "Ida Wood"),
    *("Sam Lake", "Leo Hill", "Amy Reed"),
]


def gathered(*rows: dict[str, str]) -> ListFacts:
    gathering = Gathering()
    for row in rows:
        gathering.add(row)
    return ListFacts.from_json(gathering.facts().to_json())


def colleagues(
    count: int, pattern: str = "{0}.{1}", domain: str = "acme.example.org"
) -> list[dict]:
    rows = []
    for name in NAMES[:count]:
        first, last = name.lower().split()
        rows.append({"full_name": name, "email": f"{pattern.format(first, last)}@{domain}"})
    return rows


@pytest.mark.parametrize(
    ("known", "confidence"), [(1, 0.60), (2, 0.73), (3, 0.77), (4, 0.77), (5, 0.84), (10, 0.89)]
)
def test_an_address_by_the_pattern_of_colleagues(known, confidence):
    facts = gathered(*colleagues(known))
    assert facts.email_of("Zoe", "Park", "acme.example.org") == (
        "zoe.park@acme.example.org",
        confidence,
    )


@pytest.mark.parametrize(
    ("agree", "others", "confidence"),
    [(4, 1, 0.71), (8, 2, 0.77), (3, 2, 0.57), (2, 1, 0.0), (1, 1, 0.0), (5, 5, 0.0)],
)
def test_colleagues_that_disagree_tell_less_or_nothing(agree, others, confidence):
    rows = colleagues(agree + others)
    rows[:others] = colleagues(others, "{0}")
    assert gathered(*rows).email_of("Zoe", "Park", "acme.example.org")[1] == confidence


def test_no_evidence_is_no_guess():
    facts = gathered(*colleagues(3))
    assert facts.email_of("Zoe", "Park", "other.example.net") == ("", 0.0)
    assert facts.company_at("acme.example.org") == ("", 0.0)
    assert facts.domain_of("Acme") == ("", 0.0)
    shared = [{**row, "email": f"{n}x@acme.example.org"} for n, row in enumerate(colleagues(5))]
    assert gathered(*shared).email_of("Zoe", "Park", "acme.example.org") == ("", 0.0)


def test_free_mailboxes_tell_of_no_company():
    facts = gathered(*({**row, "company": "Acme"} for row in colleagues(5, domain="gmail.com")))
    assert facts == ListFacts()


def test_the_company_of_colleagues_in_its_commonest_spelling():
    rows = colleagues(6)
    for row, company in zip(rows, ["ACME Inc.", "Acme", "Acme", "Acme, Inc", "Acme"], strict=False):
        row["company"] = company
    assert gathered(*rows).company_at("acme.example.org") == ("Acme", 0.95)


def test_two_companies_at_a_domain_are_none():
    rows = [{**row, "company": f"Brand {n % 2}"} for n, row in enumerate(colleagues(6))]
    assert gathered(*rows).company_at("acme.example.org") == ("", 0.0)


def test_the_domain_of_a_company_however_it_is_spelled():
    rows = [{**row, "company": "Acme Tools, Inc."} for row in colleagues(2)]
    facts = gathered(*rows)
    assert facts.domain_of("ACME TOOLS GmbH") == ("acme.example.org", 0.90)
    assert facts.domain_of("Acme") == ("", 0.0)


@pytest.mark.parametrize(
    ("company", "key"),
    [
        ("ACME Tools, Inc.", "acme tools"),
        ("Acme S.A.S.", "acme"),
        ("Limited", "limited"),
        ("Société Modèle S.A.", "société modèle"),
        ("株式会社例", "株式会社例"),
        ("...", ""),
    ],
)
def test_what_spellings_of_a_company_have_in_common(company, key):
    assert company_key(company) == key


def test_a_list_of_any_length_takes_bounded_memory():
    gathering = Gathering()
    for n in range(MAX_KEYS + 500):
        email = f"jane.doe@company{n}.com"
        gathering.add({"email": email, "company": f"Company {n}", "full_name": "Jane Doe"})
    for n in range(500):
        gathering.add({"email": f"x{n}@company1.com", "company": f"Brand {n}"})
    facts = gathering.facts()
    assert len(facts.companies) == len(facts.domains) == len(facts.patterns) == MAX_KEYS
    assert facts.companies["company1.com"].of == 501
    assert facts.company_at("company1.com") == ("", 0.0)


def test_it_holds_nothing_of_a_person():
    text = Gathering()
    for row in colleagues(5):
        text.add({**row, "company": "Acme", "phone": "+12025550123"})
    stored = text.facts().to_json().lower()
    assert not any(word in stored for name in NAMES for word in name.lower().split())
    assert "555" not in stored
