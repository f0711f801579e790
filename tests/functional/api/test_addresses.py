"""``status_url`` and ``Location`` can be asked for as they are, wherever the API is."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.functional.api.gateway_events import API_ID, HOST, answer, event
from tests.functional.jobs import run_with_a_failure

LIST = b"email\na@example.org\n"


def address(sent: dict[str, Any]) -> str:
    """The address that an answer begins with."""
    status, body, headers = answer(sent)
    assert status == 202
    assert body["status_url"] == headers["Location"]
    path = f"/status/{body['id']}"
    assert body["status_url"].endswith(path)
    return body["status_url"].removesuffix(path)


def without(sent: dict[str, Any], *names: str) -> dict[str, Any]:
    changed = copy.deepcopy(sent)
    for name in names:
        changed["requestContext"].pop(name, None)
        changed["headers"].pop(name, None)
    return changed


def test_on_aws_it_has_the_stage(stack):
    assert address(event("/process", LIST, "text/csv")) == f"https://{HOST}/api"
    with_slash = event("/process", LIST, "text/csv")
    with_slash["requestContext"]["path"] += "/"
    assert address(with_slash) == f"https://{HOST}/api"


@pytest.mark.parametrize("base", ["", "/contacts", "/crm/contacts"])
def test_a_custom_domain_has_its_base_path(stack, base):
    sent = event("/process", LIST, "text/csv", prefix=base, host="api.example.org")
    assert address(sent) == f"https://api.example.org{base}"


def test_every_route_that_answers_with_a_job_gives_the_same(stack):
    job_id = run_with_a_failure(stack)
    assert address(event(f"/jobs/{job_id}/retry")) == f"https://{HOST}/api"
    assert address(event(f"/jobs/{job_id}/cancel")) == f"https://{HOST}/api"


def test_on_one_machine_it_has_the_port(stack):
    local = event("/process", LIST, "text/csv", prefix="", host="127.0.0.1:8000")
    local = without(local, "domainName", "apiId", "stage", "X-Forwarded-Proto")
    assert address(local) == "http://127.0.0.1:8000"
    assert address(without(local, "Host")) == ""


def test_an_emulator_has_all_apis_on_one_host(stack):
    sent = event("/process", LIST, "text/csv", host="127.0.0.1:4566")
    sent = without(sent, "domainName", "X-Forwarded-Proto")
    assert address(sent) == f"http://127.0.0.1:4566/restapis/{API_ID}/api/_user_request_"
    host = f"{API_ID}.execute-api.localhost:4566"
    sent["headers"]["Host"] = host
    assert address(sent) == f"http://{host}/api"
