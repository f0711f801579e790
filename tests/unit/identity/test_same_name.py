"""Names of one person are written in many ways; names that share nothing are two people's."""

from __future__ import annotations

import pytest

from chalicelib.identity.same_name import may_be_same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jane Doe", "Doe, Jane"),
        ("Jane Doe", "JANE MILLER"),
        ("J. Doe", "Jane Doe"),
        ("Zoë O'Brien", "zoe obrien"),
        ("Robert Smith", "Bob Miller"),
        ("Peggy", "Margaret Doe"),
        ("Łukasz", "Lukasz Nowak"),
        ("Dr. Øystein Ås", "Oystein"),
        ("王小明", "小明"),
        ("王小明", "Wang Xiaoming"),
        ("Владимир", "Vladimir Petrov"),
        ("Вова", "Владимир Петров"),
        ("", "Jane Doe"),
        ("Dr.", "Jane Doe"),
        ("123", "Jane Doe"),
    ],
)
def test_may_be_one_person(one, other):
    assert may_be_same(one, other)
    assert may_be_same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Real Person", "Totally Other"),
        ("Jane", "Bob Smith"),
        ("Dr. Jane Doe", "Dr. Bob Smith"),
        ("Bob", "William"),
        ("王小明", "李大伟"),
        ("Анна", "Борис"),
    ],
)
def test_are_two_people(one, other):
    assert not may_be_same(one, other)
    assert not may_be_same(other, one)
