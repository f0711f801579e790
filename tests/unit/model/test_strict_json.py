"""JSON that Python would change, lose or fail on is refused, and its text is found in a longer one."""

from __future__ import annotations

import json

import pytest

from chalicelib.model.strict_json import (
    MAX_CONTAINERS,
    MAX_DEPTH,
    UnkeptError,
    object_at,
    parse_json,
    parse_object,
)


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


UNKEPT = {
    "levels of nesting": nested(MAX_DEPTH + 1),
    "levels": nested(100_000),
    "NaN is not JSON": '{"n": NaN}',
    "-Infinity is not JSON": "[-Infinity]",
    "a number is too large": '{"n": -1e400}',
    "too many digits": "9" * 5_000,
    "a key twice": '{"a": 1, "a": 2}',
}


@pytest.mark.parametrize("reason", UNKEPT)
def test_what_cannot_be_kept_is_named_and_comes_back_as_text(reason):
    text = UNKEPT[reason]
    with pytest.raises(UnkeptError, match=reason):
        parse_json(text)
    assert parse_object(text) == text
    assert object_at(f"[{text} , 1]", 1) == (text, 1 + len(text) + 1)


@pytest.mark.parametrize("text", ["", "{", '{"a" 1}', "oops", '"\n"'])
def test_what_is_not_json_is_told_apart(text):
    with pytest.raises(json.JSONDecodeError):
        parse_json(text)


def test_what_can_be_kept_is_kept():
    for text in (nested(MAX_DEPTH), '{"n": -0.0}', "9" * 4_300, "[" + "[]," * 500 + "[]]"):
        assert json.dumps(parse_json(text)) == json.dumps(json.loads(text))


def test_an_element_that_may_go_on_is_not_an_element_yet():
    assert object_at("[12", 1) is None
    assert object_at('[{"a": 1', 1) is None
    assert object_at("[12,", 1) == ("12", 3)


@pytest.mark.parametrize("part", ["[]", "{}", "[{}]"])
def test_a_contact_of_too_many_objects_and_arrays_stays_text(part):
    few, many = (f'{{"n": [{",".join([part] * count)}]}}' for count in (1_000, MAX_CONTAINERS))
    assert isinstance(parse_object(few), dict)
    assert parse_object(many) == many
    (text, _) = object_at(f"[{many},1]", 1) or ("", 0)
    assert text == many
