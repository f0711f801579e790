"""Attacks on the service of this machine: pages in a browser, and keys that anybody knows."""

from __future__ import annotations

import boto3
import pytest
import requests
from botocore.exceptions import ClientError
from local import LocalStack

LIST = b"email\njane@example.org\n"


@pytest.mark.parametrize("way", ["api_url", "gateway_url"])
@pytest.mark.parametrize(
    "headers", [{"Origin": "https://example.org"}, {"Origin": "null"}, {"Host": "evil.example.org"}]
)
def test_a_page_that_sends_a_list(
    deployed_stack: LocalStack, way: str, headers: dict[str, str]
) -> None:
    url = f"{getattr(deployed_stack, way)}/process"
    sent = {"Content-Type": "text/plain", **headers}  # a browser asks nobody before it sends this
    assert requests.post(url, LIST, headers=sent, timeout=60).status_code == 403


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "X" * 70_000])
def test_a_method_that_the_server_does_not_know(deployed_stack: LocalStack, method: str) -> None:
    answer = requests.request(method, f"{deployed_stack.api_url}/health", timeout=60)
    assert 400 <= answer.status_code < 500
    assert set(answer.json()) == {"code", "message"}
    assert answer.headers["Cache-Control"] == "no-store"


def test_methods_of_which_the_server_has_not_heard_are_refused_as_all_others(
    deployed_stack: LocalStack,
) -> None:
    given = [
        requests.request(method, f"{deployed_stack.api_url}/health", timeout=60)
        for method in ("TRACE", "QUERY", "PUT")
    ]
    assert {(answer.status_code, answer.headers["Allow"]) for answer in given} == {
        (405, given[-1].headers["Allow"])
    }


def test_an_unknown_route_is_unknown_in_the_same_words(deployed_stack: LocalStack) -> None:
    answer = requests.get(f"{deployed_stack.api_url}/nothing/here", timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("key", ["test", "000000000000", "123456789012", "AKIAIOSFODNN7EXAMPLE"])
def test_a_key_of_aws_that_anybody_knows(deployed_stack: LocalStack, key: str) -> None:
    session = boto3.Session(key, "test", region_name="us-east-1")
    for service, operation in (("dynamodb", "list_tables"), ("s3", "list_buckets")):
        client = session.client(service, endpoint_url=deployed_stack.aws_url)  # type: ignore[call-overload]
        with pytest.raises(ClientError) as error:
            getattr(client, operation)()
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)


def test_no_key_of_aws_at_all(deployed_stack: LocalStack) -> None:
    bucket = deployed_stack.variables["S3_BUCKET_NAME"]
    for path in ("/", f"/{bucket}", "/_ministack/reset", "/restapis"):
        answer = requests.get(deployed_stack.aws_url + path, timeout=60)
        assert answer.status_code == 403
    form = {"key": "jobs/x/enriched.csv"}
    sent = requests.post(
        f"{deployed_stack.aws_url}/{bucket}", form, files={"file": b"x"}, timeout=60
    )
    assert sent.status_code == 403


def test_what_the_stack_writes_is_its_users_alone(deployed_stack: LocalStack) -> None:
    folder = deployed_stack.project.parent
    for private in (folder, folder.parent):
        assert private.stat().st_mode & 0o077 == 0
    described = folder.parent / "emulator.log"
    assert described.stat().st_mode & 0o077 == 0
