"""Defines who calls the API, and what a caller may do."""

from __future__ import annotations

from dataclasses import dataclass

READ, WRITE, SPEND, ERASE = "jobs:read", "jobs:write", "spend", "erase"
#: What each scope allows.
SCOPES = {
    READ: "see jobs, results and providers",
    WRITE: "start, cancel and retry jobs, and send lists",
    SPEND: "name providers that cost credits",
    ERASE: "erase jobs and people",
}


@dataclass(frozen=True)
class Caller:
    """Who sent a request. ``owner``: whose jobs, uploads and lists they see."""

    owner: str
    scopes: frozenset[str]
