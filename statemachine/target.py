"""Where to deploy: credentials, region and perhaps an emulator's address in, clients out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from stage import DeployError

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard", "total_max_attempts": 5},
    signature_version="v4",
)


@dataclass(frozen=True)
class Target:
    """An account and a region of AWS, or an emulator of it."""

    session: boto3.Session
    endpoint_url: str | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    """The environment of the programs that are started on the way (Chalice)."""

    @staticmethod
    def from_environment() -> Target:
        """Whatever boto3 finds, as for every other AWS tool (profile, variables, role)."""
        session = boto3.Session()
        if session.region_name is None:
            raise DeployError(
                "No region: set AWS_DEFAULT_REGION, or a region in the profile (aws configure)."
            )
        return Target(session, os.environ.get("AWS_ENDPOINT_URL"))

    @staticmethod
    def emulator(endpoint_url: str, environ: Mapping[str, str]) -> Target:
        """An emulator, as its root user: real credentials never come near it."""
        credentials = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": endpoint_url,
        }
        session = boto3.Session("test", "test", region_name="us-east-1")
        return Target(session, endpoint_url, {**environ, **credentials})

    def client(self, service: str) -> Any:
        config = _CONFIG.merge(Config(signature_version="s3v4")) if service == "s3" else _CONFIG
        return self.session.client(  # type: ignore[call-overload]
            service, endpoint_url=self.endpoint_url, config=config
        )

    @property
    def region(self) -> str:
        return str(self.session.region_name)

    @property
    def is_emulated(self) -> bool:
        """AWS itself is never spoken to without TLS."""
        return (self.endpoint_url or "").startswith("http://")

    @property
    def poll_seconds(self) -> float:
        return 0.1 if self.is_emulated else 3.0

    def api_url(self, rest_api_id: str, url: str) -> str:
        """Where an API is that AWS has at `url`; an emulator has it under its own address."""
        if not self.is_emulated:
            return url.rstrip("/")
        stage = url.rstrip("/").rsplit("/", 1)[-1]
        return f"{self.endpoint_url}/restapis/{rest_api_id}/{stage}/_user_request_"
