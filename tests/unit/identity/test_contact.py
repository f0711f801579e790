"""A row's cells become a contact: canonical, deterministic, never an exception, never a leak."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from chalicelib.identity.contact import explain_no_identity, has_identity, parse_contact
from chalicelib.model.contacts import FIELDS
from tests.unit.files.lists import NASTY, fuzzed
from tests.unit.measuring import growth

ROW = {
    "full_name": "  Jane \u00a0 DOE ",
    "email": "Jane.Doe@Example.ORG",
    "phone": "030 23125 123",
    "linkedin_url": "linkedin.com/in/Jane-Doe/",
    "title": "Head  of\nSales",
    "company": "Acme",
    "company_domain": "https://www.example.org/about",
    "city": "Berlin",
    "region": " ",
    "country": "Deutschland",
}
cells = st.text(max_size=60) | st.sampled_from(
    [*ROW.values(), "+1 202 555 0143", "a@b@c", "0049", "https://", "%%", "4E+11", "\ud800@x.org"]
)
rows = st.dictionaries(st.sampled_from(FIELDS), cells)
# The first example loads the libraries, and Hypothesis its alphabet; no deadline counts that.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_reads_every_field() -> None:
    contact = parse_contact(ROW)
    assert contact.known == {
        "full_name": "Jane Doe",
        "email": "jane.doe@example.org",
        "phone": "+493023125123",
        "linkedin_url": "https://www.linkedin.com/in/jane-doe",
        "title": "Head of Sales",
        "company": "Acme",
        "company_domain": "example.org",
        "city": "Berlin",
        "country": "DE",
    }
    assert contact.problems == {}
    assert contact.given == {field: cell for field, cell in ROW.items() if field != "region"}


def test_what_is_no_country_is_no_value() -> None:
    contact = parse_contact({"country": " Narnia "})
    assert contact.known == {}
    assert contact.problems == {"country": "not the name or the code of a country"}


@pytest.mark.parametrize(
    ("row", "default_country", "phone"),
    [
        ({"country": "Germany"}, "", "+493023125123"),
        ({"country": "Germany"}, "US", "+493023125123"),
        ({"country": "n/a"}, "DE", "+493023125123"),
        ({}, "DE", "+493023125123"),
        ({}, "", None),
        ({"country": "EMEA"}, "DE", None),
        ({"country": "n/a"}, "", None),
    ],
)
def test_the_country_of_a_phone(row, default_country, phone) -> None:
    contact = parse_contact({"phone": "030 23125 123", **row}, default_country)
    assert contact.known.get("phone") == phone


def test_what_cannot_be_read_is_a_problem() -> None:
    contact = parse_contact({"email": "jane", "phone": "030 23125 123", "company": "Acme"})
    assert contact.known == {"company": "Acme"}
    assert set(contact.problems) == {"email", "phone"}


@pytest.mark.parametrize(
    "cell", ["n/a", "NULL", "None", "-", "unknown", "nan", " ? ", "\u200b", "-\x08"]
)
def test_placeholders_are_blank(cell: str) -> None:
    contact = parse_contact({"email": cell, "last_name": cell, "company": cell})
    assert (contact.known, contact.problems) == ({}, {})


@pytest.mark.parametrize("name", ["Null", "Na", "O"])
def test_short_and_odd_surnames_are_names(name: str) -> None:
    assert parse_contact({"last_name": name}).known == {"last_name": name}


@pytest.mark.parametrize(
    "row",
    [
        {"email": "jane@example.org"},
        {"phone": "+1 202 555 0143"},
        {"linkedin_url": "in/jane"},
        {"full_name": "Jane Doe"},
        {"last_name": "Doe"},
    ],
)
def test_identity(row: dict[str, str]) -> None:
    assert has_identity(parse_contact(row))


def test_no_identity_and_why() -> None:
    nothing = parse_contact({"company": "Acme", "email": "n/a"})
    unusable = parse_contact(
        {"phone": "12", "country": "US", "email": "jane", "company_domain": "x"}
    )
    assert not has_identity(nothing)
    assert not has_identity(unusable)
    assert explain_no_identity(nothing).startswith(
        "nothing to identify a person by: needs an e-mail"
    )
    assert (
        explain_no_identity(unusable)
        == "no usable identity; email: no @ sign; phone: too few digits"
    )


@unhurried
@given(rows)
def test_never_raises_and_is_deterministic(row: dict[str, str]) -> None:
    contact = parse_contact(row)
    assert contact == parse_contact(row)
    assert not contact.known.keys() & contact.problems.keys()
    assert all(value == value.strip() != "" for value in contact.known.values())


@unhurried
@given(rows)
def test_canonical_forms_are_final(row: dict[str, str]) -> None:
    known = parse_contact(row).known
    assert parse_contact(known).known == known


@unhurried
@given(st.sampled_from(FIELDS), st.text(max_size=20), st.text(max_size=20))
def test_problems_hold_nothing_of_the_cell(field: str, before: str, after: str) -> None:
    contact = parse_contact({field: f"{before}zxqv{after}", "email": f"{before}@zxqv{after}"})
    assert "zxqv" not in "".join(contact.problems.values()) + explain_no_identity(contact)


def test_importing_costs_nothing() -> None:
    """Libraries that take more than 20 ms are loaded at first use: most functions need none."""
    heavy = ("phonenumbers", "email_validator", "nameparser", "publicsuffixlist", "iso3166")
    code = f"import sys, chalicelib.identity.contact; print(*set({heavy}) & sys.modules.keys())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


@pytest.mark.parametrize("name", FIELDS)
def test_no_cell_takes_time_in_the_square_of_its_length(name):
    for pattern in ("\u0316\u0301", "a@", "a.", "<a@b", "1-", "://", ";", "linkedin.com/in/a."):
        long = pattern * 8_000
        assert growth(lambda n, long=long: parse_contact({name: long[: 2 * n]}), 2_000) < 12, (
            pattern
        )


@given(
    st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(NASTY).map(lambda text: text * 900))
)
@settings(fuzzed, max_examples=25)
def test_long_cells_are_read(row):
    contact = parse_contact(row)
    assert all(value == " ".join(value.split()) for value in contact.known.values())
    assume(contact.problems)
    assert all(len(problem) < 200 for problem in contact.problems.values())
