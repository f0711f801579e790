"""Reads every environment variable of the service, each in one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

#: The worker's queue before any deployment has named one, so that the app can be imported without one
#: (``chalice local``, tests).
DEFAULT_QUEUE_NAME = "contact-enrichment-dev-batches"
DEFAULT_WORKER_CONCURRENCY = 10


class MissingSettingError(RuntimeError):
    """The environment lacks a variable that the service needs."""


@dataclass(frozen=True)
class Settings:
    """Where the parts of the service are, and its limits. Times in seconds."""

    queue_url: str
    records_table: str
    control_table: str
    bucket: str
    state_machine_arn: str
    #: How often SQS delivers a message before it moves it to the dead-letter queue.
    max_receive_count: int = 5
    #: The time limit of the worker function. A batch that was begun longer ago is known to be dropped.
    worker_timeout: int = 60
    #: How long inputs, rows and results are kept.
    retention_days: int = 30
    max_rows: int = 1_000_000
    #: A job that has not ended by then ends with the rows it has.
    job_deadline: int = 12 * 3600
    #: A job without progress for so long ends with the rows it has. It is more than the time after which
    #: SQS delivers a dropped message again (the visibility timeout, 6 x worker_timeout).
    stall_after: int = 20 * 60


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings from the environment; MissingSettingError names a variable that is not set."""
    env = os.environ if environment is None else environment
    return Settings(
        queue_url=_required(env, "SQS_QUEUE_URL"),
        records_table=_required(env, "DYNAMO_TABLE_NAME"),
        control_table=_required(env, "CONTROL_TABLE_NAME"),
        bucket=_required(env, "S3_BUCKET_NAME"),
        state_machine_arn=_required(env, "STATE_MACHINE_ARN"),
        max_receive_count=int(env.get("MAX_RECEIVE_COUNT", Settings.max_receive_count)),
        worker_timeout=int(env.get("WORKER_TIMEOUT_SECONDS", Settings.worker_timeout)),
        retention_days=int(env.get("RETENTION_DAYS", Settings.retention_days)),
        max_rows=int(env.get("MAX_ROWS", Settings.max_rows)),
        job_deadline=int(env.get("JOB_DEADLINE_SECONDS", Settings.job_deadline)),
        stall_after=int(env.get("STALL_AFTER_SECONDS", Settings.stall_after)),
    )


@dataclass(frozen=True)
class ProviderSettings:
    """The settings of one vendor; where one is missing, the vendor's module has a default.

    ``key``: the API key, or where it is stored: ``ssm:<parameter>``, ``secretsmanager:<secret>``; ""
    for none. It is left out of ``repr``. ``credits``: the price of one lookup. ``extra``: other settings
    that the vendor's module documents, without the vendor's prefix: PDL_EMAIL_FIELDS is
    ``extra["EMAIL_FIELDS"]``.
    """

    key: str = field(default="", repr=False)
    base_url: str = ""
    credits: float | None = None
    calls_per_minute: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


def read_provider_settings(
    name: str, environment: Mapping[str, str] | None = None
) -> ProviderSettings:
    """The settings of the provider ``pdl`` from PDL_API_KEY, PDL_BASE_URL, PDL_CREDITS (for one
    lookup), PDL_CALLS_PER_MINUTE and all others that begin with PDL_.
    """
    env = os.environ if environment is None else environment
    prefix = f"{name.upper()}_"
    own = {key.removeprefix(prefix): env[key] for key in env if key.startswith(prefix)}
    price, pace = own.pop("CREDITS", ""), own.pop("CALLS_PER_MINUTE", "")
    return ProviderSettings(
        key=own.pop("API_KEY", ""),
        base_url=own.pop("BASE_URL", "").rstrip("/"),
        credits=float(price) if price else None,
        calls_per_minute=int(pace) if pace else None,
        extra=own,
    )


def declarations_folder(environment: Mapping[str, str] | None = None) -> str:
    """The folder of further provider declarations (PROVIDER_DECLARATIONS); "" for none."""
    env = os.environ if environment is None else environment
    return env.get("PROVIDER_DECLARATIONS", "")


def queue_name() -> str:
    """The name of the batch queue, the end of its URL. Chalice needs it when the app is imported."""
    return os.environ.get("SQS_QUEUE_URL", DEFAULT_QUEUE_NAME).rsplit("/", 1)[-1]


def stage_name(environment: Mapping[str, str] | None = None) -> str:
    """The stage, for metrics; "" where nothing is deployed."""
    return (os.environ if environment is None else environment).get("STAGE", "")


def worker_concurrency() -> int:
    """How many batches run at once, at most. Chalice needs it when the app is imported."""
    return int(os.environ.get("WORKER_CONCURRENCY", DEFAULT_WORKER_CONCURRENCY))


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if not value:
        raise MissingSettingError(
            f"The environment variable {name} is not set; statemachine/deploy.py sets it."
        )
    return value
