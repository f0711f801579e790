"""Keeps how the providers of a job are doing: which is stopped, how often one failed, which wants a pause.

An attribute of the job's item each, so that workers do not undo each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.aws import keys
from chalicelib.aws.dynamodb import EXISTS, to_item
from chalicelib.aws.table import Table
from chalicelib.events import provider_stopped
from chalicelib.model.jobs import ProviderHealth


def stopped(health: ProviderHealth, providers: Iterable[str], state: str) -> ProviderHealth:
    """The health with these providers used no more."""
    return replace(health, stopped={**health.stopped, **dict.fromkeys(providers, state)})


def without_failures(health: ProviderHealth, provider: str) -> ProviderHealth:
    """The health with a provider that answers again."""
    return replace(health, failures={**health.failures, provider: 0})


class HealthOfProviders:
    """The health of the providers of all jobs, as all workers see it (model.jobs.ProviderHealth)."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def stop(self, job_id: str, provider: str, state: str) -> None:
        """Do without a provider for the rest of the job."""
        self._set(job_id, "stopped", provider, state)
        provider_stopped(job_id, provider, state)

    def note_throttled(self, job_id: str, provider: str, until: float) -> None:
        """A provider asked for a pause."""
        self._set(job_id, "throttled", provider, until)

    def note_too_slow(self, job_id: str, provider: str) -> None:
        """A provider's limits leave no time for all the lookups that the job asks of it."""
        self._set(job_id, "too_slow", provider, 1)

    def reset_failures(self, job_id: str, provider: str) -> None:
        """A provider answered again."""
        self._set(job_id, "failures", provider, 0)

    def count_failure(self, job_id: str, provider: str) -> int:
        """A provider gave no answer; how often that was so in a row."""
        name = keys.provider_attribute("failures", provider)
        counted = self._table.update_if(
            keys.job(job_id),
            EXISTS,
            UpdateExpression="ADD #name :one",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="UPDATED_NEW",
        )
        return int(counted[name]) if counted else 1

    def _set(self, job_id: str, kind: str, provider: str, value: str | float) -> None:
        self._table.update_if(
            keys.job(job_id),
            EXISTS,
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": keys.provider_attribute(kind, provider)},
            ExpressionAttributeValues=to_item({":value": value}),
        )
