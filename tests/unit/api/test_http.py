"""Bodies of JSON: read as objects, gzipped or not, and refused where they are something else."""

from __future__ import annotations

import gzip

import pytest

from chalicelib.api.http import parse_json_body
from chalicelib.model.errors import InvalidRequestError

MEGABYTE = 1024**2


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_object_is_read(pack):
    body = '\ufeff{"contacts": [{"email": "ä"}]}'.encode()
    assert parse_json_body(pack(body)) == {"contacts": [{"email": "ä"}]}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "line 1, column 1"),
        (b'{"a": 1,\n]', "line 2, column 1"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"a": 1, "a": 2}', "a key twice"),
        (b'"\xff"', "not valid JSON in UTF-8"),
        (b"[1]", "must be an object"),
    ],
)
def test_anything_else_is_refused_with_the_place(body, says):
    with pytest.raises(InvalidRequestError, match=says):
        parse_json_body(body)


@pytest.mark.parametrize("value", [b" " * 50 * MEGABYTE, b"[]," * 4 * MEGABYTE])
def test_a_bomb_is_not_inflated(value):
    body = gzip.compress(b'{"contacts": [' + value + b"]}", mtime=0)
    with pytest.raises(InvalidRequestError, match="more than 8 MB"):
        parse_json_body(body)
