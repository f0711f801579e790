"""Every answer that openapi.json describes is given, or this page says who gives it: route by route, status by status.

Each answer is compared with the document as it is given (contract.py).
"""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

import boto3
import pytest

from chalicelib.api.http import JSON, MAX_BODY_BYTES
from chalicelib.model.jobs import JobStatus
from chalicelib.services import services
from tests.functional.api.contract import DOCUMENT
from tests.functional.api.routes import path_of
from tests.functional.conftest import Stack
from tests.functional.resources import KEY_SECRET, put_key

Pair = tuple[str, str, int]
DOCUMENTED: set[Pair] = {
    (method.upper(), path, int(status))
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    for status in operation["responses"]
}
CLOSED = [
    (method.upper(), path)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if operation["security"]
]
CONTACT: dict[str, object] = {"contact": {"email": "a@example.org"}}
LIST = b"email\na@example.org\n"
LISTS = ("/process", "/preview")
WITH_JSON = (*LISTS, "/enrich", "/uploads", "/people/erase")
LIMITED = {("POST", "/process"), ("POST", "/enrich"), ("POST", "/jobs/{job_id}/retry")}


def given_elsewhere(pair: Pair) -> str:
    """Why no request brings an answer about in one process, "" where one does."""
    method, path, status = pair
    if status in (502, 504):
        return "API Gateway's, where the function broke off or took more than 29 s"
    if status == 429 and (method, path) not in LIMITED:
        return "API Gateway's, where the stage gets too many requests a second"
    if path == "/enrich" and status in (200, 202):
        return "test_enrich_one.py: it waits for workers, of which there are none here"
    if status == 500 and (method, path) not in CLOSED:
        return "API Gateway's: the route itself asks nobody who could fail"
    return ""


@dataclass
class Asker:
    """Asks a stack, and keeps what it answered."""

    stack: Stack
    given: set[Pair] = field(default_factory=set)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | dict[str, object] = b"",
        *,
        of: str = "0" * 32,
        query: str = "",
        **headers: str,
    ) -> dict[str, object]:
        """The answer's body. ``of``: the id in the path."""
        sent = {"Content-Type": JSON, **{n.replace("_", "-"): v for n, v in headers.items()}}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.stack.client.http.request(method, path_of(path, of) + query, sent, content)
        self.given.add((method, path, answer.status_code))
        has_json = answer.body and answer.headers.get("Content-Type", JSON) == JSON
        return dict(json.loads(answer.body)) if has_json else {}

    def job(self, status: JobStatus | None = None) -> str:
        """A job that has just been started, or that is in this state."""
        job_id = str(self.ask("POST", "/process", LIST, Content_Type="text/csv")["id"])
        if status:
            jobs = services().jobs
            jobs.update(jobs.get("default", job_id), status=status, error="It kept failing")
        return job_id


def good(asker: Asker) -> None:
    running, failed = asker.job(), asker.job(JobStatus.FAILED)
    for path in LISTS:
        query = "?estimate=true" if path == "/process" else ""
        asker.ask("POST", path, LIST, query=query, Content_Type="text/csv")
    for method, path, status in DOCUMENTED:
        if method in ("GET", "HEAD") and status == 200:
            asker.ask(method, path, of=running)
    asker.ask("POST", "/jobs/{job_id}/cancel", of=running)
    asker.ask("POST", "/jobs/{job_id}/retry", of=failed)
    asker.ask("DELETE", "/jobs/{job_id}", of=failed)
    upload = str(asker.ask("POST", "/uploads", {})["upload_id"])
    asker.ask("DELETE", "/uploads/{upload_id}", of=upload)
    asker.ask("POST", "/people/erase", {"email": "jane@example.org"})


def wrong(asker: Asker) -> None:
    """400, 404 and 409: what is asked for makes no sense, is not there, or not in such a state."""
    for path in WITH_JSON:
        asker.ask("POST", path, {"nothing": 1})
    for method in ("GET", "HEAD"):
        asker.ask(method, "/jobs", query="?limit=0")
        asker.ask(method, "/status/{job_id}")
    upload = str(asker.ask("POST", "/uploads", {})["upload_id"])
    for path in LISTS:
        asker.ask("POST", path, {"upload_id": "0" * 32})
        asker.ask("POST", path, {"upload_id": upload})  # whose file has not arrived
    for action in ("cancel", "retry"):
        for job_id in ("0" * 32, asker.job(JobStatus.COMPLETED)):
            asker.ask("POST", f"/jobs/{{job_id}}/{action}", of=job_id)
    for path in ("/jobs/{job_id}", "/uploads/{upload_id}"):
        asker.ask("DELETE", path)
    asker.ask("POST", "/process", LIST, Content_Type="text/csv", Idempotency_Key="once")
    asker.ask("POST", "/enrich", CONTACT, Idempotency_Key="once")


def too_large(asker: Asker) -> None:
    for path in WITH_JSON:
        asker.ask("POST", path, b" " * (MAX_BODY_BYTES + 1))


def of_another_kind(asker: Asker) -> None:
    for method, path, status in DOCUMENTED:
        if status == 415 and path in ("/enrich", "/uploads", "/people/erase"):
            asker.ask(method, path, b"\x1f\x8b\x08")
        elif status == 415:
            asker.ask(method, path, Content_Type="image/png")


def refused(asker: Asker) -> None:
    put_key("b" * 16, scopes="none")
    for method, path in CLOSED:
        for key in ("", f"Bearer ce_{'b' * 16}_{KEY_SECRET}"):
            asker.ask(method, path, Authorization=key)


def broken(asker: Asker) -> None:
    boto3.client("dynamodb").delete_table(TableName="test-access")
    for method, path in CLOSED:
        asker.ask(method, path)


def without_identity_provider(asker: Asker) -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"RS256","kid":"one"}').decode().rstrip("=")
    for method, path in CLOSED:
        asker.ask(method, path, Authorization=f"Bearer {head}.e30.AAAA")


def too_many(asker: Asker) -> None:
    """The environment allows one open job."""
    failed = asker.job(JobStatus.FAILED)
    asker.job()
    asker.ask("POST", "/process", LIST, Content_Type="text/csv")
    asker.ask("POST", "/enrich", CONTACT)
    asker.ask("POST", "/jobs/{job_id}/retry", of=failed)


WAYS: list[tuple[set[int], Callable[[Asker], None]]] = [
    ({200, 201, 202, 204}, good),
    ({400, 404, 409}, wrong),
    ({413}, too_large),
    ({415}, of_another_kind),
    ({401, 403}, refused),
    ({500}, broken),
    ({503}, without_identity_provider),
    ({429}, too_many),
]
SETTINGS = {too_many: {"MAX_OPEN_JOBS": "1"}, without_identity_provider: {"JWT_AUDIENCE": "a"}}


@pytest.mark.parametrize(("statuses", "way"), WAYS)
def test_every_documented_answer_is_given(stack, monkeypatch, statuses, way):
    with socket.socket() as nobody:  # bound, so that nobody else listens there
        nobody.bind(("127.0.0.1", 0))
        issuer = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        for name, value in SETTINGS.get(way, {}).items():
            monkeypatch.setenv(name, value)
        if way is without_identity_provider:
            monkeypatch.setenv("JWT_ISSUER", issuer)
        services.cache_clear()
        asker = Asker(stack)
        way(asker)
    expected = {pair for pair in DOCUMENTED if pair[2] in statuses and not given_elsewhere(pair)}
    assert expected - asker.given == set()


def test_every_documented_answer_is_tried_or_given_elsewhere():
    tried = set().union(*(statuses for statuses, _ in WAYS))
    assert {
        pair for pair in DOCUMENTED if pair[2] not in tried and not given_elsewhere(pair)
    } == set()
