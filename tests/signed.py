"""Requests to the APIs of stacks on this machine, each with the key of its stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:  # its folder is not on the path of every program that imports this module
    from machine.local_stack import LocalStack

_KEYS: dict[str, str] = {}


def use(stack: LocalStack) -> None:
    """From now on requests to this stack have its key."""
    _KEYS.update({stack.api_url: stack.api_key, stack.gateway_url: stack.api_key})


def key_of(url: str) -> str:
    """The key of the stack to whose API a URL leads."""
    return next(key for api, key in _KEYS.items() if url.startswith(api))


def headers_for(url: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key_of(url)}"}


def request(method: str, url: str, **given: Any) -> requests.Response:
    """As requests does it."""
    headers = {**headers_for(url), **(given.pop("headers", None) or {})}
    return requests.request(method, url, headers=headers, **given)


def get(url: str, **given: Any) -> requests.Response:
    return request("GET", url, **given)


def post(url: str, data: bytes | None = None, **given: Any) -> requests.Response:
    return request("POST", url, data=data, **given)


def delete(url: str, **given: Any) -> requests.Response:
    return request("DELETE", url, **given)
