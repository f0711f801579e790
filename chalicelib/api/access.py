"""Tells who sent a request, by the API key or token in it, and refuses everybody else."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chalice.app import Request

from chalicelib import logs
from chalicelib.api.tokens import tokens_of
from chalicelib.aws.api_keys import KEY_PATTERN, ApiKey
from chalicelib.model.callers import SPEND, Caller
from chalicelib.model.clock import iso_time
from chalicelib.model.errors import ForbiddenError, UnauthenticatedError
from chalicelib.services import Services

_HOW = "Send it as it was shown when it was made, in the header Authorization: Bearer <key>."


def authenticate(services: Services, request: Request, scope: str) -> Caller:
    """Who sent a request; looks at one header only.

    UnauthenticatedError for a request without a valid key, ForbiddenError for a key without the scope.
    """
    caller = _caller_of(services, request.headers.get("authorization", ""))
    check_scope(caller, scope, "do this")
    return caller


def check_scope(caller: Caller, scope: str, what: str) -> None:
    """ForbiddenError if the caller lacks a scope. ``what``: what the scope is needed for."""
    if scope not in caller.scopes:
        raise ForbiddenError(
            f'This key may not {what}: it lacks the scope "{scope}". Use a key that has it; whoever runs '
            "the service makes one with make keys."
        )


def check_spending(services: Services, caller: Caller, providers: Iterable[str]) -> None:
    """ForbiddenError if one of the providers costs credits and the caller may not spend any."""
    for name in providers:
        if services.providers.create(name).terms.credits > 0:
            check_scope(caller, SPEND, f'use the provider "{name}", which costs credits')


def _caller_of(services: Services, header: str) -> Caller:
    kind, _, token = header.strip().partition(" ")
    if not header:
        raise UnauthenticatedError(f"The request has no API key. {_HOW}")
    if kind.lower() != "bearer":
        raise UnauthenticatedError(f"The header Authorization is not of the kind Bearer. {_HOW}")
    token, tokens = token.strip(), services.settings.tokens
    if tokens is not None and not token.startswith("ce_"):
        return tokens_of(tokens).caller_of(token)
    return _owner_of_key(services, token)


def _owner_of_key(services: Services, token: str) -> Caller:
    parts = re.fullmatch(KEY_PATTERN, token)
    now = services.clock()
    key = services.api_keys.find(parts[1], now) if parts else None
    if parts is None or key is None or not key.opens_with(parts[2]):
        raise UnauthenticatedError(f"The API key is not valid. {_HOW}")
    _check_times(key, now)
    logs.name_ids(key=key.id)
    return Caller(key.owner, key.scopes)


def _check_times(key: ApiKey, now: float) -> None:
    """Only to whoever has the secret: a guess does not learn whether there was such a key."""
    if key.revoked_at:
        raise UnauthenticatedError(f"The API key was revoked on {iso_time(key.revoked_at)}.")
    if key.expires_at and key.expires_at <= now:
        raise UnauthenticatedError(f"The API key expired on {iso_time(key.expires_at)}.")
