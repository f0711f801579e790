"""Settings that are numbers are refused where they cannot be right, with what would be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.number_settings import RANGES, WrongSettingError, check_numbers
from chalicelib.settings import Settings, read_provider_settings, read_settings

ROOT = Path(__file__).parents[2]
PLACES = dict.fromkeys(
    (
        *("SQS_QUEUE_URL", "DYNAMO_TABLE_NAME", "CONTROL_TABLE_NAME", "S3_BUCKET_NAME"),
        "ACCESS_TABLE_NAME",
        "STATE_MACHINE_ARN",
    ),
    "somewhere",
)


def of(name: str) -> str:
    return name.replace("*", "ACME")


@pytest.mark.parametrize("name", RANGES)
def test_both_ends_of_a_range_are_allowed_and_what_is_beyond_is_named(name):
    allowed = RANGES[name]
    for number in (allowed.least, allowed.most):
        check_numbers({of(name): str(number)})
    for wrong in (str(allowed.least - 1), str(allowed.most + 1), "many", "nan", "-inf"):
        with pytest.raises(WrongSettingError) as error:
            check_numbers({of(name): wrong})
        for told in (of(name), repr(wrong), f"{allowed.least:,}", f"{allowed.most:,}"):
            assert told in str(error.value)


def test_the_defaults_are_allowed():
    assert read_settings(PLACES) == read_settings({**PLACES, "MAX_ROWS": ""})
    assert read_settings(PLACES).max_rows == Settings.max_rows


@pytest.mark.parametrize(
    "name",
    [
        *("MAX_RECEIVE_COUNT", "WORKER_TIMEOUT_SECONDS", "RETENTION_DAYS", "MAX_ROWS"),
        *("JOB_DEADLINE_SECONDS", "STALL_AFTER_SECONDS"),
    ],
)
def test_the_service_reads_no_number_that_is_not_allowed(name):
    with pytest.raises(WrongSettingError, match=f"{name} is '0'"):
        read_settings({**PLACES, name: "0"})


@pytest.mark.parametrize("name", ["ACME_CREDITS", "ACME_CALLS_PER_MINUTE"])
def test_nor_of_a_provider(name):
    with pytest.raises(WrongSettingError, match=f"{name} is '-1'"):
        read_provider_settings("acme", {name: "-1"})


@pytest.mark.parametrize(("workers", "status"), [("1", 1), ("1001", 1), ("ten", 1), ("2", 0)])
def test_the_app_is_not_imported_with_a_concurrency_that_aws_refuses(workers, status):
    run = subprocess.run(
        [sys.executable, "-c", "import app"],
        env={"WORKER_CONCURRENCY": workers, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == status
    assert ("must be a whole number from 2 to 1,000 (AWS takes no" in run.stderr) == bool(status)
