"""First floor: what the vendors' modules share. Settings and a key go in, bounded HTTP calls come out.

Errors raised here tell the vendor's name and the kind of trouble, never a URL, a key or a contact: some
vendors want the key in the URL, some echo it in their answers.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from chalicelib.errors import (
    BadKeyError,
    MalformedAnswerError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.base import Limit, Terms
from chalicelib.settings import ProviderSettings

#: Seconds to connect, and between two pieces of an answer; <NAME>_TIMEOUT_SECONDS sets the latter.
CONNECT_SECONDS = 3.0
READ_SECONDS = 27.0
#: A bulk answer for 100 people is some hundred KB.
MAX_ANSWER_BYTES = 16 * 1024**2
_CHUNK = 64 * 1024

Json = Any


@dataclass(frozen=True)
class Answer:
    """What a vendor answered. Header names are case-insensitive."""

    vendor: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Json:
        """The body as JSON; MalformedAnswerError for anything else."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise MalformedAnswerError(
                f"{self.vendor} answered with something else than JSON."
            ) from None

    def table(self) -> dict[str, Json]:
        """The body as a JSON object; MalformedAnswerError for anything else."""
        value = self.json()
        if not isinstance(value, dict):
            raise MalformedAnswerError(
                f"{self.vendor} answered with something else than an object."
            )
        return value

    def table_if_any(self) -> dict[str, Json]:
        """The body as a JSON object; an empty one for anything else: for errors, which proxies
        between here and the vendor may word in their own way.
        """
        try:
            return self.table()
        except MalformedAnswerError:
            return {}

    def number(self, header: str) -> float | None:
        """A header that holds a number, not below 0; None where it is missing, empty (Apollo's word
        for "no limit") or holds something else.
        """
        try:
            number = float(self.headers.get(header) or "")
        except ValueError:
            return None
        return max(number, 0.0) if math.isfinite(number) else None

    def seconds(self, header: str) -> float | None:
        """A header that holds seconds, or the date when they are over: both are allowed in
        Retry-After (RFC 9110). None where it holds something else.
        """
        number = self.number(header)
        return _seconds_until(self.headers.get(header) or "") if number is None else number


class VendorClient:
    """Calls one vendor: one pooled session, time limits, no redirects, bounded answers.

    ``key`` gives the API key at the first call. ``headers`` go with every call. Usable by threads.
    """

    def __init__(
        self,
        vendor: str,
        base_url: str,
        key: Callable[[], str],
        pool: int = 16,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._vendor = vendor
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._read_seconds = read_seconds
        # Its lines hold URLs, and those of some vendors hold e-mails and keys.
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        self._session = requests.Session()
        self._session.trust_env = False  # a ~/.netrc must not replace the key
        self._session.mount("http://", HTTPAdapter(pool_maxsize=pool))
        self._session.mount("https://", HTTPAdapter(pool_maxsize=pool))

    @property
    def key(self) -> str:
        """The key, fit for a header; BadKeyError if there is none, or one that cannot be."""
        key = self._key().strip()  # secrets are often stored with the line's end
        if not key or not key.isascii() or not key.isprintable():
            trouble = "cannot be one" if key else "is not set"
            raise BadKeyError(
                f"The key of {self._vendor} {trouble} ({self._vendor.upper()}_API_KEY)."
            )
        return key

    def get(self, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        return self._call("GET", path, params=params, headers=headers)

    def post(
        self,
        path: str,
        body: Json,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        return self._call("POST", path, params=params, headers=headers, json=body)

    def _call(self, method: str, path: str, **request: Any) -> Answer:
        """Any answer that is not the vendor's own failure; UnavailableError when there is none."""
        url, timeout = f"{self._base_url}{path}", (CONNECT_SECONDS, self._read_seconds)
        try:
            with self._session.request(
                method, url, timeout=timeout, allow_redirects=False, stream=True, **request
            ) as response:
                body = self._bounded(response)
                answer = Answer(self._vendor, response.status_code, response.headers, body)
        except requests.exceptions.ConnectTimeout:
            raise UnavailableError(f"{self._vendor} cannot be reached.") from None
        except requests.ConnectionError as error:
            # A connection that was refused carried nothing; one that broke off may have.
            broke_off = "NewConnectionError" not in repr(error)
            trouble = "broke off" if broke_off else "cannot be reached"
            raise UnavailableError(f"{self._vendor} {trouble}.", broke_off) from None
        except (requests.RequestException, HTTPError) as error:
            kind = type(error).__name__
            raise UnavailableError(f"{self._vendor} gave no answer ({kind}).", True) from None
        self._refuse_failures(answer)
        return answer

    def _refuse_failures(self, answer: Answer) -> None:
        wait = answer.seconds("Retry-After")
        if answer.status == 503 and wait is not None:
            raise ThrottledError(f"{self._vendor} is busy and says when to come back.", wait)
        if 300 <= answer.status < 400 or answer.status >= 500:
            raise UnavailableError(
                f"{self._vendor} answered with status {answer.status}.", answer.status >= 500
            )

    def _bounded(self, response: requests.Response) -> bytes:
        """The body, unless it is too large or trickles on for too long."""
        body, end = bytearray(), time.monotonic() + self._read_seconds
        while piece := response.raw.read1(_CHUNK, decode_content=True):
            body += piece
            if len(body) > MAX_ANSWER_BYTES:
                raise MalformedAnswerError(f"{self._vendor} answered with too much.")
            if time.monotonic() > end:
                raise UnavailableError(f"{self._vendor} takes too long to answer.", True)
        return bytes(body)


def client_of(
    vendor: str, base_url: str, settings: ProviderSettings, key: Callable[[], str]
) -> VendorClient:
    """A client as the settings want it: <NAME>_BASE_URL, <NAME>_TIMEOUT_SECONDS."""
    seconds = float(settings.extra.get("TIMEOUT_SECONDS") or READ_SECONDS)
    return VendorClient(vendor, settings.base_url or base_url, key, read_seconds=seconds)


def terms_of(published: Terms, settings: ProviderSettings) -> Terms:
    """The vendor's published terms, as far as the settings do not say otherwise."""
    terms = published
    if settings.credits is not None:
        terms = replace(terms, credits=settings.credits)
    if settings.calls_per_minute is not None:
        terms = replace(terms, limits=(Limit(settings.calls_per_minute, 60),))
    return terms


def _seconds_until(date: str) -> float | None:
    """None if it is no HTTP date."""
    try:
        return max(parsedate_to_datetime(date).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
