"""No option goes beyond what the operator has set."""

from __future__ import annotations

import pytest

from chalicelib.api.ceilings import within_ceilings
from chalicelib.model.errors import InvalidRequestError
from chalicelib.model.option_parsing import parse_options
from chalicelib.model.options import Options
from chalicelib.settings import read_settings

PLACES = dict.fromkeys(
    (
        *("SQS_QUEUE_URL", "DYNAMO_TABLE_NAME", "CONTROL_TABLE_NAME", "S3_BUCKET_NAME"),
        "ACCESS_TABLE_NAME",
        "STATE_MACHINE_ARN",
    ),
    "x",
)


def kept(given: dict[str, object], **environment: str) -> Options:
    settings = read_settings({**PLACES, **environment})
    return within_ceilings(parse_options(given, ["offline"]), given, settings)


def test_without_ceilings_everything_stays_as_it_was_asked_for():
    assert kept({}) == Options()
    assert kept({}, MAX_CREDITS_PER_JOB="", DEFAULT_MAX_CREDITS="") == Options()
    assert kept({"max_credits": 1e9, "cache_days": 0}) == Options(max_credits=1e9, cache_days=0)


@pytest.mark.parametrize(
    ("environment", "credits"),
    [
        ({"MAX_CREDITS_PER_JOB": "50"}, 50),
        ({"DEFAULT_MAX_CREDITS": "20"}, 20),
        ({"MAX_CREDITS_PER_JOB": "50", "DEFAULT_MAX_CREDITS": "20"}, 20),
        ({"MAX_CREDITS_PER_JOB": "50", "DEFAULT_MAX_CREDITS": "80"}, 50),
        ({"MAX_CREDITS_PER_JOB": "0"}, 0),
    ],
)
def test_a_job_without_a_limit_gets_the_operators(environment, credits):
    assert kept({}, **environment).max_credits == credits


def test_a_limit_above_the_ceiling_is_refused_by_its_name():
    assert kept({"max_credits": 50}, MAX_CREDITS_PER_JOB="50").max_credits == 50
    assert kept({"max_credits": 90}, DEFAULT_MAX_CREDITS="50").max_credits == 90
    with pytest.raises(InvalidRequestError, match=r"at most 50 here.*MAX_CREDITS_PER_JOB"):
        kept({"max_credits": 50.5}, MAX_CREDITS_PER_JOB="50")


def test_answers_are_used_again_for_as_long_as_the_operator_says():
    assert kept({"cache_days": 90}, MIN_CACHE_DAYS="90").cache_days == 90
    assert kept({}, MIN_CACHE_DAYS="90").cache_days == 90
    assert kept({}, MIN_CACHE_DAYS="7").cache_days == 30
    with pytest.raises(InvalidRequestError, match=r"at least 90 here.*MIN_CACHE_DAYS"):
        kept({"cache_days": 30}, MIN_CACHE_DAYS="90")
