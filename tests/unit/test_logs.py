"""Log lines and raised errors: they say what went wrong and where, never with what data."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from chalicelib.logs import (
    FunctionFailedError,
    count,
    describe_error,
    hide_messages,
    invocation,
    log_event,
    name_ids,
)
from chalicelib.model.errors import NotFoundError
from tests.emf import sums

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
        "level": "ERROR",
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


def test_every_line_of_a_call_names_its_ids(capsys):
    @hide_messages
    def step(state, _context) -> None:
        log_event("something", batch_rows=3)
        name_ids(batch=7)
        log_event("something_else", level="WARNING")

    step({"job_id": "a1"}, SimpleNamespace(aws_request_id="r-1"))
    log_event("outside")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    ids = {"request": "r-1", "job": "a1"}
    assert lines == [
        {"level": "INFO", "event": "something", **ids, "batch_rows": 3},
        {"level": "WARNING", "event": "something_else", **ids, "batch": 7},
        {"level": "INFO", "event": "outside"},
    ]


def test_a_call_that_fails_writes_its_figures_too(capsys, monkeypatch):
    monkeypatch.setenv("STAGE", "test")

    @hide_messages
    def step() -> None:
        count("Postponements")
        raise KeyError(SECRET)

    with pytest.raises(FunctionFailedError):
        step()
    assert sums(capsys.readouterr().out.splitlines()) == {("Postponements", "Stage=test"): 1}


def test_a_call_does_not_write_the_figures_of_another(capsys, monkeypatch):
    monkeypatch.setenv("STAGE", "test")
    for calls in (1, 2):
        with invocation():
            for _ in range(calls):
                count("Postponements")
    written = capsys.readouterr().out.splitlines()
    assert [sums([line]) for line in written] == [
        {("Postponements", "Stage=test"): 1},
        {("Postponements", "Stage=test"): 2},
    ]


def test_without_a_stage_there_are_no_metrics(capsys, monkeypatch):
    monkeypatch.delenv("STAGE", raising=False)
    with invocation():
        count("Postponements")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "text", ["x" * 5000, "\N{DROMEDARY CAMEL}" * 5000, "\x00" * 5000, "a\n" * 99]
)
def test_a_line_is_one_line_of_less_than_1_kb(capsys, text):
    log_event("something", error=text, why=text)
    written = capsys.readouterr().err
    assert len(written.encode()) < 1000
    assert written.count("\n") == 1
    assert json.loads(written)["error"] == json.loads(written)["why"] != ""
    assert text.startswith(json.loads(written)["error"])
