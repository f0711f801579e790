"""First floor: how a declared provider is read. A JSON or YAML file goes in, a checked Declaration comes
out. How one is written: README.md, "Add a provider".
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chalicelib.model.contacts import HEADER_ALIASES
from chalicelib.providers.base import Limit, Terms
from chalicelib.providers.declared.declaration import (
    ECHOES,
    FINDABLE,
    MEANINGS,
    METHODS,
    SENDABLE,
    USUAL,
    Declaration,
    Reading,
    is_safe,
)
from chalicelib.providers.declared.files import read_file
from chalicelib.providers.declared.parts import Part
from chalicelib.providers.declared.templates import placeholders


def read_declaration(path: Path) -> Declaration:
    """Raises InvalidRequestError for the first mistake."""
    whole = Part(path.name, "", read_file(path))
    if whole.text("name") != path.stem:
        raise whole.wrong("name", f"is to be the name of the file, {path.stem}")
    price, size = whole.part("price"), whole.whole("batch_size", 1, 1000)
    base_url, url_path = _url(whole)
    headers, query = whole.part("headers").texts(), whole.part("query").texts()
    body = whole.value("body")
    declaration = Declaration(
        name=path.stem,
        base_url=base_url,
        path=url_path,
        method=whole.text("method", "GET"),
        headers=headers,
        query=query,
        body=body,
        contact=whole.value("contact"),
        terms=Terms(
            batch_size=size,
            parallel=whole.whole("parallel", 1, 64),
            credits=price.number("credits", 0.0, 0, 1_000_000),
            limits=_limits(whole),
            needs_key="key" in placeholders([dict(headers), dict(query), body]),
        ),
        needs=_needs(whole),
        reading=_reading(whole.part("answer"), size),
        statuses=_statuses(whole.part("statuses")),
        retry_after=whole.text("retry_after", "Retry-After"),
        bills_misses=price.flag("bills_misses"),
    )
    price.done()
    whole.done()
    _check_request(whole, declaration)
    return declaration


def _url(whole: Part) -> tuple[str, str]:
    url = whole.text("url")
    scheme, found, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    base = f"{scheme}{found}{host}"
    if not is_safe(base) or placeholders(base):
        raise whole.wrong("url", "is to begin with https:// and a host (http:// only on loopback)")
    if "?" in url or "#" in url:
        raise whole.wrong("url", "is to have no ? and no #; parameters belong into query")
    return base, slash + path


def _limits(whole: Part) -> tuple[Limit, ...]:
    limits = []
    for part in whole.parts("limits"):
        calls = part.whole("calls", None, 1_000_000)
        limits.append(Limit(calls, part.number("seconds", None, 0.1, 31 * 24 * 3600)))
        part.done()
    return tuple(limits)


def _needs(whole: Part) -> tuple[frozenset[str], ...]:
    right = "is to be a list of lists of fields, any of which is enough: [[email], [full_name, company]]"
    needs = []
    for need in whole.listed("needs"):
        if not isinstance(need, list) or not need or not all(isinstance(f, str) for f in need):
            raise whole.wrong("needs", right)
        if not SENDABLE.issuperset(need):
            raise whole.wrong("needs", f"fields are {', '.join(HEADER_ALIASES)}")
        needs.append(frozenset(need))
    if not needs:
        raise whole.wrong("needs", right)
    return tuple(needs)


def _statuses(part: Part) -> Mapping[str, str]:
    statuses = part.texts()
    for status, meaning in statuses.items():
        if meaning not in MEANINGS:
            raise part.wrong(status, f"is to be one of {', '.join(sorted(MEANINGS))}")
        if status.isdigit() and not 200 <= int(status) < 500:
            raise part.wrong(status, "cannot be declared: 3xx and 5xx are always unavailable")
    return {**USUAL, **statuses}


def _reading(part: Part, size: int) -> Reading:
    echo, fields = part.part("echo"), part.part("fields")
    for known, given in ((ECHOES, echo), (FINDABLE, fields)):
        for key in given.keys - known:
            raise given.wrong(key, f"is not known here; known are {', '.join(sorted(known))}")
    if size > 1 and not echo.keys:
        raise part.wrong("echo", "is needed for batches: where an item says whom it is about")
    if not fields.keys:
        raise part.wrong("fields", "is needed: field names and where their values are")
    confidence, score, scale = 0.8, None, 1.0
    if isinstance(part.value("confidence"), dict):
        told = part.part("confidence")
        score, scale = told.expression("path"), told.number("scale", 1.0, 0.001, 1_000_000)
        confidence = told.number("otherwise", 0.5, 0, 1)
        told.done()
    else:
        confidence = part.number("confidence", 0.8, 0, 1)
    reading = Reading(
        items=part.expression("items"),
        echo={key: echo.expression(key) for key in echo.keys},
        status=part.expression("status"),
        fields={key: fields.expression(key) for key in fields.keys},
        confidence=confidence,
        score=score,
        scale=scale,
    )
    part.done()
    return reading


def _check_request(whole: Part, told: Declaration) -> None:
    """Whether the templates can be filled with what there will be."""
    if told.method not in METHODS:
        raise whole.wrong("method", "is to be GET or POST")
    is_batch = told.terms.batch_size > 1
    if told.method == "GET" and (told.body is not None or is_batch):
        raise whole.wrong("method", "is to be POST if there is a body or a batch_size")
    if is_batch != (told.contact is not None):
        raise whole.wrong("contact", "is to be there for a batch_size above 1, and only then")
    if is_batch and "contacts" not in placeholders(told.body):
        raise whole.wrong("body", 'is to say where the list of contacts goes: "{contacts}"')
    of_contact = SENDABLE | ({"number"} if is_batch else set())
    of_call = {"contacts"} if is_batch else SENDABLE
    for key, template, allowed in (
        ("url", told.path, SENDABLE if not is_batch else frozenset[str]()),
        ("headers", dict(told.headers), {"key"}),
        ("query", dict(told.query), {"key"} | (of_call - {"contacts"})),
        ("body", told.body, {"key"} | of_call),
        ("contact", told.contact, of_contact),
    ):
        for name in sorted(placeholders(template) - allowed):
            known = ", ".join(sorted(allowed)) or "none"
            raise whole.wrong(key, f"cannot have the placeholder {{{name}}}; it can have: {known}")
    for need in told.needs:
        for name in sorted(placeholders(told.path) - need):
            raise whole.wrong("url", f"has {{{name}}}, which not every alternative of needs has")
