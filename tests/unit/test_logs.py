"""Log lines and raised errors: they say what went wrong and where, never with what data."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from chalicelib.logs import FunctionFailedError, describe_error, hide_messages
from chalicelib.model.errors import NotFoundError

SECRET = "zq7secret"


def test_a_function_fails_without_the_message_of_the_error(capsys):
    @hide_messages
    def step() -> None:
        raise KeyError(SECRET)

    with pytest.raises(
        FunctionFailedError, match=r"KeyError at test_logs.py:\d+ in step"
    ) as failed:
        step()
    assert failed.value.__suppress_context__
    logged = json.loads(capsys.readouterr().err)
    assert logged == {
        "event": "function_failed",
        "function": "step",
        "error": str(failed.value),
    }
    assert SECRET not in str(failed.value)


def test_an_aws_error_keeps_its_code_and_our_own_its_message():
    answer = {"Error": {"Code": "ThrottlingException", "Message": SECRET}}
    throttled = ClientError(answer, "GetItem")
    assert describe_error(throttled) == "ClientError ThrottlingException"
    assert describe_error(NotFoundError("There is no such job.")) == "There is no such job."
