"""Calls vendors over HTTP, with limits for the time and the size of an answer.

Errors name the vendor and the kind of failure, never a URL, a key or a contact: some vendors take the
key in the URL, some repeat it in their answers.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Lock
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.addresses import check_address
from chalicelib.providers.answer import Answer, Json
from chalicelib.providers.base import Limit, Terms
from chalicelib.settings import ProviderSettings

#: Seconds to connect, and to wait for data (<NAME>_TIMEOUT_SECONDS). A call takes no longer than both
#: together, or, if the answer stops in the middle, once more the second.
CONNECT_SECONDS = 3.0
READ_SECONDS = 27.0
#: Connections that were idle for longer are closed. The vendor may have dropped them, or the network may
#: have while the Lambda function was frozen: a call on such a connection is lost, and may be billed.
IDLE_SECONDS = 30.0
#: An answer for 100 people has some hundred KB.
MAX_ANSWER_BYTES = 16 * 1024**2
_CHUNK_BYTES = 64 * 1024


class VendorClient:
    """Calls one vendor with one pool of connections. Does not follow redirects. Threads may share it.

    ``key`` returns the API key. ``read_seconds``: how long to wait for an answer.
    """

    def __init__(
        self,
        vendor: str,
        base_url: str,
        key: Callable[[], str],
        pool: int = 16,
        read_seconds: float = READ_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._vendor = vendor
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._read_seconds = read_seconds
        self._clock = clock
        self._last_used = clock()
        self._lock = Lock()
        # It logs URLs, and those of some vendors contain e-mails and keys.
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        self._session = requests.Session()
        self._session.trust_env = False  # a ~/.netrc must not replace the key
        self._session.mount("http://", HTTPAdapter(pool_maxsize=pool))
        self._session.mount("https://", HTTPAdapter(pool_maxsize=pool))

    @property
    def key(self) -> str:
        """The key, fit for a header. BadKeyError if it is not set or cannot be a key."""
        key = self._key().strip()  # secrets are often stored with a line end
        if not key or not key.isascii() or not key.isprintable():
            problem = "cannot be a key" if key else "is not set"
            variable = f"{self._vendor.upper()}_API_KEY"
            raise BadKeyError(f"The key of {self._vendor} {problem} ({variable}).")
        return key

    def get(self, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """The answer to a GET, unless it is a 3xx or 5xx: those, and no answer, are UnavailableErrors."""
        return self._call("GET", path, params=params, headers=headers)

    def post(
        self,
        path: str,
        body: Json,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to a POST of JSON, as ``get`` gives it."""
        return self._call("POST", path, params=params, headers=headers, json=body)

    def _call(self, method: str, path: str, **request: Any) -> Answer:
        url, timeout = f"{self._base_url}{path}", (CONNECT_SECONDS, self._read_seconds)
        end = self._start() + sum(timeout)
        try:
            with self._session.request(
                method, url, timeout=timeout, allow_redirects=False, stream=True, **request
            ) as response:
                body = self._read_body(response, end)
                answer = Answer(self._vendor, response.status_code, response.headers, body)
        except requests.exceptions.ConnectTimeout:
            raise UnavailableError(f"{self._vendor} cannot be reached.") from None
        except requests.ConnectionError as error:
            if _sent_nothing(error):
                raise UnavailableError(f"{self._vendor} cannot be reached.") from None
            raise UnavailableError(f"{self._vendor} broke the connection.", True) from None
        except (requests.RequestException, HTTPError) as error:
            kind = type(error).__name__
            raise UnavailableError(f"{self._vendor} gave no answer ({kind}).", True) from None
        self._refuse_failures(answer)
        return answer

    def _refuse_failures(self, answer: Answer) -> None:
        wait = answer.seconds("Retry-After")
        if answer.status == 503 and wait is not None:
            raise ThrottledError(f"{self._vendor} is busy.", wait)
        if 300 <= answer.status < 400 or answer.status >= 500:
            raise UnavailableError(
                f"{self._vendor} answered with status {answer.status}.", answer.status >= 500
            )

    def _start(self) -> float:
        """Closes connections that were idle for too long; returns the time."""
        with self._lock:
            now = self._clock()
            if now - self._last_used > IDLE_SECONDS:
                self._session.close()  # empties its pool; the session stays usable
            self._last_used = now
        return now

    def _read_body(self, response: requests.Response, end: float) -> bytes:
        """The body. Raises an error if it is too large, or not complete at the time ``end``."""
        body = bytearray()
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise MalformedAnswerError(f"{self._vendor} sent too large an answer.")
            if self._clock() > end:
                raise UnavailableError(f"{self._vendor} takes too long to answer.", True)
        return bytes(body)


def make_client(
    vendor: str, base_url: str, settings: ProviderSettings, key: Callable[[], str]
) -> VendorClient:
    """A client, with <NAME>_BASE_URL and <NAME>_TIMEOUT_SECONDS if they are set.

    Raises WrongSettingError for an address to which contacts and the key would travel in clear.
    """
    if settings.base_url:
        check_address(f"{vendor.upper()}_BASE_URL", settings.base_url)
    seconds = float(settings.extra.get("TIMEOUT_SECONDS") or READ_SECONDS)
    return VendorClient(vendor, settings.base_url or base_url, key, read_seconds=seconds)


def apply_settings(published: Terms, settings: ProviderSettings) -> Terms:
    """The vendor's published terms, changed by <NAME>_CREDITS and <NAME>_CALLS_PER_MINUTE if they are set."""
    terms = published
    if settings.credits is not None:
        terms = replace(terms, credits=settings.credits)
    if settings.calls_per_minute is not None:
        terms = replace(terms, limits=(Limit(settings.calls_per_minute, 60),))
    return terms


def _sent_nothing(error: requests.ConnectionError) -> bool:
    """Whether there was no connection at all: nothing was asked, so nothing is billed."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError) or "CERTIFICATE_VERIFY_FAILED" in repr(reason)
