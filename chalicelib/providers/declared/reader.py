"""Reads a JSON or YAML file that declares a provider, and checks it.

How to write one: docs/providers.md.
"""

from __future__ import annotations

from pathlib import Path

from chalicelib.model.contacts import COLUMN_FIELDS
from chalicelib.providers.addresses import is_safe
from chalicelib.providers.base import Limit, Needs, Terms
from chalicelib.providers.declared.declaration import (
    ECHOES,
    FINDABLE,
    METHODS,
    SENDABLE,
    USUAL_MEANINGS,
    AnswerPaths,
    Declaration,
)
from chalicelib.providers.declared.files import read_file
from chalicelib.providers.declared.section import Section
from chalicelib.providers.declared.templates import placeholders
from chalicelib.providers.meanings import Meaning, Meanings


def read_declaration(path: Path) -> Declaration:
    """Raises InvalidRequestError for the first mistake."""
    whole = Section(path.name, "", read_file(path))
    if whole.text("name") != path.stem:
        raise whole.wrong("name", f"must be the name of the file, {path.stem}")
    price, size = whole.section("price"), whole.whole("batch_size", 1, 1000)
    base_url, url_path = _url(whole)
    headers, query = whole.section("headers").texts(), whole.section("query").texts()
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
        answer=_answer(whole.section("answer"), size),
        meanings=_meanings(path.stem, whole.section("statuses")),
        retry_after=whole.text("retry_after", "Retry-After"),
        bills_misses=price.flag("bills_misses"),
        charged=price.expression("charged"),
    )
    price.done()
    whole.done()
    _check_request(whole, declaration)
    return declaration


def _url(whole: Section) -> tuple[str, str]:
    """The URL in two parts: up to the host, and the path."""
    url = whole.text("url")
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    base = f"{scheme}{separator}{host}"
    if not is_safe(base) or placeholders(base):
        raise whole.wrong("url", "must begin with https:// and a host (http:// only on loopback)")
    if "?" in url or "#" in url:
        raise whole.wrong("url", "must have no ? and no #; parameters belong in query")
    return base, slash + path


def _limits(whole: Section) -> tuple[Limit, ...]:
    limits = []
    for section in whole.sections("limits"):
        calls = section.whole("calls", None, 1_000_000)
        limits.append(Limit(calls, section.number("seconds", None, 0.1, 31 * 24 * 3600)))
        section.done()
    return tuple(limits)


def _needs(whole: Section) -> Needs:
    right = (
        "must be a list of lists of fields, any of which is enough: [[email], [full_name, company]]"
    )
    needs = []
    for need in whole.listed("needs"):
        if not isinstance(need, list) or not need or not all(isinstance(f, str) for f in need):
            raise whole.wrong("needs", right)
        if not SENDABLE.issuperset(need):
            raise whole.wrong("needs", f"fields are {', '.join(COLUMN_FIELDS)}")
        needs.append(frozenset(need))
    if not needs:
        raise whole.wrong("needs", right)
    return tuple(needs)


def _meanings(vendor: str, section: Section) -> Meanings:
    words = [meaning.value for meaning in Meaning]
    table = dict(USUAL_MEANINGS)
    for key, word in section.texts().items():
        if word not in words:
            raise section.wrong(key, f"must be one of {', '.join(sorted(words))}")
        status = key.partition(" ")[0]  # an error code may follow
        if status.isdigit() and not 200 <= int(status) < 500:
            raise section.wrong(key, "cannot be declared: 3xx and 5xx are always unavailable")
        table[key] = Meaning(word)
    return Meanings(vendor, table)


def _answer(section: Section, size: int) -> AnswerPaths:
    echo, fields = section.section("echo"), section.section("fields")
    for known, given in ((ECHOES, echo), (FINDABLE, fields)):
        for key in given.keys - known:
            raise given.wrong(key, f"is unknown; known are {', '.join(sorted(known))}")
    if size > 1 and not echo.keys:
        raise section.wrong("echo", "is needed for batches: where an item says whom it is about")
    if not fields.keys:
        raise section.wrong("fields", "is needed: field names and where their values are")
    confidence, score, scale = 0.8, None, 1.0
    if isinstance(section.value("confidence"), dict):
        scored = section.section("confidence")
        score, scale = scored.expression("path"), scored.number("scale", 1.0, 0.001, 1_000_000)
        confidence = scored.number("otherwise", 0.5, 0, 1)
        scored.done()
    else:
        confidence = section.number("confidence", 0.8, 0, 1)
    paths = AnswerPaths(
        items=section.expression("items"),
        code=section.expression("code"),
        echo={key: echo.expression(key) for key in echo.keys},
        status=section.expression("status"),
        fields={key: fields.expression(key) for key in fields.keys},
        confidence=confidence,
        score=score,
        scale=scale,
    )
    section.done()
    return paths


def _check_request(whole: Section, declaration: Declaration) -> None:
    """Checks that the method fits, and that each template can be filled."""
    if declaration.method not in METHODS:
        raise whole.wrong("method", "must be GET or POST")
    is_batch = declaration.terms.batch_size > 1
    if declaration.method == "GET" and (declaration.body is not None or is_batch):
        raise whole.wrong("method", "must be POST if there is a body or a batch_size")
    if is_batch != (declaration.contact is not None):
        raise whole.wrong("contact", "must be there for a batch_size above 1, and only then")
    if is_batch and "contacts" not in placeholders(declaration.body):
        raise whole.wrong("body", 'must say where the list of contacts goes: "{contacts}"')
    _check_placeholders(whole, declaration, is_batch)


def _check_placeholders(whole: Section, declaration: Declaration, is_batch: bool) -> None:
    of_contact = SENDABLE | ({"number"} if is_batch else set())
    of_call = frozenset() if is_batch else SENDABLE
    for key, template, allowed in (
        ("url", declaration.path, of_call),
        ("headers", dict(declaration.headers), {"key"}),
        ("query", dict(declaration.query), {"key"} | of_call),
        ("body", declaration.body, {"key"} | of_call | ({"contacts"} if is_batch else set())),
        ("contact", declaration.contact, of_contact),
    ):
        for name in sorted(placeholders(template) - allowed):
            known = ", ".join(sorted(allowed)) or "none"
            raise whole.wrong(key, f"cannot have the placeholder {{{name}}}; it can have: {known}")
    for need in declaration.needs:
        for name in sorted(placeholders(declaration.path) - need):
            raise whole.wrong("url", f"has {{{name}}}, which not every alternative of needs has")
