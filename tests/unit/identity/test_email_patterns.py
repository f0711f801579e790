"""How addresses are made of names."""

from __future__ import annotations

import pytest

from chalicelib.identity.email_patterns import OTHER, PATTERNS, local_part, may_tell, pattern_of


@pytest.mark.parametrize(
    ("first", "last", "local", "pattern"),
    [
        ("Jane", "Doe", "jane.doe", "first.last"),
        ("Jane", "Doe", "JANE.DOE", "first.last"),
        ("Jane", "Doe", "jdoe", "flast"),
        ("Jane", "Doe", "jane", "first"),
        ("Jane", "Doe", "janed", "firstl"),
        ("Jane", "Doe", "doe", "last"),
        ("Jane", "Doe", "janedoe", "firstlast"),
        ("Jane", "Doe", "j.doe", "f.last"),
        ("Jane", "Doe", "doe.jane", "last.first"),
        ("Jane", "Doe", "jane_doe", "first_last"),
        ("Jane", "Doe", "doejane", "lastfirst"),
        ("Jane", "Doe", "doej", "lastf"),
        ("Jane", "Doe", "doe.j", "last.f"),
        ("Jane", "Doe", "jane-doe", "first-last"),
        ("Jane", "Doe", "jane.d", "first.l"),
        ("José", "Núñez", "jose.nunez", "first.last"),
        ("Łukasz", "Nowak", "lukasz.nowak", "first.last"),
        ("Jane", "Doe", "info", OTHER),
        ("Jane", "Doe", "jane.doe2", OTHER),
    ],
)
def test_the_pattern_of_an_address(first, last, local, pattern):
    assert pattern_of(first, last, local) == pattern


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("Jane", ""),
        ("Jörg", "Doe"),  # joerg or jorg
        ("Jane", "van der Berg"),  # vanderberg, berg or van.der.berg
        ("Jane", "Smith-Doe"),
        ("Mary Jane", "Doe"),
        ("J", "Doe"),
        ("花子", "山田"),
    ],
)
def test_a_name_that_is_written_in_more_than_one_way_teaches_and_makes_nothing(first, last):
    assert pattern_of(first, last, "jane.doe") is None
    assert [local_part(pattern, first, last) for pattern in PATTERNS] == [""] * len(PATTERNS)


@pytest.mark.parametrize("first", ["Jörg", "JÖRG", "Søren", "Jane2", "Åsa"])
def test_a_name_that_tells_nothing_is_seen_before_it_is_read(first):
    assert not may_tell(f"{first} Doe")
    assert pattern_of(first, "Doe", "jane.doe") is None


@pytest.mark.parametrize("name", ["Jane Doe", "DOE, Jane", "José Núñez", "Łukasz Nowak"])
def test_other_names_are_read(name):
    assert may_tell(name)


def test_an_address_that_two_patterns_make_tells_neither():
    assert pattern_of("Al", "Al", "al") is None


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_a_pattern_makes_is_known_as_its_own(pattern):
    assert pattern_of("Jane", "Doe", local_part(pattern, "Jane", "Doe")) == pattern
