"""The offline provider: facts, derivations and guesses, for blanks only."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.identity.contact import parse_contact
from chalicelib.identity.list_facts import Gathering
from chalicelib.model.contacts import FIELDS, Contact, Earlier
from chalicelib.providers.base import Found, Match, NoMatch, Provider
from chalicelib.providers.colleagues import COMPANY_GUESS, DERIVED, DOMAIN_GUESS
from chalicelib.providers.offline import (
    COUNTRY_GUESS,
    FACT,
    NAME_GUESS,
    SUGGESTION,
    OfflineProvider,
)

ALL = frozenset(FIELDS)


def enrich(wanted: frozenset[str] = ALL, /, **row: str) -> dict[str, Found]:
    provider: Provider = OfflineProvider()
    (outcome,) = provider.enrich([parse_contact(row)], wanted)
    assert outcome.credits == 0
    return dict(outcome.values) if isinstance(outcome, Match) else {}


COLLEAGUES = [
    {
        "email": f"{first}.{last}@acme.example.org",
        "company": "Acme Tools",
        "full_name": f"{first} {last}",
    }
    for first, last in (("jane", "doe"), ("john", "roe"), ("ada", "smith"))
]


def enrich_beside(colleagues: Sequence[dict[str, str]], /, **row: str) -> dict[str, Found]:
    """The same in a list with these rows."""
    gathering = Gathering()
    for colleague in colleagues:
        gathering.add(colleague)
    (outcome,) = OfflineProvider().informed(gathering.facts()).enrich([parse_contact(row)], ALL)
    return dict(outcome.values) if isinstance(outcome, Match) else {}


def test_colleagues_tell_the_company() -> None:
    found = enrich_beside(COLLEAGUES, email="zoe@acme.example.org")
    assert found["company"] == Found("Acme Tools", 0.9)


def test_a_company_that_is_filled_in_has_its_name_without_the_legal_form() -> None:
    colleagues = [{**row, "company": "Acme Tools Ltd."} for row in COLLEAGUES]
    found = enrich_beside(colleagues, email="zoe@acme.example.org")
    assert found["company"] == Found("Acme Tools Ltd.", 0.9)
    assert found["company_clean"] == Found("Acme Tools", 0.81)
    alone = frozenset({"company_clean"})
    assert enrich(alone, email="zoe@acmetools.com") == {"company_clean": Found("Acmetools", 0.225)}
    assert enrich(alone, company="Acme Ltd", company_domain="acme.com") == {
        "company_clean": Found("Acme", DERIVED)
    }


def test_the_company_tells_the_domain_and_the_address_by_its_pattern() -> None:
    found = enrich_beside(COLLEAGUES, full_name="Zoe Park", company="ACME Tools Ltd.")
    assert found["company_domain"] == Found("example.org", 0.9)
    assert found["email"] == Found("zoe.park@acme.example.org", 0.693)
    assert found["email_status"] == Found("guessed", 0.693)
    others = [{**row, "email": row["email"].replace("acme.", "")} for row in COLLEAGUES]
    by_domain = enrich_beside(others, full_name="Zoe Park", company_domain="www.example.org")
    assert by_domain["email"] == Found("zoe.park@example.org", 0.77)


@pytest.mark.parametrize(
    "row",
    [
        {"full_name": "Zoe Park"},
        {"full_name": "Zoe Park", "company": "Other"},
        {"full_name": "Zoe", "company": "Acme Tools"},
        {"full_name": "Jörg Park", "company": "Acme Tools"},
        {"full_name": "Zoe Park", "company": "Acme Tools", "email": "zoe.park[at]"},
        {"full_name": "Zoe Park", "company": "Acme Tools", "email": "zp@acme.example.org"},
    ],
)
def test_without_evidence_or_beside_a_cell_with_text_no_address_is_made(row) -> None:
    assert "email" not in enrich_beside(COLLEAGUES, **row)


def words(found: dict[str, Found]) -> dict[str, str]:
    return {field: value.value for field, value in found.items()}


def test_facts_of_an_address() -> None:
    found = enrich(email="Info@Mail.Example.ORG", full_name="Jane Doe", company="Acme")
    facts = {field: found[field] for field in found if field.startswith("email_")}
    assert facts == {
        "email_valid": Found("true", FACT),
        "email_domain": Found("mail.example.org", FACT),
        "email_free": Found("false", FACT),
        "email_disposable": Found("false", FACT),
        "email_role": Found("true", FACT),
    }


def test_an_invalid_address_says_why() -> None:
    assert words(enrich(email="jane")) == {"email_valid": "false", "email_problem": "no @ sign"}


def test_facts_of_a_phone() -> None:
    assert words(enrich(phone="+49 30 23125 123")) == {
        "phone_valid": "true",
        "phone_type": "fixed_line",
        "phone_country": "DE",
        "phone_region": "Berlin",
        "phone_timezone": "Europe/Berlin",
        "country": "DE",
    }


@pytest.mark.parametrize("phone", ["+44 7700 900123", "12"])
def test_a_phone_that_is_not_valid(phone: str) -> None:
    assert words(enrich(ALL - {"phone_region"}, phone=phone)) == {"phone_valid": "false"}


@pytest.mark.parametrize(
    ("email", "meant"),
    [
        ("jane@gmial.com", "jane@gmail.com"),
        ("Jane@acmetools.con", "jane@acmetools.com"),
        ("jane@acmetools.com", ""),
        ("jane", ""),
    ],
)
def test_suggests_an_address_and_corrects_none(email: str, meant: str) -> None:
    found = enrich(frozenset({"email", "email_suggestion"}), email=email)
    assert found == ({"email_suggestion": Found(meant, SUGGESTION)} if meant else {})


def test_an_earlier_row_about_the_same_person() -> None:
    row = replace(parse_contact({"linkedin_url": "in/jane"}), earlier=Earlier(12, 0.9))
    assert OfflineProvider().identifies(row)
    (outcome,) = OfflineProvider().enrich([row], frozenset({"duplicate_of"}))
    assert outcome == Match({"duplicate_of": Found("12", 0.9)})


def test_a_form_of_address_is_the_one_that_the_row_states() -> None:
    wanted = frozenset({"salutation"})
    stated = {"salutation": Found("Ms", FACT)}
    assert enrich(wanted, full_name="Frau Jane Doe") == stated
    assert enrich(wanted, full_name="Jane Doe") == {}
    assert enrich(wanted, full_name="Frau Acme Example GmbH") == {}
    assert enrich(wanted, full_name="Frau Jane Doe", salutation="n/a") == stated
    assert enrich(wanted, full_name="Frau Jane Doe", salutation="Mr") == {}
    assert enrich(wanted, full_name="Frau Jane Doe", salutation="?!") == {}


def test_what_a_title_and_a_company_tell() -> None:
    assert enrich(title="Leiter Vertrieb", company="Müller GmbH & Co. KG") == {
        "seniority": Found("head", DERIVED),
        "department": Found("sales", DERIVED),
        "company_clean": Found("Müller", DERIVED),
    }
    assert enrich(title="Ninja", company="self-employed") == {}


def test_a_phone_of_an_unknown_country_is_neither_right_nor_wrong() -> None:
    assert enrich(phone="030 23125 123") == {}


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (
            {"full_name": "Doe, Jane"},
            {"first_name": Found("Jane", DERIVED), "last_name": Found("Doe", DERIVED)},
        ),
        ({"full_name": "Jane Doe", "first_name": "J."}, {"last_name": Found("Doe", DERIVED)}),
        ({"first_name": "Jane", "last_name": "Doe"}, {"full_name": Found("Jane Doe", DERIVED)}),
        (
            {"email": "jane.doe@gmail.com"},
            {
                "first_name": Found("Jane", NAME_GUESS),
                "last_name": Found("Doe", NAME_GUESS),
                "full_name": Found("Jane Doe", NAME_GUESS),
            },
        ),
        (
            {"email": "jane.doe@gmail.com", "last_name": "DOE"},
            {"first_name": Found("Jane", NAME_GUESS), "full_name": Found("Jane Doe", NAME_GUESS)},
        ),
        ({"email": "jane.doe@gmail.com", "last_name": "Smith"}, {}),
        ({"email": "info@gmail.com"}, {}),
        ({"email": "jane.doe@gmail.com", "full_name": "Acme Example GmbH"}, {}),
        ({"email": "jane.doe@gmail.com", "first_name": "Marketing", "last_name": "Team"}, {}),
        ({"full_name": "王小明"}, {}),
    ],
)
def test_names(row: dict[str, str], found: dict[str, Found]) -> None:
    assert enrich(frozenset({"first_name", "last_name", "full_name"}), **row) == found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (
            {"email": "jane@mail.acme-tools.com"},
            {
                "company": Found("Acme Tools", COMPANY_GUESS),
                "company_domain": Found("acme-tools.com", DOMAIN_GUESS),
            },
        ),
        (
            {"email": "jane@example.org", "company_domain": "acme-tools.com"},
            {"company": Found("Acme Tools", COMPANY_GUESS)},
        ),
        (
            {"email": "jane@example.org", "company": "Example Ltd"},
            {"company_domain": Found("example.org", DOMAIN_GUESS)},
        ),
        ({"email": "jane@example.org", "company": "Acme"}, {}),
        ({"email": "jane@example.org", "company": "self-employed"}, {}),
        ({"email": "jane@acme.onmicrosoft.com"}, {}),
        ({"email": "jane@example.org", "company": "Acme", "company_domain": "acme.com"}, {}),
        ({"email": "jane@gmail.com"}, {}),
        ({"email": "jane@mailinator.com"}, {}),
    ],
)
def test_company(row: dict[str, str], found: dict[str, Found]) -> None:
    assert enrich(frozenset({"company", "company_domain"}), **row) == found


@pytest.mark.parametrize(
    ("phone", "found"),
    [
        ("+1 202 555 0143", {"country": Found("US", COUNTRY_GUESS)}),
        ("+1 800 555 0199", {}),
        ("+44 7700 900123", {}),
    ],
)
def test_country(phone: str, found: dict[str, Found]) -> None:
    assert enrich(frozenset({"country"}), phone=phone) == found
    assert enrich(frozenset({"country"}), phone=phone, country="Narnia") == {}


def test_gives_only_what_is_wanted_and_not_known() -> None:
    wanted = frozenset({"email", "email_valid", "first_name", "title"})
    assert set(enrich(wanted, email="jane.doe@example.org")) == {"email_valid", "first_name"}


def test_one_outcome_per_contact_in_order() -> None:
    rows = [{"email": "a@example.org"}, {"title": "Clerk"}, {"email": "b@example.net"}]
    outcomes = OfflineProvider().enrich([parse_contact(row) for row in rows], ALL)
    assert [type(outcome) for outcome in outcomes] == [Match, NoMatch, Match]
    domains = [o.values["email_domain"].value for o in outcomes if isinstance(o, Match)]
    assert domains == ["example.org", "example.net"]


@pytest.mark.parametrize(
    ("row", "identifies"),
    [
        ({"email": "jane@example.org"}, True),
        ({"email": "jane"}, True),
        ({"last_name": "Doe"}, True),
        ({"linkedin_url": "in/jane"}, False),
        ({"company": "Acme"}, True),
        ({"country": "DE"}, False),
    ],
)
def test_identifies(row: dict[str, str], identifies: bool) -> None:
    assert OfflineProvider().identifies(parse_contact(row)) is identifies


def test_its_fields_are_those_that_it_can_fill() -> None:
    rows = (
        {"email": "jane.doe@acmetools.com", "phone": "+49 30 23125 123"},
        {"email": "jane", "full_name": "Ms. Jane Doe"},
        {"email": "jane@gmial.com", "title": "Head of Sales", "company": "Acme"},
    )
    found = {field for row in rows for field in enrich(**row)}
    found |= enrich_beside(COLLEAGUES, full_name="Zoe Park", company="Acme Tools").keys()
    assert OfflineProvider().fields == found | {"duplicate_of"}


# The first example loads the libraries; no deadline should count that.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=40)), st.booleans())
def test_never_raises(row: dict[str, str], read: bool) -> None:
    """Whatever the row holds, and whatever another provider wrote into ``known``."""
    contact = parse_contact(row) if read else Contact(given={}, known=row, problems={})
    (outcome,) = OfflineProvider().enrich([contact], ALL)
    if isinstance(outcome, Match):
        assert outcome.values
        assert not outcome.values.keys() & contact.known.keys()
        assert all(0 < found.confidence <= 1 and found.value for found in outcome.values.values())


def test_the_data_of_the_geocoder_is_never_loaded_as_a_whole() -> None:
    code = """
import sys
from chalicelib.model.contacts import FIELDS
from chalicelib.identity.contact import parse_contact
from chalicelib.identity.list_facts import Gathering
from chalicelib.providers import ProviderFactory
row = {"email": "jane.doe@example.org", "phone": "+1 202 555 0143", "full_name": "Dr. Jane Doe"}
(match,) = ProviderFactory().create("offline").enrich([parse_contact(row)], frozenset(FIELDS))
print(match.values["phone_region"].value, "phonenumbers.geodata" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "Washington D.C. False"
