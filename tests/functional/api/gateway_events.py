"""Makes the events that API Gateway's REST APIs send to a function, as AWS documents them."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs

from app import app
from tests.functional.resources import SIGNED

API_ID, HOST = "a1b2c3d4e5", "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"


def event(
    route: str,
    body: bytes = b"",
    content_type: str = "application/json",
    *,
    query: str = "",
    prefix: str = "/api",
    host: str = HOST,
) -> dict[str, Any]:
    """A POST. ``prefix``: what stands before the route in the path: the stage, or the base path of a
    custom domain. A binary type is sent as base64; what else is no UTF-8 arrives damaged.
    """
    parts = route.strip("/").split("/")
    resource = "/" + "/".join("{job_id}" if n == 1 else part for n, part in enumerate(parts))
    binary = content_type in app.api.binary_types
    headers = {"Content-Type": content_type, "Host": host, "X-Forwarded-Proto": "https", **SIGNED}
    return {
        "resource": resource,
        "path": route,
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "multiValueQueryStringParameters": parse_qs(query, keep_blank_values=True) or None,
        "pathParameters": {"job_id": parts[1]} if len(parts) > 1 else None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": "POST",
            "path": f"{prefix}{route}",
            "stage": "api",
            "domainName": host,
            "apiId": API_ID,
            "identity": {"sourceIp": "192.0.2.1"},
        },
        "body": base64.b64encode(body).decode() if binary else body.decode("utf-8", "replace"),
        "isBase64Encoded": binary,
    }


def answer(sent: dict[str, Any]) -> tuple[int, dict[str, Any], dict[str, str]]:
    """The function's answer to an event, sent as JSON: status, body, headers."""
    given = app(json.loads(json.dumps(sent)), None)
    return given["statusCode"], json.loads(given["body"]), given["headers"]
