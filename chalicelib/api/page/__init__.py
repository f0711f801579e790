"""Answers GET / with the page for people: one document, with its style and its script in it.

One answer needs no further addresses: they would differ behind a stage of API Gateway, whose own URL ends with a
slash or without one. The files beside this one are joined as they are; nothing has to be built.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from dataclasses import fields
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from chalice.app import Response

from chalicelib.model.contacts import COLUMN_FIELDS, DEFAULT_FIELDS, FIELDS, HEADLINE_FIELDS
from chalicelib.model.options import Options
from chalicelib.services import Services

KIND = "text/html; charset=utf-8"
_STYLES = ("base.css", "parts.css")
#: In one module, which knows no order but that its last part begins.
_SCRIPTS = (
    *("dom.js", "words.js", "api.js", "list.js", "columns.js", "order.js", "starting.js"),
    *("job.js", "result.js", "jobs.js", "main.js"),
)


def describe(services: Services) -> Response:
    """The page. It holds nothing of anybody: a key is typed into it, or is behind the "#" of its address."""
    # Signing asks nobody. Forms and links of the bucket have the same host, which depends on the region.
    bucket = urlsplit(services.bucket.sign_download("x", "x", 1))
    style, script, document = _parts()
    headers: dict[str, str | list[str]] = {
        "Content-Type": KIND,
        "Content-Security-Policy": _policy(style, script, f"{bucket.scheme}://{bucket.netloc}"),
        # The address holds a key for a moment, and the id of a job after that.
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    return Response(document, headers=headers)


def _policy(style: str, script: str, bucket: str) -> str:
    """What the page may do: run its own script, and talk to the service and its bucket (W3C, CSP Level 3).

    Trusted Types: no text can become HTML or code, whatever a list or a provider holds.
    """
    rules = {
        "default-src": "'none'",
        "script-src": f"'sha256-{_digest(script)}'",
        "style-src": f"'sha256-{_digest(style)}'",
        "img-src": "data:",  # the icon
        "connect-src": f"'self' {bucket}",
        **dict.fromkeys(("form-action", "base-uri", "frame-ancestors"), "'none'"),
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _digest(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache  # read when somebody asks for the page, not at each start of a function
def _parts() -> tuple[str, str, str]:
    """Style, script, and the whole document."""
    folder = Path(__file__).parent
    style, script = (
        "\n".join((folder / name).read_text("utf-8") for name in names)
        for names in (_STYLES, _SCRIPTS)
    )
    parts = {"style": style, "script": script, "facts": _facts()}
    # In one go: what is put in is not looked at again.
    frame = (folder / "index.html").read_text("utf-8")
    return style, script, re.sub(r"/\*\{(\w+)\}\*/", lambda place: parts[place[1]], frame)


def _facts() -> str:
    """What the script has to know of the service, as JSON that cannot end its element."""
    facts = {
        "fields": FIELDS,
        "default_fields": DEFAULT_FIELDS,
        "headline_fields": HEADLINE_FIELDS,
        "column_fields": COLUMN_FIELDS,
        "default_country": any(option.name == "default_country" for option in fields(Options)),
    }
    return json.dumps(facts).replace("<", "\\u003c")
