"""Reads every environment variable of the service, each in one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.number_settings import WrongSettingError, read_credits, read_whole

#: The worker's queue before any deployment has named one, so that the app can be imported without one
#: (``chalice local``, tests).
DEFAULT_QUEUE_NAME = "contact-enrichment-dev-batches"
DEFAULT_WORKER_CONCURRENCY = 10


class MissingSettingError(RuntimeError):
    """The environment lacks a variable that the service needs."""


@dataclass(frozen=True)
class TokenSettings:
    """Whose tokens are accepted beside API keys. ``owner_claim``: the claim that says who the owner is."""

    issuer: str
    audience: str
    jwks_url: str
    owner_claim: str = "sub"


@dataclass(frozen=True)
class Settings:
    """Where the parts of the service are, and its limits. Times in seconds."""

    queue_url: str
    records_table: str
    control_table: str
    access_table: str
    bucket: str
    state_machine_arn: str
    #: The secret of the stage, or "secretsmanager:" and its ARN; "" where none is set.
    ledger_secret: str = field(default="", repr=False)
    #: How often SQS delivers a message before it moves it to the dead-letter queue.
    max_receive_count: int = 5
    #: The time limit of the worker function. A batch that was begun longer ago is known to be dropped.
    worker_timeout: int = 60
    #: How long inputs, rows and results are kept.
    retention_days: int = 30
    max_rows: int = 1_000_000
    #: A job that has not ended by then ends with the rows it has.
    job_deadline: int = 12 * 3600
    #: A job without progress for so long, in whose queue nothing is left, ends with the rows it has. It is
    #: more than the time after which SQS delivers a dropped message again (6 x worker_timeout).
    stall_after: int = 20 * 60
    #: What no job may exceed, whatever its options say: credits, None for any number, and the days for
    #: which an answer that was paid for is used again at the least.
    max_credits_per_job: float | None = None
    min_cache_days: int = 0
    #: None where tokens are not accepted.
    tokens: TokenSettings | None = None
    #: What each owner may have: jobs that have not ended; rows and credits of jobs begun on one day (UTC), None
    #: for any number.
    max_open_jobs: int = 100
    max_rows_per_day: int | None = None
    max_credits_per_day: float | None = None
    #: Credits of a job that names no limit of its own.
    default_max_credits: float | None = None
    #: Whether callbacks may go to this machine: where the service itself runs on it.
    loopback_callbacks: bool = False


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings from the environment. Raises MissingSettingError, WrongSettingError."""
    env = os.environ if environment is None else environment
    return Settings(
        queue_url=_required(env, "SQS_QUEUE_URL"),
        records_table=_required(env, "DYNAMO_TABLE_NAME"),
        control_table=_required(env, "CONTROL_TABLE_NAME"),
        access_table=_required(env, "ACCESS_TABLE_NAME"),
        bucket=_required(env, "S3_BUCKET_NAME"),
        state_machine_arn=_required(env, "STATE_MACHINE_ARN"),
        ledger_secret=_ledger_secret(env),
        max_receive_count=read_whole(env, "MAX_RECEIVE_COUNT", Settings.max_receive_count),
        worker_timeout=read_whole(env, "WORKER_TIMEOUT_SECONDS", Settings.worker_timeout),
        retention_days=read_whole(env, "RETENTION_DAYS", Settings.retention_days),
        max_rows=read_whole(env, "MAX_ROWS", Settings.max_rows),
        job_deadline=read_whole(env, "JOB_DEADLINE_SECONDS", Settings.job_deadline),
        stall_after=read_whole(env, "STALL_AFTER_SECONDS", Settings.stall_after),
        max_credits_per_job=read_credits(env, "MAX_CREDITS_PER_JOB"),
        default_max_credits=read_credits(env, "DEFAULT_MAX_CREDITS"),
        max_open_jobs=read_whole(env, "MAX_OPEN_JOBS", Settings.max_open_jobs),
        max_rows_per_day=read_whole(env, "MAX_ROWS_PER_DAY", 0) or None,
        max_credits_per_day=read_credits(env, "MAX_CREDITS_PER_DAY"),
        min_cache_days=read_whole(env, "MIN_CACHE_DAYS", Settings.min_cache_days),
        tokens=_tokens(env),
        # Both are outputs of the stage, which no configuration overrides. On AWS, loopback is the function's.
        loopback_callbacks=stage_name(env) == "local" and env.get("EMULATED") == "true",
    )


def _tokens(env: Mapping[str, str]) -> TokenSettings | None:
    """From JWT_ISSUER, JWT_AUDIENCE, JWT_JWKS_URL, JWT_OWNER_CLAIM; WrongSettingError for half of it."""
    issuer, audience = env.get("JWT_ISSUER", ""), env.get("JWT_AUDIENCE", "")
    if not issuer and not audience:
        return None
    if not issuer or not audience:
        raise WrongSettingError("Set both JWT_ISSUER and JWT_AUDIENCE, or none of them.")
    url = env.get("JWT_JWKS_URL") or f"{issuer.rstrip('/')}/.well-known/jwks.json"
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise WrongSettingError(f"JWT_JWKS_URL is {url!r}; the keys must come by https.")
    return TokenSettings(issuer, audience, url, env.get("JWT_OWNER_CLAIM") or "sub")


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
    own.pop("CREDITS", "")
    own.pop("CALLS_PER_MINUTE", "")
    return ProviderSettings(
        key=own.pop("API_KEY", ""),
        base_url=own.pop("BASE_URL", "").rstrip("/"),
        credits=read_credits(env, f"{prefix}CREDITS"),
        calls_per_minute=read_whole(env, f"{prefix}CALLS_PER_MINUTE", 0) or None,
        extra=own,
    )


def declarations_folder(environment: Mapping[str, str] | None = None) -> str:
    """The folder of further provider declarations (PROVIDER_DECLARATIONS); "" for none."""
    env = os.environ if environment is None else environment
    return env.get("PROVIDER_DECLARATIONS", "")


def cors_origins(environment: Mapping[str, str] | None = None) -> frozenset[str]:
    """The origins of pages that may use the API in a browser (CORS_ORIGINS, commas between); none by default."""
    env = os.environ if environment is None else environment
    return frozenset(filter(None, map(str.strip, env.get("CORS_ORIGINS", "").split(","))))


def runs_on_lambda() -> bool:
    """Whether this is a process of a Lambda function."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def queue_name() -> str:
    """The name of the batch queue, the end of its URL. Chalice needs it when the app is imported."""
    return os.environ.get("SQS_QUEUE_URL", DEFAULT_QUEUE_NAME).rsplit("/", 1)[-1]


def stage_name(environment: Mapping[str, str] | None = None) -> str:
    """The stage, for metrics; "" where nothing is deployed."""
    return (os.environ if environment is None else environment).get("STAGE", "")


def worker_concurrency() -> int:
    """How many batches run at once, at most. Chalice needs it when the app is imported.

    Raises WrongSettingError.
    """
    return read_whole(os.environ, "WORKER_CONCURRENCY", DEFAULT_WORKER_CONCURRENCY)


def _ledger_secret(env: Mapping[str, str]) -> str:
    arn = env.get("LEDGER_SECRET_ARN", "")
    return f"secretsmanager:{arn}" if arn else env.get("LEDGER_SECRET", "")


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if not value:
        raise MissingSettingError(
            f"The environment variable {name} is not set; statemachine/deploy.py sets it."
        )
    return value
