"""Rows about the same person: by what only one person has, or by a name at a company; in doubt none."""

from __future__ import annotations

import tracemalloc

import pytest

from chalicelib.identity.duplicates import BY_NAME, ROW_BYTES, SURE, Duplicates, earlier_rows
from chalicelib.identity.nicknames import _NAMES, usual_name
from chalicelib.model.contacts import Earlier

JANE = {"full_name": "Jane Doe"}
BOB = {"full_name": "Robert Smith", "company": "Acme Tools"}
PROFILE = "https://www.linkedin.com/in/jane-doe-example"


def found_in(*rows: dict[str, str], most_keys: int = 1_000) -> list[Earlier | None]:
    seen = Duplicates(most_keys)
    for row in rows:
        seen.add(row)
    stored = seen.to_bytes()
    assert len(stored) == len(rows) * ROW_BYTES
    return earlier_rows(stored)


@pytest.mark.parametrize(
    ("one", "other", "sure"),
    [
        # the same address or profile
        ({"email": "jane@example.org"}, {"email": " Jane@Example.org"}, SURE),
        ({"email": "jane@example.org"}, {"email": "Jane <jane@example.org>", **JANE}, SURE),
        ({"email": "jane@example.org", **JANE}, {"email": "jane@example.org", "last_name": "Poe"}, SURE),
        ({"linkedin_url": PROFILE}, {"linkedin_url": "linkedin.com/in/Jane-Doe-Example/", **JANE}, SURE),
        ({"linkedin_url": PROFILE, "email": "jane.doe@example.org"},
         {"linkedin_url": PROFILE, "email": "jane.doe2@example.org"}, SURE),
        ({"email": "info@example.org"}, {"email": "info@example.org"}, SURE),
        ({"email": "info@example.org", **JANE}, {"email": "info@example.org", **JANE}, SURE),
        # the same name at the same company
        ({**JANE, "company": "Acme Tools"}, {**JANE, "company": "ACME Tools, Inc."}, BY_NAME),
        (BOB, {"first_name": "BOB", "last_name": "smith", "company": "Acme Tools Ltd"}, BY_NAME),
        (BOB, {"full_name": "Smith, Bobby", "company": "Acme Tools"}, BY_NAME),
        (BOB, {"full_name": "Mr. Rob Smith, MBA", "company": "Acme Tools"}, BY_NAME),
        ({"full_name": "Zoë Müller", "company": "Acme"}, {"full_name": "Zoe Muller", "company": "Acme"}, BY_NAME),
        ({"full_name": "王小明", "company": "Acme"}, {"full_name": "王 小明", "company": "Acme"}, BY_NAME),
        ({**JANE, "company_domain": "acmetools.com"}, {**JANE, "company_domain": "www.acmetools.com/x"}, BY_NAME),
        ({**JANE, "email": "jane@acmetools.com"}, {**JANE, "company_domain": "acmetools.com"}, BY_NAME),
        ({**JANE, "email": "jane@acmetools.com"}, {**JANE, "email": "jdoe@acmetools.com"}, BY_NAME),
        ({"full_name": "Bob Smith", "email": "bob.smith@acmetools.com"},
         {"full_name": "Robert Smith", "email": "robert.smith@acmetools.com"}, BY_NAME),
        ({**JANE, "email": "jane@gmail.com", "company": "Acme"}, {**JANE, "email": "jd@acmetools.com", "company": "Acme"},
         BY_NAME),
    ],
)  # fmt: skip
def test_the_same_person(one, other, sure):
    assert found_in({}, one, {"email": "x@example.net"}, other) == [None] * 3 + [Earlier(2, sure)]
    assert found_in(other, one)[1] == Earlier(1, sure)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # a name alone
        (JANE, JANE),
        ({**JANE, "company": "Acme"}, JANE),
        ({**JANE, "company": "Acme"}, {**JANE, "company": "Other"}),
        ({**JANE, "email": "jane@gmail.com"}, {**JANE, "email": "doe@gmail.com"}),
        ({**JANE, "city": "Berlin", "phone": "+493023125123"}, {**JANE, "city": "Berlin"}),
        ({**JANE, "company": "n/a"}, {**JANE, "company": "n/a"}),
        ({**JANE, "company": "self-employed"}, {**JANE, "company": "self-employed"}),
        # half a name, other names, names with several short forms
        ({"last_name": "Doe", "company": "Acme"}, {"last_name": "Doe", "company": "Acme"}),
        ({"full_name": "J. Doe", "company": "Acme"}, {"full_name": "J. Doe", "company": "Acme"}),
        ({**JANE, "company": "Acme"}, {"full_name": "John Doe", "company": "Acme"}),
        (BOB, {"full_name": "Roberta Smith", "company": "Acme Tools"}),
        (BOB, {"full_name": "Bert Smith", "company": "Acme Tools"}),
        ({"full_name": "John A. Doe", "company": "Acme"}, {"full_name": "John B. Doe", "company": "Acme"}),
        ({"full_name": "José Luis Ruiz", "company": "Acme"}, {"full_name": "José Ruiz", "company": "Acme"}),
        # namesakes
        ({**JANE, "email": "jane.doe@acmetools.com"}, {**JANE, "email": "jane.doe2@acmetools.com"}),
        ({**JANE, "email": "p1@acmetools.com"}, {**JANE, "email": "p2@acmetools.com"}),
        ({**JANE, "email": "jane.a.doe@acmetools.com"}, {**JANE, "email": "jane.b.doe@acmetools.com"}),
        ({**JANE, "company": "Acme", "linkedin_url": PROFILE},
         {**JANE, "company": "Acme", "linkedin_url": f"{PROFILE}2"}),
        # a mailbox of several people
        ({"email": "info@example.org", **JANE}, {"email": "info@example.org", "full_name": "Tom Roe"}),
        ({"email": "info@example.org", **JANE}, {"email": "info@example.org", "full_name": "Jane Roe"}),
        ({"email": "info@example.org", **JANE}, {"email": "info@example.org"}),
        ({"email": "family@example.org", **JANE}, {"email": "family@example.org", "full_name": "Tom Roe"}),
        # nobody
        ({}, {}),
        ({"email": "n/a"}, {"email": "n/a"}),
        ({"email": "noemail@noemail.com"}, {"email": "noemail@noemail.com"}),
        ({"full_name": "Total", "company": "Acme"}, {"full_name": "Total", "company": "Acme"}),
    ],
)  # fmt: skip
def test_not_surely_the_same_person(one, other):
    assert found_in(one, other) == [None, None]
    assert found_in(other, one) == [None, None]


def test_all_rows_about_a_person_name_the_first():
    rows = (
        {"email": "jane@example.org", **JANE},
        {"email": "jane@example.org", "linkedin_url": PROFILE},
        {"linkedin_url": PROFILE, **JANE, "company": "Acme"},
        {**JANE, "company": "Acme"},
    )
    assert found_in(*rows) == [None, Earlier(1, SURE), Earlier(1, SURE), Earlier(1, BY_NAME)]


def test_a_name_that_two_people_have_is_nobodys_any_more():
    one = {**JANE, "company": "Acme", "linkedin_url": PROFILE}
    other = {**one, "linkedin_url": f"{PROFILE}2"}
    third = {**JANE, "company": "Acme"}
    assert found_in(one, other, third, other) == [None, None, None, Earlier(2, SURE)]


def test_rows_beyond_the_bound_are_compared_with_those_before_it():
    rows = [{"email": f"p{n}@example.org"} for n in range(30)]
    found = found_in(*rows, rows[29], rows[5], most_keys=20)
    assert found[:30] == [None] * 30
    assert found[30:] == [None, Earlier(6, SURE)]
    seen = Duplicates(20)
    for row in (*rows[:20], rows[0]):
        seen.add(row)
    assert not seen.was_full
    seen.add(rows[20])
    assert seen.was_full


def test_a_long_list_takes_little_memory():
    seen = Duplicates()
    seen.add({"email": "a@example.org"})
    tracemalloc.start()
    for n in range(20_000):
        seen.add({"email": f"p{n}@example{n % 97}.org", "full_name": f"Jane Doe{chr(97 + n % 26)}"})
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 20_000 * 100
    assert not any(earlier_rows(seen.to_bytes()))


def test_each_short_form_means_one_name():
    entries = _NAMES.replace(":", " ").replace(";", " ").split()
    assert len(entries) == len(set(entries))
    assert usual_name("bob") == usual_name("robert") == "robert"
    assert usual_name("alex") == "alex"
