"""Second floor: the one place where clients are made and the parts are put together."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from chalicelib.aws.batches import BatchMarkers
from chalicelib.aws.bucket import Bucket
from chalicelib.aws.idempotency import IdempotencyKeys
from chalicelib.aws.jobs import ControlTable
from chalicelib.aws.queue import BatchQueue
from chalicelib.aws.results import RecordsTable
from chalicelib.aws.uploads import Uploads
from chalicelib.aws.workflow import Workflow
from chalicelib.lookups.budget import Budget
from chalicelib.lookups.health import ProviderTroubles
from chalicelib.lookups.ledger import Ledger
from chalicelib.lookups.pace import Rates
from chalicelib.providers import ProviderFactory
from chalicelib.settings import Settings, read_settings

_DAY = 24 * 3600


@dataclass(frozen=True)
class Services:
    """What the steps work with. ``clock``: seconds since the epoch."""

    settings: Settings
    control: ControlTable
    markers: BatchMarkers
    keys: IdempotencyKeys
    uploads: Uploads
    troubles: ProviderTroubles
    records: RecordsTable
    bucket: Bucket
    queue: BatchQueue
    workflow: Workflow
    providers: ProviderFactory
    ledger: Ledger
    budget: Budget
    rates: Rates
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


def create_services(settings: Settings) -> Services:
    """Everything, on AWS clients made from the environment's credentials."""
    retention = settings.retention_days * _DAY
    dynamodb = _client("dynamodb")
    bucket = Bucket(_client("s3"), settings.bucket)
    return Services(
        settings=settings,
        control=ControlTable(dynamodb, settings.control_table, retention),
        markers=BatchMarkers(dynamodb, settings.control_table, retention),
        keys=IdempotencyKeys(dynamodb, settings.control_table, retention),
        uploads=Uploads(dynamodb, settings.control_table, retention),
        troubles=ProviderTroubles(dynamodb, settings.control_table),
        records=RecordsTable(dynamodb, settings.records_table, bucket, retention),
        bucket=bucket,
        queue=BatchQueue(_client("sqs"), settings.queue_url),
        workflow=Workflow(_client("stepfunctions"), settings.state_machine_arn),
        providers=ProviderFactory(_read_key),
        ledger=Ledger(dynamodb, settings.records_table),
        budget=Budget(dynamodb, settings.control_table),
        rates=Rates(dynamodb, settings.control_table),
    )


@cache
def _read_key(word: str) -> str:
    """A provider's key from the word for it: itself, ``ssm:<parameter>``, ``secretsmanager:<id>``."""
    kind, _, name = word.partition(":")
    if kind == "ssm":
        answer = _client("ssm").get_parameter(Name=name, WithDecryption=True)
        return str(answer["Parameter"]["Value"])
    if kind == "secretsmanager":
        return str(_client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
    return word


@cache
def services() -> Services:
    """The process's own services, made at the first call: nothing is built at import."""
    return create_services(read_settings())


def _client(name: str) -> Any:
    # boto3 takes 0.4 s to import; whoever only reads the routes (chalice package) need not wait.
    import boto3
    from botocore.config import Config

    config = Config(
        # In some regions pre-signed URLs are otherwise of the old kind, which fails with KMS
        # (boto3#2680).
        signature_version="s3v4" if name == "s3" else None,
        connect_timeout=5,
        read_timeout=30,
        max_pool_connections=20,
        retries={"mode": "standard", "max_attempts": 4},
        # Walking through each value of each item to see that it is one costs a quarter of a worker's
        # own time; AWS looks at them anyway.
        parameter_validation=False,
    )
    return boto3.client(name, config=config)  # type: ignore[call-overload]
