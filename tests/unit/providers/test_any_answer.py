"""Whatever a vendor answers: outcomes, one for each contact, or a ProviderError; nothing else.

The answers are random, or what the vendor server answers with something random in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.model.contacts import FIELDS, Contact
from chalicelib.model.errors import ProviderError
from chalicelib.providers import ProviderFactory
from chalicelib.providers.base import (
    AnswersLater,
    Match,
    NoMatch,
    Outcome,
    Pending,
    Provider,
    Suppressed,
    Ticket,
)
from tests.unit.providers.answers import answers
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Request

DECLARATIONS = Path(__file__).parents[2] / "vendors" / "declarations"
KEY = "a-secret-key"
EMAIL = "ada.abara@example.com"
CONTACT = Contact(
    given={"full_name": "Ada Abara"},
    known={
        **{"email": EMAIL, "full_name": "Ada Abara", "first_name": "Ada", "last_name": "Abara"},
        **{"phone": "+12025550143", "linkedin_url": "https://www.linkedin.com/in/ada-abara"},
        **{"company": "Larkspur", "company_domain": "larkspur.com"},
    },
    problems={},
)
#: By the ids under which vendors that answer later were sent them.
COLLECTED = {str(number): CONTACT for number in range(3)}
NAMES = sorted({*ProviderFactory().names, "custom", "custom_one"} - {"offline", "dns"})

#: Words of all vendors, so that random answers get past the first look.
WORDS = st.sampled_from(
    [
        *("data", "person", "company", "name", "fullName", "givenName", "email", "employment"),
        *("title", "domain", "linkedin", "handle", "geo", "city", "country", "phone", "fuzzy"),
        *("score", "verification", "status", "hash", "display_name", "location", "job_title"),
        *("verified_accounts", "service_type", "url", "is_hidden", "email_batch", "errors"),
        *("error", "email_address", "address", "sub_status", "out", "results", "ref", "query"),
        *("mail", "state", "names", "first", "reach", "phones", "links", "kind", "people"),
        *("metadata", "contact", "likelihood", "work_email", "matches", "details", "emails"),
        *("credits_consumed", "organization", "primary_domain", "linkedin_url", "first_name"),
        *("enrichment_id", "custom", "contact_id", "contact_info", "most_probable_work_email"),
        *("work_emails", "profile", "cost", "credits", "input", "success", "request_id"),
        *("custom_fields", "qualification", "website", "job", "items", "userData", "externalId"),
        *("certainty", "file", "total", "sorts"),
    ]
)
VALUES = st.sampled_from(
    [
        *(
            EMAIL,
            EMAIL.upper(),
            "j***@example.com",
            "email_not_unlocked@domain.com",
            "+12025550143",
        ),
        *(
            "linkedin",
            "in/ada-abara",
            "FOUND",
            "FINISHED",
            "all",
            "valid",
            "0",
            "contact",
            "Berlin, Germany",
        ),
        *("", " ", "\x00", "\ud800", "ﷺ" * 300, "../..", "=cmd()", True, 10**400, -1, float("nan")),
        hashlib.sha256(EMAIL.encode()).hexdigest(),
    ]
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), VALUES),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(WORDS, st.text()), inner, max_size=6)
    ),
    max_leaves=15,
)
BODIES = st.one_of(st.binary(max_size=50), JSON.map(lambda value: json.dumps(value).encode()))
STATUSES = st.sampled_from([200, 200, 200, 200, 202, 222, 204, 400, 401, 403, 404, 418, 429, 500])


@st.composite
def spoilt(draw: st.DrawFn, answer: Any) -> Any:
    """The answer with one of its parts, however deep, replaced or gone."""
    if isinstance(answer, dict | list) and answer and draw(st.integers(0, 7)):
        copied = answer.copy()
        keys = list(answer) if isinstance(answer, dict) else list(range(len(answer)))
        key = draw(st.sampled_from(keys))
        if draw(st.integers(0, 9)):
            copied[key] = draw(spoilt(answer[key]))
        else:
            del copied[key]
        return copied
    return draw(JSON)


class _Vendor(ThreadingHTTPServer):
    """Answers with ``reply``; as long as that is None as the vendor server does, and keeps it."""

    daemon_threads = True
    block_on_close = False
    reply: tuple[int, bytes, dict[str, str]] | None = None
    vendors: VendorServer

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.kept: dict[str, Any] = {}
        super().__init__(address, handler)

    def reply_to(self, handler: BaseHTTPRequestHandler, body: bytes) -> Any:
        if self.reply is not None:
            return self.reply
        url = urlsplit(handler.path)
        mount, _, path = url.path[1:].partition("/")
        headers = {name.lower(): value for name, value in handler.headers.items()}
        query = dict(parse_qsl(url.query))
        request = Request(handler.command, f"/{path}", query, headers, body)
        told = self.vendors.handle(mount, request)
        assert told is not None
        self.kept[mount] = told.body
        return told.status, json.dumps(told.body).encode(), {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Vendor

    def _any(self) -> None:
        asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body, headers = self.server.reply_to(self, asked)
        body = b"" if status == 204 else body
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _any  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def vendor() -> Iterator[_Vendor]:
    with VendorServer() as vendors, _Vendor(("127.0.0.1", 0), _Handler) as server:
        server.vendors = vendors
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def factory(vendor: _Vendor) -> Iterator[ProviderFactory]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROVIDER_DECLARATIONS", str(DECLARATIONS))
        for name in NAMES:
            url = f"http://127.0.0.1:{vendor.server_port}/{name}"
            patch.setenv(f"{name.upper()}_BASE_URL", url)
            patch.setenv(f"{name.upper()}_API_KEY", KEY)
            vendor.vendors[name].configure(key=KEY, coverage=1.0)
        yield ProviderFactory()


def check(outcomes: list[Outcome], fields: frozenset[str]) -> None:
    for outcome in outcomes:
        assert isinstance(outcome, Match | NoMatch | Suppressed | Pending | Ticket)
        assert outcome.credits >= 0
        if isinstance(outcome, Pending):
            assert outcome.retry_after >= 0
        for field, found in outcome.values.items() if isinstance(outcome, Match) else ():
            assert field in fields & set(FIELDS)
            assert found.value
            assert 0 <= found.confidence <= 1
            found.value.encode()
            assert "***" not in found.value
            assert "not_unlocked" not in found.value


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(status=STATUSES, body=BODIES)
def test_nothing_but_outcomes_and_provider_errors(vendor, factory, name, status, body):
    vendor.reply = (status, body, {})
    ask_and_check(factory.create(name))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_good_answer_with_something_odd_in_it(vendor, factory, name, data):
    provider = factory.create(name)
    if name not in vendor.kept:
        vendor.reply = None
        answers(provider, [CONTACT] * min(provider.terms.batch_size, 3))
    vendor.reply = (200, json.dumps(data.draw(spoilt(vendor.kept[name]))).encode(), {})
    ask_and_check(provider)


def ask_and_check(provider: Provider) -> None:
    contacts = [CONTACT] * min(provider.terms.batch_size, 3)
    text = ""
    try:
        outcomes = list(provider.enrich(contacts, provider.fields))
        assert len(outcomes) == len(contacts)
        check(outcomes, provider.fields)
    except ProviderError as error:
        text = f"{error!r} {error.__cause__!r}"
    if isinstance(provider, AnswersLater):
        try:
            collected = provider.collect("submission-1", COLLECTED)
            assert collected.keys() <= COLLECTED.keys()
            check(list(collected.values()), provider.fields)
        except ProviderError as error:
            text += f"{error!r} {error.__cause__!r}"
    assert not [s for s in (KEY, EMAIL, "Abara", "http://", "12025550143") if s in text]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"data": ' * 50_000, b"1" * 10_000, b"\xff\xfe"]
)
def test_answers_that_break_parsers(vendor, factory, name, body):
    vendor.reply = (200, body, {})
    provider = factory.create(name)
    with pytest.raises(ProviderError):
        provider.enrich([CONTACT], provider.fields)
    if isinstance(provider, AnswersLater):
        with pytest.raises(ProviderError):
            provider.collect("submission-1", COLLECTED)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wait", ["nan", "inf", "-1", "soon", "1e999"])
def test_waits_that_make_no_sense(vendor, factory, name, wait):
    headers = ("Retry-After", "X-RateLimit-Reset", "X-Wait", "x-ratelimit-reset")
    for status in (429, 403, 420, 503):
        vendor.reply = (status, b"{}", dict.fromkeys(headers, wait))
        provider = factory.create(name)
        with pytest.raises(ProviderError) as error:
            provider.enrich([CONTACT], provider.fields)
        after = getattr(error.value, "retry_after", None)
        assert after is None or 0 <= after < 1e9


def test_no_key_in_any_repr(factory):
    for name in NAMES:
        provider = factory.create(name)
        assert KEY not in repr(provider) + repr(vars(provider))
