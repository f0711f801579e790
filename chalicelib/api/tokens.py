"""Tells who sent a request by a JSON Web Token of the operator's identity provider (RFC 7519, RFC 8725)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.model.callers import SCOPES, Caller
from chalicelib.model.errors import IdentityProviderError, UnauthenticatedError
from chalicelib.settings import TokenSettings

if TYPE_CHECKING:
    from jwt import PyJWK

#: The algorithm of each kind of key. Nothing in a token decides which one is used.
_ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}
_LEAST_RSA_BITS = 2048
#: Characters of a token, bytes of a key set, characters of an owner.
_LONGEST_TOKEN, _LARGEST_KEY_SET, _LONGEST_OWNER = 8_192, 256 * 1024, 128
#: Seconds by which clocks may differ.
LEEWAY = 30
#: Seconds until the key set is read again: at the latest, and at the earliest where a token names a key that
#: is not in it, so that nobody can have it read all the time.
JWKS_SECONDS, REFETCH_SECONDS = 3_600, 10


class Tokens:
    """The tokens of one issuer. ``fetch``: gives the key set at a URL. ``clock``: seconds."""

    def __init__(
        self,
        settings: TokenSettings,
        fetch: Callable[[str], bytes],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._fetch, self._clock = settings, fetch, clock
        self._keys: Mapping[str, PyJWK] = {}
        self._read_at: float | None = None

    def caller_of(self, token: str) -> Caller:
        """Whom a token names. UnauthenticatedError for one that is not valid; IdentityProviderError if the
        issuer's keys cannot be read.
        """
        import jwt

        try:
            claims = self._claims(token)
        except jwt.ExpiredSignatureError:
            raise UnauthenticatedError("The token has expired.") from None
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
            raise UnauthenticatedError(
                "The token is not valid: it must be signed by the identity provider of this service with "
                "RS256 or ES256, and name its issuer, its audience and an expiry."
            ) from None
        return self._caller(claims)

    def _claims(self, token: str) -> Mapping[str, Any]:
        import jwt

        if len(token) > _LONGEST_TOKEN:
            raise ValueError
        # Key sets and certificates that the token itself brings (jwk, jku, x5u, x5c) are not looked at. PyJWT
        # refuses other algorithms than the key's, and what a token calls critical ("crit").
        key = self._key(jwt.get_unverified_header(token)["kid"])
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[key.algorithm_name],
            audience=self._settings.audience,
            issuer=self._settings.issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iss", "aud"]},
        )
        return claims

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        owner, scope = claims.get(self._settings.owner_claim), claims.get("scope", "")
        if not isinstance(owner, str) or not 0 < len(owner) <= _LONGEST_OWNER:
            raise UnauthenticatedError(
                f'The token names no owner: its claim "{self._settings.owner_claim}" must be a text of 1 to '
                f"{_LONGEST_OWNER} characters."
            )
        if not owner.isprintable():
            raise UnauthenticatedError("The token's owner has characters that cannot be printed.")
        scopes = scope.split() if isinstance(scope, str) else ()
        # No owner of an API key has a colon in its name.
        return Caller(f"jwt:{owner}", frozenset(scopes) & SCOPES.keys())

    def _key(self, key_id: str) -> PyJWK:
        now = self._clock()
        age = float("inf") if self._read_at is None else now - self._read_at
        if age >= JWKS_SECONDS or (key_id not in self._keys and age >= REFETCH_SECONDS):
            self._read_at = now  # a set that cannot be read is not asked for again at once either
            with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
                self._keys = _parse_keys(self._fetch(self._settings.jwks_url))
        if not self._keys:
            raise IdentityProviderError(
                "The keys of the identity provider cannot be read. Please try again later."
            )
        return self._keys[key_id]


def _parse_keys(content: bytes) -> Mapping[str, PyJWK]:
    """The keys of a set that can sign tokens, by their ids (RFC 7517); an error if it is none."""
    from jwt import PyJWK, PyJWTError

    keys: dict[str, PyJWK] = {}
    for entry in json.loads(content)["keys"]:
        algorithm = _ALGORITHMS.get(entry.get("kty"))
        if algorithm is None or entry.get("use", "sig") != "sig" or "kid" not in entry:
            continue
        try:
            key = PyJWK(entry, algorithm)
        except (PyJWTError, ValueError):
            continue
        is_rsa = algorithm == "RS256"
        is_fit = key.key.key_size >= _LEAST_RSA_BITS if is_rsa else entry.get("crv") == "P-256"
        if entry.get("alg", algorithm) == algorithm and is_fit:
            keys[entry["kid"]] = key
    return keys


def fetch_keys(url: str) -> bytes:
    """The key set at a URL, at most 256 KB. OSError if it does not come (requests' errors are such)."""
    import requests

    with requests.get(url, timeout=(3, 5), allow_redirects=False, stream=True) as answer:
        if answer.status_code != 200:
            raise OSError("no set of keys is there")
        content: bytes = answer.raw.read(_LARGEST_KEY_SET + 1, decode_content=True)
    if len(content) > _LARGEST_KEY_SET:
        raise OSError("the set of keys is too large")
    return content


@lru_cache(1)
def tokens_of(settings: TokenSettings) -> Tokens:
    """The process's own, which remembers the keys."""
    return Tokens(settings, fetch_keys)
