"""Attacks with JSON Web Tokens: each test is named as the attack reads."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.api.tokens import (
    JWKS_SECONDS,
    LEEWAY,
    REFETCH_SECONDS,
    Tokens,
    _parse_keys,
    fetch_keys,
)
from chalicelib.model.callers import READ, SCOPES, WRITE
from chalicelib.model.errors import IdentityProviderError, UnauthenticatedError
from chalicelib.number_settings import WrongSettingError
from chalicelib.services import services
from chalicelib.settings import TokenSettings, read_settings
from tests.functional.resources import ENVIRONMENT, put_key

AUDIENCE = "contact-enrichment"
RSA, OTHER_RSA = (rsa.generate_private_key(65537, 2048) for _ in range(2))
SHORT_RSA = rsa.generate_private_key(65537, 1024)
EC, P384 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())


def jwk(key: Any, kid: str, **more: str) -> dict[str, Any]:
    algorithm = (
        jwt.algorithms.RSAAlgorithm if hasattr(key, "decrypt") else jwt.algorithms.ECAlgorithm
    )
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, **more}


KEYS = {
    "keys": [
        jwk(RSA, "rsa", alg="RS256", use="sig"),
        jwk(EC, "ec"),
        jwk(SHORT_RSA, "short"),
        jwk(P384, "p384"),
        jwk(OTHER_RSA, "encrypts", use="enc"),
        {"kty": "oct", "kid": "oct", "k": base64.urlsafe_b64encode(b"s" * 32).decode()},
    ]
}


class Provider:
    """An identity provider on loopback. ``asked``: the paths that were asked for."""

    def __init__(self) -> None:
        self.keys: Any = KEYS
        self.asked: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                if self.path == "/moved":
                    self.send_response(302)
                    self.send_header("Location", f"{provider.url}/keys")
                else:
                    self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(provider.keys).encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.stop()


@pytest.fixture
def provider(running, stack, monkeypatch) -> Provider:
    monkeypatch.setenv("JWT_ISSUER", running.url)
    monkeypatch.setenv("JWT_AUDIENCE", AUDIENCE)
    services.cache_clear()
    return running


def claims(provider: Provider, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {
        **{"iss": provider.url, "aud": AUDIENCE, "sub": "jane", "scope": "openid jobs:read"},
        **{"exp": now + 300, "nbf": now - 5, "iat": now},
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def signed(content: dict[str, Any]) -> str:
    """As the issuer signs, also what no library would let it sign."""
    text = f"{part({'alg': 'RS256', 'kid': 'rsa'})}.{part(content)}"
    signature = RSA.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def token(provider: Provider, key: Any = RSA, alg: str = "RS256", kid: str = "rsa", **changes: Any):
    headers = {"kid": kid, **changes.pop("headers", {})}
    return jwt.encode(claims(provider, **changes), key, alg, headers)


def ask(stack, text: str):
    return stack.client.http.get("/jobs", headers={"Authorization": f"Bearer {text}"})


def refused(stack, text: str) -> str:
    answer = ask(stack, text)
    assert (answer.status_code, answer.json_body["code"]) == (401, "unauthenticated"), answer.body
    return str(answer.json_body["message"])


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(("key", "alg", "kid"), [(RSA, "RS256", "rsa"), (EC, "ES256", "ec")])
def test_a_good_token_opens_what_its_scopes_allow(stack, provider, key, alg, kid):
    good = token(provider, key, alg, kid)
    assert ask(stack, good).status_code == 200
    answer = stack.post("/uploads", {}, Authorization=f"Bearer {good}")
    assert (answer.status_code, answer.json_body["code"]) == (403, "forbidden")


@pytest.mark.parametrize("alg", ["none", "None", "NONE", ""])
def test_a_token_without_a_signature(stack, provider, alg):
    refused(stack, f"{part({'alg': alg, 'kid': 'rsa'})}.{part(claims(provider))}.")


def test_a_token_signed_with_the_public_key_as_a_shared_secret(stack, provider):
    public = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(claims(provider))}"
    digest = hmac.new(public, signed.encode(), hashlib.sha256).digest()
    refused(stack, f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}")


@pytest.mark.parametrize(
    ("key", "alg", "kid"),
    [
        (OTHER_RSA, "RS256", "rsa"),
        (RSA, "RS512", "rsa"),
        (RSA, "PS256", "rsa"),
        (RSA, "RS256", "ec"),
        (EC, "ES256", "rsa"),
        (P384, "ES384", "p384"),
        (OTHER_RSA, "RS256", "encrypts"),
        (RSA, "RS256", "unknown"),
        (b"s" * 32, "HS256", "oct"),
    ],
)
def test_another_key_or_algorithm_than_the_issuers(stack, provider, key, alg, kid):
    refused(stack, token(provider, key, alg, kid))


def test_a_key_that_is_too_short_or_of_another_curve():
    assert set(_parse_keys(json.dumps(KEYS).encode())) == {"rsa", "ec"}


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example.org"},
        {"iss": None},
        {"aud": "another service"},
        {"aud": None},
        {"aud": []},
        {"exp": None},
        {"exp": "never"},
        {"nbf": int(time.time()) + 10_000},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 129},
        {"sub": "a\nb"},
    ],
)
def test_wrong_or_missing_claims(stack, provider, changes):
    refused(stack, signed(claims(provider, **changes)))


def test_an_expired_token(stack, provider):
    assert "expired" in refused(stack, token(provider, exp=int(time.time()) - LEEWAY - 5))
    assert ask(stack, token(provider, exp=int(time.time()) - LEEWAY + 15)).status_code == 200


@pytest.mark.parametrize("name", ["jku", "x5u"])
def test_a_token_that_brings_the_place_of_its_own_keys(stack, provider, name):
    provider.asked.clear()
    services.cache_clear()
    headers = {name: f"{provider.url}/of-the-attacker.json"}
    refused(stack, token(provider, OTHER_RSA, headers=headers))
    refused(stack, token(provider, OTHER_RSA, headers={"jwk": jwk(OTHER_RSA, "rsa")}))
    assert "/of-the-attacker.json" not in provider.asked


def test_a_token_with_extensions_that_must_be_understood(stack, provider):
    refused(stack, token(provider, headers={"crit": ["exp"]}))


@pytest.mark.parametrize(
    "text",
    ["x", "a.b.c", "....", "e30.e30.e30", "x" * 10_000, "eyJhbGciOiJSUzI1NiJ9.e30.", "\u00e9"],
)
def test_what_is_no_token(stack, provider, text):
    refused(stack, text)


def test_naming_the_owner_of_an_api_key(stack, provider):
    put_key(owner="jane")
    job_id = stack.submit_csv("email\na@example.org\n")
    assert [job["id"] for job in stack.client.http.get("/jobs").json_body["jobs"]] == [job_id]
    assert ask(stack, token(provider, sub="jane")).json_body["jobs"] == []
    assert ask(stack, token(provider, sub="jwt:jane")).json_body["jobs"] == []


def test_giving_oneself_scopes_that_are_none(provider):
    tokens = Tokens(services().settings.tokens, lambda _: json.dumps(KEYS).encode())
    caller = tokens.caller_of(token(provider, scope="admin jobs:read * jobs:write"))
    assert (caller.owner, caller.scopes) == ("jwt:jane", {READ, WRITE})
    assert tokens.caller_of(token(provider, scope=list(SCOPES))).scopes == frozenset()


def test_having_the_keys_read_all_the_time_by_unknown_key_ids(provider):
    now, reads = [0.0], []

    def fetch(url: str) -> bytes:
        reads.append(url)
        return json.dumps(KEYS).encode()

    tokens = Tokens(services().settings.tokens, fetch, lambda: now[0])
    for n in range(50):
        with pytest.raises(UnauthenticatedError):
            tokens.caller_of(token(provider, kid=f"unknown-{n}"))
    assert len(reads) == 1
    now[0] = REFETCH_SECONDS
    with pytest.raises(UnauthenticatedError):
        tokens.caller_of(token(provider, kid="unknown"))
    assert len(reads) == 2
    assert tokens.caller_of(token(provider))
    assert len(reads) == 2
    now[0] += JWKS_SECONDS
    assert tokens.caller_of(token(provider))
    assert len(reads) == 3


@pytest.mark.parametrize("answer", [OSError(), b"", b"[]", b'{"keys": 1}', b'{"keys": [1]}', b"{}"])
def test_a_provider_that_is_down_is_said_and_asked_again_later(provider, answer):
    now, reads = [0.0], []

    def fetch(url: str) -> bytes:
        reads.append(url)
        if len(reads) > 1:
            return json.dumps(KEYS).encode()
        if isinstance(answer, OSError):
            raise answer
        return answer

    tokens = Tokens(services().settings.tokens, fetch, lambda: now[0])
    for _ in range(3):
        with pytest.raises(IdentityProviderError):
            tokens.caller_of(token(provider))
    now[0] = REFETCH_SECONDS
    assert tokens.caller_of(token(provider)).owner == "jwt:jane"


def test_a_set_of_keys_that_leads_elsewhere(running):
    running.asked.clear()
    with pytest.raises(OSError, match="no set of keys"):
        fetch_keys(f"{running.url}/moved")
    assert running.asked == ["/moved"]


def test_a_set_of_keys_that_never_ends(running, monkeypatch):
    assert json.loads(fetch_keys(f"{running.url}/keys")) == KEYS
    monkeypatch.setattr(running, "keys", "x" * 300_000)
    with pytest.raises(OSError, match="too large"):
        fetch_keys(f"{running.url}/keys")


def test_tokens_are_refused_where_no_issuer_is_set(stack, running):
    refused(stack, token(running))


def test_half_a_setting_or_keys_in_clear_are_refused():
    whole = {**ENVIRONMENT, "SQS_QUEUE_URL": "q"}
    with pytest.raises(WrongSettingError, match="both"):
        read_settings({**whole, "JWT_ISSUER": "https://id.example.org"})
    both = {**whole, "JWT_ISSUER": "https://id.example.org/", "JWT_AUDIENCE": "a"}
    assert read_settings(both).tokens == TokenSettings(
        "https://id.example.org/", "a", "https://id.example.org/.well-known/jwks.json"
    )
    with pytest.raises(WrongSettingError, match="https"):
        read_settings({**both, "JWT_JWKS_URL": "http://id.example.org/keys"})
