"""First floor: ZeroBounce, which verifies. Contacts whose e-mail another provider found go in, a
hundred a call; whether mail to it arrives comes out. What the user gave is not paid for.

Sources: https://www.zerobounce.net/docs/email-validation-api-quickstart/v2-batch-validate-emails and
the official SDK (zerobounce/zero-bounce-python-sdk-setup).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    MalformedAnswerError,
    OutOfCreditsError,
    ProviderError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.providers.answer import Answer
from chalicelib.providers.base import Limit, Match, NoMatch, Outcome, Suppressed, Terms
from chalicelib.providers.http import READ_SECONDS, apply_settings, make_client
from chalicelib.providers.values import Json, email_status, value_at
from chalicelib.settings import ProviderSettings

#: Batches have a host of their own (docs and SDK); ``bulkapi-us``, ``bulkapi-eu`` are its regions.
BASE_URL = "https://bulkapi.zerobounce.net/v2"
#: 100 addresses (SDK; the docs say 200). The docs of the endpoint allow 5 calls a minute, those of the
#: limits 20; who is over is blocked for ten minutes, hence the lower. One credit an address.
PUBLISHED = Terms(batch_size=100, parallel=1, credits=1.0, limits=(Limit(5, 60),))

#: Seconds: the least that ZeroBounce can be told to work, and what question and answer take.
LEAST_SECONDS, ON_THE_WAY = 10, 4
#: A block lasts ten minutes; a 429 is not documented and comes with no time.
BLOCKED = 600.0


class ZeroBounceProvider:
    """Satisfies ``Provider``."""

    name = "zerobounce"
    fields = frozenset({"email_status"})

    def __init__(self, settings: ProviderSettings, key: Callable[[], str]) -> None:
        self.terms = apply_settings(PUBLISHED, settings)
        self._client = make_client(self.name, BASE_URL, settings, key)
        patience = float(settings.extra.get("TIMEOUT_SECONDS") or READ_SECONDS)
        # ZeroBounce takes 70 seconds if need be, unless told when to answer "unknown" for what is
        # left: nobody waits so long, and the answer would be paid for and thrown away.
        self._seconds = max(int(patience) - ON_THE_WAY, LEAST_SECONDS)

    def identifies(self, contact: Contact) -> bool:
        """By an e-mail that somebody found: not by the one that the row brought along."""
        own = "email" in contact.given and "email" not in contact.problems
        return "email" in contact.known and not own

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call for all of them; each address is sent, and paid for, once."""
        emails = [c.known["email"] if self.identifies(c) else "" for c in contacts]
        asked = list(dict.fromkeys(filter(None, emails)))
        if not asked:
            return [NoMatch() for _ in contacts]
        body = {
            "api_key": self._client.key,
            "email_batch": [{"email_address": email, "ip_address": ""} for email in asked],
            "timeout": self._seconds,
        }
        told = _by_address(_results(self._client.post("/validatebatch", body, {})))
        prices = dict.fromkeys(asked, self.terms.credits)
        return [_outcome(told.get(email), prices.pop(email, 0.0)) for email in emails]


def _results(answer: Answer) -> Iterable[Json]:
    """The list of results; raises what the answer says against the whole call, mostly as a 200."""
    if answer.status in (401, 403):
        raise BadKeyError("zerobounce does not accept the key (ZEROBOUNCE_API_KEY).")
    if answer.status == 402:
        raise OutOfCreditsError("zerobounce says that the credits are used up.")
    if answer.status == 429:
        raise ThrottledError(
            "zerobounce wants fewer calls.", answer.seconds("Retry-After") or BLOCKED
        )
    told = answer.table()
    errors = told.get("errors")
    for error in (told, *(errors if isinstance(errors, list) else ())):
        text = value_at(error, "error")
        if text and value_at(error, "email_address") in (None, "all"):
            raise _error(str(text))
    results = told.get("email_batch")
    if answer.status != 200 or not isinstance(results, list):
        raise MalformedAnswerError("zerobounce answered without results.")
    return results


def _error(text: str) -> ProviderError:
    """The text is not repeated: nobody knows what else it says.

    "Invalid API key or your account ran out of credits" is one text for both. A key that worked
    yesterday is the rule, and neither is asked again.
    """
    text = text.lower()
    if "credit" in text:
        return OutOfCreditsError("zerobounce says: no credits left, or a key it does not know.")
    if "key" in text:
        return BadKeyError("zerobounce does not accept the key (ZEROBOUNCE_API_KEY).")
    if any(word in text for word in ("rate limit", "too many", "blocked")):
        return ThrottledError("zerobounce wants fewer calls.", BLOCKED)
    return UnavailableError("zerobounce refused the call.")


def _by_address(results: Iterable[Json]) -> Mapping[str, Json]:
    """The order of the answer is not that of the question, and the case of letters may differ."""
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
