"""Bodies of JSON are read as objects or refused; errors become answers that hold no data of anybody."""

from __future__ import annotations

import gzip

import pytest

from chalicelib.api.http import MAX_JSON_VALUES, answer_errors, parse_json_body
from chalicelib.model import errors
from chalicelib.model.errors import InvalidRequestError, TooLargeError, UnsupportedFormatError


def test_an_object_is_read():
    body = '\ufeff{"contacts": [{"email": "ä"}]}'.encode()
    assert parse_json_body(body) == {"contacts": [{"email": "ä"}]}


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


def test_gzip_is_refused_as_it_arrives():
    body = gzip.compress(b'{"contacts": []}', mtime=0)
    damaged = body.decode(
        "utf-8", "replace"
    ).encode()  # as API Gateway passes on what is not binary
    for arrived in (body, damaged):
        with pytest.raises(UnsupportedFormatError, match="application/gzip"):
            parse_json_body(arrived)


@pytest.mark.parametrize("value", [b"[],", b"{},"])
def test_more_values_than_there_is_memory_for_are_refused(value):
    def body(count: int) -> bytes:
        return b'{"contacts": [' + value * (count - 2) + b"1]}"

    assert len(parse_json_body(body(MAX_JSON_VALUES))["contacts"]) == MAX_JSON_VALUES - 1
    with pytest.raises(TooLargeError, match="300,000 lists and objects"):
        parse_json_body(body(MAX_JSON_VALUES + 1))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.UnreadableInputError, 400),
        (errors.NotFoundError, 404),
        (errors.ConflictError, 409),
        (errors.TooLargeError, 413),
        (errors.UnsupportedFormatError, 415),
    ],
)
def test_our_own_errors_are_answered_with_their_message(error, status):
    @answer_errors
    def view() -> None:
        raise error("what to do")

    answer = view()
    assert answer.status_code == status
    assert answer.body == {"code": error.code, "message": "what to do"}


def test_the_message_of_any_other_error_is_neither_answered_nor_logged(capsys):
    @answer_errors
    def view() -> None:
        raise KeyError("zq7secret")

    answer = view()
    assert (answer.status_code, answer.body["code"]) == (500, "internal")
    logged = capsys.readouterr().err
    assert "request_failed" in logged
    assert "zq7secret" not in str(answer.body) + logged
