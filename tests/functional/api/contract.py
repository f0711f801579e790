"""Compares answers of the API with what GET /openapi.json says of them, strictly: nothing more, nothing less."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from chalicelib.api import openapi

DOCUMENT = openapi.describe("https://api.example.org")
#: What an answer says besides its body; other headers are the same on all answers.
SAYING = ("Location", "Retry-After", "WWW-Authenticate", "Allow")


def resolved(part: Any) -> Any:
    """What a part of the document refers to, or the part itself."""
    while isinstance(part, dict) and "$ref" in part:
        *_, kind, name = part["$ref"].split("/")
        part = DOCUMENT["components"][kind][name]
    return part


def operation_of(method: str, path: str) -> dict[str, Any] | None:
    """What the document says of a method and a path, without query; None if there is no such route."""
    for template, operations in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]*", re.escape(template)), path):
            found: dict[str, Any] | None = operations.get(method.lower())
            return found
    return None


def check(method: str, path: str, status: int, headers: Mapping[str, Any], body: bytes) -> None:
    """AssertionError if the document does not know such an answer to a request that a route takes."""
    operation = operation_of(method, path.split("?", 1)[0])
    if operation is None:
        return
    where = f"{method} {path[:60]} {status}"
    assert str(status) in operation["responses"], f"{where} is not documented: {body[:300]!r}"
    answer = resolved(operation["responses"][str(status)])
    described = {name: resolved(header) for name, header in answer.get("headers", {}).items()}
    given = {name for name in SAYING if name in headers}
    assert given <= set(described), f"{where}: {given} is not documented"
    for name, header in described.items():
        assert name in given or not header.get("required"), f"{where} lacks {name}"
        if name in given and header["schema"]["type"] == "integer":
            errors = list(validator(json.dumps(header["schema"])).iter_errors(int(headers[name])))
            assert not errors, f"{where}: {name}: {errors}"
    if "content" not in answer:
        assert body == b"", f"{where} has a body that is not documented"
        return
    kind = headers.get("Content-Type", "application/json")
    assert kind in answer["content"], f"{where}: {kind} is not documented"
    schema = json.dumps(answer["content"][kind]["schema"])
    content = json.loads(body) if kind == "application/json" else body.decode()
    errors = list(validator(schema).iter_errors(content))
    assert not errors, f"{where}: {errors[0].json_path}: {errors[0].message[:300]}"


@cache
def validator(schema: str) -> Draft202012Validator:
    """Of a schema as JSON: objects may have no properties but those that it names."""
    whole = {"components": strict(DOCUMENT["components"]), "allOf": [strict(json.loads(schema))]}
    return Draft202012Validator(whole)


def strict(part: Any) -> Any:
    """A part of the document whose objects are closed."""
    if isinstance(part, list):
        return [strict(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "object" and "properties" in part:
        parts = [resolved(base) for base in part.get("allOf", [])]
        merged = {k: v for base in (*parts, part) for k, v in base["properties"].items()}
        needed = [name for base in (*parts, part) for name in base.get("required", [])]
        part = {k: v for k, v in part.items() if k != "allOf"}
        part |= {"properties": merged, "required": needed}
        part.setdefault("additionalProperties", False)
    return {name: strict(inner) for name, inner in part.items()}
