"""The alarms of a deployed stage: to whom they go, what they watch, and that their page names each."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from machine.local_stack import LocalStack

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text("utf-8")
PREFIX = "contact-enrichment-local"
#: On AWS only: the emulator has no metric math.
NOT_EMULATED = {"old-batches"}


@pytest.fixture(scope="module")
def alarms(deployed_stack: LocalStack) -> dict[str, dict[str, Any]]:
    """By name, without that of the stage."""
    pages = deployed_stack.client("cloudwatch").get_paginator("describe_alarms").paginate()
    found = [alarm for page in pages for alarm in page["MetricAlarms"]]
    return {
        alarm["AlarmName"].removeprefix(f"{PREFIX}-"): alarm
        for alarm in found
        if alarm["AlarmName"].startswith(f"{PREFIX}-")
    }


def test_the_page_says_what_to_do_about_each(alarms: dict[str, dict[str, Any]]) -> None:
    table = PAGE.split("\n| alarm |", 1)[1].split("\n\n", 1)[0]
    named = re.findall(
        r"`([\w<>-]+)`", "\n".join(row.split("|")[1] for row in table.split("\n")[2:])
    )
    functions = (
        *("", "-worker", "-split_batches", "-check_completion", "-aggregate_results"),
        *("-erase_job", "-send_callback"),
    )
    every = {
        name.removesuffix("-<function>") + suffix
        for name in named
        for suffix in (functions if name.endswith("-<function>") else ("",))
    }
    assert every == set(alarms) | NOT_EMULATED


def test_each_goes_to_the_topic_and_is_silent_without_data(
    alarms: dict[str, dict[str, Any]], deployed_stack: LocalStack
) -> None:
    topic = deployed_stack.variables["ALARM_TOPIC_ARN"]
    assert {name for name, alarm in alarms.items() if alarm["AlarmActions"] != [topic]} == set()
    silent = [alarm["TreatMissingData"] == "notBreaching" for alarm in alarms.values()]
    assert all(silent)


def test_each_watches_what_there_is(
    alarms: dict[str, dict[str, Any]], deployed_stack: LocalStack
) -> None:
    lambdas = deployed_stack.client("lambda").list_functions()["Functions"]
    apis = deployed_stack.client("apigateway").get_rest_apis()["items"]
    queues = deployed_stack.client("sqs").list_queues()["QueueUrls"]
    machine = deployed_stack.variables["STATE_MACHINE_ARN"]
    there = {
        "FunctionName": {function["FunctionName"] for function in lambdas},
        "ApiName": {api["name"] for api in apis},
        "QueueName": {url.rsplit("/", 1)[-1] for url in queues},
        "StateMachineArn": {machine, f"{machine}-end_job"},
        "Stage": {"local", "api"},  # the service's own, and API Gateway's
    }
    watched = [(d["Name"], d["Value"]) for alarm in alarms.values() for d in alarm["Dimensions"]]
    assert [(name, value) for name, value in watched if value not in there[name]] == []
    functions = {name for name in there["FunctionName"] if name.startswith(PREFIX)}
    assert {value for name, value in watched if name == "FunctionName"} == functions


def test_the_dashboard_is_there(deployed_stack: LocalStack) -> None:
    body = deployed_stack.client("cloudwatch").get_dashboard(DashboardName=PREFIX)["DashboardBody"]
    assert "${" not in body
    assert len(json.loads(body)["widgets"]) == 10


def test_the_api_is_throttled(deployed_stack: LocalStack) -> None:
    client = deployed_stack.client("apigateway")
    (api,) = [api for api in client.get_rest_apis()["items"] if api["name"] == PREFIX]
    stage = client.get_stage(restApiId=api["id"], stageName="api")
    settings = stage["methodSettings"]["*/*"]
    assert (settings["throttlingRateLimit"], settings["throttlingBurstLimit"]) == (50.0, 100)
    assert not stage.get("accessLogSettings")
