"""Ground floor: everything that can go wrong for a reason a person can act on; knows no HTTP.

EnrichmentError
├── InvalidRequestError       what was asked for makes no sense; the message says what would
│   └── UnreadableInputError  the list itself cannot be read, wherever that is noticed
├── TooLargeError             too much for one request
├── UnsupportedFormatError    a kind of file the service does not read
├── NotFoundError             no such job or upload, or not the caller's
├── NotReadyError             it exists, but not yet in the state that this needs
├── ConflictError             it is in a state in which this cannot be done, and stays so
└── ProviderError             a call to a data provider gave no answers: of no contact in it
    ├── ThrottledError        too many calls: the same later
    ├── OutOfCreditsError     the account is used up: not again in this job
    ├── BadKeyError           the key is not accepted: not again in this job
    └── UnavailableError      no answer: again, a few times
        └── MalformedAnswerError   an answer that makes no sense

Messages are shown to users and written to logs: they name columns, lines and options, never the
contents of a cell.
"""

from __future__ import annotations


class EnrichmentError(Exception):
    """Base of all errors that the service raises on purpose.

    ``code`` is the stable word for programs, the message is the sentence for people.
    """

    code = "error"


class InvalidRequestError(EnrichmentError):
    """The request cannot be carried out as it stands; repeating it will not help."""

    code = "invalid_request"


class UnreadableInputError(InvalidRequestError):
    """The list cannot be read: encoding, compression, structure or size."""

    code = "unreadable_input"


class TooLargeError(EnrichmentError):
    """More than one request may carry; the message names the way for larger lists."""

    code = "too_large"


class UnsupportedFormatError(EnrichmentError):
    """A content type or kind of file that is not read; the message names those that are."""

    code = "unsupported_format"


class NotFoundError(EnrichmentError):
    """There is no such thing, or it belongs to somebody else: the answer is the same."""

    code = "not_found"


class NotReadyError(EnrichmentError):
    """The thing exists but is not ready for this yet."""

    code = "not_ready"


class ConflictError(EnrichmentError):
    """The thing is in a state in which this cannot be done; waiting will not help."""

    code = "conflict"


class ProviderError(EnrichmentError):
    """A call to a data provider did not give answers. Messages name no contact, key or URL.

    ``may_be_billed``: the vendor may have carried the call out all the same.
    """

    code = "provider"
    may_be_billed = False


class ThrottledError(ProviderError):
    """Too many calls; the vendor wants ``retry_after`` seconds of rest, if it said so."""

    code = "throttled"

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutOfCreditsError(ProviderError):
    """The account at the vendor is used up; asking again in this job will not help."""

    code = "out_of_credits"


class BadKeyError(ProviderError):
    """The vendor does not accept the key, or not for this; asking again will not help."""

    code = "bad_key"


class UnavailableError(ProviderError):
    """No answer: unreachable, broken off, too slow, or an error of the vendor's own (5xx)."""

    code = "down"

    def __init__(self, message: str, may_be_billed: bool = False) -> None:
        super().__init__(message)
        self.may_be_billed = may_be_billed


class MalformedAnswerError(UnavailableError):
    """An answer that is not what the vendor documents: no JSON, the wrong shape, too large."""

    def __init__(self, message: str) -> None:
        super().__init__(message, may_be_billed=True)
