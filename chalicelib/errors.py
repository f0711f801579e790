"""Ground floor: everything that can go wrong for a reason a person can act on; knows no HTTP.

EnrichmentError
├── InvalidRequestError       what was asked for makes no sense; the message says what would
│   └── UnreadableInputError  the list itself cannot be read, wherever that is noticed
├── TooLargeError             too much for one request
├── UnsupportedFormatError    a kind of file the service does not read
├── NotFoundError             no such job or upload, or not the caller's
└── NotReadyError             it exists, but not yet in the state that this needs

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
