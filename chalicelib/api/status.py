"""Describes jobs and providers to their users (GET /status, GET /jobs, GET /providers)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, astuple
from typing import Any

from chalice.app import Response

from chalicelib.api.preview import describe_columns
from chalicelib.aws.jobs import Cursor
from chalicelib.model.callbacks import OVERDUE
from chalicelib.model.clock import iso_time
from chalicelib.model.contacts import FIELDS
from chalicelib.model.errors import InvalidRequestError
from chalicelib.model.jobs import Job, JobStatus
from chalicelib.model.strict_json import parse_json
from chalicelib.model.summaries import summary_of
from chalicelib.model.tallies import Fill, ProviderUse
from chalicelib.services import Services
from chalicelib.steps.check_completion import next_wait

#: How long the link to the result works. Each status has a new one.
LINK_SECONDS = 3600
#: A job that is queued for longer may never have been started.
FORGOTTEN_SECONDS = 30
#: What a cursor is made of; see model/clock.py for the time.
_CREATED_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_JOB_ID = re.compile("[0-9a-f]{32}")
#: Reasons in a status, the commonest first.
MAX_PROBLEMS_TOLD = 10
#: Jobs on a page: by default, and at most.
PAGE, MAX_PAGE = 20, 100


def describe_job(services: Services, owner: str, job_id: str) -> Response:
    """The job as its owner sees it, and when to look again if it has not ended; NotFoundError for an unknown
    job and for somebody else's.
    """
    job = services.jobs.get(owner, job_id)
    _start_if_forgotten(services, job)
    now = services.clock()
    answer = {
        **summary_of(job),
        "credits": job.progress.tally.credits,
        "providers": [_provider_use(services, job, name, now) for name in job.options.providers],
        **_summary(services, job),
        "callback": _callback(job, now),
        "result": _result(services, job),
        "error": job.error or None,
        **_columns(services, job),
    }
    return Response(answer, headers=_when_to_look_again(job, now))


def list_jobs(services: Services, owner: str, query: Mapping[str, str]) -> dict[str, Any]:
    """A page of the owner's jobs, newest first, and the cursor of the next page, None at the end.

    ``query``: ``limit``, from 1 to 100, and ``cursor``, both optional. InvalidRequestError for others.
    """
    unknown = sorted(set(query) - {"limit", "cursor"})
    if unknown:
        raise InvalidRequestError(
            f'Unknown parameter "{unknown[0][:60]}". GET /jobs knows "limit" and "cursor".'
        )
    limit = query.get("limit", str(PAGE))
    if not re.fullmatch("[0-9]{1,3}", limit, re.ASCII) or not 1 <= int(limit) <= MAX_PAGE:
        raise InvalidRequestError(f"limit must be a whole number from 1 to {MAX_PAGE}.")
    after = _parse_cursor(query["cursor"]) if "cursor" in query else None
    jobs, end_of_page = services.jobs.page(owner, int(limit), after)
    return {
        "jobs": [{**summary_of(job), "error": job.error or None} for job in jobs],
        "next_cursor": _cursor_text(end_of_page) if end_of_page else None,
    }


def describe_providers(services: Services) -> list[dict[str, Any]]:
    """The providers: what they fill, what they cost, and whether they can be used."""
    return [_describe_provider(services, name) for name in services.providers.names]


def _describe_provider(services: Services, name: str) -> dict[str, Any]:
    provider = services.providers.create(name)
    terms = provider.terms
    return {
        "name": name,
        "title": services.providers.title(name),
        "configured": services.providers.is_configured(name),
        "fields": [field for field in FIELDS if field in provider.fields],
        "credits_per_lookup": terms.credits,
        "contacts_per_call": terms.batch_size,
        "limits": [{"calls": limit.calls, "seconds": limit.seconds} for limit in terms.limits],
    }


def _when_to_look_again(job: Job, now: float) -> dict[str, str | list[str]]:
    """In as many seconds as the state machine would wait: before that, nothing that is told here changes."""
    if job.has_ended:
        return {}
    wait = next_wait(now - job.began_at, job.progress.finished, job.total_batches)
    return {"Retry-After": str(wait)}


def _start_if_forgotten(services: Services, job: Job) -> None:
    """Start a job whose request failed before it did so. Starting a job twice changes nothing."""
    waiting = services.clock() - job.began_at
    if job.status == JobStatus.QUEUED and waiting > FORGOTTEN_SECONDS:
        services.workflow.start(job)


def _summary(services: Services, job: Job) -> dict[str, Any]:
    """How many rows have which field, and from where, and the commonest reasons why rows are as they are; nothing
    before the file is written.
    """
    if job.result is None:
        return {"fields": [], "problems": []}
    tally = services.results.summary(job.id)
    wanted = [name for name in FIELDS if name in job.options.wanted]
    problems = [{"problem": problem, "rows": rows} for problem, rows in tally.problems.items()]
    return {
        "fields": [{"field": name, **asdict(tally.fills.get(name, Fill()))} for name in wanted],
        "problems": problems[:MAX_PROBLEMS_TOLD],
    }


def _provider_use(services: Services, job: Job, name: str, now: float) -> dict[str, Any]:
    """What the job asked of a provider, zeros if nothing yet, and the provider's state for the job."""
    use = job.progress.tally.uses.get(name, ProviderUse())
    health = job.health
    state = "throttled" if health.throttled.get(name, 0.0) > now else "ok"
    state = "too_slow" if health.too_slow.get(name) else state
    return {
        "name": name,
        "title": services.providers.title(name),
        "lookups": use.lookups,
        "matches": use.matches,
        "cached": use.cached,
        "credits": use.credits,
        "uncertain": use.uncertain,
        "state": health.stopped.get(name, state),
    }


def _callback(job: Job, now: float) -> dict[str, Any] | None:
    """The last try to tell the job's end, and when the next one is; None if nobody is to be told."""
    if not job.options.callback_url:
        return None
    made = job.callback if job.callback and job.callback.run == job.run else None
    return {
        "delivered": made.is_delivered if made else False,
        "tries": made.tries if made else 0,
        "last_try_at": iso_time(made.last_at) or None if made else None,
        "http_status": made.status or None if made else None,
        "problem": made.problem or None if made else None,
        # An execution that somebody stopped makes no other try.
        "next_try_at": iso_time(made.next_at) if made and made.next_at + OVERDUE > now else None,
    }


def _columns(services: Services, job: Job) -> dict[str, Any]:
    """What each column of the job's list is read as; nothing once the files of the job have expired."""
    layout = services.layouts.find(job.id)
    if layout is None:
        return {"columns": [], "ignored": [], "warnings": []}
    # Only once all contacts are read, all keys of JSON objects are known.
    columns = services.layouts.columns(job.id) if job.planned else layout.read_as
    return {**describe_columns(columns), "warnings": [*layout.warnings, *columns.warnings]}


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


def _cursor_text(place: Cursor) -> str:
    return base64.urlsafe_b64encode(json.dumps(asdict(place)).encode()).decode()


def _parse_cursor(text: str) -> Cursor:
    try:
        place = Cursor(**parse_json(base64.urlsafe_b64decode(text).decode()))
    except (ValueError, TypeError):
        place = Cursor("", "")
    # DynamoDB refuses other texts, and somebody else's: whoever can type a cursor can type anything.
    is_place = all(isinstance(part, str) for part in astuple(place)) and (
        _CREATED_AT.fullmatch(place.created_at) and _JOB_ID.fullmatch(place.job_id)
    )
    if not is_place:
        raise InvalidRequestError('cursor must be the "next_cursor" of an earlier answer.')
    return place
