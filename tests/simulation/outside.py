"""Every call that the service makes to the outside, numbered: AWS requests and vendor requests go in, and
what a test wants to happen at one of them happens there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ConnectionClosedError

#: What can go wrong with a call. "resent": the answer is lost, and the SDK itself asks again.
REFUSED, LOST, THROTTLED = "refused", "lost", "throttled"
DIED_BEFORE, DIED_AFTER, RESENT = "died before", "died after", "resent"
FAULTS = (REFUSED, LOST, THROTTLED, DIED_BEFORE, DIED_AFTER, RESENT)
#: How each service says that it is asked too often.
_THROTTLING = {
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "s3": ("SlowDown", 503),
    "sqs": ("ThrottlingException", 400),
    "stepfunctions": ("ThrottlingException", 400),
}


class ProcessDiedError(BaseException):
    """The process is gone: no handler of its own runs any more, so this is no Exception."""


@dataclass(frozen=True)
class Http:
    """What botocore looks at of an answer."""

    status_code: int
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Outside:
    """``calls``: what was called so far, in order. ``faults``: number of the call → what goes wrong.
    ``at``: number of the call → what somebody else does right before it.
    """

    vendor_url: str = ""
    throttle_vendor: Callable[[], None] = lambda: None
    faults: dict[int, str] = field(default_factory=dict)
    at: dict[int, Callable[[], None]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    #: Operations that the world answers itself: (service, operation) → answer to the parameters.
    answers: dict[tuple[str, str], Callable[[dict[str, Any]], dict[str, Any]]] = field(
        default_factory=dict
    )
    _process: str = ""
    _dead: bool = False
    _lock: Any = field(default_factory=RLock)

    @contextmanager
    def process(self, name: str) -> Iterator[None]:
        """What runs in here is a process of the service; its calls count."""
        before = self._process, self._dead
        self._process, self._dead = name, False
        try:
            yield
        finally:
            self._process, self._dead = before

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """What runs in here is somebody else's."""
        before = self._process, self._dead
        self._process, self._dead = "", False
        try:
            yield
        finally:
            self._process, self._dead = before

    def begin(self, call: str) -> str:
        """A call is about to be made: the fault that it meets, "" for none."""
        if not self._process:
            return ""
        if self._dead:
            raise ProcessDiedError
        with self._lock:
            number = len(self.calls)
            self.calls.append(f"{self._process}: {call}")
        if number in self.at:
            with self._aside():
                self.at.pop(number)()
        fault = self.faults.get(number, "")
        if fault:
            self.struck.append(f"call {number} ({self.calls[number]}): {fault}")
        if fault == DIED_BEFORE:
            self._die()
        return fault

    def end(self, fault: str) -> None:
        """The call has taken effect."""
        if fault == DIED_AFTER:
            self._die()

    def _die(self) -> None:
        self._dead = True
        raise ProcessDiedError

    # AWS, by botocore's events

    def listen(self) -> None:
        """Hear of the calls of every client that is made from now on."""
        boto3.setup_default_session()
        events = boto3.DEFAULT_SESSION.events  # type: ignore[attr-defined]
        events.register("before-parameter-build", self._keep)
        events.register_first("before-call", self._before)
        events.register_last("after-call", self._after)
        events.register_first("needs-retry", self._needs_retry)

    def _keep(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["asked"] = params

    def _before(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        service = model.service_model.service_name
        fault = context["fault"] = self.begin(f"{service}.{model.name}")
        if fault == REFUSED:
            return _error("InternalServerError", 500)
        if fault == THROTTLED:
            return _error(*_THROTTLING[service])
        if answer := self.answers.get((service, model.name)):
            return Http(200), answer(context["asked"])
        return None

    def _after(self, context: dict[str, Any], **_: Any) -> None:
        fault = context.get("fault", "")
        self.end(fault)
        if fault == LOST:
            raise ConnectionClosedError(endpoint_url="https://aws.example.org")

    def _needs_retry(self, attempts: int, request_dict: dict[str, Any], **_: Any) -> int | None:
        again = request_dict["context"].get("fault") == RESENT and attempts == 1
        return 0 if again else None

    # Vendors, by the adapter of requests

    def patch_vendors(self, patch: pytest.MonkeyPatch) -> None:
        send = requests.adapters.HTTPAdapter.send

        def sent(adapter: Any, request: Any, **options: Any) -> Any:
            if not self.vendor_url or not str(request.url).startswith(self.vendor_url):
                return send(adapter, request, **options)
            fault = self.begin(f"vendor.{request.method}")
            if fault == REFUSED:
                raise requests.exceptions.ConnectTimeout
            if fault == THROTTLED:
                self.throttle_vendor()
            answer = send(adapter, request, **options)
            self.end(fault)
            if fault in (LOST, RESENT):
                answer.close()
                raise requests.ConnectionError("closed without an answer")
            return answer

        patch.setattr(requests.adapters.HTTPAdapter, "send", sent)


def _error(code: str, status: int) -> tuple[Http, dict[str, Any]]:
    return Http(status), {"Error": {"Code": code, "Message": "injected"}, "ResponseMetadata": {}}


def survive(work: Callable[[], Any]) -> Any:
    """What the work comes to, or the exception it ends with: of a process that nobody waits for."""
    with suppress(ProcessDiedError):
        try:
            return work()
        except Exception as error:
            return error
    return ProcessDiedError()
