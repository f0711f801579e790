"""Defines the errors that the service raises on purpose, with messages that people can act on.

EnrichmentError
├── InvalidRequestError       the request cannot be carried out; the message says what would be right
│   └── UnreadableInputError  the list cannot be read, whether the API or a later step notices it
├── TooLargeError             too much for one request
├── UnsupportedFormatError    a kind of file that the service does not read
├── UnauthenticatedError      nobody knows who sent the request
├── IdentityProviderError     the keys that sign tokens cannot be read now
├── ForbiddenError            it is known who, and they may not do this
├── LimitReachedError         the caller has used up what the operator allows for now
├── NotFoundError             no such job or upload, or not the caller's
├── NotReadyError             it exists, but is not ready yet
├── ConflictError             its state does not allow this, and waiting does not help
└── ProviderError             a call to a data provider gave no answer for any of its contacts
    ├── ThrottledError        too many calls: try again later
    ├── OutOfCreditsError     no credits left: do not try again in this job
    ├── BadKeyError           the key is not accepted: do not try again in this job
    └── UnavailableError      no answer: try again a few times
        ├── MalformedAnswerError   an answer that makes no sense
        └── RefusedError           our request is wrong: the same one would be refused again

Messages are shown to users and logged. They name columns, lines and options, never the content of a cell.
"""

from __future__ import annotations


class EnrichmentError(Exception):
    """Base of all errors that the service raises on purpose.

    ``code`` is a stable word for programs; the message is a sentence for people.
    """

    code = "error"


class InvalidRequestError(EnrichmentError):
    """The request cannot be carried out as it is; repeating it does not help."""

    code = "invalid_request"


class UnreadableInputError(InvalidRequestError):
    """The list cannot be read: encoding, compression, structure or size."""

    code = "unreadable_input"


class TooLargeError(EnrichmentError):
    """Too much for one request; the message says how to send larger lists."""

    code = "too_large"


class UnsupportedFormatError(EnrichmentError):
    """A content type or kind of file that the service does not read; the message names those it reads."""

    code = "unsupported_format"


class UnauthenticatedError(EnrichmentError):
    """The request has no valid key or token."""

    code = "unauthenticated"


class IdentityProviderError(EnrichmentError):
    """Nobody can say whether a token is valid: its issuer's keys cannot be read. It may work later."""

    code = "identity_provider"


class ForbiddenError(EnrichmentError):
    """The caller's key or token does not allow this; the message names the scope that it lacks."""

    code = "forbidden"


class LimitReachedError(EnrichmentError):
    """The caller has used up what the operator allows. ``retry_after``: seconds until it may work again."""

    code = "limit_reached"

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotFoundError(EnrichmentError):
    """It does not exist, or it belongs to somebody else: the answer is the same."""

    code = "not_found"


class NotReadyError(EnrichmentError):
    """It exists but is not ready for this yet."""

    code = "not_ready"


class ConflictError(EnrichmentError):
    """Its state does not allow this, and waiting does not help."""

    code = "conflict"


class ProviderError(EnrichmentError):
    """A call to a data provider gave no answers. Messages name no contact, key or URL.

    ``may_be_billed``: the vendor may have processed the call all the same.
    """

    code = "provider"
    may_be_billed = False


class ThrottledError(ProviderError):
    """Too many calls. ``retry_after``: seconds to wait, if the vendor named them."""

    code = "throttled"

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutOfCreditsError(ProviderError):
    """The account at the vendor has no credits left; asking again in this job does not help."""

    code = "out_of_credits"


class BadKeyError(ProviderError):
    """The vendor does not accept the key, or not for this; asking again does not help."""

    code = "bad_key"


class UnavailableError(ProviderError):
    """No answer: unreachable, disconnected, too slow, or an error inside the vendor (5xx)."""

    code = "down"

    def __init__(self, message: str, may_be_billed: bool = False) -> None:
        super().__init__(message)
        self.may_be_billed = may_be_billed


class MalformedAnswerError(UnavailableError):
    """An answer that does not match the vendor's documentation: not JSON, wrong shape, too large."""

    def __init__(self, message: str) -> None:
        super().__init__(message, may_be_billed=True)


class RefusedError(UnavailableError):
    """The vendor does not accept the request as it is (400, 422); it was not processed, nor billed."""
