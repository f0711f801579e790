"""A developer's stage on the embedded AWS: `deploy.py --wire` once, then plain `chalice deploy`.

Slow: the emulator passes through `Pending` as AWS does, and Chalice looks again after five seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from machine.local_stack import LocalStack
from packing.project import read_config

from tests.end_to_end.gateway import taking_put_rest_api
from tests.end_to_end.test_deploy import deploy, how_to_begin, left_of

STAGE = "wired"
HEALTH = {
    "httpMethod": "GET",
    "path": "/health",
    "resource": "/health",
    "headers": {},
    "multiValueQueryStringParameters": None,
    "pathParameters": None,
    "stageVariables": None,
    "body": None,
    "isBase64Encoded": False,
    "requestContext": {"httpMethod": "GET", "resourcePath": "/health"},
}


def chalice_deploy(stack: LocalStack, aws_url: str) -> None:
    """As it is typed, in the project's folder."""
    chalice = str(Path(sys.executable).with_name("chalice"))
    environ = {**os.environ, **stack.root_key, "AWS_DEFAULT_REGION": "us-east-1"}
    subprocess.run(
        [chalice, "deploy", "--stage", STAGE],
        cwd=stack.project,
        env={**environ, "AWS_ENDPOINT_URL": aws_url},
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=300,
    )


def deployed(stack: LocalStack) -> dict[str, Any]:
    functions = stack.client("lambda").list_functions()["Functions"]
    prefix = f"contact-enrichment-{STAGE}"
    return {f["FunctionName"]: f for f in functions if f["FunctionName"].startswith(prefix)}


def may_send_to_itself(stack: LocalStack) -> bool:
    """Whether Lambda lets the worker send to its own queue, as often as it has to."""
    worker = f"contact-enrichment-{STAGE}-worker"
    answer = stack.client("lambda").get_function_recursion_config(FunctionName=worker)
    return bool(answer["RecursiveLoop"] == "Allow")


def ids_of_apis(stack: LocalStack) -> set[str]:
    return {str(api["id"]) for api in stack.client("apigateway").get_rest_apis()["items"]}


def deploy_changed_code(stack: LocalStack) -> dict[str, Any]:
    """The definitions of APIs that were updated with it."""
    app = stack.project / "app.py"
    code = app.read_text("utf-8")
    app.write_text(code + "\n# changed\n", "utf-8")
    try:
        with taking_put_rest_api(stack) as (aws_url, put):
            chalice_deploy(stack, aws_url)
    finally:
        app.write_text(code, "utf-8")
    return put


def test_a_developers_stage_from_its_beginning_to_its_end(deployed_stack: LocalStack) -> None:
    client, stage, api = deployed_stack.client, ("--stage", STAGE), f"contact-enrichment-{STAGE}"
    config = deployed_stack.project / ".chalice" / "config.json"
    record = deployed_stack.project / ".chalice" / "deployed" / f"{STAGE}.json"
    before = config.read_text("utf-8")
    apis = ids_of_apis(deployed_stack)

    planned = deploy(deployed_stack, *stage, "--wire", "--plan")
    assert config.read_text("utf-8") == before
    assert left_of(deployed_stack, STAGE) == []
    said = deploy(deployed_stack, *stage, "--wire")
    following = f"From now on: chalice deploy --stage {STAGE}"
    assert said[-1] == following
    assert sorted(said[: len(planned)]) == sorted(planned)
    assert f"chalice deploy --stage {STAGE} (the first time) ..." in said
    assert may_send_to_itself(deployed_stack)
    wired = config.read_text("utf-8")
    functions = deployed(deployed_stack)
    assert deploy(deployed_stack, *stage, "--wire") == [
        "nothing to change",
        how_to_begin(STAGE),
        following,
    ]
    assert config.read_text("utf-8") == wired
    assert deployed(deployed_stack) == functions
    own = read_config(deployed_stack.project)["stages"][STAGE]["lambda_functions"]
    assert set(functions) == {f"{api}-{key}".removesuffix("-api_handler") for key in own}
    for key, settings in own.items():
        function = functions[f"{api}-{key}".removesuffix("-api_handler")]
        assert function["Role"] == settings["iam_role_arn"]
        assert function["Environment"]["Variables"]["STATE_MACHINE_ARN"].endswith(f":{api}")
    answer = client("lambda").invoke(FunctionName=api, Payload=json.dumps(HEALTH))
    assert json.loads(answer["Payload"].read())["statusCode"] == 200

    put = deploy_changed_code(deployed_stack)
    assert may_send_to_itself(deployed_stack)
    again = deployed(deployed_stack)
    assert set(again) == set(functions)
    assert again[api]["CodeSha256"] != functions[api]["CodeSha256"]
    (made,) = ids_of_apis(deployed_stack) - apis  # the one of the first time
    assert "/health" in put.pop(made)["paths"]
    assert not put

    (said,) = deploy(deployed_stack, *stage, status=2)
    assert "with --wire and `chalice deploy`" in said
    # A clone without Chalice's record cannot tell what there is to delete.
    kept = record.read_text("utf-8")
    record.unlink()
    (said,) = deploy(deployed_stack, *stage, "--delete", "--yes", status=2)
    assert str(record) in said
    assert set(deployed(deployed_stack)) == set(functions)
    record.write_text(kept, "utf-8")

    for _ in range(2):
        deploy(deployed_stack, *stage, "--delete", "--yes")
        assert left_of(deployed_stack, STAGE) == []
        assert ids_of_apis(deployed_stack) == apis
        assert not record.exists()
    assert read_config(deployed_stack.project)["stages"].pop(STAGE) == {}
    config.write_text(before, "utf-8")
