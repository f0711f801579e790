"""Puts the parts of the service together, on clients of AWS."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from chalicelib.aws.api_keys import ApiKeys
from chalicelib.aws.batches import Batches
from chalicelib.aws.bucket import Bucket
from chalicelib.aws.callback_secrets import CallbackSecrets
from chalicelib.aws.clients import create_client
from chalicelib.aws.idempotency import IdempotencyKeys
from chalicelib.aws.jobs import Jobs
from chalicelib.aws.layouts import Layouts
from chalicelib.aws.queue import BatchQueue
from chalicelib.aws.results import Results
from chalicelib.aws.secrets import Secrets
from chalicelib.aws.suppressions import Suppressions
from chalicelib.aws.table import Table
from chalicelib.aws.uploads import Uploads
from chalicelib.aws.usage import Usage
from chalicelib.aws.vault import Vault
from chalicelib.aws.workflow import Workflow
from chalicelib.callbacks.sending import Sender
from chalicelib.lookups.budget import Budget
from chalicelib.lookups.health import HealthOfProviders
from chalicelib.lookups.ledger import Ledger
from chalicelib.lookups.pace import Pace
from chalicelib.model.clock import DAY
from chalicelib.providers import ProviderFactory
from chalicelib.settings import MissingSettingError, Settings, read_settings


@dataclass(frozen=True)
class Services:
    """What the routes and the steps work with. ``clock``: seconds since the epoch."""

    settings: Settings
    api_keys: ApiKeys
    jobs: Jobs
    batches: Batches
    results: Results
    layouts: Layouts
    uploads: Uploads
    suppressions: Suppressions
    idempotency_keys: IdempotencyKeys
    usage: Usage
    bucket: Bucket
    queue: BatchQueue
    workflow: Workflow
    providers: ProviderFactory
    ledger: Ledger
    budget: Budget
    pace: Pace
    health: HealthOfProviders
    callback_secrets: CallbackSecrets
    callbacks: Sender
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


def create_services(settings: Settings) -> Services:
    """Everything, on AWS clients made from the environment's credentials."""
    retention = settings.retention_days * DAY
    dynamodb = create_client("dynamodb")
    control = Table(dynamodb, settings.control_table)
    records = Table(dynamodb, settings.records_table)
    bucket = Bucket(create_client("s3"), settings.bucket)
    secrets = Secrets(create_client)
    vault = Vault(lambda: _secret_of(settings, secrets))
    return Services(
        settings=settings,
        api_keys=ApiKeys(Table(dynamodb, settings.access_table)),
        jobs=Jobs(control, retention),
        batches=Batches(control, retention),
        results=Results(records, bucket, vault, retention),
        layouts=Layouts(bucket),
        uploads=Uploads(control),
        suppressions=Suppressions(control, vault, retention),
        idempotency_keys=IdempotencyKeys(control, vault, retention),
        usage=Usage(control),
        bucket=bucket,
        queue=BatchQueue(create_client("sqs"), settings.queue_url),
        workflow=Workflow(create_client("stepfunctions"), settings.state_machine_arn),
        providers=ProviderFactory(secrets.read),
        ledger=Ledger(records, vault),
        budget=Budget(control, retention),
        pace=Pace(control),
        health=HealthOfProviders(control),
        callback_secrets=CallbackSecrets(control, vault),
        callbacks=Sender(settings.loopback_callbacks),
    )


def _secret_of(settings: Settings, secrets: Secrets) -> str:
    """The secret of the stage; never an empty one, under which everybody could make the same hashes."""
    secret = secrets.read(settings.ledger_secret)
    if not secret:
        raise MissingSettingError(
            "Neither LEDGER_SECRET_ARN nor LEDGER_SECRET is set; statemachine/deploy.py sets the first."
        )
    return secret


@cache
def services() -> Services:
    """The process's own services, made at the first call."""
    return create_services(read_settings())
