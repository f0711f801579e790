"""Third floor: what the API tells. A job goes in, the answer of GET /status/<id> comes out."""

from __future__ import annotations

from typing import Any

from chalicelib.clock import iso_time
from chalicelib.contacts import FIELDS
from chalicelib.errors import NotFoundError
from chalicelib.jobs import Job, ProviderUse, RowStatus
from chalicelib.services import Services

#: How long the link to the result can be used; each status gives a fresh one.
LINK_SECONDS = 3600


def read_status(services: Services, owner: str, job_id: str) -> dict[str, Any]:
    """The job as the caller sees it; NotFoundError for an unknown one and for somebody else's."""
    job = services.control.get_job(job_id)
    if job.owner != owner:
        raise NotFoundError("There is no job of this id; it may have expired.")
    counts = {status.value: job.progress.tally.counts.get(status.value, 0) for status in RowStatus}
    return {
        "id": job.id,
        "status": job.status.value,
        "created_at": job.created_at,
        "finished_at": job.finished_at or None,
        "contacts": {"total": job.total_rows, "processed": sum(counts.values()), **counts},
        "batches": {
            "total": job.total_batches,
            "done": job.progress.done,
            "failed": job.progress.failed,
        },
        "providers": [
            {
                "name": name,
                "lookups": use.lookups,
                "matches": use.matches,
                "cached": use.cached,
                "credits": use.credits,
                "uncertain": use.uncertain,
                "state": _state(job, name, services.clock()),
            }
            for name, use in _uses(job).items()
        ],
        "result": _result(services, job),
        "error": job.error or None,
    }


def _uses(job: Job) -> dict[str, ProviderUse]:
    """In the order of the job; those not asked yet as well."""
    return {
        name: job.progress.tally.uses.get(name, ProviderUse()) for name in job.options.providers
    }


def _state(job: Job, provider: str, now: float) -> str:
    if provider in job.stopped:
        return job.stopped[provider]
    return "throttled" if job.throttled.get(provider, 0.0) > now else "ok"


def read_providers(services: Services) -> list[dict[str, Any]]:
    """The providers: what they fill, on what terms, and whether they can be used."""
    return [_described(services, name) for name in services.providers.names]


def _described(services: Services, name: str) -> dict[str, Any]:
    provider = services.providers.create(name)
    terms = provider.terms
    return {
        "name": name,
        "configured": services.providers.is_configured(name),
        "fields": [each for each in FIELDS if each in provider.fields],
        "credits_per_lookup": terms.credits,
        "contacts_per_call": terms.batch_size,
        "limits": [{"calls": limit.calls, "seconds": limit.seconds} for limit in terms.limits],
    }


def _result(services: Services, job: Job) -> dict[str, Any] | None:
    if job.result is None:
        return None
    extension = job.result.key.rsplit(".", 1)[-1]
    url = services.bucket.sign_download(job.result.key, f"enriched.{extension}", LINK_SECONDS)
    return {
        "url": url,
        "expires_at": iso_time(services.clock() + LINK_SECONDS),
        "format": extension,
        "rows": job.result.rows,
        "bytes": job.result.bytes,
    }
