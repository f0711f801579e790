"""Values come back from an item as they went in."""

from __future__ import annotations

import math

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.aws.dynamodb import from_item, to_item, update_of

#: DynamoDB holds no numbers that are nearer to zero than 1E-130.
FLOATS = st.floats(-1e12, 1e12).filter(lambda number: number == 0 or abs(number) > 1e-100)
VALUES = st.one_of(
    st.text(max_size=20),
    st.booleans(),
    st.binary(max_size=20),
    st.integers(-(10**15), 10**15),
    FLOATS,
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), VALUES, max_size=5))
def test_items_come_back_as_they_were(values):
    assert from_item(to_item(values)) == values


@given(st.integers(-(10**15), 10**15) | FLOATS)
def test_numbers_are_written_as_boto3_reads_them(number):
    written = to_item({"n": number})["n"]
    assert math.isclose(float(TypeDeserializer().deserialize(written)), number)


def test_whole_numbers_come_back_as_int_however_they_are_written():
    item = {"a": {"N": "3"}, "b": {"N": "3.0"}, "c": {"N": "1E+2"}, "d": {"N": "0.5"}}
    read = from_item(item)
    assert read == {"a": 3, "b": 3, "c": 100, "d": 0.5}
    assert all(isinstance(read[name], int) for name in "abc")


def test_none_is_left_out():
    assert to_item({"a": None, "b": ""}) == {"b": {"S": ""}}


@pytest.mark.parametrize("value", [math.nan, math.inf, [1], {"a": 1}, object()])
def test_what_no_item_holds_is_refused(value):
    with pytest.raises(TypeError):
        to_item({"a": value})


def test_an_update_names_all_attributes_by_placeholders():
    assert update_of({"state": "DONE"}, failed="FAILED") == {
        "UpdateExpression": "SET #state = :state",
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": {":state": {"S": "DONE"}, ":failed": {"S": "FAILED"}},
    }
