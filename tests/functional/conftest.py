"""The service in one process: the real app through Chalice's test client, AWS by moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from chalice.test import Client, HTTPResponse, TestHTTPClient
from moto import mock_aws

import app as app_module
from chalicelib.services import services
from tests.functional.api import contract
from tests.functional.resources import ENVIRONMENT, SIGNED, aws_session, create_resources
from tests.vendors.server import VendorServer

PROJECT = Path(__file__).parents[2]
MAX_RECEIVES = 5


class KeyedClient(Client):
    """Chalice's test client that sends the key of the owner "default" with each request that names none, and
    compares each answer with openapi.json.
    """

    @property
    def http(self) -> TestHTTPClient:
        return _KeyedHTTPClient(self._app, self._chalice_config)


class _KeyedHTTPClient(TestHTTPClient):
    def request(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> HTTPResponse:
        answer = super().request(method, path, {**SIGNED, **(headers or {})}, body)
        contract.check(method, path, answer.status_code, answer.headers, answer.body)
        return answer


@dataclass
class Stack:
    """A deployed service to try things on. ``deliveries``: how often SQS delivers each message."""

    client: Client
    queue_url: str
    deliveries: int = 2
    delivered: list[dict[str, Any]] = field(default_factory=list)

    def post(
        self,
        path: str,
        body: bytes | str | dict[str, Any],
        content_type: str = "application/json",
        **headers: str,
    ) -> HTTPResponse:
        sent = json.dumps(body) if isinstance(body, dict) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.http.post(
            path,
            headers={"Content-Type": content_type, **named},
            body=sent.encode() if isinstance(sent, str) else sent,
        )

    def submit(self, body: bytes | str | dict[str, Any], content_type: str, query: str = "") -> str:
        answer = self.post(f"/process{query}", body, content_type)
        assert answer.status_code == 202, answer.json_body
        return str(answer.json_body["id"])

    def submit_csv(self, text: str | bytes, query: str = "") -> str:
        return self.submit(text, "text/csv", query)

    def status(self, job_id: str) -> dict[str, Any]:
        answer = self.client.http.get(f"/status/{job_id}")
        assert answer.status_code == 200, answer.json_body
        return dict(answer.json_body)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Call a function as Lambda would: JSON in, JSON out."""
        payload = self.client.lambda_.invoke(function, json.loads(json.dumps(event))).payload
        return json.loads(json.dumps(payload))

    def receive(self) -> list[dict[str, Any]]:
        """The messages that are waiting, as the records of a Lambda event."""
        sqs = boto3.client("sqs")
        answer = sqs.receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10, AttributeNames=["All"]
        )
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
            }
            for message in answer.get("Messages", [])
        ]

    def work(self) -> None:
        """Deliver what is in the queue, each message several times."""
        sqs = boto3.client("sqs")
        while records := self.receive():
            for record in records * self.deliveries:
                self.invoke("worker", {"Records": [record]})
                self.delivered.append(record)
            for record in records:
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=record["receiptHandle"])

    def lose_messages(self) -> None:
        """Take messages out of the queue that nobody has worked on."""
        sqs = boto3.client("sqs")
        for record in self.receive():
            sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=record["receiptHandle"])

    def run(self, job_id: str) -> dict[str, Any]:
        """Take a job the way of the state machine; its status at the end."""
        return self.run_on(job_id, self.invoke("split_batches", {"job_id": job_id}))

    def run_on(self, job_id: str, state: dict[str, Any]) -> dict[str, Any]:
        """The same for a job that has come as far as ``state``."""
        while not state["complete"]:
            self.work()
            state = self.invoke("check_completion", state)
        if not state["failed"]:
            self.invoke("aggregate_results", state)
        return self.status(job_id)

    def download(self, status: dict[str, Any]) -> bytes:
        parts = urlsplit(status["result"]["url"])
        assert "X-Amz-Signature" in parts.query
        return requests.get(status["result"]["url"], timeout=5).content


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", aws_session())
        queue_url = create_resources()
        monkeypatch.setenv("SQS_QUEUE_URL", queue_url)
        services.cache_clear()
        with KeyedClient(app_module.app, project_dir=str(PROJECT)) as client:
            yield Stack(client, queue_url)
        services.cache_clear()


@pytest.fixture
def vendors(stack, monkeypatch) -> Iterator[VendorServer]:
    with VendorServer() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        for name in server.vendors:  # nobody here wants to wait for a vendor's pace
            monkeypatch.setenv(f"{name.upper()}_CALLS_PER_MINUTE", "60000")
        services.cache_clear()
        yield server
