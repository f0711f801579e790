"""First floor: what the vendors' modules share. Settings and a key go in, bounded HTTP calls come out.

Errors raised here tell the vendor's name and the kind of trouble, never a URL, a key or a contact: some
vendors want the key in the URL, some echo it in their answers.
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
from chalicelib.providers.answer import Answer, Json
from chalicelib.providers.base import Limit, Terms
from chalicelib.settings import ProviderSettings

#: Seconds to connect, and to wait for the answer; <NAME>_TIMEOUT_SECONDS sets the latter. A call takes
#: no longer than both together, unless its answer stops in the middle: then once more the latter.
CONNECT_SECONDS = 3.0
READ_SECONDS = 27.0
#: Connections that nobody used for so long are not trusted: a call on one that the vendor, or a
#: network that was frozen with its Lambda, has forgotten, is lost, and one cannot tell whether it
#: was billed.
IDLE_SECONDS = 30.0
#: A bulk answer for 100 people is some hundred KB.
MAX_ANSWER_BYTES = 16 * 1024**2
_CHUNK = 64 * 1024


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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._vendor = vendor
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._read_seconds = read_seconds
        self._clock = clock
        self._last_used = clock()
        self._lock = Lock()
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
        end = self._begin() + sum(timeout)
        try:
            with self._session.request(
                method, url, timeout=timeout, allow_redirects=False, stream=True, **request
            ) as response:
                body = self._bounded(response, end)
                answer = Answer(self._vendor, response.status_code, response.headers, body)
        except requests.exceptions.ConnectTimeout:
            raise UnavailableError(f"{self._vendor} cannot be reached.") from None
        except requests.ConnectionError as error:
            if _carried_nothing(error):
                raise UnavailableError(f"{self._vendor} cannot be reached.") from None
            raise UnavailableError(f"{self._vendor} broke off.", True) from None
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

    def _begin(self) -> float:
        """The time, at which connections that are too old are given up."""
        with self._lock:
            now = self._clock()
            if now - self._last_used > IDLE_SECONDS:
                self._session.close()  # its pool is emptied; it can go on
            self._last_used = now
        return now

    def _bounded(self, response: requests.Response, end: float) -> bytes:
        """The body, unless it is too large or trickles on for too long."""
        body = bytearray()
        while piece := response.raw.read1(_CHUNK, decode_content=True):
            body += piece
            if len(body) > MAX_ANSWER_BYTES:
                raise MalformedAnswerError(f"{self._vendor} answered with too much.")
            if self._clock() > end:
                raise UnavailableError(f"{self._vendor} takes too long to answer.", True)
        return bytes(body)


def make_client(
    vendor: str, base_url: str, settings: ProviderSettings, key: Callable[[], str]
) -> VendorClient:
    """A client as the settings want it: <NAME>_BASE_URL, <NAME>_TIMEOUT_SECONDS."""
    seconds = float(settings.extra.get("TIMEOUT_SECONDS") or READ_SECONDS)
    return VendorClient(vendor, settings.base_url or base_url, key, read_seconds=seconds)


def apply_settings(published: Terms, settings: ProviderSettings) -> Terms:
    """The vendor's published terms, as far as the settings do not say otherwise."""
    terms = published
    if settings.credits is not None:
        terms = replace(terms, credits=settings.credits)
    if settings.calls_per_minute is not None:
        terms = replace(terms, limits=(Limit(settings.calls_per_minute, 60),))
    return terms


def _carried_nothing(error: requests.ConnectionError) -> bool:
    """Whether there was no connection at all: nothing can have been asked, or billed."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError) or "CERTIFICATE_VERIFY_FAILED" in repr(reason)
