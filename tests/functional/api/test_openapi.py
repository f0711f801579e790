"""GET /openapi.json says what the code does: routes, parameters, limits, errors, scopes and examples.

What is answered in all other tests of the routes is compared with it as well (contract.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib.api import answers, http, status, uploads
from chalicelib.api.submission import LIST_TYPES, MAX_KEY
from chalicelib.model import errors, options
from chalicelib.model.callers import SCOPES
from chalicelib.model.contacts import COLUMN_FIELDS, FIELDS
from chalicelib.model.jobs import JobStatus
from chalicelib.model.options import Options
from chalicelib.model.tallies import RowStatus
from chalicelib.steps.check_completion import MAX_WAIT, MIN_WAIT
from tests.functional.api import contract
from tests.functional.api.contract import DOCUMENT, resolved
from tests.functional.api.gateway_events import HOST
from tests.functional.api.routes import path_of
from tests.functional.api.test_attacks_access import call
from tests.functional.api.test_attacks_methods import ask
from tests.functional.conftest import PROJECT
from tests.functional.resources import KEY_SECRET, put_key

SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    (path, method.upper(), operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
PROCESS = DOCUMENT["paths"]["/process"]["post"]


def test_anybody_can_read_it(stack):
    answer = Client(app, project_dir=str(PROJECT)).http.get("/openapi.json")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert {**answer.json_body, "servers": []} == {**DOCUMENT, "servers": []}


def test_it_names_the_address_that_was_asked(stack):
    given = json.loads(ask("/openapi.json", "GET", Host=HOST)["body"])
    assert given["servers"] == [{"url": f"https://{HOST}/api"}]


def test_every_route_and_method_is_in_it():
    routes = {(path, method) for path, by in app.routes.items() for method in by}
    # Every route takes OPTIONS, which browsers send; its description says so.
    assert {(p, m) for p, m, _ in OPERATIONS} == {r for r in routes if r[1] != "OPTIONS"}
    assert len({operation["operationId"] for *_, operation in OPERATIONS}) == len(OPERATIONS)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_the_parameters_of_paths(path, method, operation):
    named = [resolved(p) for p in operation.get("parameters", [])]
    assert [p["name"] for p in named if p["in"] == "path"] == re.findall(r"\{(\w+)\}", path)


def test_every_option_is_in_the_query_and_in_the_body():
    names = {field.name for field in fields(Options)} | {"estimate"}
    assert {p["name"] for p in PROCESS["parameters"] if p["in"] == "query"} == names
    assert set(SCHEMAS["Submission"]["properties"]) == names | {"contacts", "upload_id"}


LIST = resolved(PROCESS["requestBody"])


def test_every_content_type_of_a_list_is_in_it():
    assert set(LIST["content"]) == {*LIST_TYPES, http.JSON}


PROVIDER_STATES = [
    *("ok", "throttled", "too_slow"),
    *(
        error.code
        for error in (errors.OutOfCreditsError, errors.BadKeyError, errors.UnavailableError)
    ),
]


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        (SCHEMAS["Field"]["enum"], FIELDS),
        (SCHEMAS["mapping"]["additionalProperties"]["enum"], [*COLUMN_FIELDS, "", None]),
        (SCHEMAS["output"]["enum"], options.OUTPUTS),
        (SCHEMAS["csv_safety"]["enum"], options.CSV_SAFETIES),
        (SCHEMAS["JobStatus"]["enum"], [s.value for s in JobStatus if s != JobStatus.ERASED]),
        (SCHEMAS["RowCounts"]["required"], ["total", "processed", *(s.value for s in RowStatus)]),
        (SCHEMAS["ProviderUse"]["properties"]["state"]["enum"], PROVIDER_STATES),
        (SCHEMAS["UploadRequest"]["properties"], uploads._FIELDS),
        (
            {name for o in OPERATIONS for need in o[2]["security"] for name in need["key"]}
            | set(re.findall("scope `(.*?)`", json.dumps(DOCUMENT))),
            SCOPES,
        ),
    ],
)
def test_lists_of_words(described, expected):
    assert sorted(described, key=str) == sorted(expected, key=str)


LIMIT = DOCUMENT["paths"]["/jobs"]["get"]["parameters"][0]["schema"]
KEY = next(p for p in PROCESS["parameters"] if p["name"] == "Idempotency-Key")["schema"]
DEFAULTS = Options()


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ((LIMIT["default"], LIMIT["maximum"]), (status.PAGE, status.MAX_PAGE)),
        (KEY["maxLength"], MAX_KEY),
        (SCHEMAS["cache_days"]["maximum"], options.MAX_CACHE_DAYS),
        (f"{http.MAX_BODY_BYTES:,} bytes" in LIST["description"], True),
        (
            [SCHEMAS[o]["default"] for o in ("output", "csv_safety", "cache_days", "providers")],
            [DEFAULTS.output, DEFAULTS.csv_safety, DEFAULTS.cache_days, [*DEFAULTS.providers]],
        ),
        (
            SCHEMAS["UploadRequest"]["properties"]["content_type"]["maxLength"],
            uploads._LONGEST_TYPE,
        ),
        (
            [
                DOCUMENT["components"]["headers"]["AskAgain"]["schema"][m]
                for m in ("minimum", "maximum")
            ],
            [MIN_WAIT, MAX_WAIT],
        ),
    ],
)
def test_numbers(described, expected):
    assert described == expected


def test_the_version_is_that_of_the_project():
    assert f'version = "{DOCUMENT["info"]["version"]}"' in (PROJECT / "pyproject.toml").read_text()


def codes_of_the_service() -> dict[int, set[str]]:
    """Status → codes: of the service's errors, of what Chalice and API Gateway answer."""
    found: dict[int, set[str]] = {500: {"internal"}, 502: {"internal"}, 504: {"internal"}}
    own = [(number, error.code) for error, number in http._STATUS_OF_ERROR.items()]
    gateway = json.loads((PROJECT / "statemachine" / "package.json").read_text("utf-8"))
    told = gateway["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    own += [
        (int(answer["statusCode"]), json.loads(answer["responseTemplates"][http.JSON])["code"])
        for answer in told["x-amazon-apigateway-gateway-responses"].values()
        if "statusCode" in answer
    ]
    own += [
        (429, "too_many_requests"),
        *((n, code) for n, (code, _) in answers._OF_CHALICE.items()),
    ]
    for number, code in own:
        found.setdefault(number, set()).add(code)
    return found


def test_every_error_has_its_code_and_an_example():
    expected = codes_of_the_service()
    described: dict[int, set[str]] = {}
    for *_, operation in OPERATIONS:
        for number, answer in operation["responses"].items():
            for kind in resolved(answer).get("content", {}).values() if int(number) >= 400 else ():
                codes = {example["code"] for example in examples_in(kind)}
                described.setdefault(int(number), set()).update(codes)
    assert described == {number: codes for number, codes in expected.items() if number != 405}
    # The last is what API Gateway answers to all else that it does not pass on.
    assert set(SCHEMAS["Error"]["properties"]["code"]["enum"]) == set().union(
        *expected.values(), {"refused"}
    )


def examples_in(part: dict[str, Any]) -> list[Any]:
    named = [example["value"] for example in part.get("examples", {}).values()]
    return [*named, *([part["example"]] if "example" in part else [])]


def parts_with_examples(part: Any) -> Iterator[dict[str, Any]]:
    """Whatever has examples and a schema; a schema is its own."""
    for inner in part.values() if isinstance(part, dict) else part:
        if isinstance(inner, dict | list):
            yield from parts_with_examples(inner)
    if isinstance(part, dict) and examples_in(part) and "properties" not in part:
        yield part


def test_every_example_is_what_its_schema_says():
    parts = list(parts_with_examples(DOCUMENT))
    assert len(parts) > 20
    for part in parts:
        schema = part.get("schema", part)
        for example in examples_in(part):
            assert not list(contract.validator(json.dumps(schema)).iter_errors(example)), example


CLOSED = [(path, method, o) for path, method, o in OPERATIONS if o["security"]]


@pytest.mark.parametrize(("path", "method", "operation"), CLOSED)
def test_a_key_with_the_scopes_that_it_names_is_enough_and_no_other_is(
    stack, path, method, operation
):
    ((needed,),) = [need["key"] for need in operation["security"]]
    for key_id, scopes in (("a" * 16, needed), ("b" * 16, " ".join(set(SCOPES) - {needed}))):
        put_key(key_id, scopes=scopes)
        answer = call(stack, method, path_of(path), f"Bearer ce_{key_id}_{KEY_SECRET}")
        assert (answer.status_code == 403) is (scopes != needed)


def test_without_a_scope_nothing_is_open_but_what_it_calls_open(stack):
    for path, method, operation in OPERATIONS:
        answer = call(stack, method, path_of(path), "")
        assert (answer.status_code == 401) is bool(operation["security"])


def test_the_page_names_every_code():
    page = (Path(PROJECT) / "docs" / "api.md").read_text("utf-8").split("\n## Errors\n")[1]
    table = page.split("\n## ")[0]
    named = set(re.findall(r"^\| \d+ \| `(\w+)` \|", table, re.MULTILINE))
    assert named == set(SCHEMAS["Error"]["properties"]["code"]["enum"])


GOOD = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("number", "headers", "body"),
    [
        (418, GOOD, {"status": "ok"}),
        (200, GOOD, {"status": "ok", "more": 1}),
        (200, GOOD, {"status": "bad"}),
        (200, GOOD, {}),
        (200, {"Content-Type": "text/html"}, {"status": "ok"}),
        (200, {**GOOD, "Location": "/"}, {"status": "ok"}),
    ],
)
def test_an_answer_that_it_does_not_know_is_noticed(number, headers, body):
    contract.check("GET", "/health", 200, GOOD, b'{"status": "ok"}')
    with pytest.raises(AssertionError, match="GET /health"):
        contract.check("GET", "/health", number, headers, json.dumps(body).encode())
