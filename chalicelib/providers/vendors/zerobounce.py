"""Asks ZeroBounce whether mail to the e-mails that other providers found arrives, a hundred in a call.

An e-mail from the user's own list is not verified: it would cost a credit that nobody asked to spend.
Sources: https://www.zerobounce.net/docs/email-validation-api-quickstart/v2-batch-validate-emails and
the official SDK (zerobounce/zero-bounce-python-sdk-setup).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.model.contacts import Contact
from chalicelib.model.errors import MalformedAnswerError, OutOfCreditsError, ProviderError
from chalicelib.providers.answer import Answer, Json
from chalicelib.providers.base import Limit, Match, NoMatch, Outcome, Suppressed, Terms
from chalicelib.providers.http import READ_SECONDS, apply_settings, make_client
from chalicelib.providers.meanings import Meaning, Meanings
from chalicelib.providers.values import email_status, list_at, value_at
from chalicelib.settings import ProviderSettings

#: Batches have a host of their own (docs and SDK); ``bulkapi-us``, ``bulkapi-eu`` are its regions.
BASE_URL = "https://bulkapi.zerobounce.net/v2"
#: 100 addresses (SDK; the docs say 200) and 30 calls a minute (docs; 40 on the plan ONE; an older page said
#: 5, for which ZEROBOUNCE_CALLS_PER_MINUTE=5 is there). Who exceeds it is blocked. One credit an address.
PUBLISHED = Terms(batch_size=100, parallel=1, credits=1.0, limits=(Limit(30, 60),))
MEANINGS = Meanings(
    "zerobounce",
    {
        "401": Meaning.BAD_KEY,
        "402": Meaning.OUT_OF_CREDITS,
        "403": Meaning.THROTTLED,  # its "API Shield" wants the caller to wait; a bad key is a 200
        "429": Meaning.THROTTLED,
        # Most errors come as a 200: a word in their text tells them apart. The first that fits counts.
        "credit": Meaning.OUT_OF_CREDITS,
        "key": Meaning.BAD_KEY,
        "rate limit": Meaning.THROTTLED,
        "too many": Meaning.THROTTLED,
        "blocked": Meaning.THROTTLED,
    },
)
#: Seconds. A block lasts ten minutes; 403 and 429 name no time (docs).
BLOCKED_SECONDS = 600.0

#: Seconds: the least time that ZeroBounce can be told to take, and what sending and receiving take.
LEAST_SECONDS, TRANSFER_SECONDS = 10, 4


class ZeroBounceProvider:
    """Satisfies ``Provider``."""

    name = "zerobounce"
    fields = frozenset({"email_status"})

    def __init__(self, settings: ProviderSettings, key: Callable[[], str]) -> None:
        self.terms = apply_settings(PUBLISHED, settings)
        self._client = make_client(self.name, BASE_URL, settings, key)
        patience = float(settings.extra.get("TIMEOUT_SECONDS") or READ_SECONDS)
        # ZeroBounce takes up to 70 seconds, unless it is told when to answer "unknown" for the addresses
        # that are left. The client does not wait so long: the answer would be paid for and lost.
        self._seconds = max(int(patience) - TRANSFER_SECONDS, LEAST_SECONDS)

    def identifies(self, contact: Contact) -> bool:
        """By an e-mail that another provider found."""
        is_own = "email" in contact.given and "email" not in contact.problems
        return "email" in contact.known and not is_own

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call for all contacts; each address is sent, and paid for, once."""
        emails = [contact.known["email"] for contact in contacts]
        prices = dict.fromkeys(emails, self.terms.credits)
        body = {
            "api_key": self._client.key,
            "email_batch": [{"email_address": email, "ip_address": ""} for email in prices],
            "timeout": self._seconds,
        }
        results = _by_address(_results(self._client.post("/validatebatch", body, {})))
        return [_outcome(results.get(email), prices.pop(email, 0.0)) for email in emails]


def _results(answer: Answer) -> list[Json]:
    """The list of results. Raises the error of the whole call."""
    meaning = MEANINGS.of(answer.status, otherwise=Meaning.MATCH)
    if meaning.is_error:
        wait = answer.seconds("Retry-After") or BLOCKED_SECONDS
        raise MEANINGS.error(meaning, answer.status, wait)
    body = answer.json_object()
    for error in (body, *list_at(body, "errors")):
        text = value_at(error, "error")
        if text and value_at(error, "email_address") in (None, "all"):
            raise _error(str(text).lower(), answer.status)
    if answer.status != 200 or not isinstance(body.get("email_batch"), list):
        raise MalformedAnswerError("zerobounce answered without results.")
    return list_at(body, "email_batch")


def _error(text: str, status: int) -> ProviderError:
    """The error that a text means. It is not repeated: nobody knows what else it says."""
    words = (word for word in MEANINGS.table if not word.isdigit() and word in text)
    meaning = MEANINGS.of(next(words, ""))
    if meaning is Meaning.OUT_OF_CREDITS:
        # "Invalid API key or your account ran out of credits" is one text for both. The key of a running
        # service is mostly right, and for a job both come to the same: the vendor is not asked again.
        return OutOfCreditsError("zerobounce says: no credits left, or a key it does not know.")
    return MEANINGS.error(meaning, status, BLOCKED_SECONDS)


def _by_address(results: Sequence[Json]) -> Mapping[str, Json]:
    """The results by address: their order is not that of the question, and their case may differ."""
    addressed = ((value_at(result, "address"), result) for result in results)
    return {
        a.strip().lower(): result for a, result in addressed if isinstance(a, str) and a.strip()
    }


def _outcome(result: Json, price: float) -> Outcome:
    """Keys may be missing. "unknown" is not billed (docs), nor is what was not answered."""
    if value_at(result, "sub_status") == "global_suppression":
        return Suppressed(price)
    values = email_status(value_at(result, "status"))
    if not values:
        return NoMatch()
    return Match(values, 0.0 if values["email_status"].value == "unknown" else price)
