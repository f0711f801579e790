"""Deploying to the embedded AWS by `chalice deploy`, as a developer does with a stage of their own.

Slow: the emulator passes through `Pending` as AWS does, and Chalice looks again after five seconds.
"""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from deploy import DIRECT, PACKAGE
from local_stack import LocalStack
from stage import FUNCTIONS, Stage, UsageError

STAGE = "direct"


def test_a_developers_stage_from_its_beginning_to_its_end(deployed_stack: LocalStack) -> None:
    assert deployed_stack.target is not None
    functions = deployed_stack.target.client("lambda")
    names = Stage("contact-enrichment", STAGE).function_names()

    first = deployed_stack.deploy(STAGE, DIRECT)
    assert first.changed == ("resources", "app", "state machine")
    for name, function in zip(names, FUNCTIONS, strict=True):
        made = functions.get_function_configuration(FunctionName=name)
        assert made["Role"] == first.outputs[function.role_output]
        assert made["Environment"]["Variables"]["CONTROL_TABLE_NAME"]
    health = {"httpMethod": "GET", "path": "/health", "resource": "/health"}
    event = {
        **health,
        "headers": {},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": None,
        "isBase64Encoded": False,
        "requestContext": {"httpMethod": "GET", "resourcePath": "/health"},
    }
    answer = functions.invoke(FunctionName=names[0], Payload=json.dumps(event))
    assert json.loads(answer["Payload"].read())["statusCode"] == 200

    # Again: nothing changes, and nothing is sent.
    before = functions.get_function_configuration(FunctionName=names[0])["LastModified"]
    assert deployed_stack.deploy(STAGE, DIRECT).changed == ()
    assert deployed_stack.deployment(STAGE, DIRECT).plan() == ()
    assert functions.get_function_configuration(FunctionName=names[0])["LastModified"] == before

    # New code: the plan says so.
    app = deployed_stack.copy_of(STAGE) / "app.py"
    app.write_text(app.read_text("utf-8") + "\n# changed\n", "utf-8")
    (planned,) = deployed_stack.deployment(STAGE, DIRECT).plan()
    assert planned.startswith("app: modify")

    with pytest.raises(UsageError, match="without --package"):
        deployed_stack.deploy(STAGE, PACKAGE)

    # The end, also where somebody has deleted a part of it by hand.
    functions.delete_function(FunctionName=names[1])
    deployed_stack.deployment(STAGE, DIRECT).delete()
    left = [f["FunctionName"] for f in functions.list_functions()["Functions"]]
    assert not set(left) & set(names)
    apis = deployed_stack.target.client("apigateway").get_rest_apis()["items"]
    assert not any(api["id"] in first.api_url for api in apis)
    deployed_stack.deployment(STAGE, DIRECT).delete()


def test_a_stage_ends_without_the_record_that_chalice_keeps(deployed_stack: LocalStack) -> None:
    assert deployed_stack.target is not None
    functions = deployed_stack.target.client("lambda")
    assert deployed_stack.deployed is not None
    stage = Stage("contact-enrichment", "lost")
    functions.create_function(
        FunctionName=stage.function_name("worker"),
        Role=deployed_stack.deployed.outputs["WorkerRoleArn"],
        Runtime="python3.12",
        Handler="app.worker",
        Code={"ZipFile": archive_of("def worker(event, context): ...")},
    )
    functions.publish_layer_version(
        LayerName=f"{stage.app}-{stage.name}-managed-layer",
        Content={"ZipFile": archive_of("")},
    )
    deployed_stack.deployment("lost", DIRECT).delete()
    left = functions.list_functions()["Functions"] + functions.list_layers()["Layers"]
    assert not any("contact-enrichment-lost" in json.dumps(item) for item in left)


def archive_of(source: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", source)
    return buffer.getvalue()
