"""Fingerprints: equal for the same person, different for others, and silent about who it is."""

from __future__ import annotations

import pytest

from chalicelib.identity.fingerprint import fingerprint

EMAIL = {"email": "jane@example.org"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (EMAIL, {**EMAIL, "phone": "+12025550143", "full_name": "Jane Doe"}),
        (EMAIL, {"email": "Jane@Example.org"}),
        ({"full_name": "Jane  Doe"}, {"full_name": "jane doe"}),
        (
            {"last_name": "Doe", "company": "Acme"},
            {"company": "Acme", "last_name": "Doe", "title": "CEO"},
        ),
    ],
)
def test_the_same_person(one, other):
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (EMAIL, {"email": "joe@example.org"}),
        ({"phone": "+12025550143"}, {"phone": "+12025550144"}),
        ({"first_name": "Kim"}, {"last_name": "Kim"}),
        ({"full_name": "Jane Doe", "company": "Acme"}, {"full_name": "Jane Doe"}),
        ({"full_name": "Jane Doe", "company": "Acme"}, {"full_name": "Jane Doe|company:Acme"}),
        (EMAIL, {"full_name": "email:jane@example.org"}),
        ({"full_name": "Jane"}, {"full_name": 'Jane"], ["company", "Acme'}),
    ],
)
def test_other_people(one, other):
    assert fingerprint(one) != fingerprint(other)


def test_it_does_not_tell_who_it_is_and_takes_any_text():
    assert fingerprint(EMAIL).isalnum()
    assert len(fingerprint(EMAIL)) == len(fingerprint({"city": "\ud800"})) == 64
