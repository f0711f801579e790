"""Describes the API to programs, as OpenAPI 3.1 (GET /openapi.json).

openapi.json beside it has what differs from route to route. What all routes have in common is added here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

#: Answers that every route can have, and those of routes that ask who calls: status → component. API Gateway
#: answers 429 and 500 as well, and 502 and 504 where the function breaks off or takes longer than 29 s.
_OF_ALL = {"429": "TooMany", "500": "Internal", "502": "Internal", "504": "Internal"}
_OF_CLOSED = {"401": "Unauthenticated", "403": "Forbidden", "503": "NoIdentityProvider"}

#: What POST /preview does not take of what POST /process takes.
_NOT_OF_PREVIEW = ("estimate", "Idempotency-Key")


def describe(address: str) -> dict[str, Any]:
    """The document, for the API at this address; "" if nobody knows it. Do not change what it holds."""
    return {**_document(), "servers": [{"url": address or "/"}]}


@cache  # read when somebody asks for it, not at each start of a function
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    process, preview = (document["paths"][path]["post"] for path in ("/process", "/preview"))
    preview["parameters"] = [p for p in process["parameters"] if p["name"] not in _NOT_OF_PREVIEW]
    for operations in document["paths"].values():
        for operation in operations.values():
            common = _OF_ALL | (_OF_CLOSED if operation["security"] else {})
            operation["responses"] |= {status: _component(name) for status, name in common.items()}
        if "get" in operations:
            operations["head"] = _head_of(operations["get"], document["components"]["responses"])
    return document


def _component(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{name}"}


def _head_of(get: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    """HEAD of a route: as GET, without bodies (answers.py)."""
    answers = {}
    for status, given in get["responses"].items():
        whole = components[given["$ref"].rsplit("/", 1)[-1]] if "$ref" in given else given
        answers[status] = {name: part for name, part in whole.items() if name != "content"}
    summary = f"{get['summary']}: only the headers of the answer"
    named = {"operationId": f"{get['operationId']}_head", "summary": summary}
    return {**get, **named, "responses": answers}
